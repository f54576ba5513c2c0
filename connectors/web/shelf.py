"""The published articles as the help centre reads them: kept in memory while nothing changes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from knowledge_base import articles, initials, rendering
from knowledge_base.catalogue import letters
from knowledge_base.models import Article, Revision
from knowledge_base.text import has_hangul, normalise
from ticketing import accesses

SHOWN = 20
_TOKEN = re.compile(r"[0-9a-z]+|[가-힣]+")
# A title that matches says more than a sentence of the text that does.
_WEIGHTS = (("title", 4.0), ("questions", 3.0), ("tags", 2.0), ("body", 1.0))
_ENOUGH = 0.34
# Of the best one's score. What holds less only mentions a word of it somewhere.
_WORTH = 0.2
_NOWHERE = -1
_PARTICLES = "은는이가을를의에로도와과만"
# The consonant that ends a syllable while the next one is not typed yet, as it begins that one.
_NEXT = dict(zip("ᆨᆩᆫᆮᆯᆷᆸᆺᆻᆼᆽᆾᆿᇀᇁᇂ", "ᄀᄁᄂᄃᄅᄆᄇᄉᄊᄋᄌᄎᄏᄐᄑᄒ", strict=True))
_NEXT |= {"ᆪ": "ᆨᄉ", "ᆬ": "ᆫᄌ", "ᆭ": "ᆫᄒ", "ᆰ": "ᆯᄀ", "ᆱ": "ᆯᄆ", "ᆲ": "ᆯᄇ", "ᆳ": "ᆯᄉ"}
_NEXT |= {"ᆴ": "ᆯᄐ", "ᆵ": "ᆯᄑ", "ᆶ": "ᆯᄒ", "ᆹ": "ᆸᄉ"}


@dataclass(frozen=True)
class Entry:
    """One published article, never a working copy."""

    id: str
    locale: str
    revision: int
    title: str
    questions: tuple[str, ...]
    tags: tuple[str, ...]
    body: str
    published_at: dt.datetime

    @cached_property
    def texts(self) -> dict[str, str]:
        """What is searched, by field, in lower case."""
        return {
            "title": self.title.lower(),
            "questions": "\n".join(self.questions).lower(),
            "tags": "\n".join(self.tags).lower(),
            "body": self.body.lower(),
        }

    @cached_property
    def typed(self) -> dict[str, str]:
        """The same as the letters it is typed with."""
        return {name: letters(text) for name, text in self.texts.items()}

    @cached_property
    def initials(self) -> dict[str, str]:
        """What words begin with, of all but its text."""
        return {name: initials.of(self.texts[name]) for name in ("title", "tags", "questions")}

    @cached_property
    def html(self) -> str:
        """Its text as safe HTML."""
        return rendering.to_html(self.body, anchors=True)

    @cached_property
    def sections(self) -> list[tuple[str, str]]:
        """Its headings, each with where it stands on the page."""
        found = (one for one in rendering.blocks(self.body) if one.is_heading)
        return [(one.anchor, " ".join(one.text.split())) for one in found]

    @cached_property
    def plain(self) -> str:
        """Its text without markup."""
        return rendering.to_plain(self.body)


@dataclass(frozen=True)
class Shelf:
    """Everything published at one version of the knowledge base."""

    version: int
    zone: str  # of the days on its pages
    entries: tuple[Entry, ...]
    by_key: dict[tuple[str, str], Entry] = field(init=False)

    def __post_init__(self) -> None:
        found = {(one.id, one.locale): one for one in self.entries}
        object.__setattr__(self, "by_key", found)

    def get(self, id: str, locale: str) -> Entry | None:
        """One article in one language."""
        return self.by_key.get((id, locale))

    def subjects(self, locale: str) -> dict[str, list[Entry]]:
        """Articles under their first tag, the largest subject first; "" for those without one."""
        groups: dict[str, list[Entry]] = {}
        for one in self.entries:
            if one.locale == locale:
                groups.setdefault(one.tags[0] if one.tags else "", []).append(one)
        return dict(sorted(groups.items(), key=lambda item: (not item[0], -len(item[1]), item[0])))

    def search(self, question: str, locale: str, *, limit: int = SHOWN) -> list[Entry]:
        """The articles that hold most of the question, best first: to find, not to answer.

        Those that are called what is typed come first. Korean words are compared by pairs of
        syllables, so that particles and endings matter little; the last word, which may not be
        typed to its end, also letter by letter.
        """
        if wanted := initials.asked(question):
            return self._beginning(wanted, locale)[:limit]
        typed = normalise(question, length=200)
        units = [_units(word) for word in _TOKEN.findall(typed)]
        whole, last = _beginnings(typed), _beginnings(typed.rpartition(" ")[2])
        scored = []
        for one in self.entries:
            if one.locale != locale:
                continue
            score, held = 0.0, 0.0
            for number, pieces in enumerate(units):
                found, part = _score(one.texts, pieces)
                if last and number == len(units) - 1:
                    begun = max(
                        (
                            w
                            for name, w in _WEIGHTS
                            if any(_holds(one.typed[name], p) for p in last)
                        ),
                        default=0.0,
                    )
                    # As good as all of its pieces, where it is the beginning of a word.
                    found, part = (max(found, begun * len(pieces)), 1.0) if begun else (found, part)
                score, held = score + found, held + part
            if not units and last:  # nothing but a consonant so far
                held = float(any(p in one.typed["title"] for p in last))
                score = held
            if score and held / max(len(units), 1) >= _ENOUGH:
                scored.append((score, one))
        least = _WORTH * max((score for score, _ in scored), default=0.0)
        worth = [(score, one) for score, one in scored if score >= least]
        worth.sort(key=lambda item: (_named(item[1], whole), -item[0], item[1].id))
        return [one for _, one in worth[:limit]]

    def _beginning(self, wanted: Sequence[str], locale: str) -> list[Entry]:
        """What has words with these initials: in its title first, then in tags and questions."""
        scored = []
        for one in self.entries:
            places = [_begun(one, word) for word in wanted] if one.locale == locale else [_NOWHERE]
            if _NOWHERE not in places:
                scored.append((sum(places), one.id, one))
        return [one for *_, one in sorted(scored, key=lambda item: item[:2])]


def read(session: Session) -> Shelf:
    """The shelf as it is now."""
    version = articles.published_version(session)
    query = (
        select(
            Article.id,
            Article.locale,
            Article.published_revision,
            Revision.content,
            Revision.at,
        )
        .join(
            Revision,
            (Revision.article_id == Article.id)
            & (Revision.locale == Article.locale)
            & (Revision.revision == Article.published_revision),
        )
        .where(Article.state == "published")
        .ext(distinct_on(Article.id, Article.locale))
        .order_by(Article.id, Article.locale, Revision.seq.desc())
    )
    return Shelf(
        version,
        accesses.zone(session),
        tuple(
            Entry(
                id=id,
                locale=locale,
                revision=revision or 0,
                title=content["title"],
                questions=tuple(content["questions"]),
                tags=tuple(content["tags"]),
                body=content["body"],
                published_at=at,
            )
            for id, locale, revision, content, at in session.execute(query)
        ),
    )


def _begun(one: Entry, word: str) -> int:
    """In which field words begin with these initials, the title being 0."""
    held = enumerate(one.initials.values())
    return next((place for place, text in held if initials.begin(word, text)), _NOWHERE)


def _score(texts: dict[str, str], pieces: Sequence[str]) -> tuple[float, float]:
    """How well and how much of one word is held."""
    held = sum(any(_holds(text, piece) for text in texts.values()) for piece in pieces)
    score = sum(w for piece in pieces for name, w in _WEIGHTS if _holds(texts[name], piece))
    return score, held / len(pieces)


def _holds(text: str, piece: str) -> bool:
    """Whether it is there; a few Latin letters at the beginning of a word: no VAT in activate."""
    if piece not in text or len(piece) > 3 or not piece.isascii():
        return piece in text
    return re.search(rf"(?<![0-9a-z]){re.escape(piece)}", text) is not None


def _units(word: str) -> list[str]:
    if word.isascii():
        return [word.removesuffix("s") if len(word) > 3 else word]
    if len(word) == 1:
        return [word]
    stem = word[:-1] if len(word) > 2 and word[-1] in _PARTICLES else word
    return list(dict.fromkeys(stem[at : at + 2] for at in range(len(stem) - 1)))


def _named(one: Entry, typed: Sequence[str]) -> int:
    """0 where the title begins with what is typed, 1 where a question does, else 2."""
    for place, name in enumerate(("title", "questions")):
        if any(line.startswith(tuple(typed)) for line in one.typed[name].split("\n")):
            return place
    return 2


def _beginnings(words: str) -> list[str]:
    """The letters of words, the last of which somebody may still be typing."""
    last = words.rpartition(" ")[2]
    if not (has_hangul(last) or last.isalnum()):
        return []
    typed = letters(words)
    after = _NEXT.get(typed[-1:])
    return [typed, typed[:-1] + after] if after else [typed]
