"""Questions that found their article only because the customer chose it: what it lacks.

Who picks an article from a choice says that it answers their question. Among the article's own
questions it is answered at once next time, and so are others like it. Whoever gathers the rows,
a curator decides.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from knowledge_base import articles, text
from knowledge_base.errors import Invalid
from knowledge_base.models import Article, UnwantedQuestion

# Of those who chose something for a question, so many must have chosen the same.
AGREED = 2 / 3


@dataclass(frozen=True, slots=True)
class Chosen:
    """An article in one language that a customer chose for a question, at line ``line``."""

    question: str
    article: str
    locale: str
    customer: UUID
    line: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question in the words of the one who asked it last, and how many customers chose its
    article."""

    latest: Chosen
    customers: int

    @property
    def question(self) -> str:
        """What to add."""
        return self.latest.question


@dataclass(frozen=True, slots=True)
class Suggested:
    """A published article and the questions to add to it, those of most customers first."""

    article: Article
    suggestions: tuple[Suggestion, ...]

    @property
    def customers(self) -> int:
        """For how many questions of customers this one was chosen."""
        return sum(one.customers for one in self.suggestions)


def agreed(rows: Iterable[Chosen]) -> list[Suggestion]:
    """Each question once, with the article that customers agree on; ``rows`` newest first.

    Of somebody who chose twice for one question the last choice counts. A question for which
    customers chose different articles is none of any.
    """
    latest: dict[tuple[str, UUID], Chosen] = {}
    for row in rows:
        if same := text.letters(row.question):
            latest.setdefault((same, row.customer), row)
    asked: dict[str, list[Chosen]] = {}
    for (same, _), row in latest.items():
        asked.setdefault(same, []).append(row)
    found = []
    for chosen in asked.values():
        article, count = Counter(one.article for one in chosen).most_common(1)[0]
        if count >= AGREED * len(chosen):
            newest = next(one for one in chosen if one.article == article)
            found.append(Suggestion(newest, count))
    return found


def listing(session: Session, suggestions: Sequence[Suggestion]) -> list[Suggested]:
    """What to add to which article, those of most customers first.

    A question goes to the article in its own language if that is published, else to the one that
    was chosen. Left out is what the article asks already, in its working copy, and what a curator
    did not want.
    """
    ids = {one.latest.article for one in suggestions}
    published = select(Article).where(Article.id.in_(ids), Article.state == "published")
    versions = {(one.id, one.locale): one for one in session.scalars(published)}
    unwanted = {
        (one.article_id, one.locale, one.text_hash)
        for one in session.scalars(
            select(UnwantedQuestion).where(UnwantedQuestion.article_id.in_(ids))
        )
    }
    found: dict[tuple[str, str], list[Suggestion]] = {}
    for one in suggestions:
        chosen = one.latest
        own = text.language(one.question, default=chosen.locale)
        article = versions.get((chosen.article, own)) or versions.get(
            (chosen.article, chosen.locale)
        )
        if article is None or text.letters(one.question) in _asked(article):
            continue
        if (article.id, article.locale, _hashed(one.question)) not in unwanted:
            found.setdefault((article.id, article.locale), []).append(one)
    made = [
        Suggested(versions[place], tuple(sorted(some, key=_order))) for place, some in found.items()
    ]
    return sorted(made, key=lambda one: (-one.customers, one.article.id, one.article.locale))


def added(article: Article, questions: Sequence[str]) -> list[str]:
    """An article's questions with others behind them, each once.

    Raises :class:`Invalid` where there is nothing to add.
    """
    known = _asked(article)
    new = {text.letters(one): one for one in reversed(questions)}
    asked = [one for same, one in reversed(new.items()) if same and same not in known]
    if not asked:
        raise Invalid("questions", "is empty")
    return [*article.questions, *asked]


def leave_out(session: Session, *, id: str, locale: str, question: str, author: str) -> None:
    """Suggest this question for the article no more, however it is spaced or signed.

    Of its words nothing is kept. Raises :class:`NotFound`.
    """
    article = articles.get(session, id=id, locale=locale)
    session.execute(
        insert(UnwantedQuestion)
        .values(
            article_id=article.id,
            locale=article.locale,
            text_hash=_hashed(question),
            author=author,
        )
        .on_conflict_do_nothing()
    )


def _asked(article: Article) -> Collection[str]:
    return {text.letters(one) for one in (article.title, *article.questions)}


def _order(one: Suggestion) -> tuple[int, int]:
    return -one.customers, -one.latest.line


def _hashed(question: str) -> bytes:
    return hashlib.blake2b(text.letters(question).encode(), digest_size=16).digest()
