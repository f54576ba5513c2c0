"""Service levels: the first answer, every next one, and the end of a ticket, in business time.

- *first*: from the ticket until an agent's first words.
- *next*: from the customer's words until an agent's next ones.
- *resolution*: from the ticket until it is resolved. It stands still while we wait for the
  customer, and while the ticket is put off. The other two do not: putting a ticket off is no
  answer to whoever waits for one.

A promise that is kept late was broken and stays so. A reopened ticket begins anew.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from ticketing import hours, record, teams
from ticketing.errors import Refused
from ticketing.hours import Hours
from ticketing.models import Policy, Target, Ticket

KINDS = ("first", "next", "resolution")
# What is told of a target, in this order.
QUIET, WARNED, BROKEN = 0, 1, 2
# The last quarter of the time is when a warning helps.
WARN = 0.25


@dataclasses.dataclass(frozen=True, slots=True)
class Goals:
    """Business minutes until the first answer, every next one, and the end."""

    first: int
    next: int
    resolution: int

    def seconds(self, kind: str) -> int:
        """The goal of this kind, in seconds."""
        return 60 * int(getattr(self, kind))


# For a chat: who asked hears something within half an hour, and has an end on the third day of
# eight hours at the latest.
DEFAULTS = {
    "urgent": Goals(10, 15, 4 * 60),
    "high": Goals(20, 30, 8 * 60),
    "normal": Goals(30, 60, 24 * 60),
    "low": Goals(4 * 60, 8 * 60, 80 * 60),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """The promise of a ticket that comes first: which, when it is due, and whether it is late.

    ``due_at`` is ``None`` when nothing runs: the customer has the word, or it is put off.
    """

    kind: str
    due_at: dt.datetime
    warned: bool
    broken: bool


def policies(session: Session) -> dict[tuple[str, str], Goals]:
    """What is promised, by priority and tier; the empty tier is everybody's."""
    found = {(priority, ""): goals for priority, goals in DEFAULTS.items()}
    for row in session.scalars(select(Policy)):
        found[row.priority, row.tier] = Goals(
            row.first_minutes, row.next_minutes, row.resolution_minutes
        )
    return found


def goals(session: Session, *, priority: str, tier: str | None = None) -> Goals:
    """What a ticket of this priority is promised, for a customer of this tier."""
    row = session.scalar(
        select(Policy)
        .where(Policy.priority == priority, Policy.tier.in_({"", tier or ""}))
        .order_by((Policy.tier == "").asc())
        .limit(1)
    )
    if row is None:
        return DEFAULTS[priority]
    return Goals(row.first_minutes, row.next_minutes, row.resolution_minutes)


def set_policy(session: Session, *, priority: str, tier: str, goals: Goals | None) -> None:
    """Promise something else; ``None``: the default again, or for a tier, what holds for all.

    Raises :class:`Refused` for what is no priority, tier or number of minutes.
    """
    if priority not in DEFAULTS or len(tier) > 60 or not (tier.isprintable() or not tier):
        raise Refused("there is no such priority or tier")
    session.execute(delete(Policy).where(Policy.priority == priority, Policy.tier == tier))
    if goals is None:
        return
    minutes = (goals.first, goals.next, goals.resolution)
    if not all(1 <= one <= 100_000 for one in minutes):
        raise Refused("a goal is 1 to 100,000 minutes")
    session.add(
        Policy(
            priority=priority,
            tier=tier,
            first_minutes=goals.first,
            next_minutes=goals.next,
            resolution_minutes=goals.resolution,
        )
    )
    session.flush()


# --- what happens to a ticket -------------------------------------------------------------------


def opened(session: Session, ticket: Ticket) -> None:
    """It has just come, or come back: everything begins."""
    at = teams.now(session)
    ticket.waiting_since = at
    _begin(session, ticket, ("next" if ticket.reopened else "first", "resolution"), at)


def answered(session: Session, ticket: Ticket) -> bool:
    """An agent has written to the customer, whose turn it is now.

    Whether it was the first answer, or one for which there was a warning.
    """
    at = teams.now(session)
    ticket.waiting_since = None
    notable = any(one.kind == "first" or one.told for one in running(session, ticket))
    _meet(session, ticket, "first", at)
    _meet(session, ticket, "next", at)
    _pause(session, ticket, at)
    return notable


def customer_wrote(session: Session, ticket: Ticket) -> None:
    """The customer has written; they wait from their first words on that nobody answered."""
    if ticket.waiting_since is not None:
        return
    at = teams.now(session)
    ticket.waiting_since = at
    first = session.get(Target, (ticket.id, "first"))
    if first is None or first.met_at is not None:
        _begin(session, ticket, ("next",), at)
    _resume(session, ticket, at)


