"""Imports as batches: begun, followed while they run, and taken back as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select, tuple_, update
from sqlalchemy.orm import Session

from knowledge_base import articles, history
from knowledge_base.content import Content
from knowledge_base.errors import Conflict, NotFound
from knowledge_base.models import Article, Import, ImportedArticle, Revision

# An import that has not moved for this long is not running any more.
STILL = dt.timedelta(seconds=60)
# What was read and never written is forgotten after this long.
KEPT = dt.timedelta(days=1)
MAX_SOURCE = 500
SAMPLE = "sample shop"  # the source of the articles that come along


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking an import back did; ``kept`` was changed since by somebody, and stays."""

    removed: int
    restored: int
    kept: tuple[dict[str, str], ...]  # {"article", "locale", "reason"}

    def as_json(self) -> dict[str, Any]:
        """For ``sangdam kb undo-import --json``."""
        return {
            "removed": self.removed,
            "restored": self.restored,
            "kept": [dict(one) for one in self.kept],
        }


def begin(session: Session, *, source: str, author: str, publish: bool) -> Import:
    """A new batch that is being read; forgets what others read long ago and never wrote."""
    old = func.now() - KEPT
    session.execute(
        update(Import)
        .where(Import.content.is_not(None), Import.moved_at < old)
        .values(content=None)
    )
    made = Import(
        source=source[:MAX_SOURCE].replace("\0", ""),
        author=author,
        publish=publish,
        state="reading",
    )
    session.add(made)
    session.flush()
    return made


