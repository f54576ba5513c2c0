"""Customers and purchases in from files and out again: matched, checked, followed, taken back."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import logging
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from sqlalchemy.orm import Session

from connectors import customer_batches, customer_files
from connectors.web import auth
from connectors.web import downloads as taken
from connectors.web.console import frame, uploads
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me, Viewer
from connectors.web.console.refusals import explain
from connectors.web.console.uploads import Uploader
from connectors.web.console.words import known, say
from connectors.web.gateway import Gateway
from connectors.web.problems import Problem
from ticketing import (
    accesses,
    custom_fields,
    customer_export,
    customer_import,
    downloads,
    import_columns,
    import_undo,
)
from ticketing.custom_fields import PREFIX
from ticketing.errors import Conflict, Invalid
from ticketing.file_types import clean_name
from ticketing.models import CustomerImport
from ticketing.record import Author

HOME = "/console/customers/imports"
SHOWN = 300
SAMPLES = 3
BUSY = ("checking", "running", "undoing")

log = logging.getLogger(__name__)
router = APIRouter(prefix="/customers", route_class=ConsoleRoute)
BatchId = Annotated[int, InPath(ge=1, le=2**63 - 1)]
Form = Literal["csv", "xlsx", "jsonl"]


@router.get("/imports")
async def listing(request: Request, here: Here, me: Me) -> Response:
    """A file to bring, all to take along, and what was brought before."""
    auth.admin_only(me.agent)
    return await _listing(request, here, me)


async def _listing(
    request: Request, here: Gateway, me: Viewer, *, kind: str = "", error: str = ""
) -> Response:
    """The page, with what is wrong with the file that was just sent, if anything is."""

    def read(session: Session) -> dict[str, Any]:
        return {
            "here": "customers",
            "batches": customer_import.listing(session),
            "forms": customer_files.FORMATS,
            "kind": kind,
            "error": error,
        }

    return await frame.show(
        request,
        here,
        me,
        "customer_imports",
        read,
        parts=("customer_imports",),
        status=422 if error else 200,
    )


@router.post("/imports")
async def begin(request: Request, here: Here, me: Uploader) -> Response:
    """Keep a file's rows and guess which column is what; no customer is touched."""
    auth.admin_only(me.agent)
    by = Author(name=me.agent.name, agent_id=me.agent.id, source="import")
    async with uploads.form(request, here) as form:
        file = uploads.sent(form, "file")
        name = clean_name(file.filename or "")
        kind = str(form.get("kind", ""))
        if kind not in ("", "customers", "purchases"):
            raise Problem(422, "error.422")

        def act(session: Session) -> int:
            file.file.seek(0)
            return customer_files.begin(session, file.file, name, by=by, kind=kind).id

        # In a thread of its own: a long file is nobody else's wait.
        try:
            batch = await asyncio.to_thread(here.store.call, act)
        except Invalid as error:
            # Our script says it in the form, which stays; without it the page comes again.
            if frame.by_script(request):
                raise
            return await _listing(request, here, me, kind=kind, error=explain(error, me.lang)[2])
    return frame.done(request, f"{HOME}/{batch}", go=True)


@router.get("/imports/{id}")
async def one(request: Request, here: Here, me: Me, id: BatchId) -> Response:
    """Its columns and first rows, how far it is, what it did or would do, and what was refused."""
    auth.admin_only(me.agent)

    def read(session: Session) -> dict[str, Any]:
        batch = customer_import.get(session, id)
        open_ = batch.state in ("mapping", "checked")
        rows = customer_import.sample(session, id, limit=SAMPLES) if open_ else []
        named = {uuid.UUID(one["customer"]) for one in batch.kept[:SHOWN] if "customer" in one}
        if named:
            accesses.found(session, named, by=me.author)
        return {
            "here": "customers",
            "batch": batch,
            "busy": batch.state in BUSY,
            "columns": _columns(batch, rows),
            "fields": _fields(session, batch.kind, me.lang) if open_ else [],
            "refused": [
                {
                    "row": row["row"],
                    "reason": _reason(row["field"], row["code"], me.lang),
                    "value": row["value"],
                }
                for row in customer_import.refused(session, id, limit=SHOWN)
            ],
            "kept": [_kept(line, me.lang) for line in batch.kept[:SHOWN]],
            "shown": SHOWN,
        }

    return await frame.show(request, here, me, "customer_import", read, parts=("customer_import",))


@router.post("/imports/{id}/check")
async def check(request: Request, here: Here, me: Curator, id: BatchId) -> Response:
    """Match the columns as the form says and see what importing would do; nothing is written."""
    form = await request.form()

    def act(session: Session) -> None:
        batch = customer_import.get(session, id, lock=True)
        mapping = [str(form.get(f"c{place}", "")) for place in range(len(batch.columns))]
        try:
            customer_import.assign(session, batch, mapping)
        except Invalid as error:
            raise Problem(422, "bring.twice" if error.code == "twice" else "error.422") from None
        _start(session, batch, check=True)

    await here.store.run(act)
    return frame.done(request, f"{HOME}/{id}", said=say("bring.said.checking", me.lang))


