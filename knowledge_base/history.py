"""What an article said before: compare two revisions, and bring one back."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from knowledge_base import articles
from knowledge_base.content import Content
from knowledge_base.errors import NotFound
from knowledge_base.models import Article, Revision

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
# Comparing words takes time that grows with their square; longer lines are replaced whole.
_MOST_WORDS = 600


def restore(
    session: Session, *, id: str, locale: str, to: int, author: str, revision: int | None = None
) -> Article:
    """Make what revision ``to`` said the working copy, as a new revision; the log stays whole.

    Nothing is left to publish if it says what customers see.
    """
    article = articles.get_at(session, id=id, locale=locale, revision=revision)
    content = content_at(session, id=id, locale=locale, revision=to)
    shown = article.published_revision
    articles.save(session, [(article, content)], author=author, action="restore")
    if shown is not None and content == content_at(session, id=id, locale=locale, revision=shown):
        article.published_revision = article.revision  # customers see just this
        session.flush()
    session.refresh(article, ["updated_at"])
    return article


def content_at(session: Session, *, id: str, locale: str, revision: int) -> Content:
    """What an article said at a revision, or :class:`NotFound`."""
    found = contents_at(session, [(id, locale, revision)])
    if not found:
        raise NotFound(f"article {id!r} ({locale}) has no revision {revision}")
    return found[id, locale]


def contents_at(
    session: Session, wanted: Sequence[tuple[str, str, int]]
) -> dict[tuple[str, str], Content]:
    """What articles said, by id and locale, each at one revision; one that is not there is left
    out."""
    key = (Revision.article_id, Revision.locale, Revision.revision)
    rows = session.execute(
        select(Revision.article_id, Revision.locale, Revision.content)
        .where(tuple_(*key).in_(wanted))
        .ext(distinct_on(*key))
        .order_by(*key, Revision.seq)
    )
    return {
        (id, locale): Content(
            id=id,
            locale=locale,
            title=found["title"],
            questions=tuple(found["questions"]),
            body=found["body"],
            tags=tuple(found["tags"]),
        )
        for id, locale, found in rows
    }


def left_behind_at(session: Session, article: Article) -> int | None:
    """The last revision of the other language that an article which is out of date had caught up
    with; None where it never did."""
    if article.outdated_since is None:
        return None
    return session.scalar(
        select(func.max(Revision.revision)).where(
            Revision.article_id == article.id,
            Revision.locale != article.locale,
            Revision.at < article.outdated_since,
        )
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: ``same``, ``gone`` (only before) or ``new`` (only after)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison; ``skipped`` unchanged lines before it are left out."""

    kind: str  # same, gone, new, changed
    pieces: tuple[Piece, ...]
    skipped: int = 0


def compare(before: Content, after: Content, *, around: int = 2) -> dict[str, tuple[Line, ...]]:
    """What changed, by field, for people: lines, and the words that differ within a line.

    A field that says the same is left out; ``around`` unchanged lines stay around a change.
    """
    fields = {
        "title": ([before.title], [after.title]),
        "questions": (before.questions, after.questions),
        "tags": (before.tags, after.tags),
        "body": (before.body.split("\n"), after.body.split("\n")),
    }
    return {
        name: _trimmed(_lines(old, new), around)
        for name, (old, new) in fields.items()
        if [*old] != [*new]
    }


def _lines(old: Sequence[str], new: Sequence[str]) -> list[Line]:
    found: list[Line] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            found += [Line("same", (Piece("same", line),)) for line in old[a:b]]
            continue
        paired = min(b - a, d - c)
        found += [
            _words(one, other)
            for one, other in zip(old[a : a + paired], new[c : c + paired], strict=True)
        ]
        found += [Line("gone", (Piece("gone", line),)) for line in old[a + paired : b]]
        found += [Line("new", (Piece("new", line),)) for line in new[c + paired : d]]
    return found


def _words(old: str, new: str) -> Line:
    one, other = _WORD.findall(old), _WORD.findall(new)
    pieces: list[Piece] = []
    if max(len(one), len(other)) > _MOST_WORDS:
        pieces = [Piece("gone", old), Piece("new", new)]
    else:
        matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
        for kind, a, b, c, d in matcher.get_opcodes():
            if kind == "equal":
                pieces.append(Piece("same", "".join(one[a:b])))
                continue
            if a < b:
                pieces.append(Piece("gone", "".join(one[a:b])))
            if c < d:
                pieces.append(Piece("new", "".join(other[c:d])))
    return Line("changed", tuple(pieces))


def _trimmed(lines: Sequence[Line], around: int) -> tuple[Line, ...]:
    changed = [place for place, line in enumerate(lines) if line.kind != "same"]
    kept = {
        place
        for at in changed
        for place in range(max(0, at - around), min(len(lines), at + around + 1))
    }
    found: list[Line] = []
    skipped = 0
    for place, line in enumerate(lines):
        if place not in kept:
            skipped += 1
            continue
        found.append(Line(line.kind, line.pieces, skipped))
        skipped = 0
    if skipped:
        found.append(Line("same", (), skipped))
    return tuple(found)
