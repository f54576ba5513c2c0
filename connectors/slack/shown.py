"""What is to be shown of a ticket in Slack, read from the database."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Row, Uuid, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from connectors import outside
from connectors.slack import joined, promises
from connectors.slack.blocks import Block, Card
from connectors.slack.standing import standing
from ticketing import attachments, csat, customers, sla, tags, ticket_links
from ticketing.errors import NotFound
from ticketing.lanes import Work
from ticketing.models import (
    Csat,
    Customer,
    Job,
    Message,
    Purchase,
    Target,
    Ticket,
    TicketLink,
    TicketTag,
    TicketThread,
)

log = logging.getLogger(__name__)

SAID = 6
# The statements are made once: a channel's cards come one after the other, and making and sending
# one for each thing that a card may show took longer than all else.
_FOUND = (
    select(Ticket, TicketThread, Job.created_at)
    .join_from(Ticket, Job, Job.id == bindparam("job"))
    .outerjoin(TicketThread, TicketThread.ticket_id == Ticket.id)
    .where(Ticket.code == bindparam("ticket"))
    .options(joinedload(Ticket.customer).joinedload(Customer.root))
)
_WHOLE = _FOUND.options(
    joinedload(Ticket.conversation),
    joinedload(Ticket.assignee),
    joinedload(Ticket.offered_to),
)
_SAID = (
    select(Message.author, Message.text)
    .where(
        Message.conversation_id == bindparam("conversation"),
        Message.internal.is_(False),
        Message.at <= bindparam("until"),
    )
    .order_by(Message.id.desc())
    .limit(SAID)
)
_mine = customers.members(bindparam("customer", type_=Uuid()))
_id = bindparam("ticket", type_=BigInteger())
# What there is to be read for a card; most tickets have little of it.
_THERE = select(
    select(func.count()).where(Ticket.customer_id.in_(_mine)).scalar_subquery().label("tickets"),
    exists().where(Csat.customer_id.in_(_mine), Csat.rated_at.is_not(None)).label("ratings"),
    or_(
        exists().where(Purchase.customer_id.in_(_mine)),
        exists().where(
            Customer.id.in_(_mine), or_(Customer.tier.is_not(None), Customer.owner_id.is_not(None))
        ),
    ).label("standing"),
    exists()
    .where(
        or_(TicketLink.ticket_id == _id, TicketLink.other_id == _id), TicketLink.undone_at.is_(None)
    )
    .label("links"),
    exists().where(TicketTag.ticket_id == _id).label("tags"),
    exists().where(Target.ticket_id == _id, Target.due_at.is_not(None)).label("promises"),
    or_(
        exists().where(Ticket.joined_to == _id),
        exists().where(Ticket.id == _id, Ticket.joined_to.is_not(None)),
    ).label("joined"),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Where:
    """A ticket, and where its card is; ``thread`` is ``None`` before it was posted.

    ``looks`` is what the card looked like when it was posted or updated last; ``queued_at`` is
    when the job was that shows it.
    """

    ticket_id: int
    code: str
    customer: str
    place: str
    thread: str | None
    looks: str
    queued_at: dt.datetime


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """A ticket's card, and where it is or will be."""

    where: Where
    card: Card


def find(session: Session, work: Work, *, queue: str) -> Where | None:
    """Where to show something of the job's ticket; ``None`` when it is not there any more.

    A card that is not posted yet will be in the channel ``queue``.
    """
    row = session.execute(_FOUND, _asked(work)).first()
    if row is None:
        log.info("job %s is about a ticket that is gone", work.job)
        return None
    return _where(row, queue=queue)


def read(session: Session, work: Work, *, queue: str, console: str) -> Shown | None:
    """The card of the job's ticket; ``None`` when it is not there any more.

    ``queue`` as for :func:`find`; ``console`` is the address of the console, or empty.
    """
    row = session.execute(_WHOLE, _asked(work)).first()
    if row is None:
        log.info("job %s is about a ticket that is gone", work.job)
        return None
    return Shown(_where(row, queue=queue), view(session, row[0], console=console))


