"""Lines the desk itself writes into a conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ticketing import history
from ticketing.models import Conversation


def system_line(
    session: Session,
    conversation: Conversation,
    text: str,
    *,
    kind: str = "event",
    buttons: list[dict[str, Any]] | None = None,
    meta: dict[str, Any] | None = None,
) -> None:
    """What the system tells the customer, in their language already."""
    history.record(
        session,
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        author="system",
        kind=kind,
        text=text,
        buttons=buttons or [],
        meta=meta,
    )


def note_line(session: Session, conversation: Conversation, text: str) -> None:
    """What the system tells agents, and no customer sees."""
    history.record(
        session,
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        author="system",
        kind="event",
        internal=True,
        text=text,
    )
