"""Lines the desk itself writes into a conversation."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from connectors import agent_lines
from connectors.agent_lines import Values
from ticketing import customers, history
from ticketing.models import Agent, Conversation


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


def note_line(
    session: Session,
    conversation: Conversation,
    phrase: str,
    values: Values,
    *,
    kind: str = "event",
    agent: Agent | None = None,
    meta: dict[str, Any] | None = None,
) -> None:
    """What the system tells agents, and no customer sees: one of
    :data:`connectors.agent_lines.PHRASES`."""
    history.record(
        session,
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        author="system",
        author_name="" if agent is None else agent.name,
        agent_id=None if agent is None else agent.id,
        kind=kind,
        internal=True,
        text=agent_lines.say(phrase, conversation.locale, values),
        meta={agent_lines.PHRASE: phrase, agent_lines.VALUES: dict(values)} | (meta or {}),
    )
