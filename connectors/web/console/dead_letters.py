"""Work that was given up: what and why, and what becomes of it. For leads and administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy.orm import Session

from connectors import causes, outside
from connectors.desk import dead
from connectors.web.auth import admin_only
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Curator, Here, Me, Viewer
from connectors.web.console.portions import Portions, going_on
from connectors.web.console.words import say
from ticketing import accesses, dead_letters
from ticketing.models import Job

HOME = "/console/dead-letters"
SHOWN = 100

router = APIRouter(prefix="/dead-letters", route_class=ConsoleRoute)
JobId = Annotated[int, Path(ge=1, le=2**63 - 1)]


async def lead(me: Me) -> Viewer:
    """Whoever looks after these. Raises :class:`Problem` for everybody else."""
    admin_only(me.agent)
    return me


Lead = Annotated[Viewer, Depends(lead)]


@router.get("")
async def listing(request: Request, here: Here, me: Lead, portions: Portions = 1) -> Response:
    """Dead letters, newest first."""

    def read(session: Session) -> dict[str, Any]:
        found = dead_letters.listing(session, limit=portions * SHOWN + 1)
        rows = [_row(session, job, me.lang) for job in found]
        people = {one.id for row in rows[: portions * SHOWN] if (one := row["about"].customer)}
        accesses.listed(session, people, by=me.author)
        slack = sum(row["job"].kind in outside.SHOWN for row in rows)
        return {**going_on(request, rows, portions, SHOWN), "here": "dead", "slack": slack}

    return await frame.show(request, here, me, "dead_letters", read, parts=("dead_letters",))


@router.get("/{job}")
async def one(request: Request, here: Here, me: Lead, job: JobId) -> Response:
    """One of them: why, whom it is about, what it would have said."""

    def read(session: Session) -> dict[str, Any]:
        row = _row(session, dead_letters.get(session, job), me.lang)
        if row["about"].customer:
            accesses.opened(session, row["about"].customer.id, by=me.author)
        return {**row, "here": "dead"}

    return await frame.show(request, here, me, "dead_letter", read, parts=("dead_letter",))


@router.post("/retry-slack")
async def retry_slack(request: Request, here: Here, me: Curator) -> Response:
    """Give all that Slack did not show another life: what they failed for is mended."""
    await here.store.run(dead_letters.retry_all, kinds=outside.SHOWN)
    return frame.done(request, HOME, said=say("said.retried", me.lang))


@router.post("/{job}/retry")
async def retry(request: Request, here: Here, me: Curator, job: JobId) -> Response:
    """Give one another life."""
    await here.store.run(dead_letters.retry, job)
    return frame.done(request, HOME, said=say("said.retried", me.lang))


@router.post("/{job}/discard")
async def discard(request: Request, here: Here, me: Curator, job: JobId) -> Response:
    """Give one up for good."""
    await here.store.run(dead_letters.discard, job, by=me.agent.name)
    return frame.done(request, HOME, said=say("said.discarded", me.lang))


def _row(session: Session, job: Job, lang: str) -> dict[str, Any]:
    said = dead.reason(job.error)
    return {
        "job": job,
        "about": dead.about(session, job),
        "why": causes.what(said, lang) if said else "",
        "remedy": causes.remedy(said, lang) if said and job.state == "dead" else "",
        "since": job.changed_at or job.created_at,
    }
