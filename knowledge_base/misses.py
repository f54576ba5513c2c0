"""What people search for in the help centre and do not find: counts by day, and nobody's name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Date, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session

from knowledge_base import text
from knowledge_base.models import SearchMiss

DAYS = 90  # after which they are forgotten
# Different words of one day; what comes then is somebody who fills the list.
MOST_A_DAY = 1000
MOST_LISTED = 2000
LONGEST, SHORTEST = 200, 2
UTC = "UTC"


@dataclass(frozen=True, slots=True)
class Missed:
    """What was searched for in vain, in the words that were typed last, how often and when last."""

    words: str
    locale: str
    times: int
    last: dt.date


def count(session: Session, *, words: str, locale: str, zone: str = UTC) -> None:
    """One more search that found nothing on this day of ``zone``, however it is spaced. What has no
    two letters or digits is none."""
    known = text.normalise(words, length=LONGEST)
    letters = text.letters(known)
    if len(letters) < SHORTEST:
        return
    day = today(zone)
    mine = (SearchMiss.locale == locale) & (SearchMiss.letters == letters)
    again = update(SearchMiss).where(mine, SearchMiss.day == day)
    if session.scalar(again.values(times=SearchMiss.times + 1).returning(SearchMiss.times)):
        return
    others = select(func.count()).select_from(SearchMiss).where(SearchMiss.day == day)
    if (session.scalar(others) or 0) < MOST_A_DAY:
        session.execute(
            insert(SearchMiss)
            .values(locale=locale, letters=letters, day=day, words=known)
            .on_conflict_do_update(
                index_elements=[SearchMiss.locale, SearchMiss.letters, SearchMiss.day],
                set_={"times": SearchMiss.times + 1},
            )
        )


def listing(session: Session, *, zone: str = UTC) -> list[Missed]:
    """What was searched for in vain in the last :data:`DAYS` of ``zone``, the most searched first;
    at most :data:`MOST_LISTED`."""
    times = func.sum(SearchMiss.times).label("times")
    last = func.max(SearchMiss.day).label("last")
    words = func.array_agg(aggregate_order_by(SearchMiss.words, SearchMiss.day.desc()))
    rows = session.execute(
        select(SearchMiss.locale, words[1].label("words"), times, last)
        .where(SearchMiss.day >= today(zone) - DAYS)
        .group_by(SearchMiss.locale, SearchMiss.letters)
        .order_by(times.desc(), last.desc(), SearchMiss.letters, SearchMiss.locale)
        .limit(MOST_LISTED)
    )
    return [Missed(row.words, row.locale, row.times, row.last) for row in rows]


def forget(session: Session, *, words: str, locale: str) -> None:
    """Take it off the list, however it was typed; who searches for it again puts it there again."""
    mine = (SearchMiss.locale == locale) & (SearchMiss.letters == text.letters(words))
    session.execute(delete(SearchMiss).where(mine))


def sweep(session: Session, *, zone: str = UTC) -> None:
    """Delete what is older than :data:`DAYS`."""
    session.execute(delete(SearchMiss).where(SearchMiss.day < today(zone) - DAYS))


def today(zone: str) -> ColumnElement[dt.date]:
    """The day that it is in a time zone."""
    return cast(func.timezone(zone, func.now()), Date)
