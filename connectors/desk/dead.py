"""Work that was given up: whom it was about, what it would have said, and who is told.

A turn the bot broke on gives the customer to a person. Whatever else was about a ticket leaves a
line on its timeline that only agents see.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import causes, outside
from connectors.agent_lines import phrase
from connectors.desk.bot import begin_anew, end_turn
from connectors.desk.lines import note_line
from connectors.worker import Handler, Settle
from ticketing import conversations, customers, lanes, tickets
from ticketing.errors import NotFound
from ticketing.lanes import Work
from ticketing.models import ChannelIdentity, Customer, Job, Message, Ticket, TicketThread

# The job that leaves the line, and the kind of the line.
UNDELIVERED = "undelivered"
REASON_LIMIT = 300


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """Whom a job is about, and the words in it: for agents, never for logs."""

    customer: Customer | None
    ticket: Ticket | None
    words: str


def give_up(session: Session, work: Work, error: str) -> None:
    """Tell people that ``work`` was given up. The caller holds its lane.

    The line for a ticket is a job of its own: agents at work hold the customer's lane and wait for
    the outgoing ones, so whoever holds an outgoing lane must not wait for the customer's.
    """
    if work.kind == "turn":
        turn = begin_anew(session, work)
        end_turn(session, turn, None)
        _line(session, turn.conversation_id, work.job, work.kind, error)
        return
    ticket = None if work.kind == UNDELIVERED else _ticket(session, work.payload)
    if ticket is not None:
        lanes.enqueue(
            session,
            lane=f"{UNDELIVERED}:{work.job}",
            kind=UNDELIVERED,
            dedup=f"{work.job}:{work.fence}",
            payload={
                "ticket": ticket.code,
                "job": work.job,
                "what": _what(work.kind, work.payload),
                "error": reason(error),
            }
            | ({"message": work.payload["message"]} if work.kind == "deliver" else {}),
        )


def handlers() -> dict[str, Handler]:
    """What the worker does for lines of tickets, by kind of job."""

    async def handle(work: Work) -> Settle:
        def settle(session: Session) -> None:
            _tell(session, work.payload)

        return settle

    return {UNDELIVERED: handle}


def _tell(session: Session, payload: dict[str, Any]) -> None:
    try:
        ticket = tickets.get(session, payload["ticket"])
    except NotFound:
        return
    customers.hold(session, ticket.customer_id)
    _line(session, ticket.conversation_id, payload["job"], payload["what"], payload["error"])
    line = session.get(Message, payload["message"]) if "message" in payload else None
    if line is not None:
        error = payload["error"]
        why = f"{causes.what(error, 'ko')} · {causes.what(error, 'en')}"
        outside.undelivered(session, ticket, job=payload["job"], line=line, why=why)


def _line(session: Session, conversation_id: int, job: int, what: str, error: str) -> None:
    conversation = conversations.get(session, conversation_id)
    said = reason(error)
    values = {"why": phrase(f"cause_{causes.cause(said)}", word=causes.word(said))}
    note_line(session, conversation, f"dead_{what}", values, kind=UNDELIVERED, meta={"job": job})


def reason(error: str | None) -> str:
    """The first line of an error: what follows in some is the whole statement that failed."""
    return (error or "").partition("\n")[0][:REASON_LIMIT]


def _what(kind: str, payload: dict[str, Any]) -> str:
    """What could not be done, as the name of a phrase."""
    if kind == "slack.post":
        event = payload.get("event")
        return str(event) if event in ("customer", "agent", "note", "rating") else "post"
    names = {
        "slack.card": "card",
        "slack.event": "event",
        "slack.file": "customer",
        "slack.hint": "hint",
        "deliver": "deliver",
    }
    return names.get(kind, "other")


def about(session: Session, job: Job) -> About:
    """Whom ``job`` is about and what it would have said, as far as that can be known."""
    payload = job.payload
    words = payload.get("text") or payload.get("comment") or ""
    if job.kind == "turn":
        line = session.execute(
            select(Message.customer_id, Message.text).where(
                Message.identity_id == payload.get("identity"),
                Message.external_id == payload.get("external_id"),
            )
        ).first()
        if line is None:
            return About(None, None, "")
        latest = tickets.listing(session, customer_id=line.customer_id, limit=1)
        customer = customers.get(session, line.customer_id)
        return About(customer, latest[0] if latest else None, line.text)
    ticket = _ticket(session, payload)
    said = session.get(Message, payload["message"]) if job.kind == "deliver" else None
    if said is not None:
        return About(customers.get(session, said.customer_id), ticket, said.text)
    whose = _of_lane(session, job.lane) if ticket is None else ticket.customer
    return About(whose, ticket, str(words))


def undelivered(session: Session, ticket_ids: Collection[int]) -> set[int]:
    """Those of these tickets about which something was given up and not looked after yet."""
    dead = Job.state == "dead"
    by_code = (
        select(Ticket.id)
        .join(Job, Job.payload["ticket"].astext == Ticket.code)
        .where(dead, Ticket.id.in_(ticket_ids))
    )
    by_thread = (
        select(TicketThread.ticket_id)
        .join(
            Job,
            (Job.payload["channel"].astext == TicketThread.place)
            & (Job.payload["thread"].astext == TicketThread.thread),
        )
        .where(dead, TicketThread.ticket_id.in_(ticket_ids))
    )
    found = session.scalars(by_code.union(by_thread))
    return set(found)


def _of_lane(session: Session, lane: str) -> Customer | None:
    """Whose lane it is: that of one person's history, or of one address."""
    channel, *rest = lane.removeprefix("out:").split(":", 2)
    if channel == "in":
        try:
            return customers.get(session, ":".join(rest))
        except NotFound:
            return None
    if len(rest) < 2:
        return None
    return session.scalar(
        select(Customer)
        .join(ChannelIdentity, ChannelIdentity.customer_id == Customer.id)
        .where(ChannelIdentity.channel == channel, ChannelIdentity.account == rest[0])
        .where(ChannelIdentity.external_id == rest[1], Customer.erased_at.is_(None))
    )


def _ticket(session: Session, payload: dict[str, Any]) -> Ticket | None:
    """The ticket that a job of a channel names, by its code, its thread or its line."""
    if payload.keys() & {"message"} and not payload.keys() & {"chat", "thread"}:
        return _ticket_of_line(session, payload["message"])
    if "ticket" in payload:
        try:
            return tickets.get(session, str(payload["ticket"]))
        except NotFound:
            return None
    place, thread = payload.get("channel"), payload.get("thread")
    if not (place and thread):
        return None
    return tickets.by_thread(session, place=str(place), thread=str(thread))


def _ticket_of_line(session: Session, seq: object) -> Ticket | None:
    """The ticket of the episode in which a line was said, the newest if there were several."""
    if not isinstance(seq, int):
        return None
    return session.scalar(
        select(Ticket)
        .join(Message, Message.conversation_id == Ticket.conversation_id)
        .where(Message.id == seq)
        .order_by(Ticket.id.desc())
        .limit(1)
    )
