"""Customers who rated badly: who makes it good, until when, and what was done."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Query, Request, Response
from sqlalchemy.orm import Session

from connectors.desk import recovering
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me, Sender
from connectors.web.console.portions import Portions, going_on
from connectors.web.console.words import say
from ticketing import accesses, agents, recovery, teams
from ticketing.errors import NotFound

HOME = "/console/recovery"
SHOWN = 100

router = APIRouter(prefix="/recovery", route_class=ConsoleRoute)
TaskId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("")
async def listing(
    request: Request,
    here: Here,
    me: Me,
    state: Annotated[Literal["open", "done"], Query()] = "open",
    portions: Portions = 1,
) -> Response:
    """What is to be done, by its due time; or what was done."""

    def read(session: Session) -> dict[str, Any]:
        found = recovery.listing(session, done=state == "done", limit=portions * SHOWN + 1)
        people = {customer.id for _, customer in found[: portions * SHOWN]}
        accesses.listed(session, people, by=me.author)
        return {
            "here": "recovery",
            "state": state,
            **going_on(request, found, portions, SHOWN),
            "now": teams.now(session),
            "agents": agents.active(session),
        }

    return await frame.show(request, here, me, "recoveries", read, parts=("recoveries",))


@router.post("/{task}/done")
async def done(
    request: Request,
    here: Here,
    me: Sender,
    task: TaskId,
    outcome: Annotated[str, Form(max_length=5000)] = "",
) -> Response:
    """Say what was done for the customer."""
    await here.store.run(recovering.done, task, agent=me.agent, outcome=outcome)
    return frame.done(request, HOME, said=say("recovery.said.done", me.lang))


@router.post("/{task}/owner")
async def give(
    request: Request, here: Here, me: Curator, task: TaskId, owner: Annotated[str, Form()]
) -> Response:
    """Make it another agent's task. For leads and administrators."""

    def act(session: Session) -> None:
        found = agents.by_name(session, owner)
        if found is None or not found.active:
            raise NotFound("there is no such agent")
        recovery.give(session, task, owner=found)

    await here.store.run(act)
    return frame.done(request, HOME, said=say("recovery.said.given", me.lang))
