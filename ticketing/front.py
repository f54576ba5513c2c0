"""Which of a person's open tickets what they write goes to: the one in front.

The others are ``aside``. When the one in front is resolved, the oldest of them takes its place.
The caller holds the person's lane.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing import conversations, history
from ticketing.customers import members
from ticketing.models import Ticket


def settle(session: Session, customer_id: uuid.UUID, *, first: Ticket | None = None) -> None:
    """Let one of the person's open tickets be in front, if none is: ``first``, or the oldest."""
    session.flush()
    if conversations.ongoing(session, customer_id=customer_id) is not None:
        return
    waiting = session.scalars(
        select(Ticket)
        .where(
            Ticket.customer_id.in_(members(customer_id)),
            Ticket.state != "resolved",
            Ticket.joined_to.is_(None),
            Ticket.aside,
        )
        .order_by(Ticket.id)
    ).all()
    if waiting:
        put(first if first is not None and first in waiting else waiting[0], aside=False)
        session.flush()
        history.touch(session, customer_id, "state")


def put(ticket: Ticket, *, aside: bool) -> None:
    """Put a ticket and its episode aside, or in front."""
    if ticket.aside != aside:
        ticket.aside = ticket.conversation.aside = aside
        ticket.conversation.version += 1
