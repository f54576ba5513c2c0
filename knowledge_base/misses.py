"""What people search for in the help centre and do not find: counts by day, and nobody's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Date, cast, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from knowledge_base import articles, text
from knowledge_base.errors import Invalid
from knowledge_base.models import SearchMiss

DAYS = 90  # after which they are forgotten
# Different words of one day; what comes then is somebody who fills the list.
MOST_A_DAY = 1000
LONGEST, SHORTEST = 200, 2


@dataclass(frozen=True, slots=True)
class Missed:
    """What was searched for in vain, in the words that were typed most, how often and when last."""

    words: str
    locale: str
    times: int
    last: dt.date


def count(session: Session, *, words: str, locale: str) -> None:
    """One more search today that found nothing. What has no two letters or digits counts for none.

    What is older than :data:`DAYS` goes by the way.
    """
    known = text.normalise(words, length=LONGEST)
    if len(text.letters(known)) < SHORTEST:
        return
    today = cast(func.now(), Date)
    again = update(SearchMiss).where(
        SearchMiss.locale == locale, SearchMiss.words == known, SearchMiss.day == today
    )
    if session.scalar(again.values(times=SearchMiss.times + 1).returning(SearchMiss.times)):
        return
    session.execute(delete(SearchMiss).where(SearchMiss.day < today - DAYS))
    others = select(func.count()).select_from(SearchMiss).where(SearchMiss.day == today)
    if (session.scalar(others) or 0) < MOST_A_DAY:
        session.execute(
            insert(SearchMiss)
            .values(locale=locale, words=known, day=today)
            .on_conflict_do_update(
                index_elements=[SearchMiss.locale, SearchMiss.words, SearchMiss.day],
                set_={"times": SearchMiss.times + 1},
            )
        )


def listing(session: Session) -> list[Missed]:
    """What was searched for in vain, the most searched first; spaces and signs make no difference.

    Of the last :data:`DAYS`.
    """
    times = func.sum(SearchMiss.times).label("times")
    rows = session.execute(
        select(SearchMiss.locale, SearchMiss.words, times, func.max(SearchMiss.day).label("last"))
        .where(SearchMiss.day >= cast(func.now(), Date) - DAYS)
        .group_by(SearchMiss.locale, SearchMiss.words)
        .order_by(times.desc(), SearchMiss.words, SearchMiss.locale)
    )
    found: dict[tuple[str, str], Missed] = {}
    for row in rows:
        key = row.locale, text.letters(row.words)
        known = found.get(key)
        found[key] = Missed(
            words=known.words if known else row.words,
            locale=row.locale,
            times=row.times + (known.times if known else 0),
            last=max(row.last, known.last) if known else row.last,
        )
    return sorted(found.values(), key=lambda one: -one.times)


def forget(session: Session, *, words: str, locale: str) -> None:
    """Take it off the list, however it was typed; who searches for it again puts it there again.

    Raises :class:`Invalid` for a language that is none.
    """
    if locale not in articles.LOCALES:
        raise Invalid("locale", f"must be one of {', '.join(articles.LOCALES)}")
    typed: Sequence[str] = session.scalars(
        select(SearchMiss.words).where(SearchMiss.locale == locale).distinct()
    ).all()
    same = [one for one in typed if text.letters(one) == text.letters(words)]
    session.execute(
        delete(SearchMiss).where(SearchMiss.locale == locale, SearchMiss.words.in_(same))
    )
