"""Customers erased by programs, for administrators: the right to be forgotten as one request."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from connectors import erasing
from connectors.web import record_json
from connectors.web.api import By, Here, Me
from connectors.web.auth import administrator_only
from ticketing import erasure
from ticketing.errors import NotFound
from ticketing.models import Erasure

router = APIRouter(prefix="/api", tags=["customers"])
Reason = Annotated[
    str,
    Query(
        min_length=1,
        max_length=erasure.REASON,
        pattern=r"^[^\x00]*$",
        description="why; it is kept, so it must not name the person",
    ),
]


@router.delete(
    "/customers/{customer}",
    responses={202: {"description": "Begun: they are out of sight, and the rest is being done"}},
)
async def erase(
    here: Here, me: Me, by: By, response: Response, customer: str, reason: Reason
) -> dict[str, Any]:
    """Erase a person over all their channels, for good. For administrators.

    Nothing of what they are, said and bought is kept; who erased them, when and why is. Copies that
    were posted to Slack, a messenger or by mail before are not called back. Again: the same answer.
    """
    administrator_only(me)

    def begin(session: Session) -> int:
        whom = erasure.whom(session, customer)
        return erasing.begin(session, whom, reason=reason, by=by).id

    made = await erasing.finish(here.store, await here.store.run(begin))
    if made.finished_at is None:
        response.status_code = 202
    return _shown(made)


@router.get("/erasures")
async def listing(
    here: Here, me: Me, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, Any]:
    """Who erased somebody, when and why, and how much it was: newest first. For administrators."""
    administrator_only(me)
    found = await here.store.read(erasure.listing, limit=limit)
    return {"erasures": [_shown(one) for one in found]}


@router.get("/erasures/{number}")
async def one(here: Here, me: Me, number: str) -> dict[str, Any]:
    """One of them, to see whether it is done. For administrators."""
    administrator_only(me)
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        raise NotFound("nobody was erased under this number")
    return _shown(await here.store.read(erasure.get, int(number)))


def _shown(one: Erasure) -> dict[str, Any]:
    return {
        "id": one.id,
        "state": "erasing" if one.finished_at is None else "erased",
        "customers": [str(customer) for customer in one.customers],
        "reason": one.reason,
        "by": one.by_name,
        "source": one.source,
        "begun_at": record_json.time(one.begun_at),
        "finished_at": record_json.time(one.finished_at),
        "counts": one.counts,
    }
