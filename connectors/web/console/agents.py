"""Who works here: inviting agents, their roles, and what happens when they leave."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.desk import leaving
from connectors.web import auth
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Me, Sender, Viewer
from connectors.web.console.words import say
from connectors.web.gateway import Gateway
from connectors.web.problems import Problem
from ticketing import agents, api_tokens, teams
from ticketing.errors import Conflict, Invalid, NotFound, Refused
from ticketing.models import Agent, AgentToken, Customer, Ticket

HOME = "/console/agents"

router = APIRouter(route_class=ConsoleRoute)
Text = Annotated[str, Form()]
AgentId = Annotated[int, Path(ge=1, le=2**63 - 1)]


async def administrator(me: Me) -> Viewer:
    """403 unless the agent may manage the others."""
    if me.agent.role != "admin":
        raise Problem(403, "error.agent.admin")
    return me


async def form_administrator(me: Sender) -> Viewer:
    """An administrator who sends a form."""
    return await administrator(me)


Looks = Annotated[Viewer, Depends(administrator)]
Admin = Annotated[Viewer, Depends(form_administrator)]


@router.get("/agents")
async def page(request: Request, here: Here, me: Looks) -> Response:
    """Everybody, and those who left."""
    return await _show(request, here, me)


@router.post("/agents")
async def invite(
    request: Request, here: Here, me: Admin, name: Text = "", role: Text = "agent"
) -> Response:
    """A new agent; the page shows their one-time link, this once."""

    def act(session: Session) -> str:
        return _link(request, here, session, agents.add(session, name=name, role=role))

    try:
        link = await here.store.run(act)
    except Conflict:
        namesake = await here.store.read(agents.by_name, name)
        error = "error.agent.here" if namesake and namesake.active else "error.agent.taken"
        raise Problem(409, error) from None
    except Refused:
        raise Problem(422, "error.agent.name") from None
    return await _made(request, here, me, name.strip(), link)


@router.post("/agents/{agent}/link")
async def link(request: Request, here: Here, me: Admin, agent: AgentId) -> Response:
    """A new one-time link for somebody who lost the password."""

    def act(session: Session) -> tuple[str, str]:
        found = agents.get(session, agent)
        if not found.active:
            raise NotFound("they have left")
        return found.name, _link(request, here, session, found)

    return await _made(request, here, me, *await here.store.run(act))


@router.post("/agents/{agent}/return")
async def come_back(request: Request, here: Here, me: Admin, agent: AgentId) -> Response:
    """Somebody works here again, and gets a link as somebody new would."""

    def act(session: Session) -> tuple[str, str]:
        found = agents.get(session, agent)
        agents.come_back(session, found, by=me.agent.name)
        return found.name, _link(request, here, session, found)

    return await _made(request, here, me, *await here.store.run(act))


@router.post("/agents/{agent}")
async def save(
    request: Request, here: Here, me: Admin, agent: AgentId, name: Text = "", role: Text = ""
) -> Response:
    """Another name or role."""

    def act(session: Session) -> None:
        found = agents.get(session, agent)
        try:
            agents.set_role(session, found, role, by=me.agent.name)
            agents.rename(session, found, name, by=me.agent.name)
        except Conflict:
            raise Problem(409, "error.agent.taken") from None
        except Invalid as error:
            raise Problem(409, f"error.agent.{error.code}") from None
        except Refused:
            raise Problem(422, "error.agent.name") from None

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.agent", me.lang))


@router.post("/agents/{agent}/leave")
async def leave(request: Request, here: Here, me: Admin, agent: AgentId) -> Response:
    """Nothing lets them in any more; their tickets go back to the queue."""

    def act(session: Session) -> None:
        try:
            leaving.leave(session, agents.get(session, agent), by=me.agent.name)
        except Invalid as error:
            raise Problem(409, f"error.agent.{error.code}") from None

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.agent.left", me.lang))


@router.post("/agents/{agent}/revoke")
async def revoke(request: Request, here: Here, me: Admin, agent: AgentId) -> Response:
    """Their API tokens let nobody in any more."""
    by = me.agent.name
    await here.store.run(
        lambda session: api_tokens.revoke_all(session, agents.get(session, agent), by=by)
    )
    return frame.done(request, HOME, said=say("said.agent.revoked", me.lang))


@router.post("/agents/{agent}/tokens/{token}/revoke")
async def revoke_one(
    request: Request, here: Here, me: Admin, agent: AgentId, token: AgentId
) -> Response:
    """One of their API tokens lets nobody in any more."""
    await here.store.run(api_tokens.revoke, token, agent_id=agent, by=me.agent.name)
    return frame.done(request, HOME, said=say("said.agent.token_revoked", me.lang))


async def _made(request: Request, here: Gateway, me: Viewer, name: str, link: str) -> Response:
    """The page with a link that it shows this once; what is typed in its forms stays."""
    if not frame.by_script(request):
        return await _show(request, here, me, made=(name, link))
    values = {**frame.common(request, here, me.lang, me), "made": (name, link)}
    part = frame.render("parts/agent_made", values)
    return frame.done(request, HOME, parts={"made": part})


async def _show(
    request: Request,
    here: Gateway,
    me: Viewer,
    *,
    made: tuple[str, str] | None = None,
) -> Response:
    def read(session: Session) -> dict[str, Any]:
        people = agents.every(session)
        return {
            "here": "agents",
            "people": [one for one in people if one.active],
            "gone": [one for one in people if not one.active],
            "held": _counts(session, Ticket.assignee_id, Ticket.state == "claimed"),
            "owned": _counts(session, Customer.owner_id, Customer.owner_id.is_not(None)),
            "tokens": _tokens(session),
            "now": teams.now(session),
            "changes": agents.changes(session),
            "roles": agents.ROLES,
            "made": made,
        }

    return await frame.show(request, here, me, "agents", read, parts=("agents",))


def _tokens(session: Session) -> dict[int, list[AgentToken]]:
    """API tokens by whose they are."""
    found: dict[int, list[AgentToken]] = {}
    for one in api_tokens.every(session):
        found.setdefault(one.agent_id, []).append(one)
    return found


def _counts(session: Session, whose: Any, which: Any) -> dict[int, int]:
    rows = session.execute(select(whose, func.count()).where(which).group_by(whose))
    return {row[0]: row[1] for row in rows if row[0] is not None}


def _link(request: Request, here: Gateway, session: Session, agent: Agent) -> str:
    base = here.public_url or str(request.base_url).rstrip("/")
    return auth.invitation(session, agent, base=base)
