"""Whether customers would recommend the shop, 0 to 10, asked at moments of the relationship.

Net Promoter Score: F. Reichheld, "The One Number You Need to Grow", Harvard Business Review 2003.
"""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ColumnElement, DateTime, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import Session, aliased

from ticketing import survey_rules
from ticketing.customers import members
from ticketing.models import Conversation, Customer, Nps, Purchase, Ticket
from ticketing.surveys import EXPIRY

# A month after the first ticket was resolved, and after the third order.
AFTER_DAYS = 30
ORDERS = 3
# A moment that nobody looked at in time has passed.
WINDOW = dt.timedelta(days=30)
PROMOTER, DETRACTOR = 9, 6


def due(session: Session, *, limit: int = 500) -> list[tuple[uuid.UUID, str]]:
    """Whose moment has come and was not looked at yet: ``(leading customer, moment)``."""
    member = aliased(Customer)

    def open_for(moment: str) -> tuple[ColumnElement[bool], ...]:
        asked = (
            select(Nps.id)
            .join(member, member.id == Nps.customer_id)
            .where(member.root_id == Customer.root_id, Nps.moment == moment)
            .correlate(Customer)
        )
        talked = (
            select(Conversation.id)
            .join(member, member.id == Conversation.customer_id)
            .where(member.root_id == Customer.root_id, member.erased_at.is_(None))
            .correlate(Customer)
        )
        return ~asked.exists(), talked.exists()

    days = dt.timedelta(days=AFTER_DAYS)
    first = func.min(Ticket.resolved_at)
    served = f"days:{AFTER_DAYS}"
    after = (
        select(Customer.root_id)
        .join(Ticket, Ticket.customer_id == Customer.id)
        .where(Ticket.resolved_at.is_not(None), *open_for(served))
        .group_by(Customer.root_id)
        .having(first.between(func.now() - days - WINDOW, func.now() - days))
        .limit(limit)
    )
    bought = f"purchases:{ORDERS}"
    recent = aliased(Purchase)
    times = func.array_agg(
        aggregate_order_by(Purchase.ordered_at, Purchase.ordered_at),
        type_=ARRAY(DateTime(timezone=True)),
    )
    third = times[ORDERS]
    orders = (
        select(Customer.root_id)
        .join(Purchase, Purchase.customer_id == Customer.id)
        .where(
            Purchase.status == "paid",
            Customer.id.in_(
                select(recent.customer_id).where(recent.ordered_at > func.now() - WINDOW)
            ),
            *open_for(bought),
        )
        .group_by(Customer.root_id)
        .having(third.between(func.now() - WINDOW, func.now()))
        .limit(limit)
    )
    return [(root, served) for root in session.scalars(after)] + [
        (root, bought) for root in session.scalars(orders)
    ]


def ask(session: Session, customer_id: uuid.UUID, *, moment: str) -> Nps | None:
    """The question of this moment, put or with why it is not; ``None`` if there was one already.

    It is asked where the person was last. The caller holds their lane.
    """
    theirs = members(customer_id)
    known = select(Nps.id).where(Nps.customer_id.in_(theirs), Nps.moment == moment)
    talk = session.scalars(
        select(Conversation)
        .where(Conversation.customer_id.in_(theirs), Conversation.joined_to.is_(None))
        .order_by(Conversation.id.desc())
        .limit(1)
    ).first()
    if talk is None or session.scalar(known.limit(1)) is not None:
        return None
    made = Nps(
        id=uuid.uuid4(),
        customer_id=talk.customer_id,
        conversation_id=talk.id,
        moment=moment,
        expires_at=func.now() + EXPIRY,
        skipped=survey_rules.why_not(session, "nps", customer_id),
    )
    session.add(made)
    session.flush()
    return made


def given(session: Session, *, customer_id: uuid.UUID) -> list[Nps]:
    """What the person answered, newest first."""
    return list(
        session.scalars(
            select(Nps)
            .where(Nps.customer_id.in_(members(customer_id)), Nps.rated_at.is_not(None))
            .order_by(Nps.rated_at.desc())
        )
    )
