"""What nobody could answer: questions of one kind together, the curators' list of what to write.

Takes plain :class:`Asked` rows, whoever gathered them. What was sorted once stays where it is, so
a list that somebody works on does not jump about: each row costs only its own sorting. What a
curator merged (:mod:`knowledge_base.regrouping`) is read as one gap here, the whole.
What needs numpy and scipy is imported by who sorts: reading the list must not wait for them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from knowledge_base import articles, text
from knowledge_base.errors import Conflict, NotFound
from knowledge_base.models import Article, Gap, GapQuestion

if TYPE_CHECKING:
    from knowledge_base.clusters import Features

KINDS = ("left", "unknown", "rejected", "hand_off", "solved")
STATES = ("open", "drafted", "answered", "dismissed")
EXAMPLES = 20  # questions of a draft
_LOCK = 0x6B625F676170  # "kb_gap": one sorter at a time


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """A question of one conversation that the knowledge base did not answer.

    ``key`` names the occurrence; the same key again adds what is new about it. ``kind`` is one of
    :data:`KINDS`. ``customer``, ``line`` and ``ticket`` lead back to it, ``answer`` is what a
    person said.
    """

    key: str
    kind: str
    text: str
    customer: UUID
    at: dt.datetime
    line: int | None = None
    ticket: str | None = None
    answer: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Summary:
    """A gap with all that was merged into it: how often, since when, how many of which kind, some
    of the words, what was merged, and what was written about any of it."""

    gap: Gap
    size: int
    first_at: dt.datetime
    last_at: dt.datetime
    kinds: dict[str, int]
    customers: int
    examples: tuple[GapQuestion, ...]
    parts: tuple[Gap, ...] = ()
    articles: tuple[Article, ...] = ()


def try_lock(session: Session) -> bool:
    """Whether it is our turn to sort, until the commit; False while somebody else does."""
    taken = select(func.pg_try_advisory_xact_lock(_LOCK))
    return bool(session.scalar(taken))


def prepare(rows: Sequence[Asked]) -> None:
    """Analyse the texts, which is most of the work, ahead of the transaction that sorts them."""
    from knowledge_base import clusters

    for row in rows:
        clusters.features(row.text)


def sort_in(session: Session, rows: Sequence[Asked]) -> int:
    """Put rows into gaps, new ones where none is alike; how many questions are new.

    The caller holds :func:`try_lock`. Rows without a word in them are left out.
    """
    from knowledge_base.clusters import TOGETHER

    keys = [row.key for row in rows]
    held = {
        one.key: one
        for one in session.scalars(select(GapQuestion).where(GapQuestion.key.in_(keys)))
    }
    fresh: dict[str, Asked] = {}
    for row in rows:
        if row.key in held:
            _add(held[row.key], row)
        elif row.key in fresh:
            fresh[row.key] = _merged(fresh[row.key], row)
        elif any(letter.isalnum() for letter in row.text):
            fresh[row.key] = row
    wanted, new = list(fresh.values()), 0
    for start in range(0, len(wanted), TOGETHER):
        batch = wanted[start : start + TOGETHER]
        for locale in articles.LOCALES:
            some = [one for one in batch if _language(one) == locale]
            new += _sort(session, some, locale)
    session.flush()
    return new


def _add(held: GapQuestion, row: Asked) -> None:
    """Add to a question that is there already what ``row`` says of it."""
    if row.kind not in held.kinds:
        held.kinds = sorted({*held.kinds, row.kind}, key=KINDS.index)
    held.line = held.line or row.line
    held.ticket = row.ticket or held.ticket
    held.answer = row.answer or held.answer


def _merged(one: Asked, other: Asked) -> Asked:
    """The same occurrence told twice in one batch; the later kind is kept in the next pass."""
    return dataclasses.replace(
        one,
        kind=max(one.kind, other.kind, key=KINDS.index),
        line=one.line or other.line,
        ticket=other.ticket or one.ticket,
        answer=other.answer or one.answer,
    )


def _language(row: Asked) -> str:
    return text.language(row.text, default="en")


def _sort(session: Session, rows: Sequence[Asked], locale: str) -> int:
    from knowledge_base import clusters

    if not rows:
        return 0
    held = session.scalars(select(Gap).where(Gap.locale == locale).order_by(Gap.id)).all()
    found = [clusters.features(row.text) for row in rows]
    numbers = clusters.assign([gap.features for gap in held], found)
    gaps, wholes = dict(enumerate(held)), {gap.id: gap for gap in held}
    members: dict[int, list[int]] = {}
    for place, number in enumerate(numbers):
        members.setdefault(number, []).append(place)
    for number, places in sorted(members.items()):
        if number not in gaps:
            centre = places[clusters.central([found[place] for place in places])]
            at = rows[places[0]].at
            gaps[number] = Gap(locale=locale, title=rows[centre].text, features={}, size=0)
            gaps[number].state, gaps[number].first_at, gaps[number].last_at = "open", at, at
            session.add(gaps[number])
        some = [rows[place] for place in places]
        _grow(gaps[number], some, [found[place] for place in places])
        for gap in (gaps[number], wholes.get(gaps[number].into_id or 0)):
            _reopen(gap, max(row.at for row in some))
    session.flush()
    session.execute(
        insert(GapQuestion).values(
            [_values(row, gaps[number].id) for row, number in zip(rows, numbers, strict=True)]
        )
    )
    return len(rows)


def _grow(gap: Gap, rows: Sequence[Asked], found: Sequence[Features]) -> None:
    from knowledge_base.clusters import added

    total = dict(gap.features)
    for one in found:
        total = added(total, one)
    gap.features = total
    gap.size += len(rows)
    gap.first_at = min(gap.first_at, *(row.at for row in rows))
    gap.last_at = max(gap.last_at, *(row.at for row in rows))


def _reopen(gap: Gap | None, asked: dt.datetime) -> None:
    """The article does not answer it after all, if it was asked again since."""
    if gap is None or gap.state != "answered" or gap.changed_at is None:
        return
    if asked > gap.changed_at:
        gap.state = "open"


def _values(row: Asked, gap: int) -> dict[str, Any]:
    return {
        "key": row.key,
        "gap_id": gap,
        "text": row.text,
        "kinds": [row.kind],
        "customer": row.customer,
        "line": row.line,
        "ticket": row.ticket,
        "answer": row.answer,
        "at": row.at,
    }


def listing(
    session: Session,
    *,
    state: str = "open",
    order: str = "size",
    locale: str | None = None,
    limit: int = 50,
    examples: int = 3,
) -> list[Summary]:
    """Gaps in one state: by ``size``, the most asked first, or by ``recent``."""
    one = aliased(Gap)
    whole = func.coalesce(one.into_id, one.id)
    size, last = func.sum(one.size), func.max(one.last_at)
    total = select(whole.label("id"), size.label("size"), last.label("last_at")).group_by(whole)
    of = total.subquery()
    by = (of.c.size.desc(), of.c.last_at.desc()) if order == "size" else (of.c.last_at.desc(),)
    query = select(Gap).join(of, of.c.id == Gap.id).where(Gap.state == state)
    if locale is not None:
        query = query.where(Gap.locale == locale)
    rows = session.scalars(query.order_by(*by, Gap.id).limit(limit))
    return [_summary(session, gap, examples) for gap in rows]


def get(session: Session, id: int, *, for_update: bool = False) -> Gap:
    """One gap. Raises :class:`NotFound`."""
    gap = session.get(Gap, id, with_for_update=for_update)
    if gap is None:
        raise NotFound("there is no such gap")
    return gap


def whole(session: Session, id: int) -> int:
    """The gap that this one is merged into, or itself. Raises :class:`NotFound`."""
    return get(session, id).into_id or id


def summary(session: Session, id: int, *, examples: int = 100) -> Summary:
    """One gap with its questions, the newest first, and its parts. Raises :class:`NotFound`."""
    found = _summary(session, get(session, id), examples)
    parts = session.scalars(select(Gap).where(Gap.into_id == id).order_by(Gap.id))
    return dataclasses.replace(found, parts=tuple(parts), articles=tuple(written(session, id)))


def written(session: Session, id: int) -> Sequence[Article]:
    """What was drafted or published for a gap and its parts, its own first."""
    gap = get(session, id)
    held = select(Gap.article_id).where(is_of(id), Gap.state.in_(("drafted", "answered")))
    query = select(Article).where(Article.id.in_(held), Article.locale == gap.locale)
    return session.scalars(query.order_by(Article.id != gap.article_id, Article.id)).all()


def texts(session: Session, id: int) -> set[str]:
    """The different questions of a gap and its parts."""
    return set(session.scalars(select(GapQuestion.text).where(is_in(id)).distinct()))


def is_of(id: int) -> ColumnElement[bool]:
    """Whether a gap is this one or a part of it."""
    return (Gap.id == id) | (Gap.into_id == id)


def is_in(id: int) -> ColumnElement[bool]:
    """Whether a question is in this gap or a part of it."""
    return GapQuestion.gap_id.in_(select(Gap.id).where(is_of(id)))


def _summary(session: Session, gap: Gap, examples: int) -> Summary:
    one = GapQuestion
    counted = session.execute(
        select(
            *(func.count().filter(one.kinds.contains([kind])) for kind in KINDS),
            func.count(one.customer.distinct()),
            func.count(),
            func.min(one.at),
            func.max(one.at),
        ).where(is_in(gap.id))
    ).one()
    # Different words first: ten people who pressed the same button say one thing.
    ranked = (
        select(one.key, func.row_number().over(partition_by=one.text, order_by=one.at.desc()))
        .where(is_in(gap.id))
        .subquery()
    )
    shown = session.scalars(
        select(one)
        .join(ranked, ranked.c.key == one.key)
        .order_by(ranked.c[1], one.at.desc(), one.key)
        .limit(examples)
    )
    *times, customers, size, first, last = counted
    kinds = {kind: int(n) for kind, n in zip(KINDS, times, strict=True) if n}
    return Summary(gap, size, first, last, kinds, customers, tuple(shown))


def count(session: Session, *, state: str = "open") -> int:
    """How many gaps are in a state."""
    held = select(func.count()).where(Gap.state == state, Gap.into_id.is_(None))
    return session.scalar(held) or 0


def mark(session: Session, id: int, *, state: str, by: str, article: str | None = None) -> Gap:
    """Say what became of a gap: ``dismissed``, ``drafted`` as ``article``, or ``open`` again.

    Raises :class:`Conflict` if it was merged into another meanwhile.
    """
    gap = get(session, id, for_update=True)
    if gap.into_id is not None:
        raise Conflict("this gap was merged into another")
    gap.state, gap.changed_by, gap.changed_at = state, by, func.now()
    gap.article_id = article if article is not None else gap.article_id
    session.flush()
    session.refresh(gap)
    return gap


def lock(session: Session) -> None:
    """Wait until nobody sorts, and let nobody until the commit."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
