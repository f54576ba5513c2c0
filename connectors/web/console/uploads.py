"""Files that curators send: the form is read only after it is known who sends it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from connectors.web import auth
from connectors.web.console import frame
from connectors.web.console.frame import Here, Me, Viewer
from connectors.web.problems import Problem


async def uploader(request: Request, here: Here, me: Me) -> Viewer:
    """Whoever is signed in, and comes from this site."""
    frame.same_origin(request)
    return me


Uploader = Annotated[Viewer, Depends(uploader)]


@contextlib.asynccontextmanager
async def form(request: Request, here: Here) -> AsyncIterator[FormData]:
    """The fields and the file of a form that this console made; 403 for another one."""
    async with request.form(max_files=1, max_fields=10) as found:
        auth.check_csrf(here, request, str(found.get("csrf", "")))
        yield found


def sent(found: FormData, name: str) -> UploadFile:
    """The file in a field. Raises :class:`Problem` if there is none."""
    file = found.get(name)
    if not isinstance(file, UploadFile) or not file.filename:
        raise Problem(422, "error.file")
    return file
