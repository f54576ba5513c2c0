"""What is decided about a ticket: who has it, how urgent it is, when to look at it, once more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors import desk
from connectors.slack.modals import SPANS
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Sender, Viewer
from connectors.web.console.words import say
from connectors.web.gateway import Gateway
from connectors.web.problems import Problem
from ticketing import agents, tickets
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Agent, Ticket

router = APIRouter(prefix="/tickets/{code}", route_class=ConsoleRoute)


def choices(session: Session, ticket: Ticket, me: Viewer) -> dict[str, Any]:
    """What the ticket's page offers to decide, and whether this agent may hand it on."""
    theirs = ticket.state == "claimed" and ticket.assignee_id != me.agent.id
    return {
        "plans": not theirs or me.curates,
        "priorities": tickets.PRIORITIES[::-1],
        "spans": [(key, title.split(" · ")[me.lang == "en"]) for key, title in SPANS.items()],
        "colleagues": [one for one in agents.active(session) if one.id != ticket.assignee_id],
    }


@router.post("/assign")
async def assign(
    request: Request, here: Here, me: Sender, code: str, agent: Annotated[int, Form(ge=1)]
) -> Response:
    """Give it to a colleague, or take it."""

    def act(session: Session) -> str:
        colleague = session.get(Agent, agent)
        if colleague is None:
            raise NotFound("there is no such agent")
        desk.assign(session, code=code, agent=colleague, by=session.merge(me.agent))
        return say("said.assigned", me.lang, name=colleague.name)

    return await _done(request, here, code, act)


@router.post("/release")
async def release(request: Request, here: Here, me: Sender, code: str) -> Response:
    """Give it back to the queue: somebody else can take it."""

    def act(session: Session) -> str:
        desk.release(session, code=code, by=session.merge(me.agent))
        return say("said.released", me.lang)

    return await _done(request, here, code, act)


@router.post("/priority")
async def priority(
    request: Request, here: Here, me: Sender, code: str, priority: Annotated[str, Form()]
) -> Response:
    """How urgent it is: the one who sees it first says it."""

    def act(session: Session) -> str:
        desk.prioritise(session, code=code, priority=priority, by=session.merge(me.agent))
        return say("said.priority", me.lang)

    return await _done(request, here, code, act)


@router.post("/snooze")
async def snooze(
    request: Request,
    here: Here,
    me: Sender,
    code: str,
    minutes: Annotated[str, Form()] = "",
    until: Annotated[str, Form()] = "",
) -> Response:
    """Put it off for a usual span, or until a time of the agent's own clock, which goes first."""

    def act(session: Session) -> str:
        try:
            at = _until(session, me, minutes, until)
            desk.snooze(session, code=code, until=at, by=session.merge(me.agent))
        except (Refused, ValueError, OverflowError) as error:
            if isinstance(error, (Conflict, NotFound)):
                raise
            raise Problem(422, "error.snooze") from None
        return say("said.snoozed", me.lang)

    return await _done(request, here, code, act)


def _until(session: Session, me: Viewer, minutes: str, until: str) -> dt.datetime:
    if until:
        return dt.datetime.fromisoformat(until).replace(tzinfo=me.zone)
    if minutes not in SPANS:
        raise ValueError("not one of the spans")
    now: dt.datetime = session.execute(select(func.now())).scalar_one()
    return now + dt.timedelta(minutes=int(minutes))


@router.post("/wake")
async def wake(request: Request, here: Here, me: Sender, code: str) -> Response:
    """Look at it now after all."""

    def act(session: Session) -> str:
        desk.wake(session, code=code, by=session.merge(me.agent))
        return say("said.woken", me.lang)

    return await _done(request, here, code, act)


@router.post("/reopen")
async def reopen(request: Request, here: Here, me: Sender, code: str) -> Response:
    """Add something to a resolved ticket; it is this agent's then."""

    def act(session: Session) -> str:
        desk.reopen(session, code=code, agent=session.merge(me.agent))
        return say("said.reopened", me.lang)

    return await _done(request, here, code, act)


async def _done(
    request: Request, here: Gateway, code: str, act: Callable[[Session], str]
) -> Response:
    said = await here.store.run(act)
    return frame.done(request, f"/console/tickets/{code}", said=said)
