"""Who is typing in an article just now, told to everybody else who has it open.

Nothing is kept: whoever types says so every few seconds, and who hears nothing more forgets it.
"""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from connectors.web.console.frame import Here, Sender
from connectors.web.console.moved import ArticleRoute
from connectors.web.gateway import Gateway

SIGNAL = "editing"

router = APIRouter(prefix="/articles/edit/{id}", route_class=ArticleRoute)


def topic(id: str, locale: str) -> str:
    """What the pages of one article in one language listen to; short, for it travels a lot."""
    return "article:" + hashlib.sha256(f"{locale}:{id}".encode()).hexdigest()[:16]


def changed(here: Gateway, id: str, locale: str) -> None:
    """Have the pages of an article look at it again: who has typed nothing sees what is there now,
    who has hears of it before they save."""
    here.hub.signal([topic(id, locale)])


@router.post("/editing", status_code=204)
async def editing(
    request: Request,
    here: Here,
    me: Sender,
    id: str,
    locale: Annotated[Literal["ko", "en"], Form()],
    tab: Annotated[str, Form(pattern="^[0-9a-z]{1,12}$")],
) -> Response:
    """Somebody types; ``tab`` tells one page from another, also of the same person."""
    here.hub.signal([topic(id, locale)], f"{SIGNAL}:{me.agent.id}:{tab}")
    return Response(status_code=204)
