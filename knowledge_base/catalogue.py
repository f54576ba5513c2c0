"""Look for words in the working copies, as curators do: any part of a word, any particle behind it.

Each word that is asked for must be somewhere in the article: as it is typed, compared letter by
letter (jamo), so that a syllable that is not finished finds what it is going to be; or as its
morphemes, so that 환불은, 환불이 and 환불을 are one word and 빌렸어요 finds 빌려요.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from knowledge_base import articles
from knowledge_base.models import Article, Question
from knowledge_base.text import has_hangul, normalise, terms

MAX_WORDS = 12
# Where it was found, from what says most to what says least.
_TITLE, _QUESTION, _TAG, _BODY = 8, 4, 2, 1
# The consonant and the vowel that a morpheme begins with; what is behind them changes.
_BEGINNING = 2

Key = tuple[str, str]  # id and locale


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is looked for: its letters, and what it means without its particles."""

    letters: str
    morphemes: frozenset[str]
    beginnings: frozenset[str]  # letters without which a line cannot hold the morphemes


def words(text: str) -> tuple[Word, ...]:
    """What to look for in a search that somebody typed."""
    found = []
    for typed in normalise(text, length=200).split()[:MAX_WORDS]:
        morphemes = frozenset(terms(typed)) if has_hangul(typed) else frozenset()
        beginnings = frozenset(letters(one)[:_BEGINNING] for one in morphemes)
        found.append(Word(letters(typed), morphemes, beginnings))
    return tuple(found)


def letters(text: str) -> str:
    """A text as the letters it is typed with, in lower case."""
    # Compatible, because keyboards give a letter that is alone in another form.
    return unicodedata.normalize("NFKD", text.casefold())


def keys(
    session: Session,
    text: str,
    *,
    state: str | None = None,
    locale: str | None = None,
    tag: str | None = None,
) -> list[Key]:
    """Which working copies hold every word of ``text``, those that name it first.

    Without any word: all of them, by id and locale.
    """
    wanted = words(text.replace("\0", ""))
    query = select(Article.id, Article.locale).order_by(Article.id, Article.locale)
    if state is not None:
        query = query.where(articles.in_state(state))
    if locale is not None:
        query = query.where(Article.locale == locale)
    if tag is not None:
        query = query.where(Article.tags.contains([tag]))
    if not wanted:
        return [(id, locale) for id, locale in session.execute(query)]
    questions = (
        select(func.array_agg(aggregate_order_by(Question.text, Question.position)))
        .where(Question.article_id == Article.id, Question.locale == Article.locale)
        .scalar_subquery()
    )
    # Its letters are made once for all words: that is most of the work.
    body = func.normalize(func.lower(Article.body), literal_column("NFKD")).label("body")
    one = query.add_columns(Article.title, Article.tags, questions.label("asked"), body)
    found = one.offset(0).subquery().c
    rows = session.execute(
        select(
            found.id, found.locale, found.title, found.tags, found.asked,
            *(_in_body(word, found.body) for word in wanted),
        )
    )  # fmt: skip
    scored = []
    for id, found_locale, title, tags, asked, *held in rows:
        fields = ((_TITLE, [title, id]), (_QUESTION, asked or ()), (_TAG, tags))
        total = 0
        for word, is_in_body in zip(wanted, held, strict=True):
            score = sum(weight for weight, lines in fields if _holds(word, lines))
            score += _BODY * bool(is_in_body)
            if not score:
                break
            total += score
        else:
            scored.append((-total, id, found_locale))
    return [(id, found_locale) for _, id, found_locale in sorted(scored)]


def load(session: Session, wanted: Sequence[Key]) -> list[Article]:
    """The working copies of these keys, in this order."""
    query = select(Article).where(tuple_(Article.id, Article.locale).in_(wanted))
    found = {(one.id, one.locale): one for one in session.scalars(query)} if wanted else {}
    return [found[key] for key in wanted if key in found]


def find(
    session: Session,
    text: str,
    *,
    state: str | None = None,
    locale: str | None = None,
    tag: str | None = None,
    limit: int = 1000,
    offset: int = 0,
) -> list[Article]:
    """The working copies of :func:`keys`, as many as are wanted."""
    found = keys(session, text, state=state, locale=locale, tag=tag)
    return load(session, found[offset : offset + limit])


def _holds(word: Word, lines: Iterable[str]) -> bool:
    for line in lines:
        spelled = letters(line)
        if word.letters in spelled:
            return True
        # Morphemes take time: they are looked at where they can be at all.
        possible = word.morphemes and all(one in spelled for one in word.beginnings)
        if possible and word.morphemes <= frozenset(terms(normalise(line))):
            return True
    return False


def _in_body(word: Word, body: ColumnElement[str]) -> ColumnElement[bool]:
    # Texts are long and morphemes take time: the database looks for their letters instead.
    typed: ColumnElement[bool] = body.contains(word.letters, autoescape=True)
    if not word.morphemes:
        return typed
    return or_(
        typed,
        and_(*(body.contains(letters(one), autoescape=True) for one in sorted(word.morphemes))),
    )
