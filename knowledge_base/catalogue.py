"""Look for words in the working copies, as curators do: any part of a word, any particle behind it.

Each word that is asked for must be somewhere in the article: as it is typed, compared letter by
letter (jamo), so that a syllable that is not finished finds what it is going to be; or as its
morphemes, so that 환불은, 환불이 and 환불을 are one word and 빌렸어요 finds 빌려요.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select
from sqlalchemy.orm import Session

from knowledge_base import articles
from knowledge_base.models import Article
from knowledge_base.text import has_hangul, normalise, terms

MAX_WORDS = 12
# Where it was found, from what says most to what says least.
_TITLE, _QUESTION, _TAG, _BODY = 8, 4, 2, 1


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is looked for: its letters, and what it means without its particles."""

    letters: str
    morphemes: frozenset[str]


def words(text: str) -> tuple[Word, ...]:
    """What to look for in a search that somebody typed."""
    found = []
    for typed in normalise(text, length=200).split()[:MAX_WORDS]:
        morphemes = frozenset(terms(typed)) if has_hangul(typed) else frozenset()
        found.append(Word(letters(typed), morphemes))
    return tuple(found)


def letters(text: str) -> str:
    """A text as the letters it is typed with, in lower case."""
    # Compatible, because keyboards give a letter that is alone in another form.
    return unicodedata.normalize("NFKD", text.casefold())


def find(
    session: Session,
    text: str,
    *,
    state: str | None = None,
    locale: str | None = None,
    tag: str | None = None,
    limit: int = 1000,
    offset: int = 0,
) -> Sequence[Article]:
    """The working copies that hold every word of ``text``, those that name it first.

    Without any word: all of them, as :func:`articles.list` has them.
    """
    wanted = words(text.replace("\0", ""))
    if not wanted:
        return articles.list(
            session, state=state, locale=locale, tag=tag, limit=limit, offset=offset
        )
    in_body = [_in_body(word) for word in wanted]
    query = select(Article, *in_body).order_by(Article.id, Article.locale)
    if state is not None:
        query = query.where(articles.in_state(state))
    if locale is not None:
        query = query.where(Article.locale == locale)
    if tag is not None:
        query = query.where(Article.tags.contains([tag]))
    scored = []
    for article, *held in session.execute(query):
        fields = (
            (_TITLE, [article.title, article.id]),
            (_QUESTION, article.questions),
            (_TAG, article.tags),
        )
        total = 0
        for word, is_in_body in zip(wanted, held, strict=True):
            score = sum(weight for weight, lines in fields if _holds(word, lines))
            score += _BODY * bool(is_in_body)
            if not score:
                break
            total += score
        else:
            scored.append((-total, article.id, article.locale, article))
    scored.sort(key=lambda one: one[:3])
    return [one[3] for one in scored[offset : offset + limit]]


def _holds(word: Word, lines: Iterable[str]) -> bool:
    if any(word.letters in letters(line) for line in lines):
        return True
    if not word.morphemes:
        return False
    return any(word.morphemes <= frozenset(terms(normalise(line))) for line in lines)


def _in_body(word: Word) -> ColumnElement[bool]:
    # Texts are long and morphemes take time: the database looks for their letters instead.
    body = func.normalize(func.lower(Article.body), literal_column("NFKD"))
    typed: ColumnElement[bool] = body.contains(word.letters, autoescape=True)
    if not word.morphemes:
        return typed
    return or_(
        typed,
        and_(*(body.contains(letters(one), autoescape=True) for one in sorted(word.morphemes))),
    )
