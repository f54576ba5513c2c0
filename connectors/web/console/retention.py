"""After how long things go, on the console: what would go is said first. For administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.orm import Session

from connectors.web.console import frame
from connectors.web.console.agents import Admin, Looks
from connectors.web.console.frame import ConsoleRoute, Here
from connectors.web.console.portions import Portions, going_on
from connectors.web.console.words import say
from connectors.web.problems import Problem
from ticketing import purging, retention
from ticketing.errors import Invalid

HOME = "/console/customers/retention"
SHOWN = 30

router = APIRouter(prefix="/customers", route_class=ConsoleRoute)
Text = Annotated[str, Form(max_length=20)]


@router.get("/retention")
async def page(
    request: Request,
    here: Here,
    me: Looks,
    portions: Portions = 1,
    kind: Annotated[str, Query(max_length=20)] = "",
    days: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """What holds, what went on which day, and how much would go with ``days`` for a ``kind``."""
    asked, wrong = None, ""
    if kind:
        try:
            asked = _days(kind, days)
        except Problem as problem:
            wrong = say(problem.detail, me.lang, **problem.extra)

    def read(session: Session) -> dict[str, Any]:
        return {
            "here": "customers",
            "rules": {one: retention.in_force(session, one) for one in retention.LEAST},
            "least": retention.LEAST,
            "most": retention.MOST,
            "kind": kind,
            "typed": days,
            "asked": asked,
            "wrong": wrong,
            "extent": purging.extent(session, kind, days=asked) if asked else {},
            "changes": retention.changes(session),
            **going_on(
                request, retention.reports(session, limit=portions * SHOWN + 1), portions, SHOWN
            ),
        }

    status = 422 if wrong else 200
    return await frame.show(
        request, here, me, "retention", read, parts=("retention",), status=status
    )


@router.post("/retention/{kind}")
async def keep(
    request: Request, here: Here, me: Admin, kind: str, days: Text = "", never: Text = ""
) -> Response:
    """Set it, or let nothing of this kind go any more."""
    wanted = None if never else _days(kind, days)

    await here.store.run(retention.keep, kind, days=wanted, by=me.author)
    said = "retention.said" if wanted else "retention.said.never"
    return frame.done(request, HOME, said=say(said, me.lang), go=True)


def _days(kind: str, typed: str) -> int:
    """The number that was typed. Raises :class:`Problem` for one that cannot be set."""
    days = int(typed) if typed.isascii() and typed.isdecimal() else -1
    try:
        retention.check(kind, days)
    except Invalid:
        least, most = retention.LEAST[kind], f"{retention.MOST:,}"
        raise Problem(422, "retention.wrong", field="days", least=least, most=most) from None
    return days
