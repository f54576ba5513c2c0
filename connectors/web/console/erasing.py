"""A customer erased on the console: what will go is said first, and it is not done by a slip."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy.orm import Session

from connectors import erasing
from connectors.web import downloads as taken
from connectors.web.console import frame
from connectors.web.console.agents import Admin, Looks
from connectors.web.console.frame import ConsoleRoute, Here, Viewer
from connectors.web.console.portions import Portions, going_on
from connectors.web.console.words import say
from connectors.web.gateway import Gateway
from connectors.web.problems import Problem
from ticketing import accesses, customers, erasure, record
from ticketing.errors import Invalid
from ticketing.models import Customer

HOME = "/console/customers/erasures"
# In words of the console; whatever else it is, the administrator writes.
REASONS = ("asked", "withdrawn", "expired", "test")
SHOWN = 200

router = APIRouter(prefix="/customers", route_class=ConsoleRoute)
Text = Annotated[str, Form(max_length=1000)]


@router.get("/erasures")
async def listing(request: Request, here: Here, me: Looks, portions: Portions = 1) -> Response:
    """Who was erased, by whom, when and why."""

    def read(session: Session) -> dict[str, Any]:
        found = erasure.listing(session, limit=portions * SHOWN + 1)
        return {"here": "customers", **going_on(request, found, portions, SHOWN)}

    return await frame.show(request, here, me, "erasures", read, parts=("erasures",))


@router.get("/{customer_id}/erase")
async def page(request: Request, here: Here, me: Looks, customer_id: str) -> Response:
    """What will go, and what cannot be called back."""
    return await _page(request, here, me, customer_id)


@router.get("/{customer_id}/file")
async def file(
    request: Request,
    here: Here,
    me: Looks,
    customer_id: str,
    reason: Annotated[str, Query(max_length=1000)] = "",
) -> Response:
    """All about this customer, for them."""
    try:
        return await taken.person(here, customer_id, reason=reason, by=me.author)
    except Invalid as error:
        raise Problem(422, f"taken.wrong.{error.code}") from None


@router.post("/{customer_id}/erase")
async def erase(
    request: Request,
    here: Here,
    me: Admin,
    customer_id: str,
    reason: Text = "",
    other: Text = "",
    confirm: Text = "",
) -> Response:
    """Do it, if the person was named and there is a reason."""
    why = reason if reason in REASONS else other

    def act(session: Session) -> int | str:
        known = erasure.whom(session, customer_id)
        if erasure.find(session, known) is None:
            customer = customers.get(session, known)
            if _plain(confirm) not in map(_plain, _names(session, customer, me.lang)):
                return "erase.wrong.name"
        try:
            return erasing.begin(session, known, reason=why, by=me.author).id
        except Invalid as error:
            return f"erase.wrong.{error.code}"

    done = await here.store.run(act)
    if isinstance(done, str):
        typed = {"reason": reason, "other": other, "confirm": confirm}
        return await _page(request, here, me, customer_id, error=done, typed=typed)
    made = await erasing.finish(here.store, done)
    said = "erase.said" if made.finished_at is not None else "erase.said.going"
    return frame.done(request, HOME, said=say(said, me.lang), go=True)


async def _page(
    request: Request,
    here: Gateway,
    me: Viewer,
    customer_id: str,
    *,
    error: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    def read(session: Session) -> dict[str, Any]:
        customer = customers.get(session, customer_id)
        accesses.opened(session, customer.id, by=me.author)
        return {
            "here": "customers",
            "customer": customer,
            "extent": erasure.extent(session, customer.id),
            "linked": [one for one in record.people(session, customer.id) if one.id != customer.id],
            "name": _names(session, customer, me.lang)[0],
            "reasons": REASONS,
            "most": erasure.REASON,
            "error": error,
            "typed": typed or {},
        }

    return await frame.show(request, here, me, "customer_erase", read, status=422 if error else 200)


def _names(session: Session, customer: Customer, lang: str) -> list[str]:
    """What may be typed for this person: the name that the page shows, or a customer's number."""
    return [frame.label(customer, lang), *record.numbers(session, customer.id)]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold().replace(" ", "")
