"""Articles in from files: all of them or none, each refused row with its reason."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge_base import articles, batches, pictures
from knowledge_base.articles import TOGETHER
from knowledge_base.columns import COLUMNS
from knowledge_base.content import Content, check
from knowledge_base.errors import Invalid
from knowledge_base.models import Article, ImportedArticle, Picture
from knowledge_base.reading import Row

# The media type of a picture by its name and content, or ValueError with why it is none.
PictureType = Callable[[str, bytes], str]
Progress = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do: with refusals or in a dry run nothing was written."""

    added: int
    updated: int
    unchanged: int
    refused: tuple[Mapping[str, str], ...]  # {"row", "reason"}
    written: bool
    batch: int | None = None  # what undoes it
    published: tuple[str, ...] = ()  # ids of what customers see anew
    # What there was and is updated: {"id", "locale", "title", "changes"}, its title until now and
    # the columns that differ, with "state" where customers see it anew.
    replaced: tuple[Mapping[str, Any], ...] = ()
    new: tuple[Mapping[str, str], ...] = ()  # what there was not: {"id", "locale", "title"}

    def as_json(self) -> dict[str, Any]:
        """For ``sangdam kb import --json``."""
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": [dict(one) for one in self.refused],
            "written": self.written,
            "batch": self.batch,
            "replaced": [dict(one) for one in self.replaced],
            "new": [dict(one) for one in self.new],
        }


def contents(rows: Iterable[Row | Mapping[str, Any]]) -> list[Content]:
    """What of the acceptable rows customers would see, without anything written."""
    return [content for row, content in _check(rows)[0] if not _hidden(row)]


def import_rows(
    session: Session,
    rows: Iterable[Row | Mapping[str, Any]],
    *,
    publish: bool = True,
    author: str,
    dry_run: bool = False,
    source: str = "",
    batch: int | None = None,
    picture_type: PictureType | None = None,
    progress: Progress = _silent,
) -> Report:
    """Add or update the articles of ``rows`` and, by default, publish them; the caller commits.

    All or nothing: with any refusal, and in a ``dry_run``, nothing is written, and the counts
    say what would have been. An article that says the same and is published already is unchanged.
    A row whose ``state`` is ``draft`` or ``retired`` is never published.

    What is written is one batch, which :func:`batches.undo` takes back: ``batch`` if it was begun
    before, else a new one from ``source``. ``picture_type`` says what a picture beside a Markdown
    file is, by its content, or raises ``ValueError`` with the reason; without it such pictures are
    left out. ``progress`` is told how many of how many articles are done.
    """
    checked, refused = _check(rows)
    shown = {_key(one) for row, one in checked if publish and not _hidden(row)}
    refused += _unfit_pictures(checked, picture_type)
    if dry_run or refused:
        return _foreseen(session, checked, refused, shown)
    with session.begin_nested() as savepoint:
        # One order of locks for everybody: the version first, then articles by key.
        articles.bump_version(session)
        existing = _existing(session, [content for _, content in checked], lock=True)
        added = 0
        ordered = sorted(checked, key=lambda one: (one[1].id, one[1].locale))
        kept: list[tuple[Row, Content]] = []
        for row, content in ordered:
            if row.pictures:  # which take their time: whoever watches sees that it goes on
                progress(0, len(ordered))
            content = _with_pictures(
                session, row, content, author=author, picture_type=picture_type
            )
            kept.append((row, content))
        known = [one for _, one in kept if _key(one) in existing]
        new = [one for one in kept if _key(one[1]) not in existing]
        before: dict[tuple[str, str], ImportedArticle] = {}
        differs: dict[tuple[str, str], dict[str, Any]] = {}

        def changes(wanted: Sequence[Content]) -> Iterator[tuple[Article, Content]]:
            for content in wanted:
                if len(before) % TOGETHER == 0:
                    progress(len(before), len(ordered))
                key = _key(content)
                before[key] = _before(content, existing[key])
                differs[key] = _differs(existing[key], content, shows=key in shown)
                yield existing[key], content

        changed: list[Article] = []
        for publishes in (True, False):
            some_known = [one for one in known if (_key(one) in shown) is publishes]
            changed += articles.save(
                session, changes(some_known), author=author, action="import", publish=publishes
            )
        touched = [before[one.id, one.locale] for one in changed]
        for state, some in _by_state(new, shown):
            progress(len(known) + added, len(ordered))
            taken = articles.insert_checked(
                session,
                [content for _, content in some],
                author=author,
                action="import",
                state=state,
            )
            for row, content in some:
                if (content.id, content.locale) in taken:
                    reason = f"article {content.id!r} ({content.locale}) exists already"
                    reason += " (just now, by somebody else)"
                    refused.append({"row": row.where, "reason": reason})
                else:
                    added += 1
                    touched.append(_before(content, None))
        if refused or not touched:
            savepoint.rollback()
        else:
            batch = batches.record(
                session,
                touched,
                batch=batch,
                source=source,
                author=author,
                publish=publish,
                counts={
                    "added": added,
                    "updated": len(changed),
                    "unchanged": len(checked) - len(touched),
                },
            )
    progress(len(checked), len(checked))
    if refused:
        session.expire_all()
    return Report(
        added,
        len(changed),
        len(checked) - added - len(changed),
        tuple(refused),
        not refused,
        batch if touched and not refused else None,
        () if refused else _published(touched, shown),
        tuple(differs[one.id, one.locale] for one in changed),
        tuple(_named(content) for _, content in new),
    )


