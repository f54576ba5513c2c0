"""Who looked at customers' data, on the console: by agent, customer and day, and as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import customer_files
from connectors.web import downloads as taken
from connectors.web.accesses import RowId, Which
from connectors.web.console import frame
from connectors.web.console.agents import Looks
from connectors.web.console.frame import ConsoleRoute, Here
from connectors.web.console.words import known, say
from ticketing import accesses, agents
from ticketing.models import Access, Customer

SHOWN = 100
WHATS = ("opened", "searched", "listed", "downloaded")
_COLUMNS = ("at", "by", "what", "people", "rows", "source", "place", "file", "reason")

router = APIRouter(prefix="/customers", route_class=ConsoleRoute)


@router.get("/accesses")
async def listing(
    request: Request, here: Here, me: Looks, which: Which, before: RowId = None
) -> Response:
    """The newest, or those before a page's last."""

    def read(session: Session) -> dict[str, Any]:
        found = session.scalars(which.query(session, before=before).limit(SHOWN + 1)).all()
        query = urlencode({name: value for name, value in vars(which).items() if value})
        asked = [one.customer_id for one in found if one.customer_id is not None]
        there = select(Customer.id).where(Customer.id.in_(asked), Customer.erased_at.is_(None))
        return {
            "here": "customers",
            "rows": found[:SHOWN],
            "there": set(session.scalars(there)),
            "which": which,
            "agents": agents.every(session),
            "whats": WHATS,
            "csv": f"/console/customers/accesses.csv?{query}",
            "older": f"?{query}&before={found[SHOWN - 1].id}" if len(found) > SHOWN else "",
        }

    return await frame.show(request, here, me, "accesses", read)


@router.get("/accesses.csv")
async def table(here: Here, me: Looks, which: Which) -> Response:
    """All of them as a table, for the monthly look at it."""

    def write(session: Session, path: Path) -> str:
        zone = ZoneInfo(accesses.zone(session))
        head = [say(f"access.col.{name}", me.lang) for name in _COLUMNS]
        found = session.scalars(which.query(session).execution_options(yield_per=1000))

        def lines() -> Iterator[Sequence[str]]:
            for one in found:
                yield _cells(one, zone, me.lang)

        with path.open("wb") as file:
            file.writelines(customer_files.csv_pieces(head, lines()))
        return "accesses.csv"

    return await taken.made(here, write, media_type="text/csv")


def _cells(one: Access, zone: ZoneInfo, lang: str) -> Sequence[str]:
    return [
        one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S"),
        one.by_name,
        say(f"access.{one.what}", lang),
        " ".join(str(person) for person in one.people),
        str(one.rows),
        known(f"source.{one.source}", lang, one.source),
        one.place or (say("access.place.unknown", lang) if one.source == "slack" else ""),
        f"{say(f'taken.what.{one.file}', lang)} {one.form}" if one.file else "",
        one.reason,
    ]
