"""A bad rating is somebody's task: who makes it good, and until when."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from ticketing import agents, customers, hours, spelling, teams
from ticketing.errors import Conflict, Invalid, NotFound
from ticketing.models import Agent, Csat, Customer, Recovery

# Ratings up to this one open a task.
LOW = 2
# In business time of the ticket's team; where that never comes, by the clock.
WITHIN = dt.timedelta(hours=4)
WITHOUT_HOURS = dt.timedelta(hours=24)
NOTE_LIMIT = 1000


def of(session: Session, survey: Csat) -> Recovery | None:
    """The task of a rating, done or not."""
    return session.scalar(select(Recovery).where(Recovery.csat_id == survey.id))


def follow(session: Session, survey: Csat) -> Recovery | None:
    """Open the task of a low rating; the task, if it is new.

    It is a lead's; where there is none, whoever answered. A rating that was changed to a better
    one ends its task. The caller holds the customer's lane.
    """
    known = of(session, survey)
    if survey.score is None or survey.score > LOW:
        if known is not None and known.done_at is None:
            known.done_at, known.done_by, known.outcome = func.now(), "", "changed"
            session.flush()
        return None
    if known is not None:
        return None
    at = teams.now(session)
    team = survey.ticket.team_id if survey.ticket is not None else None
    due = hours.add(teams.plan(session, team).hours, at, WITHIN) or at + WITHOUT_HOURS
    owner = _owner(session, survey)
    made = Recovery(csat_id=survey.id, due_at=due, owner_id=owner.id if owner else None)
    session.add(made)
    session.flush()
    return made


def get(session: Session, recovery_id: int, *, lock: bool = False) -> Recovery:
    """A task. Raises :class:`NotFound`. Locked, its customer's lane is held first."""
    found = session.get(Recovery, recovery_id)
    if found is None:
        raise NotFound("there is no such task")
    if lock:
        customers.hold(session, found.csat.customer_id)
        session.refresh(found, with_for_update={"of": Recovery})
    return found


def finish(session: Session, recovery_id: int, *, outcome: str, by: str) -> Recovery:
    """Say what was done for the customer, which ends the task.

    Raises :class:`NotFound`, :class:`Invalid` without words, and :class:`Conflict` when it has
    ended already.
    """
    words = spelling.words("outcome", outcome, limit=NOTE_LIMIT)
    if words is None:
        raise Invalid("outcome", "missing", "is missing")
    found = get(session, recovery_id, lock=True)
    if found.done_at is not None:
        raise Conflict("this task is done already", winner=found.done_by, reason="done")
    found.done_at, found.done_by, found.outcome = func.now(), by, words
    session.flush()
    return found


def give(session: Session, recovery_id: int, *, owner: Agent) -> Recovery:
    """Make it another one's task. Raises :class:`NotFound`, :class:`Conflict` when it is done."""
    found = get(session, recovery_id, lock=True)
    if found.done_at is not None:
        raise Conflict("this task is done already", winner=found.done_by, reason="done")
    found.owner_id = owner.id
    session.flush()
    session.expire(found, ["owner"])
    return found


def pass_on(session: Session, agent: Agent) -> None:
    """Give the open tasks of somebody who left to those who are still here."""
    query = (
        select(Recovery)
        .where(Recovery.owner_id == agent.id, Recovery.done_at.is_(None))
        .order_by(Recovery.id)
        .options(joinedload(Recovery.csat))
        .with_for_update(of=Recovery)
    )
    for task in session.scalars(query).all():
        owner = _owner(session, task.csat)
        task.owner_id = None if owner is None else owner.id
        session.flush()
        session.expire(task, ["owner"])


def listing(
    session: Session, *, done: bool = False, limit: int = 100
) -> list[tuple[Recovery, Customer]]:
    """Tasks with whose they are: open ones by due time, or those that are done, newest first."""
    query = (
        select(Recovery, Customer)
        .join(Csat, Csat.id == Recovery.csat_id)
        .join(Customer, Customer.id == Csat.customer_id)
        .options(joinedload(Recovery.owner), joinedload(Recovery.csat).joinedload(Csat.ticket))
        .limit(limit)
    )
    if done:
        query = query.where(Recovery.done_at.is_not(None)).order_by(Recovery.done_at.desc())
    else:
        query = query.where(Recovery.done_at.is_(None)).order_by(Recovery.due_at, Recovery.id)
    return [(task, customer) for task, customer in session.execute(query)]


def counts(session: Session) -> dict[str, int]:
    """How many tasks are ``open``, and how many of them ``overdue``."""
    row = session.execute(
        select(func.count(), func.count().filter(Recovery.due_at < func.now())).where(
            Recovery.done_at.is_(None)
        )
    ).one()
    return {"open": int(row[0]), "overdue": int(row[1])}


def _owner(session: Session, survey: Csat) -> Agent | None:
    everyone = agents.active(session)
    # Who was invited and never came would not know of it.
    present = [one for one in everyone if one.password_hash or one.slack_user] or everyone
    leads = [agent for agent in present if agent.role == "lead"]
    answered = [agent for agent in present if agent.id == survey.answered_by.get("id")]
    found = leads or answered or present
    return min(found, key=lambda agent: (_load(session, agent), agent.id)) if found else None


def _load(session: Session, agent: Agent) -> int:
    waits = select(func.count()).where(Recovery.owner_id == agent.id, Recovery.done_at.is_(None))
    return session.scalar(waits) or 0
