"""Customer satisfaction: asked once per resolution or answer of the bot, kept on the customer.

How a question is answered is in :mod:`ticketing.surveys`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from statistics import fmean
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ticketing import survey_rules
from ticketing.customers import members
from ticketing.models import Agent, Conversation, Csat, Customer, Message, Ticket
from ticketing.surveys import EXPIRY


def ask(session: Session, ticket: Ticket) -> Csat:
    """The question for this resolution, put or with why it is not (``skipped``)."""
    survey = Csat(
        id=uuid.uuid4(),
        customer_id=ticket.customer_id,
        ticket_id=ticket.id,
        resolution=ticket.reopened,
        answered_by=_who_answered(session, ticket),
        expires_at=func.now() + EXPIRY,
        skipped=survey_rules.why_not(session, "agent", ticket.customer_id),
    )
    session.add(survey)
    session.flush()
    return survey


def ask_about_answer(session: Session, conversation: Conversation) -> Csat | None:
    """The question for an episode in which the bot alone answered, put or with why it is not.

    ``None`` if it was looked at before, or if nothing was answered. The caller holds the lane.
    """
    answer = _answer(session, conversation.id)
    if answer is None or _asked(session, conversation.id):
        return None
    why = survey_rules.why_not(session, "bot", conversation.customer_id)
    if answer.vote == "down" and why not in ("declined", "ticket"):
        why = "rejected"
    return _about(session, conversation, answer, why)


def too_late(session: Session, conversation: Conversation) -> None:
    """An answered episode ended before anybody looked whether to ask: that is kept, too."""
    answer = _answer(session, conversation.id)
    if answer is not None and not _asked(session, conversation.id):
        _about(session, conversation, answer, "late")


def due(
    session: Session, *, idle: dt.timedelta, within: dt.timedelta, limit: int = 200
) -> list[tuple[int, uuid.UUID, dt.datetime]]:
    """The bot's episodes that have been silent for ``idle`` and were not asked about.

    ``(conversation, leading customer, when something was last said)``. Those that have been silent
    for longer than ``within`` are left alone.
    """
    rows = session.execute(
        select(Conversation.id, Customer.root_id, Conversation.last_message_at)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(
            Conversation.state == "bot",
            Conversation.joined_to.is_(None),
            Conversation.last_message_at.between(func.now() - within, func.now() - idle),
            ~select(Csat.id).where(Csat.conversation_id == Conversation.id).exists(),
            select(Message.id)
            .where(Message.conversation_id == Conversation.id, *_ANSWERS)
            .exists(),
        )
        .order_by(Conversation.last_message_at)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def of_ticket(session: Session, ticket: Ticket) -> Csat | None:
    """The question of its last resolution, put or not."""
    return session.scalars(
        select(Csat).where(Csat.ticket_id == ticket.id).order_by(Csat.resolution.desc()).limit(1)
    ).first()


_ANSWERS = (Message.author == "bot", Message.kind == "answer")


def _answer(session: Session, conversation_id: int) -> Message | None:
    return session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, *_ANSWERS)
        .order_by(Message.id.desc())
        .limit(1)
    ).first()


def _asked(session: Session, conversation_id: int) -> bool:
    found = select(Csat.id).where(Csat.conversation_id == conversation_id)
    return session.scalar(found) is not None


def _about(session: Session, conversation: Conversation, answer: Message, why: str | None) -> Csat:
    survey = Csat(
        id=uuid.uuid4(),
        customer_id=conversation.customer_id,
        conversation_id=conversation.id,
        answered_by=_by_bot(answer),
        expires_at=func.now() + EXPIRY,
        skipped=why,
    )
    session.add(survey)
    session.flush()
    return survey


def _who_answered(session: Session, ticket: Ticket) -> dict[str, Any]:
    """Whoever has the ticket, if they wrote to the customer; else the agent who wrote last.

    ``nobody`` where none did: who only resolves it is not who is rated.
    """
    if ticket.assignee_id is None:
        return _by_bot(_answer(session, ticket.conversation_id))
    agent = session.scalars(
        select(Agent)
        .join(Message, Message.agent_id == Agent.id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            func.coalesce(Conversation.joined_to, Conversation.id) == ticket.conversation_id,
            Message.author == "agent",
            Message.internal.is_(False),
        )
        .order_by((Agent.id == ticket.assignee_id).desc(), Message.id.desc())
        .limit(1)
    ).first()
    return {"kind": "agent", "id": agent.id, "name": agent.name} if agent else {"kind": "nobody"}


def _by_bot(answer: Message | None) -> dict[str, Any]:
    """The bot, and the article its answer was from, as it was called then."""
    article = None if answer is None else answer.article
    known = ("id", "locale", "title")
    told = {} if article is None else {key: article[key] for key in known if key in article}
    return {"kind": "bot", **({"article": told} if told else {})}


def score(session: Session, *, customer_id: uuid.UUID) -> dict[str, Any]:
    """The customer's ``average`` (one decimal), ``count`` and ``last`` score; ``None`` if none."""
    given = session.scalars(
        select(Csat.score)
        .where(Csat.customer_id.in_(members(customer_id)), Csat.rated_at.is_not(None))
        .order_by(Csat.rated_at.desc())
    )
    scores = [score for score in given if score is not None]
    if not scores:
        return {"average": None, "count": 0, "last": None}
    return {"average": round(fmean(scores), 1), "count": len(scores), "last": scores[0]}


def ratings(session: Session, *, customer_id: uuid.UUID) -> list[Csat]:
    """The customer's given ratings, newest first, with their tickets."""
    return list(
        session.scalars(
            select(Csat)
            .options(joinedload(Csat.ticket))
            .where(Csat.customer_id.in_(members(customer_id)), Csat.rated_at.is_not(None))
            .order_by(Csat.rated_at.desc())
        )
    )
