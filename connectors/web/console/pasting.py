"""What is pasted into an article from a document: its headings, lists and tables as Markdown."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import JSONResponse

from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Sender
from knowledge_base import pages

router = APIRouter(prefix="/articles/pasted", route_class=ConsoleRoute)


@router.post("")
async def pasted(me: Sender, html: Annotated[str, Form()] = "") -> Response:
    """What Word, 한글, Google Docs or a browser put on the clipboard, as an article has it."""
    # A document takes its time, in which nobody else is to wait.
    made = await asyncio.to_thread(pages.to_markdown, html)
    return JSONResponse({"markdown": made}, headers=frame.HEADERS)
