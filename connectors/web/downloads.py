"""Customers' data as files, for a reason that is kept, and who took one along."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from urllib.parse import quote

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from connectors.web import person_file, record_json
from connectors.web.api import By, Here, Me
from connectors.web.auth import administrator_only
from connectors.web.gateway import Gateway
from ticketing import customers, downloads, erasure
from ticketing.models import Access
from ticketing.record import Author

PIECE = 256 * 1024

router = APIRouter(prefix="/api", tags=["customers"])
Reason = Annotated[
    str,
    Query(
        min_length=1,
        max_length=downloads.REASON,
        pattern=r"^[^\x00]*$",
        description="what it is for; it is kept with who, when and how much",
    ),
]
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "customer.json, conversation.jsonl and the files",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/customers/{customer}/file", response_class=StreamingResponse, responses=_ZIP)
async def of_customer(
    here: Here, me: Me, by: By, customer: str, reason: Reason
) -> StreamingResponse:
    """All that is known of one customer, as a ZIP. For administrators."""
    administrator_only(me)
    return await person(here, customer, reason=reason, by=by)


@router.get("/downloads")
async def listing(
    here: Here, me: Me, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, Any]:
    """Who took customers' data along, when, how much and why: newest first. For administrators."""
    administrator_only(me)
    found = await here.store.read(downloads.listing, limit=limit)
    return {"downloads": [_shown(one) for one in found]}


def _shown(one: Access) -> dict[str, Any]:
    return {
        "id": one.id,
        "what": one.file,
        "form": one.form,
        "customer": None if one.customer_id is None else str(one.customer_id),
        "rows": one.rows,
        "reason": one.reason,
        "by": one.by_name,
        "source": one.source,
        "place": one.place,
        "at": record_json.time(one.at),
    }


async def person(here: Gateway, customer_id: str, *, reason: str, by: Author) -> StreamingResponse:
    """One person's file, once it is written down who gets it. Raises :class:`NotFound`."""

    def write(session: Session, path: Path) -> str:
        whose = customers.get(session, customer_id).id
        why = erasure.reason_for(session, reason, whose)
        rows = person_file.write(session, path, whose)
        downloads.keep(
            session, file="person", form="zip", rows=rows, reason=why, by=by, customer_id=whose,
        )  # fmt: skip
        return f"customer-{whose}.zip"

    return await made(here, write, media_type="application/zip")


async def made(
    here: Gateway, write: Callable[[Session, Path], str], *, media_type: str
) -> StreamingResponse:
    """The file that ``write`` makes, under the name it returns.

    Whole each time: a part of another one of the same address would not go on with it.
    """
    handle, name = tempfile.mkstemp(prefix="sangdam-export-")
    os.close(handle)
    path = Path(name)
    try:
        # In a thread of its own: a long file is nobody else's wait.
        name = await asyncio.to_thread(here.store.call, write, path)
        file = path.open("rb")
    finally:
        # What is open can still be read, and nothing is left behind whatever becomes of the answer.
        path.unlink(missing_ok=True)
    size = {"Content-Length": str(os.fstat(file.fileno()).st_size)}
    return StreamingResponse(_pieces(file), media_type=media_type, headers=as_file(name) | size)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece


def as_file(name: str) -> dict[str, str]:
    """Headers of a download that no browser shows and nobody in between keeps."""
    return {
        "Content-Disposition": f'attachment; filename="{quote(name)}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
