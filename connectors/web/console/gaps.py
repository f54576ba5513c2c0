"""What customers asked in vain: for curators, what to write next."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from connectors import gaps as gathered
from connectors import regrouping
from connectors.web.console import articles as shelf
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.portions import Portions, going_on
from connectors.web.console.words import say
from knowledge_base import gaps
from knowledge_base.regrouping import MERGEABLE, nearest
from ticketing import accesses

HOME = "/console/gaps"
SHOWN = 50
CHOICES = 100  # gaps to merge with, the nearest
# Who looks does not wait longer than this for what is new; it comes by itself.
PATIENCE_S = 1.5

router = APIRouter(prefix="/gaps", route_class=ConsoleRoute)
GapId = Annotated[int, Path(ge=1, le=2**63 - 1)]
Other = Annotated[int, Form(ge=1, le=2**63 - 1)]
Key = Annotated[str, Form(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
State = Literal["open", "drafted", "answered", "dismissed"]


@router.get("")
async def listing(
    request: Request,
    here: Here,
    me: Me,
    state: Annotated[State, Query()] = "open",
    order: Annotated[Literal["size", "recent"], Query()] = "size",
    portions: Portions = 1,
) -> Response:
    """Gaps in one state, the most asked or the newest first."""
    sorting = not await _sorted(request, here)

    def read(session: Session) -> dict[str, Any]:
        most = portions * SHOWN + 1
        found = gaps.listing(session, state=state, order=order, limit=most)
        return {
            **going_on(request, found, portions, SHOWN),
            "state": state,
            "order": order,
            "sorting": sorting,
            "gap_counts": {one: gaps.count(session, state=one) for one in gaps.STATES},
            **shelf.place("gaps"),
        }

    return await frame.show(request, here, me, "gaps", read, parts=("gaps",))


@router.get("/{gap}")
async def one(request: Request, here: Here, me: Me, gap: GapId) -> Response:
    """One of them: all the words, where they were said, what people answered.

    One that was merged into another is found there.
    """
    whole = await here.store.read(gaps.whole, gap)
    if whole != gap and not frame.by_script(request):
        return RedirectResponse(f"{HOME}/{whole}", status_code=303)

    def read(session: Session) -> dict[str, Any]:
        row = gaps.summary(session, whole)
        accesses.found(session, {one.customer for one in row.examples}, by=me.author)
        told = gathered.told(session, {one.ticket for one in row.examples if one.ticket})
        mergeable = me.curates and row.gap.state in MERGEABLE
        # Only the page itself has the choices; what follows what happens leaves them alone.
        choosing = mergeable and not frame.by_script(request)
        return {
            "row": row,
            "told": told,
            "joined": whole != gap,
            "mergeable": mergeable,
            "choices": nearest(session, whole, limit=CHOICES) if choosing else [],
            **shelf.place("gaps"),
        }

    return await frame.show(request, here, me, "gap", read, parts=("gap",))


@router.post("/{gap}/merge")
async def merge(request: Request, here: Here, me: Curator, gap: GapId, into: Other) -> Response:
    """It asks the same as another one."""
    whole = await here.store.run(regrouping.merge, gap, into=into, by=me.agent.name)
    said = say("said.gaps_merged", me.lang)
    return frame.done(request, f"{HOME}/{whole}", said=said, go=True)


@router.post("/{gap}/separate")
async def separate(request: Request, here: Here, me: Curator, gap: GapId) -> Response:
    """It does not, after all."""
    whole = await here.store.run(regrouping.separate, gap, by=me.agent.name)
    return frame.done(request, f"{HOME}/{whole}", said=say("said.gaps_separate", me.lang))


@router.post("/{gap}/take_out")
async def take_out(request: Request, here: Here, me: Curator, gap: GapId, key: Key) -> Response:
    """One of its questions asks something else."""
    await here.store.run(regrouping.take_out, key, of=gap, by=me.agent.name)
    return frame.done(request, f"{HOME}/{gap}", said=say("said.question_out", me.lang))


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
