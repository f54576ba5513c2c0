"""Is it alive, can it answer a customer now, and what do the figures say."""

from __future__ import annotations

import asyncio
import math
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from connectors.web.gateway import Gateway, gateway
from connectors.web.problems import document
from ticketing import lanes

router = APIRouter(tags=["operation"])
Here = Annotated[Gateway, Depends(gateway)]
# A database that stands still is away for whoever watches; its connections may break much later.
WITHIN_S = 2.0

DATABASE = Gauge("sangdam_database_up", "Whether the figures below could be read: 1 or 0")
JOBS = Gauge(
    "sangdam_jobs",
    "Jobs that are not done: all pending ones, those of them that wait after a failure, dead ones",
    ["state"],
)
LANES = Gauge("sangdam_lanes", "Lanes that a worker could take now, or works in", ["state"])
OLDEST = Gauge("sangdam_oldest_pending_seconds", "Age of the oldest job that is not done")


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz")
async def readyz(here: Here) -> Response:
    """200 when a customer could be answered now, else 503 with the reasons.

    ``degraded`` says why answers are worse than they could be: without its model, the knowledge
    base finds articles by their words alone.
    """
    reasons: list[str] = []
    try:
        async with asyncio.timeout(WITHIN_S):
            await here.store.run(lambda session: session.execute(text("SELECT 1")))
    except (SQLAlchemyError, OSError):
        reasons.append("the database cannot be reached")
    if not await here.rasa.healthy():
        reasons.append("Rasa does not answer")
    actions = here.settings.actions_url.removesuffix("/webhook")
    if actions and not await here.rasa.answers(f"{actions}/health"):
        reasons.append("the action server does not answer")
    if not here.worker_runs():
        reasons.append("the worker has ended; restart this gateway")
    if reasons:
        return document(503, "; ".join(reasons), "not_ready", reasons=reasons)
    worse = [here.knowledge.degraded]
    if actions:
        worse.append((await here.rasa.said(f"{actions}/state")).get("degraded"))
    said = list(dict.fromkeys(str(one) for one in worse if one))
    return JSONResponse({"status": "ready"} | ({"degraded": said} if said else {}))


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(here: Here) -> Response:
    """Prometheus text format."""
    try:
        async with asyncio.timeout(WITHIN_S):
            depth = await here.store.read(lanes.depth)
    except (SQLAlchemyError, OSError):
        # What this process counted is still worth reading; what the database said before is not.
        DATABASE.set(0)
        JOBS.clear()
        LANES.clear()
        OLDEST.set(math.nan)
    else:
        DATABASE.set(1)
        for state in ("pending", "retrying", "dead"):
            JOBS.labels(state).set(depth[state])
        for state in ("due", "leased"):
            LANES.labels(state).set(depth[state])
        OLDEST.set(depth["oldest_pending_s"])
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
