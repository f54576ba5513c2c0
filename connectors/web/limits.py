"""What is refused before anything reads it: bodies that are too large."""

from __future__ import annotations

import contextlib
import re

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.web.problems import document
from knowledge_base import pictures, tables
from ticketing import attachments

BODY_LIMIT = 64 * 1024
# Articles are longer than chat messages; nothing here takes more than this.
LARGE_BODY_LIMIT = 1024 * 1024
LARGE_PATHS = ("/api/kb/", "/console/", "/slack/", "/telegram/")
FILES_PATH = "/chat/files"
PICTURES_PATH = "/console/articles/pictures"
IMPORTS_PATHS = ("/console/articles/imports", "/console/customers/imports")
# What a form puts around a file.
FORM = 64 * 1024


# What an agent writes on a ticket, with its files.
_SAY = re.compile(r"/console/tickets/[^/]{1,40}/say")


def limit_of(path: str) -> int:
    """The most bytes that a request's body has here."""
    if _SAY.fullmatch(path):
        return attachments.A_MESSAGE * attachments.LIMIT + FORM
    if path == FILES_PATH:
        return attachments.LIMIT
    if path == PICTURES_PATH:
        return pictures.LIMIT + FORM
    if path in IMPORTS_PATHS:
        return tables.MAX_FILE + FORM
    return LARGE_BODY_LIMIT if path.startswith(LARGE_PATHS) else BODY_LIMIT


class BodyLimit:
    """413 for a request body over the limit of its path, whether announced or only sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = limit_of(scope["path"])
        announced = next((v for k, v in scope["headers"] if k == b"content-length"), b"0")
        if not announced.isdigit() or int(announced) > limit:
            await document(413, f"a request here holds at most {limit} bytes")(scope, receive, send)
            return
        seen = 0
        started = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            if seen > limit and not started:
                return  # whatever the application makes of the broken body, ours says why
            started = True
            await send(message)

        # Whoever has gone halfway through an upload gets no answer, and it is no error of ours.
        with contextlib.suppress(_TooLarge, ClientDisconnect):
            await self._app(scope, counted, watched)
        if seen > limit and not started:
            await document(413, f"a request here holds at most {limit} bytes")(scope, receive, send)


class _TooLarge(Exception):
    pass
