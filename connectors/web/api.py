"""Tickets and customers for programs: bearer token of an agent, everything as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator
from sqlalchemy.orm import Session

from connectors import desk
from connectors.desk import merging
from connectors.web import record_json
from connectors.web.auth import api_agent, place
from connectors.web.chat import check_text
from connectors.web.gateway import Gateway, gateway
from ticketing import (
    accesses,
    agents,
    csat,
    customers,
    history,
    nps,
    sla,
    surveys,
    tags,
    ticket_links,
    tickets,
)
from ticketing.errors import NotFound
from ticketing.models import Agent, Customer, Message, Ticket
from ticketing.record import Author
from ticketing.sla import Standing
from ticketing.surveys import AnySurvey

Here = Annotated[Gateway, Depends(gateway)]
Me = Annotated[Agent, Depends(api_agent)]


async def by_token(request: Request, me: Me) -> Author:
    """An agent's program, as the one who looks at or changes something."""
    return Author(name=me.name, agent_id=me.id, source="api", place=place(request))


By = Annotated[Author, Depends(by_token)]

router = APIRouter(prefix="/api", tags=["agents"])


class Words(BaseModel):
    """What an agent writes."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=8000)

    @field_validator("text")
    @classmethod
    def storable(cls, value: str) -> str:
        """As for customers."""
        check_text(value)
        return value


class Answer(Words):
    """What an agent answers; ``identity``: the address to answer at, one of the customer's."""

    identity: int | None = Field(default=None, ge=1, le=2**63 - 1)


class Assignment(BaseModel):
    """Who is to have a ticket: an agent's exact name."""

    model_config = ConfigDict(extra="forbid")
    agent: str = Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")


class Priority(BaseModel):
    """How urgent a ticket is."""

    model_config = ConfigDict(extra="forbid")
    priority: Literal["low", "normal", "high", "urgent"]


class Snooze(BaseModel):
    """When to come back to a ticket; an instant with its zone. ``null``: now."""

    model_config = ConfigDict(extra="forbid")
    until: AwareDatetime | None


