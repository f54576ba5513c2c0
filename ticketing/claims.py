"""Complaints and what became of them, and what else went wrong with a customer."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ticketing import spelling
from ticketing.customers import members
from ticketing.errors import Conflict, Invalid, NotFound
from ticketing.models import Claim, Csat, Purchase, Ticket
from ticketing.record import Author

KINDS = ("delivery", "defect", "payment", "service", "other")
LIMIT = 1000
LOW = 2


def make(
    session: Session,
    customer_id: uuid.UUID,
    *,
    kind: str,
    text: str,
    by: Author,
    ticket: Ticket | None = None,
) -> Claim:
    """Keep a complaint. Raises :class:`Invalid`."""
    if kind not in KINDS:
        raise Invalid("kind", "choice", f"is one of {', '.join(KINDS)}")
    made = Claim(
        customer_id=customer_id,
        ticket_id=None if ticket is None else ticket.id,
        kind=kind,
        text=_words("text", text),
        opened_by=by.name,
    )
    session.add(made)
    session.flush()
    return made


def settle(
    session: Session, customer_id: uuid.UUID, claim_id: int, *, settlement: str, by: Author
) -> Claim:
    """Say how it ended. Raises :class:`NotFound`, :class:`Conflict` when it has ended already."""
    claim = session.scalar(
        select(Claim)
        .where(Claim.id == claim_id, Claim.customer_id.in_(members(customer_id)))
        .with_for_update(of=Claim)
    )
    if claim is None:
        raise NotFound("there is no such claim")
    if claim.settled_at is not None:
        raise Conflict("this claim is settled already", winner=claim.settled_by, reason="settled")
    now: dt.datetime = session.execute(select(func.now())).scalar_one()
    claim.settlement = _words("settlement", settlement)
    claim.settled_at, claim.settled_by = now, by.name
    session.flush()
    return claim


def listing(session: Session, customer_id: uuid.UUID) -> list[Claim]:
    """The person's complaints, those that are open first, then newest first."""
    return list(
        session.scalars(
            select(Claim)
            .where(Claim.customer_id.in_(members(customer_id)))
            .order_by(Claim.settled_at.is_not(None), Claim.id.desc())
        )
    )


def trouble(session: Session, customer_id: uuid.UUID, *, limit: int = 20) -> list[dict[str, Any]]:
    """What went wrong beside complaints, newest first: ``{"what", "at", "ticket", "order", …}``.

    Tickets that were reopened or that the bot's answers led to, low ratings, orders that were
    cancelled or refunded.
    """
    theirs = members(customer_id)
    found: list[dict[str, Any]] = []
    for ticket in session.scalars(
        select(Ticket).where(
            Ticket.customer_id.in_(theirs),
            or_(Ticket.reopened > 0, Ticket.reason == "rejected_twice"),
        )
    ):
        what = "reopened" if ticket.reopened else "rejected"
        found.append({"what": what, "at": ticket.opened_at, "ticket": ticket.code})
    for rating in session.scalars(
        select(Csat).where(Csat.customer_id.in_(theirs), Csat.score <= LOW)
    ):
        assert rating.rated_at is not None, "the schema keeps a score and its time together"
        code = rating.ticket.code if rating.ticket else None
        found.append(
            {"what": "rating", "at": rating.rated_at, "ticket": code, "score": rating.score}
        )
    for order in session.scalars(
        select(Purchase).where(
            Purchase.customer_id.in_(theirs),
            or_(Purchase.status == "cancelled", Purchase.refunded > 0),
        )
    ):
        what = "cancelled" if order.status == "cancelled" else "refunded"
        found.append({"what": what, "at": order.ordered_at, "order": order.number})
    found.sort(key=_at, reverse=True)
    return found[:limit]


def _at(one: dict[str, Any]) -> dt.datetime:
    at: dt.datetime = one["at"]
    return at


def _words(field: str, value: str) -> str:
    found = spelling.words(field, value, limit=LIMIT)
    if found is None:
        raise Invalid(field, "missing", "is missing")
    return found
