"""Orders for a shop's backend: pushed under their number, as often as they change."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.web import record_json
from connectors.web.api import By, Here, Me
from connectors.web.auth import admin_only
from ticketing import accesses, money, purchases, record
from ticketing.errors import NotFound
from ticketing.models import Purchase

router = APIRouter(prefix="/api/orders", tags=["orders"])

Text = Annotated[str, Field(max_length=2000)]
# Minor units of the currency.
Money = Annotated[int, Field(ge=0, le=money.MOST)]


class Buyer(BaseModel):
    """Whose order it is: the customer's number at the shop.

    The rest is taken for somebody who is new here, and ignored for whoever is known already.
    """

    model_config = ConfigDict(extra="forbid")
    number: Text
    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None


class Line(BaseModel):
    """What was ordered; ``amount`` for all pieces together."""

    model_config = ConfigDict(extra="forbid")
    name: Text
    quantity: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    amount: Money | None = None
    sku: Text = ""


class Pushed(BaseModel):
    """An order, whole, as it is now. ``changed_at``: when the shop last changed it."""

    model_config = ConfigDict(extra="forbid")
    number: Text
    customer: Buyer
    amount: Money
    ordered_at: AwareDatetime
    currency: Text = "KRW"
    status: Text = "paid"
    refunded: Money = 0
    items: Annotated[list[Line], Field(max_length=purchases.ITEMS)] = Field(default_factory=list)
    changed_at: AwareDatetime | None = None


class Kept(BaseModel):
    """What became of it: ``added``, ``updated`` or ``unchanged``; the customer; the order."""

    outcome: str
    customer: str
    order: dict[str, Any]


@router.post("", status_code=201, responses={200: {"model": Kept, "description": "Known already"}})
async def push(here: Here, me: Me, by: By, body: Pushed, response: Response) -> Kept:
    """Keep an order under its number. For leads and administrators.

    The same again changes nothing (200, ``unchanged``); other content takes the place of what was
    known (200, ``updated``), unless its ``changed_at`` is before what is known (409).
    """
    admin_only(me)
    order = purchases.Order(
        number=body.number,
        amount=body.amount,
        ordered_at=body.ordered_at,
        currency=money.currency(body.currency),
        status=body.status,
        refunded=body.refunded,
        items=[purchases.Item(**one.model_dump()) for one in body.items],
        changed_at=body.changed_at,
    )
    values = {
        field: value
        for field, value in body.customer.model_dump(exclude={"number"}).items()
        if value
    }

    def act(session: Session) -> Kept:
        checked = purchases.check(order)
        buyer = record.at_shop(
            session, body.customer.number, values=values, by=dataclasses.replace(by, source="order")
        )
        assert buyer is not None, "made, where there was none"
        kept, outcome = purchases.put(session, buyer.id, checked, by=by)
        return Kept(
            outcome=outcome, customer=str(kept.customer_id), order=record_json.purchase(kept)
        )

    kept = await here.store.run(act)
    if kept.outcome != "added":
        response.status_code = 200
    return kept


@router.get("/{number}")
async def one(here: Here, by: By, number: str) -> Kept:
    """An order as it is known here."""

    def read(session: Session) -> Kept:
        found = session.scalar(select(Purchase).where(Purchase.number == number))
        if found is None:
            raise NotFound("there is no such order")
        accesses.opened(session, found.customer_id, by=by)
        return Kept(
            outcome="unchanged",
            customer=str(found.customer_id),
            order=record_json.purchase(found),
        )

    return await here.store.read(read)
