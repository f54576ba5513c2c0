"""Customer satisfaction: asked once per resolution, kept on the customer.

How a question is answered is in :mod:`ticketing.surveys`.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ticketing.customers import members
from ticketing.models import Csat, Ticket
from ticketing.surveys import EXPIRY


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
        expires_at=func.now() + EXPIRY,
    )
    session.add(survey)
    session.flush()
    return survey


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
