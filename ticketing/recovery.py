"""A bad rating is somebody's task: who makes it good, and until when."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing import agents, hours, teams
from ticketing.models import Agent, Csat, Recovery

# Ratings up to this one open a task.
LOW = 2
# In business time of the ticket's team; where that never comes, by the clock.
WITHIN = dt.timedelta(hours=4)
WITHOUT_HOURS = dt.timedelta(hours=24)


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


def _owner(session: Session, survey: Csat) -> Agent | None:
    present = agents.active(session)
    leads = [agent for agent in present if agent.role == "lead"]
    answered = [agent for agent in present if agent.id == survey.answered_by.get("id")]
    found = leads or answered or present
    return min(found, key=lambda agent: (_load(session, agent), agent.id)) if found else None


def _load(session: Session, agent: Agent) -> int:
    waits = select(func.count()).where(Recovery.owner_id == agent.id, Recovery.done_at.is_(None))
    return session.scalar(waits) or 0
