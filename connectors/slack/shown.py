"""What is to be shown of a ticket in Slack, read from the database."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import outside
from connectors.slack import joined, promises
from connectors.slack.blocks import Block, Card
from connectors.slack.standing import standing
from connectors.slack.workspace import Workspace
from ticketing import attachments, csat, customers, sla, tags, ticket_links, tickets
from ticketing.errors import NotFound
from ticketing.lanes import Work
from ticketing.models import Customer, Job, Message, Ticket, TicketThread

log = logging.getLogger(__name__)

SAID = 6


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
    row = session.execute(
        select(Ticket.id, Ticket.code, Customer, TicketThread, Job.created_at)
        .join(Customer, Customer.id == Ticket.customer_id)
        .join(Job, Job.id == work.job)
        .outerjoin(TicketThread, TicketThread.ticket_id == Ticket.id)
        .where(Ticket.code == work.payload["ticket"])
    ).first()
    if row is None:
        log.info("job %s is about a ticket that is gone", work.job)
        return None
    ticket_id, code, customer, thread, queued_at = row
    return Where(
        ticket_id=ticket_id,
        code=code,
        customer=customers.label(customer),
        place=queue if thread is None else thread.place,
        thread=None if thread is None else thread.thread,
        looks="" if thread is None else thread.looks,
        queued_at=queued_at,
    )


def read(session: Session, work: Work, *, workspace: Workspace) -> Shown | None:
    """The card of the job's ticket; ``None`` when it is not there any more."""
    where = find(session, work, queue=workspace.queue)
    if where is None:
        return None
    ticket = session.get_one(Ticket, where.ticket_id)
    return Shown(where, view(session, ticket, console=workspace.console))


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
    said = session.execute(
        select(Message.author, Message.text)
        .where(
            Message.conversation_id == ticket.conversation_id,
            Message.internal.is_(False),
            Message.at <= ticket.opened_at,
        )
        .order_by(Message.id.desc())
        .limit(SAID)
    ).all()[::-1]
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
        marks=_marks(session, ticket),
        earlier=tickets.count(session, customer_id=ticket.customer_id) - 1,
        rating=csat.score(session, customer_id=ticket.customer_id),
        standing=standing(session, ticket.customer_id),
        linked=[(one.relation, one.ticket.code) for one in ticket_links.of(session, ticket)],
        tags=[one.tag for one in tags.of(session, [ticket.id]).get(ticket.id, [])],
        console=f"{console}/tickets/{ticket.code}" if console else "",
        joined=joined.read(session, ticket, console=console),
    )


def _marks(session: Session, ticket: Ticket) -> list[Block]:
    if ticket.state == "resolved":
        return []
    running = [
        promises.Promise(one.kind, one.due_at, one.told)
        for one in sla.running(session, ticket)
        if one.due_at is not None
    ]
    offered = ticket.offered_to if ticket.state == "open" else None
    return promises.marks(
        running,
        waits=ticket.waiting_since is not None,
        offer=None if offered is None else (offered.name, ticket.offered_why),
    )
