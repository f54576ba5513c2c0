"""What customers asked in vain: for curators, what to write next."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session

from connectors import gaps as gathered
from connectors.web.console import articles as shelf
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.words import say
from knowledge_base import gaps

HOME = "/console/gaps"
SHOWN = 50
# Who looks does not wait longer than this for what is new; it comes by itself.
PATIENCE_S = 1.5

router = APIRouter(prefix="/gaps", route_class=ConsoleRoute)
GapId = Annotated[int, Path(ge=1, le=2**63 - 1)]
State = Literal["open", "drafted", "answered", "dismissed"]


@router.get("")
async def listing(
    request: Request,
    here: Here,
    me: Me,
    state: Annotated[State, Query()] = "open",
    order: Annotated[Literal["size", "recent"], Query()] = "size",
) -> Response:
    """Gaps in one state, the most asked or the newest first."""
    sorting = not await _sorted(request, here)

    def read(session: Session) -> dict[str, Any]:
        rows = gaps.listing(session, state=state, order=order, limit=SHOWN)
        return {
            "rows": rows,
            "state": state,
            "order": order,
            "sorting": sorting,
            "full": len(rows) == SHOWN,
            "gap_counts": {one: gaps.count(session, state=one) for one in gaps.STATES},
            **shelf.place("gaps"),
        }

    return await frame.show(request, here, me, "gaps", read, parts=("gaps",))


@router.get("/{gap}")
async def one(request: Request, here: Here, me: Me, gap: GapId) -> Response:
    """One of them: all the words, where they were said, what people answered."""

    def read(session: Session) -> dict[str, Any]:
        row = gaps.summary(session, gap)
        told = gathered.told(session, {one.ticket for one in row.examples if one.ticket})
        return {"row": row, "told": told, **shelf.place("gaps")}

    return await frame.show(request, here, me, "gap", read, parts=("gap",))


@router.post("/{gap}/dismiss")
async def dismiss(request: Request, here: Here, me: Curator, gap: GapId) -> Response:
    """Nothing needs to be written about it."""
    await here.store.run(gaps.mark, gap, state="dismissed", by=me.agent.name)
    return frame.done(request, HOME, said=say("said.dismissed", me.lang))


@router.post("/{gap}/reopen")
async def reopen(request: Request, here: Here, me: Curator, gap: GapId) -> Response:
    """It is something to write about after all."""
    await here.store.run(gaps.mark, gap, state="open", by=me.agent.name)
    return frame.done(request, HOME, said=say("said.brought_back", me.lang))


@router.post("/{gap}/draft")
async def draft(request: Request, here: Here, me: Curator, gap: GapId) -> Response:
    """An article's draft of it, opened in the editor."""
    id, locale = await here.store.run(gathered.draft, gap, by=me.agent.name)
    return frame.done(request, shelf.path(id, locale), go=True)


async def _sorted(request: Request, here: Here) -> bool:
    """Sort what is new, one at a time in this process; whether that is done already."""
    running: asyncio.Task[None] | None = getattr(request.app.state, "gap_sorting", None)
    if running is None or running.done():
        running = asyncio.create_task(gathered.sort_all(here.store))
        request.app.state.gap_sorting = running
    done, _ = await asyncio.wait([running], timeout=PATIENCE_S)
    for task in done:
        task.result()
    return bool(done)
