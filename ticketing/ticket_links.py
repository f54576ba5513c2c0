"""Tickets that have to do with each other: follow-ups, related ones, merged and split ones.

A link is a row that says how, who said so and until when; taking it away keeps the row. Merging
and splitting, which change more than that, are :mod:`ticketing.merges`.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from ticketing.customers import members
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Agent, Ticket, TicketLink

# A new ticket follows the last one that was resolved, if that is not longer ago than this.
FOLLOWS = dt.timedelta(days=90)
# What a link is called, seen from its ticket and from the other one.
RELATIONS = {
    "follow_up": ("follow_up_of", "followed_by"),
    "related": ("related", "related"),
    "merged": ("merged_into", "merged_here"),
    "split": ("split_from", "split_off"),
}
# Links that an agent can take away; a merge is undone.
REMOVABLE = ("follow_up", "related")


@dataclasses.dataclass(frozen=True, slots=True)
class Linked:
    """A link of a ticket, seen from it: ``relation`` is one of the words of :data:`RELATIONS`."""

    id: int
    kind: str
    relation: str
    ticket: Ticket
    by: str
    at: dt.datetime


def of(session: Session, ticket: Ticket) -> list[Linked]:
    """The links of this ticket that stand, oldest first."""
    found = session.scalars(
        select(TicketLink)
        .options(
            joinedload(TicketLink.ticket),
            joinedload(TicketLink.other),
            joinedload(TicketLink.agent),
        )
        .where(
            or_(TicketLink.ticket_id == ticket.id, TicketLink.other_id == ticket.id),
            TicketLink.undone_at.is_(None),
        )
        .order_by(TicketLink.id)
    )
    return [
        Linked(
            id=one.id,
            kind=one.kind,
            relation=RELATIONS[one.kind][one.other_id == ticket.id],
            ticket=one.ticket if one.other_id == ticket.id else one.other,
            by=one.agent.name if one.agent else "",
            at=one.at,
        )
        for one in found
    ]


def previous(session: Session, ticket: Ticket) -> Ticket | None:
    """The person's last resolved ticket before this one, if it is not too long ago to follow."""
    return session.scalar(
        select(Ticket)
        .where(
            Ticket.customer_id.in_(members(ticket.customer_id)),
            Ticket.id != ticket.id,
            Ticket.state == "resolved",
            Ticket.joined_to.is_(None),
            Ticket.resolved_at > func.now() - FOLLOWS,
        )
        .order_by(Ticket.resolved_at.desc(), Ticket.id.desc())
        .limit(1)
    )


def add(
    session: Session, ticket: Ticket, other: Ticket, *, kind: str, agent: Agent | None = None
) -> TicketLink:
    """Say that ``ticket`` is a ``kind`` of ``other``.

    Raises :class:`Refused` for a ticket and itself, :class:`Conflict` when it is said already.
    """
    if ticket.id == other.id:
        raise Refused("a ticket cannot be linked to itself")
    pairs = [(ticket.id, other.id)] + ([(other.id, ticket.id)] if kind == "related" else [])
    for one, two in pairs:
        if session.scalar(_standing(one, two, kind)) is not None:
            raise Conflict("these two tickets are linked already", reason="linked")
    made = TicketLink(
        ticket_id=ticket.id,
        other_id=other.id,
        kind=kind,
        agent_id=None if agent is None else agent.id,
    )
    session.add(made)
    session.flush()
    return made


def remove(session: Session, ticket: Ticket, link_id: int, *, agent: Agent) -> TicketLink:
    """Take a link of this ticket away. Raises :class:`NotFound`; :class:`Refused` for a merge."""
    found = session.get(TicketLink, link_id, with_for_update=True)
    if found is None or ticket.id not in (found.ticket_id, found.other_id) or found.undone_at:
        raise NotFound("this ticket has no such link")
    if found.kind not in REMOVABLE:
        raise Refused("a merge or a split is undone, not taken away")
    end(session, found, agent=agent)
    return found


def end(session: Session, link: TicketLink, *, agent: Agent | None) -> None:
    """From now on the link does not stand any more."""
    link.undone_at, link.undone_by = func.clock_timestamp(), None if agent is None else agent.id
    session.flush()


def _standing(ticket_id: int, other_id: int, kind: str) -> Select[int]:
    return select(TicketLink.id).where(
        TicketLink.ticket_id == ticket_id,
        TicketLink.other_id == other_id,
        TicketLink.kind == kind,
        TicketLink.undone_at.is_(None),
    )
