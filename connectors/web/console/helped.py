"""What helped: articles by how often they are read, asked for, and enough; the rows behind it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from connectors import helped
from connectors.web.console import articles as shelf
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Me
from knowledge_base import articles
from ticketing import accesses

router = APIRouter(prefix="/helped", route_class=ConsoleRoute)
Days = Annotated[Literal["7", "30", "90"], Query()]
Order = Literal["title", "views", "given", "solved", "up", "down", "published_at"]


@router.get("")
async def page(
    request: Request,
    here: Here,
    me: Me,
    days: Days = "30",
    order: Annotated[Order, Query()] = "given",
    way: Annotated[Literal["", "up", "down"], Query()] = "",
) -> Response:
    """One line for each published article, sorted by a column."""
    falling = way != "up" if way else order != "title"

    def read(session: Session) -> dict[str, Any]:
        return {
            "rows": helped.table(
                session, days=int(days), order=order, falling=falling, locale=me.lang
            ),
            "days": days,
            "order": order,
            "falling": falling,
            "columns": helped.COLUMNS,
            **shelf.place("helped"),
        }

    return await frame.show(request, here, me, "helped", read)


@router.get("/{id}")
async def rows(
    request: Request,
    here: Here,
    me: Me,
    id: str,
    locale: Annotated[Literal["ko", "en"], Query()],
    days: Days = "30",
    which: Annotated[Literal["given", "solved", "up", "down"], Query()] = "given",
) -> Response:
    """The answers behind a number, each with the way to its conversation."""

    def read(session: Session) -> dict[str, Any]:
        span = int(days)
        up, down = helped.votes_read(session, id=id.replace("\0", ""), locale=locale, days=span)
        article = articles.get(session, id=id, locale=locale)
        found = helped.behind(session, id=id, locale=locale, days=span, which=which)
        accesses.found(session, {row.customer for row in found}, by=me.author)
        return {
            "article": article,
            "rows": found,
            "days": days,
            "which": which,
            "whiches": ("given", "solved", "up", "down"),
            "elsewhere": {"up": up, "down": down}.get(which, 0),
            "full": helped.SHOWN,
            **shelf.place("helped"),
        }

    return await frame.show(request, here, me, "helped_rows", read)
