"""Where a ticket stands among those that wait for an agent."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing.models import Ticket


def ahead(session: Session, ticket: Ticket) -> int:
    """How many tickets of its team have waited for an agent for longer.

    Agents may take a later one first, so this is how things are and no promise.
    """
    longer = select(func.count()).where(
        Ticket.state == "open",
        Ticket.joined_to.is_(None),
        Ticket.snoozed_until.is_(None),
        Ticket.team_id.is_not_distinct_from(ticket.team_id),
        Ticket.queued_at < ticket.queued_at,
    )
    return session.scalar(longer) or 0
