"""What nobody could answer: questions of one kind together, the curators' list of what to write.

Takes plain :class:`Asked` rows, whoever gathered them. What was sorted once stays where it is, so
a list that somebody works on does not jump about: each row costs only its own sorting.
What needs numpy and scipy is imported by who sorts: reading the list must not wait for them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from knowledge_base import articles, text
from knowledge_base.errors import NotFound
from knowledge_base.models import Article, Gap, GapQuestion, Question

if TYPE_CHECKING:
    from knowledge_base.clusters import Features

KINDS = ("unknown", "rejected", "hand_off", "solved")
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
    """A gap in a list: how often, how many of which kind, some of the words."""

    gap: Gap
    kinds: dict[str, int]
    customers: int
    examples: tuple[GapQuestion, ...]


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
    gaps = dict(enumerate(held))
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
        _grow(gaps[number], [rows[place] for place in places], [found[place] for place in places])
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
    newest = max(row.at for row in rows)
    gap.first_at = min(gap.first_at, *(row.at for row in rows))
    gap.last_at = max(gap.last_at, newest)
    if gap.state == "answered" and gap.changed_at is not None and newest > gap.changed_at:
        gap.state = "open"  # the article does not answer it after all


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
    by = (Gap.size.desc(), Gap.last_at.desc()) if order == "size" else (Gap.last_at.desc(),)
    query = select(Gap).where(Gap.state == state).order_by(*by, Gap.id).limit(limit)
    if locale is not None:
        query = query.where(Gap.locale == locale)
    return [_summary(session, gap, examples) for gap in session.scalars(query)]


def get(session: Session, id: int, *, for_update: bool = False) -> Gap:
    """One gap. Raises :class:`NotFound`."""
    gap = session.get(Gap, id, with_for_update=for_update)
    if gap is None:
        raise NotFound("there is no such gap")
    return gap


def summary(session: Session, id: int, *, examples: int = 100) -> Summary:
    """One gap with its questions, the newest first. Raises :class:`NotFound`."""
    return _summary(session, get(session, id), examples)


def _summary(session: Session, gap: Gap, examples: int) -> Summary:
    one = GapQuestion
    counted = session.execute(
        select(
            *(func.count().filter(one.kinds.contains([kind])) for kind in KINDS),
            func.count(one.customer.distinct()),
        ).where(one.gap_id == gap.id)
    ).one()
    # Different words first: ten people who pressed the same button say one thing.
    ranked = (
        select(one.key, func.row_number().over(partition_by=one.text, order_by=one.at.desc()))
        .where(one.gap_id == gap.id)
        .subquery()
    )
    shown = session.scalars(
        select(one)
        .join(ranked, ranked.c.key == one.key)
        .order_by(ranked.c[1], one.at.desc(), one.key)
        .limit(examples)
    )
    kinds = {kind: int(n) for kind, n in zip(KINDS, counted[:-1], strict=True) if n}
    return Summary(gap, kinds, int(counted[-1]), tuple(shown))


def count(session: Session, *, state: str = "open") -> int:
    """How many gaps are in a state."""
    return session.scalar(select(func.count()).where(Gap.state == state)) or 0


def mark(session: Session, id: int, *, state: str, by: str, article: str | None = None) -> Gap:
    """Say what became of a gap: ``dismissed``, ``drafted`` as ``article``, or ``open`` again."""
    gap = get(session, id, for_update=True)
    gap.state, gap.changed_by, gap.changed_at = state, by, func.now()
    gap.article_id = article if article is not None else gap.article_id
    session.flush()
    session.refresh(gap)
    return gap


def published(session: Session, *, articles: Sequence[str], by: str) -> None:
    """The articles that gaps were drafted as are there for customers.

    So are those that say of themselves that they answer what was asked: one of a gap's questions
    is theirs now. If they do not answer it after all, the next who asks opens the gap again.
    """
    answered = {"state": "answered", "changed_by": by, "changed_at": func.now()}
    session.execute(
        update(Gap)
        .where(Gap.article_id.in_(articles), Gap.state.in_(("drafted", "open")))
        .values(answered)
    )
    held = (
        select(Gap.id, func.min(Question.article_id).label("article"))
        .join(GapQuestion, GapQuestion.gap_id == Gap.id)
        .join(Question, Question.locale == Gap.locale)
        .join(Article, (Article.id == Question.article_id) & (Article.locale == Question.locale))
        .where(
            Gap.state == "open",
            Question.article_id.in_(articles),
            Article.published_revision == Article.revision,
            _plain(Question.text) == _plain(GapQuestion.text),
        )
        .group_by(Gap.id)
        .subquery()
    )
    session.execute(
        update(Gap).where(Gap.id == held.c.id).values(answered | {"article_id": held.c.article})
    )


def _plain(text: SQLColumnExpression[str]) -> ColumnElement[str]:
    """A question without what people leave out when they type it again."""
    return func.rtrim(func.lower(text), " ?!.~")


def wording(session: Session, id: int) -> tuple[list[str], str | None]:
    """For a draft: different questions, the most frequent first, and the best answer a person gave.

    Of several answers the longest of the newest ten: short ones refer to what was said before.
    """
    rows = session.execute(
        select(GapQuestion.text)
        .where(GapQuestion.gap_id == id)
        .group_by(GapQuestion.text)
        .order_by(func.count().desc(), func.max(GapQuestion.at).desc(), GapQuestion.text)
        .limit(EXAMPLES)
    )
    answers = session.scalars(
        select(GapQuestion.answer)
        .where(GapQuestion.gap_id == id, GapQuestion.answer.is_not(None))
        .order_by(GapQuestion.at.desc(), GapQuestion.key)
        .limit(10)
    )
    return [row.text for row in rows], max((one for one in answers if one), key=len, default=None)


def lock(session: Session) -> None:
    """Wait until nobody sorts, and let nobody until the commit."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def forget(session: Session, *, customer: UUID) -> dict[int, set[str]]:
    """Delete a customer's questions; gaps that nobody else has are gone, too.

    Returns by gap what was deleted, questions and answers. The caller holds :func:`lock`.
    """
    from knowledge_base import clusters

    rows = session.execute(
        delete(GapQuestion)
        .where(GapQuestion.customer == customer)
        .returning(GapQuestion.gap_id, GapQuestion.text, GapQuestion.answer)
    ).all()
    lost: dict[int, list[str]] = {}
    for number, asked, _ in rows:
        lost.setdefault(number, []).append(asked)
    for number, texts in sorted(lost.items()):
        gap = get(session, number, for_update=True)
        left = select(GapQuestion.text).where(GapQuestion.gap_id == number)
        newest = left.order_by(GapQuestion.at.desc(), GapQuestion.key).limit(1)
        gap.size = session.scalar(select(func.count()).where(GapQuestion.gap_id == number)) or 0
        gap.title = session.scalar(newest) or gap.title
        features = dict(gap.features)
        for asked in texts:
            features = clusters.without(features, clusters.features(asked))
        gap.features = features
        session.flush()
        if not gap.size:
            session.delete(gap)
    session.flush()
    found = {number: set(texts) for number, texts in lost.items()}
    for number, _, answer in rows:
        found[number] |= {answer} if answer else set()
    return found
