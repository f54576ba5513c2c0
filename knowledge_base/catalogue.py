"""Look for words in the working copies, as curators do: any part of a word, any particle behind it.

Each word that is asked for must be somewhere in the article: as it is typed, compared letter by
letter (jamo), so that a syllable that is not finished finds what it is going to be; or as its
morphemes, so that 환불은, 환불이 and 환불을 are one word and 빌렸어요 finds 빌려요; or, but not in
its text, as the initials that words begin with: ㅎㅂ finds 환불.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from knowledge_base import initials, rendering
from knowledge_base.models import Article, Revision
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
    initials: str  # if it is nothing else
    morphemes: frozenset[str]
    beginnings: frozenset[str]  # letters without which a line cannot hold the morphemes


class _Version(NamedTuple):
    """A revision of a working copy; ``made`` tells it from one before that was deleted."""

    id: str
    locale: str
    made: dt.datetime
    revision: int


class _Lines:
    """A field with its letters, all of them as one text."""

    __slots__ = ("initials", "letters", "lines")

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        self.letters = letters("\n".join(self.lines))
        self.initials = initials.of("\n".join(self.lines))


class _Text(NamedTuple):
    fields: tuple[tuple[int, _Lines], ...]
    body: str


# By revision, which never says anything else; about 5 kB each.
_kept: dict[_Version, _Text] = {}
KEPT = 20_000


def words(text: str) -> tuple[Word, ...]:
    """What to look for in a search that somebody typed."""
    found = []
    for typed in normalise(text, length=200).split()[:MAX_WORDS]:
        morphemes = frozenset(terms(typed)) if has_hangul(typed) else frozenset()
        morphemes -= {typed}  # which is looked for as it is
        beginnings = frozenset(letters(one)[:_BEGINNING] for one in morphemes)
        begun = "".join(initials.asked(typed))
        found.append(Word(letters(typed), begun, morphemes, beginnings))
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
    recent: bool = False,
) -> list[Key]:
    """Which working copies hold every word of ``text``, those that name it first.

    Without any word: all of them, by id and locale. ``recent``: what was changed last comes first.
    """
    wanted = words(text.replace("\0", ""))
    order = (Article.updated_at.desc(),) if recent else ()
    query = select(Article.id, Article.locale).order_by(*order, Article.id, Article.locale)
    if state is not None:
        query = query.where(in_state(state))
    if locale is not None:
        query = query.where(Article.locale == locale)
    if tag is not None:
        query = query.where(Article.tags.contains([tag]))
    if not wanted:
        return [(id, locale) for id, locale in session.execute(query)]
    texts = _texts(session, query)
    scored = []
    for (id, found_locale, *_), text_of in texts.items():
        total = 0
        for word in wanted:
            score = sum(weight for weight, held in text_of.fields if _holds(word, held))
            score += _BODY * _in_body(word, text_of.body)
            if not score:
                break
            total += score
        else:
            scored.append((-total, id, found_locale))
    ranked = scored if recent else sorted(scored)
    return [(id, found_locale) for _, id, found_locale in ranked]


def _texts(session: Session, query: Select[str, str]) -> dict[_Version, _Text]:
    """What the working copies say, as it is searched: read once for every revision."""
    rows = session.execute(query.add_columns(Article.created_at, Article.revision))
    wanted = [_Version(*row) for row in rows]
    if len(_kept) + len(wanted) > 2 * KEPT:
        _kept.clear()
    found = {one: _kept.get(one) for one in wanted}
    missing = [one for one, known in found.items() if known is None]
    for start in range(0, len(missing), 1000):
        some = {(one.id, one.locale): one for one in missing[start : start + 1000]}
        for article in load(session, list(some)):
            one = some[article.id, article.locale]
            text = _Text(
                (
                    (_TITLE, _Lines([article.title, article.id])),
                    (_QUESTION, _Lines(article.questions)),
                    (_TAG, _Lines(article.tags)),
                ),
                letters(article.body),
            )
            found[one] = text
            # What somebody saved between the two looks is another revision.
            if article.revision == one.revision and len(_kept) < KEPT:
                _kept[one] = text
    return {one: known for one, known in found.items() if known is not None}


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


def leading_to(session: Session, id: str) -> list[Article]:
    """The other articles in use whose working copies have a link to this one."""
    query = select(Article).where(
        Article.id != id, Article.state != "retired", Article.body.contains("/help/")
    )
    found = session.scalars(query.order_by(Article.id, Article.locale.desc()))
    return [one for one in found if id in rendering.linked(one.body)]


def _holds(word: Word, held: _Lines) -> bool:
    if word.letters in held.letters:
        return True
    if word.initials and initials.begin(word.initials, held.initials):
        return True
    # Morphemes take time: they are looked at where they can be at all.
    if not word.morphemes or not all(one in held.letters for one in word.beginnings):
        return False
    return any(word.morphemes <= frozenset(terms(normalise(line))) for line in held.lines)


def _in_body(word: Word, body: str) -> bool:
    # Texts are long and morphemes take time: their letters have to be there instead.
    if word.letters in body:
        return True
    return bool(word.morphemes) and all(letters(one) in body for one in word.morphemes)


def listing(
    session: Session,
    *,
    state: str | None = None,
    locale: str | None = None,
    tag: str | None = None,
    limit: int = 1000,
    offset: int = 0,
) -> Sequence[Article]:
    """Working copies by id and locale; to look for words in them, see :func:`keys`."""
    query = select(Article).order_by(Article.id, Article.locale).limit(limit).offset(offset)
    if state is not None:
        query = query.where(in_state(state))
    if locale is not None:
        query = query.where(Article.locale == locale)
    if tag is not None:
        query = query.where(Article.tags.contains([tag]))
    return session.scalars(query).all()


def sent_back(session: Session, among: Sequence[Key]) -> set[Key]:
    """Those of these keys that were sent back and not changed since."""
    query = select(Article.id, Article.locale).where(
        tuple_(Article.id, Article.locale).in_(among), in_state("back")
    )
    return {(id, locale) for id, locale in session.execute(query)} if among else set()


def in_state(state: str) -> ColumnElement[bool]:
    """The articles of a state, or with something to do: ``review`` is whatever waits for one, shown
    to customers or not, ``back`` what was sent back and not changed since; ``changed`` says more
    than customers see, ``outdated`` less than its other language."""
    if state == "back":
        log = (Revision.article_id == Article.id) & (Revision.locale == Article.locale)
        last = select(Revision.action).where(log).order_by(Revision.seq.desc()).limit(1)
        return last.correlate(Article).scalar_subquery() == "return"
    if state == "review":
        return Article.review_revision.is_not(None)
    if state == "changed":
        return (Article.state == "published") & (Article.published_revision != Article.revision)
    if state == "outdated":
        return Article.outdated_since.is_not(None)
    return Article.state == state