def _key(content: Content) -> tuple[str, str]:
    return content.id, content.locale


def _hidden(row: Row) -> str:
    """``draft`` or ``retired`` for what its file says that customers do not see."""
    said = row.values.get("state")
    return said if said in ("draft", "retired") else ""


def _by_state(
    new: Sequence[tuple[Row, Content]], shown: Collection[tuple[str, str]]
) -> Iterator[tuple[str, Sequence[tuple[Row, Content]]]]:
    """New articles by the state they begin in, a few at a time."""
    groups: dict[str, list[tuple[Row, Content]]] = {}
    for row, content in new:
        state = "published" if _key(content) in shown else _hidden(row) or "draft"
        groups.setdefault(state, []).append((row, content))
    for state, group in groups.items():
        for start in range(0, len(group), TOGETHER):
            yield state, group[start : start + TOGETHER]


def _published(
    touched: Sequence[ImportedArticle], shown: Collection[tuple[str, str]]
) -> tuple[str, ...]:
    ids = (one.article_id for one in touched if (one.article_id, one.locale) in shown)
    return tuple(dict.fromkeys(ids))


def _foreseen(
    session: Session,
    checked: Sequence[tuple[Row, Content]],
    refused: Sequence[Mapping[str, str]],
    shown: Collection[tuple[str, str]],
) -> Report:
    """What an import would do, without a lock and without writing anything."""
    existing = _existing(session, [content for _, content in checked], lock=False)
    new = []
    replaced = []
    for row, content in checked:
        article = existing.get(_key(content))
        if article is None:
            new.append(_named(content))
            continue
        content = _with_pictures(session, row, content)
        differs = _differs(article, content, shows=_key(content) in shown)
        if differs["changes"]:
            replaced.append(differs)
    unchanged = len(checked) - len(new) - len(replaced)
    return Report(
        len(new),
        len(replaced),
        unchanged,
        tuple(refused),
        False,
        replaced=tuple(replaced),
        new=tuple(new),
    )


def _named(content: Content) -> dict[str, str]:
    return {"id": content.id, "locale": content.locale, "title": content.title}


def _differs(article: Article, content: Content, *, shows: bool) -> dict[str, Any]:
    """What an import changes of an article."""
    now = articles.content_of(article)
    fields = ("title", "questions", "body", "tags")
    changes = [name for name in fields if getattr(now, name) != getattr(content, name)]
    # What is published and says something else is shown anew by that alone.
    waits = article.has_unpublished_changes and not changes
    if shows and (article.state != "published" or waits):
        changes.append("state")
    return {"id": now.id, "locale": now.locale, "title": now.title, "changes": changes}


