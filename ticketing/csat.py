"""Customer satisfaction: asked once per resolution, answered once, kept on the customer."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from ticketing import history
from ticketing.customers import members
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Csat, Ticket

COMMENT_LIMIT = 1000


def ask(session: Session, ticket: Ticket) -> Csat:
    """Make the question for this resolution, with a snapshot of who answered."""
    agent = ticket.assignee
    answered_by: dict[str, Any] = (
        {"kind": "agent", "id": agent.id, "name": agent.name} if agent else {"kind": "bot"}
    )
    survey = Csat(
        id=uuid.uuid4(),
        customer_id=ticket.customer_id,
        ticket_id=ticket.id,
        resolution=ticket.reopened,
        answered_by=answered_by,
    )
    session.add(survey)
    session.flush()
    return survey


def get(session: Session, survey_id: str, *, customer_id: uuid.UUID) -> Csat:
    """The customer's own survey. Raises :class:`NotFound`, also for somebody else's."""
    try:
        key = uuid.UUID(survey_id)
    except ValueError:
        raise NotFound("there is no such survey") from None
    survey = session.scalar(
        select(Csat).where(Csat.id == key, Csat.customer_id.in_(members(customer_id)))
    )
    if survey is None:
        raise NotFound("there is no such survey")
    return survey


def rate(session: Session, survey: Csat, *, score: int) -> None:
    """Save the score, once: the conditional UPDATE settles a race of two clicks.

    Raises :class:`Refused` for a score outside 1 to 5, :class:`Conflict` for a second rating.
    """
    if not 1 <= score <= 5:
        raise Refused("a rating is a number from 1 to 5")
    won = session.execute(
        update(Csat)
        .where(Csat.id == survey.id, Csat.rated_at.is_(None))
        .values(score=score, rated_at=func.now())
        .returning(Csat.id)
    ).scalar()
    if won is None:
        raise Conflict("this has been rated already")
    session.refresh(survey)
    history.touch(session, survey.customer_id)


def comment(session: Session, survey: Csat, *, text: str) -> None:
    """Keep the customer's words with their score, once. Raises :class:`Conflict` otherwise."""
    if not text.strip() or len(text) > COMMENT_LIMIT:
        raise Refused(f"a comment has 1 to {COMMENT_LIMIT} characters")
    won = session.execute(
        update(Csat)
        .where(Csat.id == survey.id, Csat.rated_at.is_not(None), Csat.comment.is_(None))
        .values(comment=text.strip())
        .returning(Csat.id)
    ).scalar()
    if won is None:
        raise Conflict("a comment comes after the rating, once")
    history.touch(session, survey.customer_id)


def score(session: Session, *, customer_id: uuid.UUID) -> dict[str, Any]:
    """The customer's ``average`` (one decimal), ``count`` and ``last`` score; ``None`` if none."""
    row = session.execute(
        select(func.avg(Csat.score), func.count(Csat.score)).where(
            Csat.customer_id.in_(members(customer_id))
        )
    ).one()
    last = session.scalar(
        select(Csat.score)
        .where(Csat.customer_id.in_(members(customer_id)), Csat.rated_at.is_not(None))
        .order_by(Csat.rated_at.desc())
        .limit(1)
    )
    average = None if row[0] is None else round(float(row[0]), 1)
    return {"average": average, "count": int(row[1]), "last": last}


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
