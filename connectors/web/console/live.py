"""News for an open page of the console, as server-sent events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from connectors.live import DESK, Subscription
from connectors.web import streams
from connectors.web.console import editing
from connectors.web.console.frame import ConsoleRoute, Here, Me, Viewer
from connectors.web.console.words import say
from connectors.web.gateway import Gateway
from knowledge_base.content import MAX_ID
from ticketing import agents, customers

# An open page hears nothing more after twice as long at most, once its agent signed out or left.
CHECK_S = 2.0
WRITING = "writing"

router = APIRouter(route_class=ConsoleRoute)


@router.get("/stream")
async def stream(
    request: Request,
    here: Here,
    me: Me,
    customer: Annotated[str, Query()] = "",
    article: Annotated[str, Query(max_length=MAX_ID)] = "",
    locale: Annotated[Literal["ko", "en"], Query()] = "ko",
) -> StreamingResponse:
    """``desk``: some ticket changed. With a customer also ``customer``, ``typing``, and
    ``writing``: which colleague writes to them, in words.

    With an article also ``editing``: who types in it, in words, and in which ``tab``.
    """
    topics = await here.store.read(_people, customer) if customer else []
    topics += [colleagues(one) for one in topics]
    if article:
        topics.append(editing.topic(article, locale))
    return streams.events(_events(here, me, topics))


def colleagues(customer: str) -> str:
    """What agents in front of a customer's pages listen to, and no customer does."""
    return f"agents:{customer}"


def _people(session: Session, customer: str) -> list[str]:
    found = customers.get(session, customer)
    return [str(one) for one in session.scalars(customers.members(found.id))]


async def _events(here: Gateway, me: Viewer, topics: Sequence[str]) -> AsyncGenerator[str]:
    with here.hub.subscribe(DESK) as desk, here.hub.subscribe(*topics) as theirs:
        yield "retry: 2000\n: connected\n\n"
        readers: dict[asyncio.Task[set[str]], Subscription] = {_wait(desk): desk}
        if topics:
            readers[_wait(theirs)] = theirs
        checked = time.monotonic()
        try:
            while not here.hub.closing:
                ready, _ = await asyncio.wait(readers, return_when=asyncio.FIRST_COMPLETED)
                for task in ready:
                    reader = readers.pop(task)
                    readers[_wait(reader)] = reader
                    if reader is theirs:
                        for signal in task.result():
                            yield await _event(here, me, signal)
                    elif task.result():
                        yield "event: desk\ndata: news\n\n"
                    else:
                        yield ": still here\n\n"
                if time.monotonic() - checked >= CHECK_S:
                    checked = time.monotonic()
                    if not await here.store.read(_still_in, me.token):
                        return
        finally:
            for task in readers:
                task.cancel()


def _still_in(session: Session, token: str) -> bool:
    return agents.authenticate(session, token, kind="session", used=False) is not None


def _wait(reader: Subscription) -> asyncio.Task[set[str]]:
    return asyncio.create_task(reader.wait(CHECK_S))


async def _event(here: Gateway, me: Viewer, signal: str) -> str:
    kind, _, who = signal.partition(":")
    if kind == editing.SIGNAL:
        id, _, tab = who.partition(":")
        name = await here.store.read(lambda session: agents.get(session, int(id)).name)
        told = {"tab": tab, "said": say("article.also", me.lang, name=name)}
        return f"event: editing\ndata: {json.dumps(told)}\n\n"
    if kind == WRITING:
        if int(who) == me.agent.id:
            return ": yourself\n\n"
        name = await here.store.read(lambda session: agents.get(session, int(who)).name)
        told = {"said": say("writing", me.lang, name=name)}
        return f"event: writing\ndata: {json.dumps(told)}\n\n"
    if kind == "typing":
        return f"event: typing\ndata: {who}\n\n"
    return "event: customer\ndata: news\n\n"