@router.post("/imports/{id}/run")
async def run(request: Request, here: Here, me: Curator, id: BatchId) -> Response:
    """Write what was checked; refused rows are left out."""

    def act(session: Session) -> None:
        batch = customer_import.get(session, id, lock=True)
        if batch.state != "checked":
            raise Problem(409, "bring.busy", code="conflict")
        _start(session, batch, check=False)

    await here.store.run(act)
    return frame.done(request, f"{HOME}/{id}", said=say("bring.said.running", me.lang))


@router.post("/imports/{id}/undo")
async def undo(request: Request, here: Here, me: Curator, id: BatchId) -> Response:
    """Take it back."""

    def act(session: Session) -> None:
        batch = customer_import.get(session, id, lock=True)
        try:
            import_undo.start(session, batch, by=me.agent.name)
        except Conflict:
            raise Problem(409, "bring.busy", code="conflict") from None
        customer_batches.go_on(session, customer_batches.UNDO, batch)

    await here.store.run(act)
    return frame.done(request, f"{HOME}/{id}", said=say("bring.said.undoing", me.lang))


@router.post("/imports/{id}/discard")
async def discard(request: Request, here: Here, me: Curator, id: BatchId) -> Response:
    """Forget a file of which nothing was written."""
    await here.store.run(customer_import.discard, id)
    return frame.done(request, HOME, said=say("bring.said.discarded", me.lang), go=True)


@router.get("/imports/{id}/refused")
async def refused(here: Here, me: Me, id: BatchId) -> Response:
    """The refused rows as they were in the file, with the reason, to be mended and sent again."""
    auth.admin_only(me.agent)

    def read(session: Session) -> bytes:
        batch = customer_import.get(session, id)
        head = [*batch.columns, say("bring.reason", me.lang)]
        rows = (
            [*cells, *[""] * (len(batch.columns) - len(cells)), _reason(field, code, me.lang)]
            for cells, field, code in customer_import.refused_cells(session, id)
        )
        return b"".join(customer_files.csv_pieces(head, rows))

    content = await here.store.read(read)
    return Response(content, headers=taken.as_file(f"refused-{id}.csv"), media_type="text/csv")


@router.get("/export")
async def export(
    request: Request,
    here: Here,
    me: Me,
    kind: Annotated[Literal["customers", "purchases"], Query()] = "customers",
    form: Annotated[Form, Query()] = "csv",
    reason: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """Everybody of whom anything is known, or every order, as one file, for a reason."""
    auth.admin_only(me.agent)
    try:
        why = downloads.why(reason)
    except Invalid as error:
        raise Problem(422, f"taken.wrong.{error.code}") from None

    def write(session: Session, path: Path) -> str:
        head, own = customer_export.columns(session, kind)
        pieces = customer_export.pieces(session, kind, own)
        written = 0

        def counted() -> Iterator[list[str]]:
            nonlocal written
            for row in itertools.chain.from_iterable(pieces):
                written += 1
                yield row

        with path.open("wb") as file:
            customer_files.write(file, form, head, counted())
        downloads.keep(
            session, file=kind, form=form, rows=written, reason=why, by=me.author,
        )  # fmt: skip
        return f"{kind}-{dt.date.today()}.{form}"

    made = await taken.made(here, write, media_type=customer_files.MEDIA[form])
    log.info("agent %s exported all %s", me.agent.id, kind)
    return made


def _start(session: Session, batch: CustomerImport, *, check: bool) -> None:
    try:
        customer_import.start(session, batch, check=check)
    except Invalid:
        raise Problem(422, f"bring.need.{batch.kind}") from None
    customer_batches.go_on(session, customer_batches.IMPORT, batch)


def _columns(batch: CustomerImport, rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """Each column with what it is taken for and some of what is in it."""
    return [
        {
            "name": name,
            "field": batch.mapping[place],
            "samples": [row[place] for row in rows if place < len(row) and row[place].strip()],
        }
        for place, name in enumerate(batch.columns)
    ]


def _fields(session: Session, kind: str, lang: str) -> list[tuple[str, str]]:
    """What a column may be, with its name."""
    own = custom_fields.listing(session)
    names = {PREFIX + one.key: one.name_ko if lang == "ko" else one.name_en for one in own}
    return [
        (field, names.get(field) or say(f"record.{field}", lang))
        for field in import_columns.fields(kind, own)
    ]


def _reason(field: str, code: str, lang: str) -> str:
    name = known(f"record.{field}", lang, field.removeprefix(PREFIX))
    return (
        f"{name}: {known(f'why.{code}', lang, code)}" if name else known(f"why.{code}", lang, code)
    )


def _kept(line: dict[str, Any], lang: str) -> str:
    name = line.get("name") or line.get("order") or line.get("customer", "")
    field = str(line.get("field", ""))
    return (
        f"{name} · {known(f'record.{field}', lang, field.removeprefix(PREFIX))}"
        if field
        else str(name)
    )