def _asked(work: Work) -> dict[str, Any]:
    return {"job": work.job, "ticket": work.payload["ticket"]}


def _where(row: Row[Ticket, TicketThread, dt.datetime], *, queue: str) -> Where:
    ticket, thread, queued_at = row
    return Where(
        ticket_id=ticket.id,
        code=ticket.code,
        customer=customers.label(ticket.customer),
        place=queue if thread is None else thread.place,
        thread=None if thread is None else thread.thread,
        looks="" if thread is None else thread.looks,
        queued_at=queued_at,
    )


def attached(session: Session, work: Work) -> tuple[str, bytes] | None:
    """Name and content of the job's file; ``None`` when it was erased meanwhile."""
    try:
        file = attachments.get(session, work.payload["file"])
    except NotFound:
        return None
    return file.name, attachments.content(session, file.id)


def publish_waiting(session: Session) -> int:
    """Queue a card for every open ticket that has none: those from before Slack was connected."""
    waiting = session.scalars(
        select(Ticket)
        .outerjoin(TicketThread, TicketThread.ticket_id == Ticket.id)
        .where(Ticket.state != "resolved", TicketThread.ticket_id.is_(None))
        .order_by(Ticket.opened_at)
    ).all()
    for ticket in waiting:
        outside.opened(session, ticket)
    return len(waiting)


def view(session: Session, ticket: Ticket, *, console: str) -> Card:
    """The card of a ticket, as it is now; ``console`` is the address of the console, or empty."""
    now = ticket.conversation.identity_id or customers.last_address(session, ticket.customer_id)
    addresses = customers.addresses(session, ticket.customer_id, now=now)
    until = {"conversation": ticket.conversation_id, "until": ticket.opened_at}
    said = session.execute(_SAID, until).all()[::-1]
    asked = {"ticket": ticket.id, "customer": ticket.customer_id}
    there = session.execute(_THERE, asked).one()
    return Card(
        code=ticket.code,
        customer=customers.label(ticket.customer),
        channel=addresses[0]["channel"] if addresses else "none",
        addresses=[(one["id"], one["channel"]) for one in addresses],
        locale=ticket.conversation.locale,
        reason=ticket.reason,
        question=ticket.question,
        tried=ticket.tried,
        said=[(author, text) for author, text in said],
        state=ticket.state,
        assignee=ticket.assignee.name if ticket.assignee else None,
        reopened=ticket.reopened,
        opened_at=ticket.opened_at,
        priority=ticket.priority,
        snoozed_until=ticket.snoozed_until,
        marks=_marks(ticket, sla.running(session, ticket) if there.promises else []),
        earlier=there.tickets - 1,
        rating=csat.score(session, customer_id=ticket.customer_id) if there.ratings else None,
        standing=standing(session, ticket.customer_id) if there.standing else "",
        linked=_linked(session, ticket) if there.links else [],
        tags=_tags(session, ticket) if there.tags else [],
        console=f"{console}/tickets/{ticket.code}" if console else "",
        joined=joined.read(session, ticket, console=console) if there.joined else [],
    )


def _linked(session: Session, ticket: Ticket) -> list[tuple[str, str]]:
    return [(one.relation, one.ticket.code) for one in ticket_links.of(session, ticket)]


def _tags(session: Session, ticket: Ticket) -> list[str]:
    return [one.tag for one in tags.of(session, [ticket.id]).get(ticket.id, [])]


def _marks(ticket: Ticket, targets: Sequence[Target]) -> list[Block]:
    if ticket.state == "resolved":
        return []
    running = [
        promises.Promise(one.kind, one.due_at, one.told)
        for one in targets
        if one.due_at is not None
    ]
    offered = ticket.offered_to if ticket.state == "open" else None
    return promises.marks(
        running,
        waits=ticket.waiting_since is not None,
        offer=None if offered is None else (offered.name, ticket.offered_why),
    )
