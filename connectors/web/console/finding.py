"""Customers and tickets to choose from, looked for while somebody types what they know of them."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy.orm import Session

from connectors.web.console import frame, marking, times
from connectors.web.console.frame import ConsoleRoute, Here, Me, Viewer
from connectors.web.gateway import Gateway
from ticketing import accesses, customer_search, customers, spelling, ticket_search
from ticketing.models import Customer

# Whoever does not see it among these types another word.
SHOWN = 8

router = APIRouter(route_class=ConsoleRoute)
Wanted = Annotated[str, Query(max_length=200)]
Rows = list[dict[str, Any]]


@router.get("/others/customers")
async def other_customers(
    request: Request, here: Here, me: Me, but: Wanted, q: Wanted = ""
) -> Response:
    """Customers but one, found as in the list of customers: who else this one may be."""

    def read(session: Session, wanted: str) -> Rows:
        root = customers.get(session, but).root_id
        found = customer_search.find(session, search=wanted, limit=SHOWN + 2)
        accesses.found(session, [one.id for one, _ in found], by=me.author)
        return [
            {
                "value": one.id,
                "title": frame.label(one, me.lang),
                "code": "",
                "words": _known(one, last, me.lang),
            }
            for one, last in found
            if one.id != root
        ]

    return await _choices(request, here, me, q, read)


@router.get("/others/tickets")
async def other_tickets(
    request: Request, here: Here, me: Me, but: Wanted, q: Wanted = ""
) -> Response:
    """Tickets but one, of whomever, as the search over the list of tickets finds them."""

    def read(session: Session, wanted: str) -> Rows:
        query = ticket_search.search(wanted).limit(SHOWN + 2)
        found = [one for one in session.scalars(query) if one.code != but]
        people = {one.customer_id for one in found}
        accesses.found(session, people, by=me.author)
        said = ticket_search.lines(session, found, wanted)
        return [
            {
                "value": one.code,
                "title": frame.label(one.customer, me.lang),
                "code": one.code,
                "words": marking.found(one, said.get(one.conversation_id), wanted).get(
                    "words", one.question
                ),
            }
            for one in found
        ]

    return await _choices(request, here, me, q, read)


def _known(one: Customer, last: dt.datetime | None, lang: str) -> str:
    phone = spelling.national(one.phone) if one.phone else None
    return " · ".join(filter(None, (one.email, phone, times.ago(last, lang) if last else None)))


async def _choices(
    request: Request, here: Gateway, me: Viewer, q: str, read: Callable[[Session, str], Rows]
) -> Response:
    """What is found, as rows of a form; nothing for nothing. A page's address finds whose it is."""
    wanted = unicodedata.normalize("NFC", q.replace("\x00", "")).strip()
    if "/console/" in wanted:
        wanted = wanted.partition("?")[0].rstrip("/").rpartition("/")[2]

    def work(session: Session) -> str:
        rows = read(session, wanted) if wanted else []
        values = frame.common(request, here, me.lang, me)
        return frame.render(
            "parts/others",
            {
                **values,
                "rows": rows[:SHOWN],
                "more": len(rows) > SHOWN,
                "q": wanted,
                "mark": lambda text: marking.marked(text, wanted),
            },
        )

    return frame.html(request, await here.store.read(work))
