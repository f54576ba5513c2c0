"""The one history: every message, note and event of a customer over every channel."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from ticketing.models import Conversation, Message, Ticket


def record(
    session: Session,
    *,
    conversation_id: int,
    customer_id: uuid.UUID,
    author: str,
    text: str,
    kind: str = "text",
    author_name: str = "",
    internal: bool = False,
    identity_id: int | None = None,
    agent_id: int | None = None,
    buttons: Sequence[dict[str, Any]] = (),
    article: dict[str, Any] | None = None,
    meta: dict[str, Any] | None = None,
    external_id: str | None = None,
) -> int | None:
    """Write one line and return its ``seq``; ``None`` if that external id is there already.

    The caller holds the customer's lane (:func:`ticketing.lanes.lock`, ``hold`` or ``enqueue``).
    """
    values = {
        "conversation_id": conversation_id,
        "customer_id": customer_id,
        "author": author,
        "author_name": author_name,
        "kind": kind,
        "internal": internal,
        "identity_id": identity_id,
        "agent_id": agent_id,
        "text": text,
        "buttons": list(buttons),
        "article": article,
        "meta": meta or {},
        "external_id": external_id,
    }
    if external_id is None:
        statement = insert(Message).values(values).returning(Message.id)
    else:
        statement = (
            upsert(Message)
            .values(values)
            .on_conflict_do_nothing(index_elements=["identity_id", "external_id"])
            .returning(Message.id)
        )
    seq: int | None = session.execute(statement).scalar()
    if seq is not None:
        if author != "system":
            session.execute(
                update(Conversation)
                .where(Conversation.id == conversation_id)
                .values(last_message_at=func.now())
                .execution_options(synchronize_session=False)
            )
        touch(session, customer_id)
    return seq


def touch(session: Session, customer_id: uuid.UUID) -> None:
    """Note that this customer's history or state changed, for whoever wakes readers on commit."""
    session.info.setdefault("touched", set()).add(str(customer_id))


def find(session: Session, *, identity_id: int, external_id: str) -> Message | None:
    """The line an identity's external id was recorded as."""
    return session.scalar(
        select(Message).where(
            Message.identity_id == identity_id, Message.external_id == external_id
        )
    )


def said(
    session: Session,
    ticket: Ticket,
    *,
    agent_id: int,
    client_id: str | None,
    text: str,
    kind: str = "text",
) -> int | None:
    """The ``seq`` under which the agent's same words were kept before, ``None`` if they were not.

    A form sent twice on a bad connection finds its first copy. The caller holds the lane.
    """
    if client_id is None:
        return None
    return session.scalar(
        select(Message.id).where(
            Message.conversation_id == ticket.conversation_id,
            Message.agent_id == agent_id,
            Message.kind == kind,
            Message.text == text,
            Message.meta["client_id"].astext == client_id,
        )
    )


def visible(
    session: Session, *, customer_id: uuid.UUID, after: int = 0, limit: int = 500
) -> list[Message]:
    """What the customer may see, after ``after``, in order. Internal lines are never selected."""
    return list(
        session.scalars(
            select(Message)
            .where(
                Message.customer_id == customer_id,
                Message.id > after,
                Message.internal.is_(False),
            )
            .order_by(Message.id)
            .limit(limit)
        )
    )


def timeline(
    session: Session, *, customer_id: uuid.UUID, after: int = 0, limit: int = 1000
) -> list[Message]:
    """The newest ``limit`` lines for agents, internal ones included, oldest first."""
    newest = session.scalars(
        select(Message)
        .where(Message.customer_id == customer_id, Message.id > after)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return list(newest)[::-1]


def offered(session: Session, *, customer_id: uuid.UUID, payload: str) -> str | None:
    """The title of the button with ``payload`` that this customer was shown, else ``None``."""
    button = session.execute(
        select(Message.buttons)
        .where(
            Message.customer_id == customer_id,
            Message.internal.is_(False),
            Message.buttons.contains([{"payload": payload}]),
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).scalar()
    if button is None:
        return None
    return next(str(item["title"]) for item in button if item.get("payload") == payload)


def vote(session: Session, *, conversation_id: int, vote: str) -> None:
    """Keep the customer's "helpful?" vote on the last answer of the episode."""
    last = (
        select(Message.id)
        .where(Message.conversation_id == conversation_id, Message.kind == "answer")
        .order_by(Message.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    session.execute(
        update(Message)
        .where(Message.id == last)
        .values(vote=literal(vote))
        .execution_options(synchronize_session=False)
    )
