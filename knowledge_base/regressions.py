"""Saved questions that have to find their article, run before something is published."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from knowledge_base import articles, content
from knowledge_base.content import Content
from knowledge_base.errors import Invalid, NotFound
from knowledge_base.models import SavedQuestion

if TYPE_CHECKING:
    from knowledge_base.search import Index

MOST = 2000  # what one run may take: about half a minute

# How well a question finds its article, the best first.
LEVELS = ("answered", "offered", "missed")


@dataclasses.dataclass(frozen=True, slots=True)
class Saved:
    """A saved question: ``article`` is the id it must find, None if nothing answers it."""

    id: int
    question: str
    locale: str
    article: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What a saved question finds: ``level`` is one of :data:`LEVELS`.

    ``outcome`` is ``answer``, ``clarify`` or ``unknown``; ``found`` the best article, if any.
    """

    saved: Saved
    level: str
    outcome: str
    found: str | None
    score: float


def save(
    session: Session, *, question: str, locale: str, article: str | None, author: str
) -> SavedQuestion:
    """Keep a question; the same question again gets the article that is said now.

    Raises :class:`Invalid` for a question that is none, or an article that is not there.
    """
    words = " ".join(question.replace("\0", "").split())
    if not words:
        raise Invalid("question", "is empty")
    if len(words) > content.MAX_QUESTION:
        raise Invalid("question", f"is too long, at most {content.MAX_QUESTION} are allowed")
    if locale not in articles.LOCALES:
        raise Invalid("locale", f"must be one of {', '.join(articles.LOCALES)}")
    if article is not None and not articles.versions(session, id=article.replace("\0", "")):
        raise Invalid("article", "there is no such article")
    if (session.scalar(select(func.count(SavedQuestion.id))) or 0) >= MOST:
        raise Invalid("question", f"there are at most {MOST} saved questions")
    values = {"article_id": article, "author": author}
    found = session.scalars(
        insert(SavedQuestion)
        .values(question=words, locale=locale, **values)
        .on_conflict_do_update(
            index_elements=[SavedQuestion.question, SavedQuestion.locale], set_=values
        )
        .returning(SavedQuestion),
        execution_options={"populate_existing": True},
    ).one()
    return found


def remove(session: Session, id: int) -> None:
    """Forget a saved question. Raises :class:`NotFound`."""
    if session.get(SavedQuestion, id) is None:
        raise NotFound("there is no such question")
    session.execute(delete(SavedQuestion).where(SavedQuestion.id == id))


def listing(session: Session) -> Sequence[SavedQuestion]:
    """All saved questions, the newest first."""
    return session.scalars(select(SavedQuestion).order_by(SavedQuestion.id.desc())).all()


def rows(session: Session) -> list[dict[str, Any]]:
    """All of them as :func:`knowledge_base.evaluate.evaluate` reads them."""
    return [
        {"question": one.question, "article": one.article_id, "locale": one.locale}
        for one in listing(session)
    ]


def saved(session: Session) -> list[Saved]:
    """All of them, apart from the session."""
    return [Saved(one.id, one.question, one.locale, one.article_id) for one in listing(session)]


def run(index: Index, questions: Sequence[Saved]) -> list[Result]:
    """What every question finds in ``index``."""
    from knowledge_base import answers  # with numpy: for those who have an index anyway

    coming = answers.in_turn(index, questions, lambda one: (one.question, one.locale))
    return [_judge(index, one) for one in coming]


def known(results: Mapping[int, Result], questions: Sequence[Saved]) -> dict[int, Result]:
    """The results of these questions, without those of a question that must find something else
    now; in the same published articles the others would be found again."""
    return {
        one.id: results[one.id]
        for one in questions
        if one.id in results and results[one.id].saved == one
    }


def broken(before: Sequence[Result], after: Sequence[Result]) -> list[tuple[Result, Result]]:
    """Pairs of results that got worse."""
    return [
        (one, other)
        for one, other in zip(before, after, strict=True)
        if LEVELS.index(other.level) > LEVELS.index(one.level)
    ]


def foresee(
    index: Index,
    contents: Sequence[Content],
    questions: Sequence[Saved],
    *,
    gone: Collection[tuple[str, str]] = (),
) -> list[tuple[Result, Result]]:
    """What would get worse if ``contents`` were published and ``gone``, by id and locale, retired:
    results now and then."""
    from knowledge_base.matching import Document

    if not questions or not (contents or gone):
        return []
    changed: dict[tuple[str, str], Document | None] = dict.fromkeys(gone)
    changed |= {(one.id, one.locale): Document.of(one) for one in contents}
    return broken(run(index, questions), run(index.rehearse(changed), questions))


def as_json(was: Result, now: Result) -> dict[str, Any]:
    """A pair of :func:`broken` for programs."""
    return {
        "question": was.saved.question,
        "locale": was.saved.locale,
        "article": was.saved.article,
        "before": was.level,
        "after": now.level,
        "outcome": now.outcome,
        "found": now.found,
    }


def _judge(index: Index, one: Saved) -> Result:
    from knowledge_base import answers

    outcome = answers.answer(index, one.question, locale=one.locale)
    best = outcome.candidates[0] if outcome.candidates else None
    kind = type(outcome).__name__.lower()
    if isinstance(outcome, answers.Answer):
        level = "answered" if outcome.article.article == one.article else "missed"
    elif one.article is None:
        level = "answered"  # nothing was claimed, which is right
    elif isinstance(outcome, answers.Clarify):
        offered = any(choice.article == one.article for choice in outcome.choices)
        level = "offered" if offered else "missed"
    else:
        level = "missed"
    return Result(one, level, kind, best.article if best else None, best.score if best else 0.0)
