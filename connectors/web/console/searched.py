"""What people searched for in the help centre in vain: for curators, what to write next."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from connectors.web import help as centre
from connectors.web.console import articles as shelf
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me
from connectors.web.console.portions import Portions, going_on
from connectors.web.console.words import say
from knowledge_base import gaps, misses
from knowledge_base.misses import Missed
from ticketing import accesses

HOME = "/console/gaps/searched"
SHOWN = 50
# So many are searched for anew before a page is shown, a few milliseconds each.
MOST_SEARCHED = 200

router = APIRouter(prefix="/gaps/searched", route_class=ConsoleRoute)


@router.get("")
async def listing(request: Request, here: Here, me: Me, portions: Portions = 1) -> Response:
    """What finds nothing to this day, the most searched first."""
    if frame.by_script(request):  # it has no part that follows what happens
        return await frame.show(request, here, me, "searched", _place)
    here.knowledge.warm()
    found = await _missing(request, here, portions * SHOWN + 1)

    def read(session: Session) -> dict[str, Any]:
        return {
            **going_on(request, found, portions, SHOWN),
            "state": "searched",
            "order": "size",
            "gap_counts": {one: gaps.count(session, state=one) for one in gaps.STATES},
            **shelf.place("gaps"),
        }

    return await frame.show(request, here, me, "searched", read)


@router.post("/dismiss")
async def dismiss(
    request: Request,
    here: Here,
    me: Curator,
    words: Annotated[str, Form(min_length=1, max_length=misses.LONGEST)],
    locale: Annotated[Literal["ko", "en"], Form()],
) -> Response:
    """Nothing needs to be written about it."""
    await here.store.run(misses.forget, words=words.replace("\0", ""), locale=locale)
    return frame.done(request, HOME, said=say("said.dismissed", me.lang), go=True)


def _place(_: Session) -> dict[str, Any]:
    return {**shelf.place("gaps")}


def _searched(session: Session) -> list[Missed]:
    return misses.listing(session, zone=accesses.zone(session))


async def _missing(request: Request, here: Here, most: int) -> list[Missed]:
    """What finds nothing now; something may have been published since it was searched for."""
    rows = await here.store.read(_searched)
    if not here.knowledge.free:
        return rows[:most]
    on = await centre.shelf(request, here)
    missing: list[Missed] = []
    for place, one in enumerate(rows):
        if len(missing) == most:
            break
        if place < MOST_SEARCHED:
            meant = await centre.meant(here, on, one.words, one.locale)
            if (await centre.search(here, on, meant, one.locale))[0]:
                continue
        missing.append(one)
    return missing
