"""Lines the desk itself writes into a conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from ticketing import customers, history
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


def reach(session: Session, conversation: Conversation) -> bool:
    """Whether there is an address at which the customer can be told something.

    An episode that an agent began has none of its own: it is the one they last wrote from.
    """
    if conversation.identity_id is None:
        conversation.identity_id = customers.last_address(session, conversation.customer_id)
        session.flush()
    return conversation.identity_id is not None


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