@router.get("/tickets")
async def list_tickets(
    here: Here,
    by: By,
    state: Literal["open", "claimed", "resolved", ""] = "",
    customer: str = "",
    tag: Annotated[str, Query(max_length=40, pattern=r"^[^\x00]*$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> dict[str, Any]:
    """Tickets, the urgent ones and those waiting longest first."""

    def read(session: Session) -> list[dict[str, Any]]:
        customer_id = customers.get(session, customer).id if customer else None
        found = tickets.listing(
            session,
            states=[state] if state else [],
            customer_id=customer_id,
            tag=tag,
            limit=limit,
        )
        if customer_id is not None:
            accesses.opened(session, customer_id, by=by)
        else:
            people = {ticket.customer_id for ticket in found}
            accesses.listed(session, people, by=by)
        return [summary(ticket) for ticket in found]

    return {"tickets": await here.store.run(read)}


@router.get("/tickets/{code}")
async def one_ticket(here: Here, by: By, code: str) -> dict[str, Any]:
    """A ticket with its whole timeline, notes included, and what the bot had tried."""
    return await here.store.run(full, code, by=by)


@router.post("/tickets/{code}/claim")
async def claim(here: Here, me: Me, by: By, code: str) -> dict[str, Any]:
    """Take a waiting ticket. One of two simultaneous claims wins; the other gets 409."""

    def act(session: Session) -> dict[str, Any]:
        desk.claim(session, code=code, agent=session.merge(me))
        return full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tickets/{code}/reply")
async def reply(here: Here, me: Me, by: By, code: str, body: Answer) -> dict[str, Any]:
    """Answer the customer, where they wrote last or at another of their `identities`.

    Claims a waiting ticket in the same step.
    """

    def act(session: Session) -> dict[str, Any]:
        agent = session.merge(me)
        desk.reply(session, code=code, agent=agent, text=body.text, to=body.identity)
        return full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tickets/{code}/note")
async def note(here: Here, me: Me, by: By, code: str, body: Words) -> dict[str, Any]:
    """Words for colleagues; the customer never sees them."""

    def act(session: Session) -> dict[str, Any]:
        desk.note(session, code=code, agent=session.merge(me), text=body.text)
        return full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tickets/{code}/resolve")
async def resolve(here: Here, me: Me, by: By, code: str) -> dict[str, Any]:
    """Close the ticket and ask the customer how it was."""

    def act(session: Session) -> dict[str, Any]:
        desk.resolve(session, code=code, agent=session.merge(me))
        return full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tickets/{code}/assign")
async def assign(here: Here, me: Me, by: By, code: str, body: Assignment) -> dict[str, Any]:
    """Give a ticket to a colleague: one that waits or one's own; a lead may give any."""

    def act(session: Session) -> dict[str, Any]:
        agent = agents.by_name(session, body.agent)
        if agent is None:
            raise NotFound("there is no agent of this name")
        desk.assign(session, code=code, agent=agent, by=session.merge(me))
        return full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tickets/{code}/priority")
async def prioritise(here: Here, me: Me, by: By, code: str, body: Priority) -> dict[str, Any]:
    """Say how urgent a ticket is; the queue is in that order."""

    def act(session: Session) -> dict[str, Any]:
        desk.prioritise(session, code=code, priority=body.priority, by=session.merge(me))
        return full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tickets/{code}/snooze")
async def snooze(here: Here, me: Me, by: By, code: str, body: Snooze) -> dict[str, Any]:
    """Put a ticket off; it comes back at that time, or when the customer writes."""

    def act(session: Session) -> dict[str, Any]:
        if body.until is None:
            desk.wake(session, code=code, by=session.merge(me))
        else:
            desk.snooze(session, code=code, until=body.until, by=session.merge(me))
        return full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tickets/{code}/reopen")
async def reopen(here: Here, me: Me, by: By, code: str) -> dict[str, Any]:
    """Go on with a resolved ticket; it is yours, and the customer is told."""

    def act(session: Session) -> dict[str, Any]:
        desk.reopen(session, code=code, agent=session.merge(me))
        return full(session, code, by=by)

    return await here.store.run(act)


@router.get("/customers/{customer}")
async def one_customer(here: Here, by: By, customer: str) -> dict[str, Any]:
    """The customer's record: what is known, addresses, purchases, tickets, ratings, consents."""

    def read(session: Session) -> dict[str, Any]:
        found = customers.get(session, customer)
        accesses.opened(session, found.id, by=by)
        return record(session, found)

    return await here.store.run(read)


@router.get("/customers/{customer}/timeline")
async def customer_timeline(
    here: Here, by: By, customer: str, after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0
) -> dict[str, Any]:
    """Everything said and done, over every channel, notes included; 1,000 lines a page."""

    def read(session: Session) -> list[dict[str, Any]]:
        found = customers.get(session, customer)
        accesses.opened(session, found.id, by=by)
        lines = history.page(session, customer_id=found.id, after=after)
        return entries(session, lines)

    return {"timeline": await here.store.run(read)}


def record(session: Session, customer: Customer) -> dict[str, Any]:
    """The customer's record as JSON."""
    return {
        "id": str(customer.id),
        **record_json.facts(session, customer.id),
        "since": _time(customer.created_at),
        "identities": customers.identities(session, customer.id),
        "tickets": [
            summary(ticket) for ticket in tickets.listing(session, customer_id=customer.id)
        ],
        "ratings": [
            {
                **_rating(rating),
                "ticket": rating.ticket.code if rating.ticket else None,
                "answered_by": rating.answered_by,
            }
            for rating in csat.ratings(session, customer_id=customer.id)
        ],
        "csat": csat.score(session, customer_id=customer.id),
        "nps": [
            {**_rating(one), "moment": one.moment}
            for one in nps.given(session, customer_id=customer.id)
        ],
        "not_asked": [
            {"kind": one.kind, "why": one.skipped, "at": _time(one.asked_at)}
            for one in surveys.skipped(session, customer_id=customer.id)
        ],
    }


def _rating(survey: AnySurvey) -> dict[str, Any]:
    """A given score, what it was before, and the words beside it."""
    return {
        "score": survey.score,
        "comment": survey.comment,
        "at": _time(survey.rated_at),
        "previous": surveys.previous(survey),
        "changed_at": _time(survey.changed_at),
        "earlier": survey.earlier,
    }


def summary(ticket: Ticket) -> dict[str, Any]:
    """A ticket in a list."""
    return {
        "code": ticket.code,
        "state": ticket.state,
        "reason": ticket.reason,
        "question": ticket.question,
        "customer": {
            "id": str(ticket.customer_id),
            "name": customers.label(ticket.customer),
        },
        "assignee": ticket.assignee.name if ticket.assignee else None,
        "opened_at": _time(ticket.opened_at),
        "claimed_at": _time(ticket.claimed_at),
        "first_reply_at": _time(ticket.first_reply_at),
        "resolved_at": _time(ticket.resolved_at),
        "reopened": ticket.reopened,
        "priority": ticket.priority,
        "snoozed_until": _time(ticket.snoozed_until),
        "joined": ticket.joined_to is not None,
    }


def full(session: Session, code: str, *, by: Author) -> dict[str, Any]:
    """A ticket with all that hangs on it, as it is after what was done in this transaction."""
    session.flush()
    session.expire_all()
    ticket = tickets.get(session, code)
    accesses.opened(session, ticket.customer_id, by=by)
    lines = history.timeline(session, customer_id=ticket.customer_id)
    undoable = merging.undoable(session, ticket)
    return {
        **summary(ticket),
        "due": _due(sla.standings(session, [ticket.id]).get(ticket.id)),
        "waiting_since": _time(ticket.waiting_since),
        "offered": {"agent": ticket.offered_to.name, "why": ticket.offered_why}
        if ticket.offered_to
        else None,
        "tags": [
            {"tag": one.tag, "why": one.why}
            for one in tags.of(session, [ticket.id]).get(ticket.id, [])
        ],
        "links": [
            {
                "id": one.id,
                "relation": one.relation,
                "ticket": one.ticket.code,
                "by": one.by or None,
                "undoable": one.id in undoable,
            }
            for one in ticket_links.of(session, ticket)
        ],
        "tried": ticket.tried,
        "timeline": entries(session, lines),
    }


def _due(standing: Standing | None) -> dict[str, Any] | None:
    """The promise that runs out first: ``first``, ``next`` or ``resolution``."""
    if standing is None:
        return None
    return {
        "kind": standing.kind,
        "at": standing.due_at.isoformat(),
        "warned": standing.warned,
        "broken": standing.broken,
    }


def entries(session: Session, lines: Sequence[Message]) -> list[dict[str, Any]]:
    """Lines of the timeline, each with its channel."""
    channels = history.channels(session, lines)
    return [entry(line, channels.get(line.identity_id or 0, "web")) for line in lines]


def entry(line: Message, channel: str) -> dict[str, Any]:
    """A line of the timeline, as agents see it; ``channel`` is where it was said."""
    return {
        "seq": line.id,
        "author": line.author,
        "author_name": line.author_name,
        "kind": line.kind,
        "internal": line.internal,
        "text": line.text,
        "article": line.article,
        "attachments": line.meta.get("attachments", []),
        "changed": line.meta.get("changed"),
        "revisions": line.meta.get("revisions", []),
        "vote": line.vote,
        "channel": "" if line.internal else channel,
        "at": _time(line.at),
    }


def _time(value: dt.datetime | None) -> str | None:
    return None if value is None else value.isoformat()
