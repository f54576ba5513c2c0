"""News for an open page of the console, as server-sent events."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from sqlalchemy.orm import Session

from connectors.live import DESK, Subscription
from connectors.web import streams
from connectors.web.console.frame import ConsoleRoute, Here, Me
from connectors.web.gateway import Gateway
from ticketing import agents, customers

# An open page hears nothing more after twice as long at most, once its agent signed out or left.
CHECK_S = 2.0

router = APIRouter(route_class=ConsoleRoute)


@router.get("/stream")
async def stream(
    request: Request, here: Here, me: Me, customer: Annotated[str, Query()] = ""
) -> StreamingResponse:
    """``desk``: some ticket changed. With a customer also ``customer`` and ``typing``."""
    people = await here.store.read(_people, customer) if customer else []
    return streams.events(_events(here, me.token, people))


def _people(session: Session, customer: str) -> list[str]:
    found = customers.get(session, customer)
    return [str(one) for one in session.scalars(customers.members(found.id))]


async def _events(here: Gateway, token: str, people: Sequence[str]) -> AsyncGenerator[str]:
    with here.hub.subscribe(DESK) as desk, here.hub.subscribe(*people) as theirs:
        yield "retry: 2000\n: connected\n\n"
        readers: dict[asyncio.Task[set[str]], Subscription] = {_wait(desk): desk}
        if people:
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
                            yield _event(signal)
                    elif task.result():
                        yield "event: desk\ndata: news\n\n"
                    else:
                        yield ": still here\n\n"
                if time.monotonic() - checked >= CHECK_S:
                    checked = time.monotonic()
                    if not await here.store.read(agents.authenticate, token, kind="session"):
                        return
        finally:
            for task in readers:
                task.cancel()


def _wait(reader: Subscription) -> asyncio.Task[set[str]]:
    return asyncio.create_task(reader.wait(CHECK_S))


def _event(signal: str) -> str:
    kind, _, who = signal.partition(":")
    if kind == "typing":
        return f"event: typing\ndata: {who}\n\n"
    return "event: customer\ndata: news\n\n"