def _before(content: Content, article: Article | None) -> ImportedArticle:
    """How the article is before it is written."""
    before = ImportedArticle(article_id=content.id, locale=content.locale)
    if article is not None:
        before.revision_before = article.revision
        before.published_before = article.published_revision
        before.state_before = article.state
    return before


def _unfit_pictures(
    checked: Sequence[tuple[Row, Content]], picture_type: PictureType | None
) -> list[Mapping[str, str]]:
    """A refusal for every row with a picture that may not be kept."""
    refused: list[Mapping[str, str]] = []
    looked_at: dict[Path, str] = {}
    for row, _ in checked:
        for address, file in row.pictures.items() if picture_type else ():
            if file not in looked_at:
                looked_at[file] = _unfit(file, picture_type)
            if looked_at[file]:
                reason = f"picture {address}: {looked_at[file]}"
                refused.append({"row": row.where, "reason": reason})
    return refused


def _unfit(file: Path, picture_type: PictureType | None) -> str:
    assert picture_type is not None
    try:
        if file.stat().st_size > pictures.LIMIT:
            return f"has more than {pictures.LIMIT // 1024 // 1024} MiB"
        picture_type(file.name, file.read_bytes())
    except OSError as error:
        return f"cannot be read: {type(error).__name__}"
    except ValueError as error:
        return str(error)
    return ""


def _with_pictures(
    session: Session,
    row: Row,
    content: Content,
    *,
    author: str = "",
    picture_type: PictureType | None = None,
) -> Content:
    """The content with the pictures' addresses here; kept if we know what they are, else only
    looked up, and then one that is not kept yet makes the content differ from any other."""
    body = content.body
    for address, file in row.pictures.items():
        raw = file.read_bytes()
        if picture_type is not None:
            kind = picture_type(file.name, raw)
            made = pictures.add(
                session, name=file.name, media_type=kind, content=raw, author=author
            )
            body = body.replace(f"]({address}", f"]({pictures.address(made)}")
        else:
            digest = pictures.digest(raw)
            id = session.scalar(select(Picture.id).where(Picture.sha256 == digest))
            body = body.replace(f"]({address}", f"]({pictures.ADDRESS}{id or uuid.uuid4()}")
    return replace(content, body=body)


def _check(
    rows: Iterable[Row | Mapping[str, Any]],
) -> tuple[list[tuple[Row, Content]], list[Mapping[str, str]]]:
    checked: list[tuple[Row, Content]] = []
    refused: list[Mapping[str, str]] = []
    first: dict[tuple[str, str], str] = {}
    for number, one in enumerate(rows, start=1):
        row = one if isinstance(one, Row) else Row(str(number), one)
        if row.hidden:
            continue
        if row.problem is not None:
            refused.append({"row": row.where, "reason": row.problem})
            continue
        values = {name: row.values.get(name) for name in COLUMNS}
        for name in ("questions", "tags"):
            values[name] = () if values[name] is None else values[name]
        try:
            content = check(**values)
        except Invalid as error:
            refused.append({"row": row.where, "reason": str(error)})
            continue
        key = (content.id, content.locale)
        if key in first:
            # Whose table has no ids has made none either.
            reason = f"the same article, {content.id} ({content.locale}), is in row {first[key]}"
            refused.append({"row": row.where, "reason": reason})
            continue
        first[key] = row.where
        checked.append((row, content))
    return checked, refused


def _existing(
    session: Session, contents: Sequence[Content], *, lock: bool
) -> dict[tuple[str, str], Article]:
    """The articles that are there already, by key; ``lock`` holds both languages of each."""
    found: dict[tuple[str, str], Article] = {}
    ids = sorted({one.id for one in contents})
    for start in range(0, len(ids), 1000):
        query = (
            select(Article)
            .where(Article.id.in_(ids[start : start + 1000]))
            .order_by(Article.id, Article.locale.desc())
        )
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        rows = session.scalars(query)
        found.update({(one.id, one.locale): one for one in rows})
    return found
