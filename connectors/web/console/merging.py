"""Tickets merged, split and taken apart again from a ticket's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.desk import merging
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Sender
from connectors.web.console.ticket_links import typed
from connectors.web.console.words import known, say
from connectors.web.problems import Problem
from ticketing import tickets
from ticketing.errors import Conflict
from ticketing.models import Agent, Message, Ticket

router = APIRouter(prefix="/tickets/{code}", route_class=ConsoleRoute)
CHOICES = 50


@router.post("/merge")
async def merge(
    request: Request,
    here: Here,
    me: Sender,
    code: str,
    into: Annotated[str, Form(min_length=1, max_length=300)],
) -> Response:
    """Make this ticket a part of another one of the same person."""

    def act(session: Session, agent: Agent) -> str:
        return merging.merge(session, code=code, into=typed(session, into).code, agent=agent).code

    return await _go(request, here, me, act, "said.merged")


@router.post("/split")
async def split(
    request: Request, here: Here, me: Sender, code: str, seq: Annotated[int, Form(ge=1, le=2**62)]
) -> Response:
    """Make a second ticket of a message of the customer and what came after it."""

    def act(session: Session, agent: Agent) -> str:
        return merging.split(session, code=code, seq=seq, agent=agent).code

    return await _go(request, here, me, act, "said.split")


@router.post("/links/{link_id}/undo")
async def undo(
    request: Request,
    here: Here,
    me: Sender,
    code: str,
    link_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
) -> Response:
    """Take a merge or a split back."""

    def act(session: Session, agent: Agent) -> str:
        return merging.undo(session, code=code, link_id=link_id, agent=agent).code

    return await _go(request, here, me, act, "said.taken_apart")


@router.post("/front")
async def front(request: Request, here: Here, me: Sender, code: str) -> Response:
    """From now on what the customer writes goes to this one of their open tickets."""
    await here.store.run(lambda session: merging.bring_forward(session, code=code))
    return frame.done(request, f"/console/tickets/{code}", said=say("said.front", me.lang))


def shown(session: Session, ticket: Ticket) -> dict[str, Any]:
    """What the ticket's page offers: others of the person, and messages to split at."""
    standing = tickets.standing(session, ticket)
    theirs = select(Message).where(
        Message.conversation_id == ticket.conversation_id, Message.author == "customer"
    )
    first = select(func.min(theirs.subquery().c.id)).scalar_subquery()
    lines = session.scalars(
        theirs.where(Message.id > first).order_by(Message.id.desc()).limit(CHOICES)
    ).all()
    return {
        "goes_on": None if standing.id == ticket.id else standing,
        "mergeable": [
            one
            for one in tickets.listing(session, customer_id=ticket.customer_id, limit=CHOICES)
            if one.id != ticket.id and one.joined_to is None
        ],
        "split_at": [(line.id, line.text) for line in lines],
        "undoable": merging.undoable(session, ticket),
    }


async def _go(
    request: Request,
    here: Here,
    me: Sender,
    act: Callable[[Session, Agent], str],
    said: str,
) -> Response:
    """Do it and go to the ticket that it is about then; or say why it cannot be done."""

    def work(session: Session) -> str:
        try:
            return act(session, session.merge(me.agent))
        except Conflict as error:
            key = f"error.merge.{error.reason}"
            if error.reason and known(key, me.lang, ""):
                raise Problem(409, key, reason=error.reason) from None
            raise

    code = await here.store.run(work)
    return frame.done(request, f"/console/tickets/{code}", said=say(said, me.lang), go=True)