def snoozed(session: Session, ticket: Ticket) -> None:
    """It was put off."""
    _pause(session, ticket, teams.now(session))


def woken(session: Session, ticket: Ticket) -> None:
    """It is to be looked at again."""
    if ticket.waiting_since is not None:
        _resume(session, ticket, teams.now(session))


def resolved(session: Session, ticket: Ticket) -> None:
    """It is done; what was promised and did not come any more was not needed."""
    at = teams.now(session)
    ticket.waiting_since = None
    for kind in KINDS:
        _meet(session, ticket, kind, at)


def refit(session: Session, ticket: Ticket) -> None:
    """Something else is promised now: another priority, other hours. What was used up stays."""
    found = list(session.scalars(select(Target).where(Target.ticket_id == ticket.id)))
    open_hours = _hours(session, ticket)
    promised = _goals(session, ticket)
    at = teams.now(session)
    for target in found:
        if target.met_at is not None:
            continue
        target.goal_s = promised.seconds(target.kind)
        if target.since is not None:
            _run(target, open_hours, target.since)
            if target.told == WARNED and target.warn_at is not None and target.warn_at > at:
                target.told = QUIET
    session.flush()


# --- how it stands ------------------------------------------------------------------------------

# The next promise of a ticket that runs out, for the order of the queue.
NEXT_DUE = (
    select(func.min(Target.due_at))
    .where(Target.ticket_id == Ticket.id)
    .correlate(Ticket)
    .scalar_subquery()
)


def running(session: Session, ticket: Ticket) -> list[Target]:
    """The ticket's promises whose time is running out, the nearest first."""
    return list(
        session.scalars(
            select(Target)
            .where(Target.ticket_id == ticket.id, Target.due_at.is_not(None))
            .order_by(Target.due_at)
        )
    )


def standings(session: Session, ticket_ids: Collection[int]) -> dict[int, Standing]:
    """How these tickets stand, those left out for which nothing runs out."""
    at = teams.now(session)
    found: dict[int, Standing] = {}
    rows = session.scalars(
        select(Target)
        .where(Target.ticket_id.in_(ticket_ids), Target.due_at.is_not(None))
        .order_by(Target.due_at.desc())
    )
    for row in rows:
        assert row.due_at is not None and row.warn_at is not None
        found[row.ticket_id] = Standing(
            row.kind, row.due_at, warned=row.warn_at <= at, broken=row.due_at <= at
        )
    return found


# --- one target ---------------------------------------------------------------------------------


def _goals(session: Session, ticket: Ticket) -> Goals:
    tier = record.known(session, ticket.customer_id).get("tier")
    return goals(session, priority=ticket.priority, tier=tier)


def _hours(session: Session, ticket: Ticket) -> Hours:
    return teams.plan(session, ticket.team_id).hours


def _begin(session: Session, ticket: Ticket, kinds: Sequence[str], at: dt.datetime) -> None:
    promised, open_hours = _goals(session, ticket), _hours(session, ticket)
    for kind in kinds:
        target = session.get(Target, (ticket.id, kind)) or Target(ticket_id=ticket.id, kind=kind)
        target.goal_s, target.spent_s = promised.seconds(kind), 0.0
        target.told, target.met_at = QUIET, None
        _run(target, open_hours, at)
        session.add(target)
    session.flush()


def _run(target: Target, open_hours: Hours, since: dt.datetime) -> None:
    left = max(0.0, target.goal_s - target.spent_s)
    target.since = since
    due = hours.add(open_hours, since, dt.timedelta(seconds=left))
    warn = hours.add(open_hours, since, dt.timedelta(seconds=max(0.0, left - WARN * target.goal_s)))
    target.due_at, target.warn_at = (due, warn) if due is not None else (None, None)


def _meet(session: Session, ticket: Ticket, kind: str, at: dt.datetime) -> None:
    target = session.get(Target, (ticket.id, kind))
    if target is None or target.met_at is not None:
        return
    if target.due_at is not None and target.due_at <= at:
        target.told = BROKEN
    target.met_at = at
    target.since = target.due_at = target.warn_at = None
    session.flush()


def _pause(session: Session, ticket: Ticket, at: dt.datetime) -> None:
    target = session.get(Target, (ticket.id, "resolution"))
    if target is None or target.since is None:
        return
    if target.due_at is not None and target.due_at <= at:
        target.told = BROKEN
    target.spent_s += hours.between(_hours(session, ticket), target.since, at).total_seconds()
    target.since = target.due_at = target.warn_at = None
    session.flush()


def _resume(session: Session, ticket: Ticket, at: dt.datetime) -> None:
    target = session.get(Target, (ticket.id, "resolution"))
    if target is None or target.since is not None or target.met_at is not None:
        return
    _run(target, _hours(session, ticket), at)
    session.flush()
