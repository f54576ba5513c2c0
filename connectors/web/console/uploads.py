"""Files that agents send: the form is read only after it is known who sends it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from connectors.web import auth
from connectors.web.console import frame
from connectors.web.console.frame import Here, Me, Viewer
from connectors.web.problems import Problem
from ticketing import attachments
from ticketing.attachments import File
from ticketing.errors import Refused


async def uploader(request: Request, here: Here, me: Me) -> Viewer:
    """Whoever is signed in, and comes from this site."""
    frame.same_origin(request)
    return me


Uploader = Annotated[Viewer, Depends(uploader)]


@contextlib.asynccontextmanager
async def form(request: Request, here: Here, *, files: int = 1) -> AsyncIterator[FormData]:
    """The fields and at most so many files of a form of this console; 403 for another one."""
    async with request.form(max_files=files, max_fields=10) as found:
        auth.check_csrf(here, request, str(found.get("csrf", "")))
        yield found


def sent(found: FormData, name: str) -> UploadFile:
    """The file in a field. Raises :class:`Problem` if there is none."""
    file = found.get(name)
    if not isinstance(file, UploadFile) or not file.filename:
        raise Problem(422, "error.file")
    return file


def several(found: FormData, name: str = "files") -> list[UploadFile]:
    """The files that were chosen in a field; none for one that was left empty."""
    files = [one for one in found.getlist(name) if isinstance(one, UploadFile)]
    return [one for one in files if one.filename]


async def examined(found: FormData) -> list[File]:
    """The files of an answer, looked at as those of customers are. Raises :class:`Problem`."""
    chosen = several(found)
    if len(chosen) > attachments.A_MESSAGE:
        raise Problem(422, "error.files.many", code="too_many_files")
    return [await _examined(one) for one in chosen]


async def _examined(one: UploadFile) -> File:
    if (one.size or 0) > attachments.LIMIT:
        raise Problem(422, "error.files.large", code="file_too_large")
    try:
        return await asyncio.to_thread(attachments.examine, one.filename or "", await one.read())
    except Refused:
        empty = not one.size
        detail = "error.files.empty" if empty else "error.files.kind"
        raise Problem(422, detail, code="file_not_accepted") from None
