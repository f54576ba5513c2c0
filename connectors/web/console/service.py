"""Business hours, service levels, teams and skills; and whether I am on duty."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Path, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.desk import timers
from connectors.promises import when
from connectors.web.console import frame, spans
from connectors.web.console.dead_letters import Lead
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Sender, Viewer
from connectors.web.console.words import say
from connectors.web.problems import Problem
from ticketing import agents, hours, money, routing, sla, teams, worth
from ticketing.errors import Conflict, Invalid, NotFound, Refused
from ticketing.hours import Span
from ticketing.models import Agent, Duty, Team
from ticketing.sla import Goals

HOME = "/console/service"
# A team that is new begins with these hours in the form.
FRESH = hours.Hours(hours.WEEKDAYS)

router = APIRouter(route_class=ConsoleRoute)
Text = Annotated[str, Form()]
Number = Annotated[int, Form()]
TeamId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.get("/service")
async def page(request: Request, here: Here, me: Lead) -> Response:
    """All of it on one page."""

    def read(session: Session) -> dict[str, Any]:
        at = teams.now(session)
        found = teams.every(session)
        promised = sla.policies(session)
        duties = {duty.agent_id: duty for duty in session.scalars(select(Duty))}
        return {
            "here": "service",
            "teams": [_team(session, one, at, me) for one in found],
            "fresh": _fresh(found, me),
            "countries": hours.countries(),
            "goals": [(one, promised[one, ""]) for one in sla.DEFAULTS],
            "tiers": sorted(
                (tier, priority, goals) for (priority, tier), goals in promised.items() if tier
            ),
            "value": _value(session),
            "people": [
                (agent, duties.get(agent.id), routing.present(duties.get(agent.id), at))
                for agent in agents.active(session)
            ],
        }

    return await frame.show(request, here, me, "service", read, parts=("service",))


@router.post("/service/team")
async def save_team(
    request: Request,
    here: Here,
    me: Curator,
    name: Text = "",
    zone: Text = hours.ZONE,
    country: Text = "",
    locale: Text = "",
    pickup: Number = 10,
    silent: Number = 60,
    reopen: Number = 7,
    mode: Annotated[str, Form(alias="routing")] = "offer",
    days_off: Text = "",
    team: Text = "",
) -> Response:
    """A new team, or another team's hours. What is open is promised anew from them."""
    form = await request.form()
    written: list[Span] = []
    for weekday in range(7):
        field = f"day{weekday}"
        try:
            written += spans.parse(str(form.get(field) or ""), weekday=weekday)
        except ValueError:
            day = say(f"weekday.{weekday}", me.lang)
            raise Problem(422, "error.hours", field=field, day=day) from None
    try:
        off = spans.days(days_off)
    except ValueError:
        raise Problem(422, "error.days_off", field="days_off") from None

    def act(session: Session) -> None:
        known = teams.get(session, int(team)) if team.isdecimal() and len(team) < 19 else None
        try:
            teams.save(
                session,
                known,
                name=name,
                zone=zone.strip(),
                country=country,
                locale=locale,
                pickup_minutes=pickup,
                silent_minutes=silent,
                routing=mode,
                spans=written,
                days_off=off,
                reopen_days=reopen,
            )
        except (Conflict, NotFound):
            raise
        except Refused:
            raise Problem(422, "error.team") from None
        timers.replanned(session)

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.service", me.lang))


@router.post("/service/team/{team}/remove")
async def remove_team(request: Request, here: Here, me: Curator, team: TeamId) -> Response:
    """Let a team go."""

    def act(session: Session) -> None:
        teams.remove(session, teams.get(session, team))
        timers.replanned(session)

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.service", me.lang))


@router.post("/service/goals")
async def save_goals(
    request: Request,
    here: Here,
    me: Curator,
    priority: Text = "normal",
    tier: Text = "",
    first: Number = 0,
    following: Number = 0,
    resolution: Number = 0,
    remove: Text = "",
) -> Response:
    """What is promised for a priority, to everybody or to a tier of customers."""
    goals = None if remove else Goals(first, following, resolution)

    def act(session: Session) -> None:
        try:
            sla.set_policy(session, priority=priority, tier=tier.strip(), goals=goals)
        except Refused:
            raise Problem(422, "error.goals") from None
        timers.replanned(session)

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.service", me.lang))


@router.post("/service/value")
async def save_value(
    request: Request,
    here: Here,
    me: Curator,
    amount: Text = "",
    currency: Text = "",
    priority: Text = "high",
) -> Response:
    """From which value on a customer's new tickets are more urgent."""

    def act(session: Session) -> None:
        try:
            worth.set_policy(session, amount=amount, currency=currency, priority=priority)
        except Invalid:
            raise Problem(422, "error.value") from None

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.service", me.lang))


@router.post("/service/agent")
async def save_agent(
    request: Request,
    here: Here,
    me: Curator,
    agent: Annotated[int, Form(ge=1, le=2**63 - 1)],
    team: Text = "",
    topics: Text = "",
    languages: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Whose team somebody is in, and what they take first."""

    def act(session: Session) -> None:
        found = session.get(Agent, agent)
        if found is None:
            raise NotFound("there is no such agent")
        try:
            routing.set_skills(
                session,
                found,
                team_id=int(team) if team.isdecimal() and len(team) < 19 else None,
                languages=languages or [],
                topics=topics.replace("\n", ",").split(","),
            )
        except NotFound:
            raise
        except Refused:
            raise Problem(422, "error.skills") from None

    await here.store.run(act)
    return frame.done(request, HOME, said=say("said.service", me.lang))


@router.post("/duty")
async def duty(request: Request, here: Here, me: Sender, state: Text = "") -> Response:
    """On duty, away, or as Slack shows me."""

    def act(session: Session) -> None:
        routing.set_state(session, session.merge(me.agent), state)

    await here.store.run(act)
    return frame.done(request, "/console", said=say(f"said.duty.{state}", me.lang))


def _value(session: Session) -> dict[str, str]:
    rule = worth.policy(session)
    if rule is None:
        return {"amount": "", "currency": "KRW", "priority": "high"}
    amount = money.major(rule.least, rule.currency)
    return {"amount": amount, "currency": rule.currency, "priority": rule.priority}


def _team(session: Session, team: Team, at: dt.datetime, me: Viewer) -> dict[str, Any]:
    known = teams.hours_of(session, team)
    opens = hours.next_open(known, at)
    holidays = sorted(
        (day, name)
        for year in (at.year, at.year + 1)
        for day, name in hours.public_holidays(known.country, year).items()
        if day >= at.date()
    )
    return {
        "team": team,
        "days": [spans.write(known.spans, weekday=day) for day in range(7)],
        "off": "\n".join(str(day) for day in sorted(known.days_off)),
        "always": known.always,
        "open": opens == at,
        "opens": when(opens, at, ZoneInfo(known.zone), me.lang) if opens else "",
        "holidays": holidays[:4],
    }


def _fresh(found: list[Team], me: Viewer) -> dict[str, Any]:
    """The form of a team that does not exist; the first one begins with what holds now."""
    name = say("service.first", me.lang) if not found else ""
    team = Team(
        id=None, name=name, zone=hours.ZONE, country=hours.COUNTRY, locale="",
        pickup_minutes=10, silent_minutes=60, reopen_days=7, routing="offer",
    )  # fmt: skip
    return {
        "team": team,
        "days": [spans.write(FRESH.spans, weekday=day) for day in range(7)],
        "off": "",
    }
