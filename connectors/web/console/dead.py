"""Work that was given up: why, and another try."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Me, Sender
from connectors.web.console.words import say
from ticketing import lanes

router = APIRouter(prefix="/dead", route_class=ConsoleRoute)


@router.get("")
async def listing(request: Request, here: Here, me: Me) -> Response:
    """Dead letters, newest first."""

    def read(session: Session) -> dict[str, Any]:
        return {"letters": lanes.dead_letters(session), "here": "dead"}

    return await frame.show(request, here, me, "dead", read, parts=("dead",))


@router.post("/{job}/retry")
async def retry(request: Request, here: Here, me: Sender, job: int) -> Response:
    """Give one another life."""

    def act(session: Session) -> None:
        lanes.requeue(session, job)

    await here.store.run(act)
    here.store.work.set()
    return frame.done(request, "/console/dead", said=say("said.retried", me.lang))
