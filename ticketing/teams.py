"""Teams: their hours, how long a ticket may wait before something happens, who is in them.

A shop that has set nothing has one team that answers at any time, so that nothing is promised
that nobody said.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ticketing import hours
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.hours import Hours, Span
from ticketing.models import DayOff, Opening, Team, Ticket

ROUTINGS = ("off", "offer", "assign")
LOCALES = ("", "ko", "en")
# A shop keeps its hours in spans; more than these a day are a mistake.
SPANS_MOST = 70


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """What holds for the tickets of a team. ``pickup`` and ``silent`` are business time.

    ``silent`` is ``None`` where a silent agent keeps the ticket.
    """

    hours: Hours = dataclasses.field(default_factory=Hours)
    pickup: dt.timedelta = dt.timedelta(minutes=10)
    silent: dt.timedelta | None = dt.timedelta(minutes=60)
    routing: str = "offer"
    # How long after it was resolved a ticket is reopened by its customer.
    reopen: dt.timedelta = dt.timedelta(days=7)


def now(session: Session) -> dt.datetime:
    """What time it is: the database's, as everywhere."""
    return session.execute(select(func.now())).scalar_one()


def first(session: Session) -> Team | None:
    """The team of all who are in no other; ``None`` while nothing was set."""
    return session.scalar(select(Team).order_by(Team.id).limit(1))


def every(session: Session) -> list[Team]:
    """All teams, the first one first."""
    return list(session.scalars(select(Team).order_by(Team.id)))


def get(session: Session, team_id: int) -> Team:
    """The team with this id. Raises :class:`NotFound`."""
    team = session.get(Team, team_id)
    if team is None:
        raise NotFound("there is no such team")
    return team


def plan(session: Session, team_id: int | None) -> Plan:
    """What holds for a team; for ``None``, and for one that is gone, that of the first one."""
    team = None if team_id is None else session.get(Team, team_id)
    team = team or first(session)
    if team is None:
        return Plan()
    return Plan(
        hours=hours_of(session, team),
        pickup=dt.timedelta(minutes=team.pickup_minutes),
        silent=dt.timedelta(minutes=team.silent_minutes) if team.silent_minutes else None,
        routing=team.routing,
        reopen=dt.timedelta(days=team.reopen_days),
    )


def hours_of(session: Session, team: Team) -> Hours:
    """When the team answers."""
    spans = session.execute(
        select(Opening.weekday, Opening.opens, Opening.closes)
        .where(Opening.team_id == team.id)
        .order_by(Opening.weekday, Opening.opens)
    )
    days = session.scalars(select(DayOff.day).where(DayOff.team_id == team.id))
    return Hours(
        spans=tuple(Span(*row) for row in spans),
        zone=team.zone,
        country=team.country,
        days_off=frozenset(days),
    )


def for_locale(session: Session, locale: str) -> int | None:
    """The id of the team that takes tickets in this language; ``None``: the first team's."""
    return session.scalar(select(Team.id).where(Team.locale == locale).order_by(Team.id).limit(1))


def save(
    session: Session,
    team: Team | None,
    *,
    name: str,
    zone: str,
    country: str,
    locale: str,
    pickup_minutes: int,
    silent_minutes: int,
    routing: str,
    spans: Sequence[Span],
    days_off: Collection[dt.date],
    reopen_days: int = 7,
) -> Team:
    """Make a team, or give one other hours and times.

    Raises :class:`Refused` for a name, zone, country or number that cannot be, :class:`Conflict`
    for a name that another team has.
    """
    name = name.strip()
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise Refused("a team's name has 1 to 60 characters, without line breaks")
    _check_place(zone, country)
    if locale not in LOCALES or routing not in ROUTINGS:
        raise Refused("there is no such language or way to route")
    if not (1 <= pickup_minutes <= 1440 and 0 <= silent_minutes <= 10080):
        raise Refused("a ticket waits for 1 to 1,440 minutes, an agent may be silent for a week")
    if not 0 <= reopen_days <= 365:
        raise Refused("a ticket can be reopened for up to 365 days")
    if len(spans) > SPANS_MOST or len({(one.weekday, one.opens) for one in spans}) < len(spans):
        raise Refused("two spans of a day begin at the same time, or there are too many")
    same = session.scalar(select(Team).where(Team.name == name))
    if same is not None and same is not team:
        raise Conflict(f"there is a team {name} already", winner=name, reason="name_taken")
    if team is None:
        team = Team()
        session.add(team)
    team.name, team.zone, team.country, team.locale = name, zone, country, locale
    team.pickup_minutes, team.silent_minutes = pickup_minutes, silent_minutes
    team.routing, team.reopen_days = routing, reopen_days
    session.flush()
    session.execute(delete(Opening).where(Opening.team_id == team.id))
    session.execute(delete(DayOff).where(DayOff.team_id == team.id))
    for span in spans:
        session.add(
            Opening(team_id=team.id, weekday=span.weekday, opens=span.opens, closes=span.closes)
        )
    for day in set(days_off):
        session.add(DayOff(team_id=team.id, day=day))
    session.flush()
    return team


def remove(session: Session, team: Team) -> None:
    """Let a team go; its tickets and people are the first team's. The first one stays."""
    if team is first(session):
        raise Refused("the first team is everybody's who is in no other")
    session.delete(team)
    session.flush()


def open_tickets(session: Session) -> list[str]:
    """The codes of all tickets that are not resolved: those that new hours are about."""
    return list(
        session.scalars(
            select(Ticket.code).where(Ticket.state != "resolved", Ticket.joined_to.is_(None))
        )
    )


def _check_place(zone: str, country: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, OSError, ValueError):
        raise Refused("a time zone has a name such as Asia/Seoul") from None
    if country and country not in hours.countries():
        raise Refused("the public holidays of this country are not known")