def get(session: Session, id: int, *, lock: bool = False) -> Import:
    """One batch, or :class:`NotFound`."""
    found = session.get(Import, id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFound(f"there is no import {id}")
    return found


def listing(session: Session, *, limit: int = 50) -> Sequence[Import]:
    """Batches, newest first."""
    return session.scalars(select(Import).order_by(Import.id.desc()).limit(limit)).all()


def sample(session: Session) -> tuple[int, int] | None:
    """The import that brought the sample shop's articles, and how many of them customers still
    see; None for none."""
    brought = (
        select(Import.id, func.count(Article.id.distinct()))
        .join(ImportedArticle, ImportedArticle.import_id == Import.id)
        .join(
            Article,
            (Article.id == ImportedArticle.article_id) & (Article.locale == ImportedArticle.locale),
        )
        .where(Import.source == SAMPLE, Import.state == "done", Article.state == "published")
        .group_by(Import.id)
        .order_by(Import.id.desc())
    )
    found = session.execute(brought.limit(1)).first()
    return None if found is None else (found[0], found[1])


def added(session: Session, id: int, *, limit: int) -> Sequence[Article]:
    """The articles that an import brought and that are still there, by id."""
    new = (ImportedArticle.import_id == id) & ImportedArticle.revision_before.is_(None)
    same = (ImportedArticle.article_id == Article.id) & (ImportedArticle.locale == Article.locale)
    query = select(Article).join(ImportedArticle, new & same)
    return session.scalars(query.order_by(Article.id, Article.locale).limit(limit)).all()


def left(session: Session, id: int, *, limit: int) -> Sequence[Article]:
    """The articles that an undone import left as they were, because somebody had changed them."""
    same = (ImportedArticle.article_id == Article.id) & (ImportedArticle.locale == Article.locale)
    changed = exists().where(
        Revision.article_id == Article.id,
        Revision.locale == Article.locale,
        Revision.seq > ImportedArticle.last_seq,
        Revision.action != "undo",
        Revision.at <= Import.undone_at,
    )
    query = (
        select(Article)
        .join(ImportedArticle, same)
        .join(Import, Import.id == ImportedArticle.import_id)
        .where(Import.id == id, changed)
    )
    return session.scalars(query.order_by(Article.id, Article.locale).limit(limit)).all()


def moved(session: Session, id: int, *, done: int, total: int) -> None:
    """Say how far a batch is."""
    session.execute(
        update(Import).where(Import.id == id).values(done=done, total=total, moved_at=func.now())
    )


def stands_still(batch: Import) -> bool:
    """Whether whoever was at it is gone."""
    running = batch.state in ("reading", "writing")
    return running and dt.datetime.now(dt.UTC) - batch.moved_at > STILL


def record(
    session: Session,
    touched: Sequence[ImportedArticle],
    *,
    batch: int | None,
    source: str,
    author: str,
    publish: bool,
    counts: Mapping[str, int],
) -> int:
    """Keep how the articles of an import were before it; the id of its batch.

    Without a ``batch`` that was begun before, a new one is done already.
    """
    if batch is None:
        made = begin(session, source=source, author=author, publish=publish)
        made.state, batch = "done", made.id
        for name, number in counts.items():
            setattr(made, name, number)
    newest = _newest(session, touched)
    # A few at a time: a transaction that says nothing for seconds is ended by the server.
    for start in range(0, len(touched), 500):
        for one in touched[start : start + 500]:
            one.import_id = batch
            one.last_seq = newest[one.article_id, one.locale][0]
            session.add(one)
        session.flush()
    return batch


def undo(session: Session, id: int, *, author: str) -> Undone:
    """Take an import back: what it added is deleted, what it changed says what it said before.

    Articles that somebody changed since stay as they are. :class:`Conflict` unless it is done.
    """
    articles.bump_version(session)
    batch = get(session, id, lock=True)
    if batch.state != "done":
        raise Conflict(f"import {id} is {batch.state}, not done")
    before = session.scalars(
        select(ImportedArticle)
        .where(ImportedArticle.import_id == id)
        .order_by(ImportedArticle.article_id, ImportedArticle.locale.desc())
    ).all()
    found = _locked(session, before)
    newest = _newest(session, before)
    removed = 0
    kept: list[dict[str, str]] = []
    back: list[ImportedArticle] = []
    for one in before:
        key = (one.article_id, one.locale)
        article = found.get(key)
        seq, who = newest.get(key, (0, ""))
        if article is None or seq > one.last_seq:
            reason = "is gone" if article is None else f"was changed since by {who}"
            kept.append({"article": key[0], "locale": key[1], "reason": reason})
        elif one.revision_before is None:
            session.delete(article)
            removed += 1
        else:
            back.append(one)
    _bring_back(session, found, back, author=author)
    batch.state, batch.undone_at, batch.undone_by = "undone", func.now(), author
    session.flush()
    for start in range(0, len(before), 1000):
        # The other language is not out of date because of what is taken back.
        session.execute(
            update(Article)
            .where(
                Article.id.in_({one.article_id for one in before[start : start + 1000]}),
                Article.outdated_since >= batch.at,
            )
            .values(outdated_since=None, updated_at=Article.updated_at)
        )
    return Undone(removed, len(back), tuple(kept))


def _bring_back(
    session: Session,
    found: Mapping[tuple[str, str], Article],
    before: Sequence[ImportedArticle],
    *,
    author: str,
) -> None:
    revisions = [
        (one.article_id, one.locale, one.revision_before)
        for one in before
        if one.revision_before is not None
    ]

    def changes() -> Iterator[tuple[Article, Content]]:
        for start in range(0, len(revisions), articles.TOGETHER):
            some = history.contents_at(session, revisions[start : start + articles.TOGETHER])
            yield from ((found[key], content) for key, content in some.items())

    articles.save(session, changes(), author=author, action="undo")
    for one in before:
        article = found[one.article_id, one.locale]
        shown = one.published_before
        # What customers saw is the working copy again, or else an older revision than that.
        article.published_revision = article.revision if shown == one.revision_before else shown
        kept = one.state_before
        article.state = "draft" if kept == "review" or kept is None else kept
        article.review_revision = None
    session.flush()


def _locked(session: Session, before: Sequence[ImportedArticle]) -> dict[tuple[str, str], Article]:
    found: dict[tuple[str, str], Article] = {}
    ids = sorted({one.article_id for one in before})
    for start in range(0, len(ids), 1000):
        rows = session.scalars(
            select(Article)
            .where(Article.id.in_(ids[start : start + 1000]))
            .order_by(Article.id, Article.locale.desc())
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found.update({(one.id, one.locale): one for one in rows})
    return found


def _newest(
    session: Session, touched: Sequence[ImportedArticle]
) -> dict[tuple[str, str], tuple[int, str]]:
    """The last entry in the log of each article, and who made it."""
    keys = [(one.article_id, one.locale) for one in touched]
    found: dict[tuple[str, str], tuple[int, str]] = {}
    for start in range(0, len(keys), 1000):
        last = (
            select(func.max(Revision.seq))
            .where(tuple_(Revision.article_id, Revision.locale).in_(keys[start : start + 1000]))
            .group_by(Revision.article_id, Revision.locale)
        )
        rows = session.execute(
            select(Revision.article_id, Revision.locale, Revision.seq, Revision.author).where(
                Revision.seq.in_(last)
            )
        )
        found.update({(id, locale): (seq, who) for id, locale, seq, who in rows})
    return found
