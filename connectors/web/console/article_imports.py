"""Articles in from files and from the web, and out again: checked first, followed, taken back."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import logging
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from sqlalchemy import func
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from connectors import publishing, website
from connectors.fetching import Fetcher
from connectors.pictures import media_type
from connectors.web import auth
from connectors.web.console import foreseen, frame, uploads
from connectors.web.console.article_words import reason_in
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.uploads import Uploader
from connectors.web.console.words import say
from connectors.web.problems import Problem
from knowledge_base import archives, batches, exporting, importing, reading, regressions
from knowledge_base.errors import Conflict, KnowledgeBaseError
from knowledge_base.models import Import
from knowledge_base.regressions import Saved
from ticketing.file_types import clean_name

HOME = "/console/articles/imports"
SHOWN = 300
TELL_S = 0.5

log = logging.getLogger(__name__)
router = APIRouter(prefix="/articles", route_class=ConsoleRoute)
BatchId = Annotated[int, InPath(ge=1, le=2**63 - 1)]
# The loop itself keeps only weak references to its tasks.
_running: set[asyncio.Task[None]] = set()


@router.get("/imports")
async def listing(request: Request, here: Here, me: Me) -> Response:
    """What to bring, what to take along, and what was imported before."""
    auth.admin_only(me.agent)

    def read(session: Session) -> dict[str, Any]:
        return {
            "here": "articles",
            "batches": batches.listing(session),
            "formats": exporting.FORMATS,
            "pages": website.PAGES,
        }

    return await frame.show(request, here, me, "imports", read, parts=("imports",))


@router.post("/imports")
async def begin(request: Request, here: Here, me: Uploader) -> Response:
    """Read a file or a site and say what importing it would do; nothing is written yet."""
    auth.admin_only(me.agent)
    async with uploads.form(request, here) as form:
        url = str(form.get("url", "")).strip()
        publish = form.get("publish") == "on"
        content = b""
        if not url:
            file = uploads.sent(form, "file")
            content, source = await file.read(), clean_name(file.filename or "")
    if url and not (website.is_address(url) and len(url) <= batches.MAX_SOURCE):
        raise Problem(422, "error.url")

    def act(session: Session) -> int:
        made = batches.begin(session, source=url or source, author=me.agent.name, publish=publish)
        made.content = content or None
        return made.id

    id = await here.store.run(act)
    _begin(_check, here, id, url)
    return frame.done(request, f"{HOME}/{id}", go=True)


@router.get("/imports/{id}")
async def one(request: Request, here: Here, me: Me, id: BatchId) -> Response:
    """How far it is, what it did or would do, and why rows are refused."""
    auth.admin_only(me.agent)

    def read(session: Session) -> dict[str, Any]:
        batch = batches.get(session, id)
        still = batches.stands_still(batch)
        listed = [one for one in batch.replaced if "changes" not in one]
        return {
            "here": "articles",
            "batch": batch,
            "still": still,
            "running": batch.state in ("reading", "writing") and not still,
            "may_run": _may_run(batch),
            "to_mend": _blocked(batch) or (batch.refused and not batch.unchanged),
            "refused": [
                {"row": row["row"], "reason": reason_in(row["reason"], me.lang)}
                for row in batch.refused[:SHOWN]
            ],
            "changed": [one for one in batch.replaced if "changes" in one],
            "new": batches.added(session, id, limit=SHOWN) if batch.state == "done" else listed,
            "left": batches.left(session, id, limit=SHOWN) if batch.state == "undone" else [],
            "titles": foreseen.titles(session, me.lang) if batch.breaks else {},
            "problem": reason_in(batch.problem, me.lang) if batch.problem else "",
            **_left_out(batch),
        }

    return await frame.show(request, here, me, "import", read, parts=("import",))


@router.post("/imports/{id}/run")
async def run(request: Request, here: Here, me: Curator, id: BatchId) -> Response:
    """Write what was checked."""

    def act(session: Session) -> None:
        batch = batches.get(session, id, lock=True)
        if not _may_run(batch):
            raise Conflict(f"import {id} is {batch.state}")
        batch.state, batch.done, batch.moved_at = "writing", 0, func.now()

    await here.store.run(act)
    here.knowledge.warm()
    _begin(_write, here, id)
    return frame.done(request, f"{HOME}/{id}", said=say("said.imported", me.lang))


@router.post("/imports/{id}/undo")
async def undo(request: Request, here: Here, me: Curator, id: BatchId) -> Response:
    """Take it back."""
    done = await here.store.run(batches.undo, id, author=me.agent.name)
    said = say(
        "said.undone",
        me.lang,
        removed=done.removed,
        restored=done.restored,
        kept=len(done.kept),
    )
    if done.kept:
        names = ", ".join(f"{one['article']} ({one['locale']})" for one in done.kept[:20])
        said += " " + say("import.kept", me.lang, list=names)
    return frame.done(request, f"{HOME}/{id}", said=said)


@router.get("/export")
async def export(
    here: Here,
    me: Me,
    kind: Annotated[Literal["zip", "csv", "xlsx", "jsonl"], Query()] = "zip",
) -> Response:
    """All articles as one file."""
    content = await here.store.read(exporting.file, kind, state=None)
    name = quote(f"articles-{dt.date.today()}.{kind}")
    return Response(
        content,
        media_type=exporting.FORMATS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


def _may_run(batch: Import) -> bool:
    """Whether it was read without anything to mend; of a site, what could be read is enough."""
    ready = batch.state == "read" or (batch.state == "writing" and batches.stands_still(batch))
    return ready and not _blocked(batch) and bool(batch.added + batch.updated)


def _blocked(batch: Import) -> bool:
    return bool(batch.refused) and not website.is_address(batch.source)


def _left_out(batch: Import) -> dict[str, str]:
    """What an import does not read: columns that it does not know, and what is hidden."""
    said = batch.problem or "" if batch.state in ("read", "done") else ""
    columns, _, hidden = said.partition("\n")
    return {"ignored": columns, "hidden": hidden}


def _begin(work: Callable[..., None], here: Here, id: int, *more: Any) -> None:
    task = asyncio.create_task(asyncio.to_thread(_guarded, work, here, id, *more))
    _running.add(task)
    task.add_done_callback(_running.discard)


def _guarded(work: Callable[..., None], here: Here, id: int, *more: Any) -> None:
    """Do the work; what stops it is kept with the batch, for whoever waits for it."""
    try:
        work(here, id, *more)
    except Exception as error:
        known = isinstance(error, KnowledgeBaseError)
        if not known:
            log.exception("import %s failed", id)
        problem = str(error) if known else f"it broke: {type(error).__name__}"

        def fail(session: Session) -> None:
            batch = batches.get(session, id, lock=True)
            batch.state, batch.problem, batch.content = "failed", problem[:1000], None

        here.store.call(fail)


def _check(here: Here, id: int, url: str) -> None:
    """Read everything, and find what writing it would do."""
    unread: list[dict[str, str]] = []
    if url:
        with Fetcher() as fetcher, tempfile.TemporaryDirectory(prefix="sangdam-import-") as folder:
            told = _progress(here, id)
            rows = website.read(url, fetcher=fetcher, folder=Path(folder), progress=told)
            content = website.packed(row for row in rows if not row.problem)
        unread = [{"row": row.where, "reason": row.problem} for row in rows if row.problem]

        def keep(session: Session) -> None:
            batches.get(session, id).content = content

        here.store.call(keep)

    kept = here.store.call(_kept, id)
    with _rows(kept) as rows:

        def foresee(session: Session) -> None:
            report = _import(session, id, kept, rows, dry_run=True)
            batch = batches.get(session, id, lock=True)
            batch.added, batch.updated = report.added, report.updated
            batch.unchanged = report.unchanged
            batch.replaced = [*map(dict, [*report.replaced[:SHOWN], *report.new[:SHOWN]])]
            batch.refused = [*unread, *map(dict, report.refused)]
            said = [", ".join(one)[:1000] for one in (reading.unread(rows), reading.hidden(rows))]
            batch.problem = "\n".join(said).rstrip("\n") or None

        here.store.call(foresee)
        breaks = _breaks(here, id, kept, rows)

    def say_so(session: Session) -> None:
        batch = batches.get(session, id, lock=True)
        batch.breaks, batch.state, batch.moved_at = breaks, "read", func.now()

    here.store.call(say_so)


def _breaks(here: Here, id: int, kept: Kept, rows: Sequence[reading.Row]) -> list[dict[str, Any]]:
    """Saved questions that would find less if what was read were published."""

    def read(session: Session) -> list[Saved]:
        batch = batches.get(session, id)
        wanted = kept.publish and batch.added + batch.updated
        return regressions.saved(session) if wanted else []

    saved = here.store.call(read)
    pairs = asyncio.run(here.knowledge.foresee(importing.contents(rows) if saved else [], saved))
    return [regressions.as_json(*pair) for pair in pairs]


def _write(here: Here, id: int) -> None:
    kept = here.store.call(_kept, id)
    with _rows(kept) as rows:

        def write(session: Session) -> None:
            # Thousands of articles on a busy machine: what took minutes is not given up for that.
            session.execute(sql("SET LOCAL idle_in_transaction_session_timeout = '60s'"))
            # Its row is locked at the end: the progress is written to it meanwhile.
            report = _import(session, id, kept, rows, progress=_progress(here, id))
            publishing.announce(session, report.published, by=kept.author, once=f"import:{id}")
            batch = batches.get(session, id, lock=True)
            batch.added, batch.updated = report.added, report.updated
            batch.unchanged = report.unchanged
            batch.replaced = [dict(one) for one in report.replaced[:SHOWN]]
            if report.refused:
                batch.refused = [*map(dict, report.refused)]
            batch.state = "done" if report.written else "read"
            batch.done = batch.total
            batch.content = None if report.written else batch.content

        here.store.call(write)


def _import(
    session: Session, id: int, kept: Kept, rows: Sequence[reading.Row], **options: Any
) -> importing.Report:
    """Import what was read, or see what that would do."""
    return importing.import_rows(
        session,
        rows,
        author=kept.author,
        publish=kept.publish,
        batch=id,
        picture_type=media_type,
        **options,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """What a batch was begun with, apart from any session."""

    source: str
    author: str
    publish: bool
    content: bytes


def _kept(session: Session, id: int) -> Kept:
    batch = batches.get(session, id)
    return Kept(batch.source, batch.author, batch.publish, batch.content or b"")


@contextlib.contextmanager
def _rows(kept: Kept) -> Iterator[list[reading.Row]]:
    """What is in the kept file: read before a transaction, which must not wait for a long one."""
    ending = ".zip" if website.is_address(kept.source) else Path(kept.source).suffix.lower()
    with tempfile.TemporaryDirectory(prefix="sangdam-import-") as folder:
        path = Path(folder) / f"articles{ending}"
        path.write_bytes(kept.content)
        with archives.unpacked(path) as place:
            yield reading.read(place)


def _progress(here: Here, id: int) -> importing.Progress:
    """Tells whoever watches, in transactions of its own, but not at every step."""
    told = [0.0]

    def tell(done: int, total: int) -> None:
        if time.monotonic() - told[0] > TELL_S or done == total:
            told[0] = time.monotonic()
            here.store.call(batches.moved, id, done=done, total=total)

    return tell
