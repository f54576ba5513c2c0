"""What surveys say: satisfaction, the Net Promoter Score, and who was not asked and why."""

from __future__ import annotations

import dataclasses
import datetime as dt

from sqlalchemy import ColumnElement, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from ticketing.models import Csat, Nps
from ticketing.nps import DETRACTOR, PROMOTER

SATISFIED = 4


@dataclasses.dataclass(frozen=True, slots=True)
class Satisfaction:
    """Of the questions of one kind: how many were put and answered, and how.

    ``average`` of 1 to 5 (one decimal), ``satisfied`` the percentage that rated 4 or 5; both
    ``None`` without answers.
    """

    asked: int
    answered: int
    average: float | None
    satisfied: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Recommendation:
    """Net Promoter Score: percentage of ``promoters`` (9, 10) less that of ``detractors`` (0–6).

    ``score`` from -100 to 100, rounded; ``None`` without answers.
    """

    asked: int
    promoters: int
    passives: int
    detractors: int

    @property
    def answered(self) -> int:
        """How many said a number."""
        return self.promoters + self.passives + self.detractors

    @property
    def score(self) -> int | None:
        """The score."""
        if not self.answered:
            return None
        return round(100 * (self.promoters - self.detractors) / self.answered)


@dataclasses.dataclass(frozen=True, slots=True)
class Overview:
    """Surveys that were due in a span of days, by kind; ``unasked`` are ``(kind, why, count)``."""

    agent: Satisfaction
    bot: Satisfaction
    nps: Recommendation
    unasked: list[tuple[str, str, int]]


def overview(session: Session, *, days: int = 90) -> Overview:
    """What became of the surveys of the last ``days``."""
    since = func.now() - dt.timedelta(days=days)
    return Overview(
        agent=_satisfaction(session, Csat.ticket_id.is_not(None), since),
        bot=_satisfaction(session, Csat.ticket_id.is_(None), since),
        nps=_recommendation(session, since),
        unasked=_unasked(session, since),
    )


def _satisfaction(
    session: Session, which: ColumnElement[bool], since: ColumnElement[dt.datetime]
) -> Satisfaction:
    row = session.execute(
        select(
            func.count(),
            func.count(Csat.score),
            func.avg(Csat.score),
            func.count().filter(Csat.score >= SATISFIED),
        ).where(which, Csat.skipped.is_(None), Csat.asked_at > since)
    ).one()
    asked, answered, average, satisfied = row
    return Satisfaction(
        asked=int(asked),
        answered=int(answered),
        average=None if average is None else round(float(average), 1),
        satisfied=round(100 * satisfied / answered) if answered else None,
    )


def _recommendation(session: Session, since: ColumnElement[dt.datetime]) -> Recommendation:
    row = session.execute(
        select(
            func.count(),
            func.count().filter(Nps.score >= PROMOTER),
            func.count().filter(Nps.score > DETRACTOR, Nps.score < PROMOTER),
            func.count().filter(Nps.score <= DETRACTOR),
        ).where(Nps.skipped.is_(None), Nps.asked_at > since)
    ).one()
    return Recommendation(*(int(one) for one in row))


def _unasked(session: Session, since: ColumnElement[dt.datetime]) -> list[tuple[str, str, int]]:
    kind = case((Csat.ticket_id.is_(None), "bot"), else_="agent")
    both = union_all(
        select(kind.label("kind"), Csat.skipped.label("why")).where(
            Csat.skipped.is_not(None), Csat.asked_at > since
        ),
        select(literal("nps"), Nps.skipped).where(Nps.skipped.is_not(None), Nps.asked_at > since),
    ).subquery()
    rows = session.execute(
        select(both.c.kind, both.c.why, func.count())
        .group_by(both.c.kind, both.c.why)
        .order_by(both.c.kind, func.count().desc())
    )
    return [(row[0], row[1], int(row[2])) for row in rows]
