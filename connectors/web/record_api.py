"""Customers for programs: find them, change what is known of them, read who changed what."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from connectors.web import api, record_json
from connectors.web.api import By, Here, Me
from connectors.web.auth import admin_only
from ticketing import (
    accesses,
    claims,
    consents,
    custom_fields,
    customer_search,
    customers,
    record,
    tickets,
)
from ticketing.custom_fields import PREFIX
from ticketing.models import CustomerField

router = APIRouter(prefix="/api", tags=["customers"])

Text = Annotated[str, Field(max_length=2000)]
ClaimId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class Known(BaseModel):
    """What to change; a field that is not named stays, ``null`` empties one."""

    model_config = ConfigDict(extra="forbid")
    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    locale: Text | None = None
    birthday: Text | None = None
    address: Text | None = None
    preferred_channel: Text | None = None
    preferences: Text | None = None
    tier: Text | None = None
    owner: Annotated[Text | None, Field(description="an agent's exact name")] = None
    custom: Annotated[
        dict[str, bool | int | float | Text | None],
        Field(max_length=100, description="the shop's own fields, by key"),
    ] = Field(default_factory=dict)


class Agreed(BaseModel):
    """What the customer agreed to. ``at``: when, if that was before now."""

    model_config = ConfigDict(extra="forbid")
    purpose: Text
    text_version: Text
    channel: Text
    at: AwareDatetime | None = None


class Withdrawn(BaseModel):
    """What the customer agrees to no more."""

    model_config = ConfigDict(extra="forbid")
    purpose: Text


class NewClaim(BaseModel):
    """A complaint, of a ticket if there is one."""

    model_config = ConfigDict(extra="forbid")
    kind: Text
    text: Text
    ticket: Text | None = None


class Settlement(BaseModel):
    """How a complaint ended."""

    model_config = ConfigDict(extra="forbid")
    settlement: Text


class OwnField(BaseModel):
    """A field of the record that this shop makes for itself."""

    model_config = ConfigDict(extra="forbid")
    name_ko: Text
    name_en: Text
    kind: Text
    choices: Annotated[list[Text], Field(max_length=50)] = Field(default_factory=list)


@router.get("/customers")
async def find(
    here: Here,
    by: By,
    q: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Customers by part of a name, an address or a number; without ``q`` the latest ones."""

    def read(session: Session) -> list[dict[str, Any]]:
        found = customer_search.find(session, search=q, limit=limit)
        people = [one.id for one, _ in found]
        if customer_search.plain(q):
            accesses.found(session, people, by=by)
        else:
            accesses.listed(session, people, by=by)
        return [
            {
                "id": str(one.id),
                "name": one.name,
                "email": one.email,
                "phone": one.phone,
                "tier": one.tier,
                "last_message_at": record_json.time(last),
            }
            for one, last in found
        ]

    return {"customers": await here.store.read(read)}


@router.patch("/customers/{customer}")
async def change(here: Here, by: By, customer: str, body: Known) -> dict[str, Any]:
    """Change what is known; who changed what is kept. Answers with the record."""
    values: dict[str, Any] = {
        field: getattr(body, field) for field in body.model_fields_set if field != "custom"
    }
    values |= {PREFIX + key: value for key, value in body.custom.items()}

    def act(session: Session) -> dict[str, Any]:
        found = customers.get(session, customer)
        record.change(session, found.id, values, by=by)
        accesses.opened(session, found.id, by=by)
        session.expire_all()
        return api.record(session, customers.get(session, customer))

    return await here.store.run(act)


@router.get("/customers/{customer}/changes")
async def history(
    here: Here,
    by: By,
    customer: str,
    field: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> dict[str, Any]:
    """Every change of a field, newest first: before, after, who, when, from where."""

    def read(session: Session) -> list[dict[str, Any]]:
        found = customers.get(session, customer)
        accesses.opened(session, found.id, by=by)
        lines = record.changes(session, found.id, field=field, limit=limit)
        return [record_json.change(one) for one in lines]

    return {"changes": await here.store.read(read)}


@router.post("/customers/{customer}/consents", status_code=201)
async def agree(here: Here, by: By, customer: str, body: Agreed) -> dict[str, Any]:
    """The customer agreed; other words for the same purpose take the place of earlier ones."""

    def act(session: Session) -> dict[str, Any]:
        found = customers.get(session, customer)
        accesses.opened(session, found.id, by=by)
        given = consents.give(
            session,
            found.id,
            purpose=body.purpose,
            text_version=body.text_version,
            channel=body.channel,
            at=body.at,
            by=by,
        )
        return record_json.consent(given)

    return await here.store.run(act)


@router.post("/customers/{customer}/consents/withdraw")
async def withdraw(here: Here, by: By, customer: str, body: Withdrawn) -> dict[str, Any]:
    """The customer agrees no more. Again: the same answer, and nothing else happens."""

    def act(session: Session) -> dict[str, Any]:
        found = customers.get(session, customer)
        consents.withdraw(session, found.id, purpose=body.purpose, by=by)
        accesses.opened(session, found.id, by=by)
        return {
            "consents": [record_json.consent(one) for one in consents.listing(session, found.id)]
        }

    return await here.store.run(act)


@router.post("/customers/{customer}/claims", status_code=201)
async def complain(here: Here, by: By, customer: str, body: NewClaim) -> dict[str, Any]:
    """Keep a complaint."""

    def act(session: Session) -> dict[str, Any]:
        ticket = tickets.get(session, body.ticket) if body.ticket else None
        found = customers.get(session, customer)
        accesses.opened(session, found.id, by=by)
        made = claims.make(
            session,
            found.id,
            kind=body.kind,
            text=body.text,
            ticket=ticket,
            by=by,
        )
        return record_json.claim(made)

    return await here.store.run(act)


@router.post("/customers/{customer}/claims/{claim}/settle")
async def settle(
    here: Here, by: By, customer: str, claim: ClaimId, body: Settlement
) -> dict[str, Any]:
    """Say how a complaint ended, once."""

    def act(session: Session) -> dict[str, Any]:
        found = customers.get(session, customer)
        accesses.opened(session, found.id, by=by)
        done = claims.settle(session, found.id, claim, settlement=body.settlement, by=by)
        return record_json.claim(done)

    return await here.store.run(act)


@router.get("/customer-fields")
async def fields(here: Here, me: Me) -> dict[str, Any]:
    """The fields that this shop made for itself, in their order."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [_field(one) for one in custom_fields.listing(session, retired=True)]

    return {"fields": await here.store.read(read)}


@router.put("/customer-fields/{key}")
async def define(here: Here, me: Me, by: By, key: str, body: OwnField) -> dict[str, Any]:
    """Make a field, or name it anew. For leads and administrators."""
    admin_only(me)

    def act(session: Session) -> dict[str, Any]:
        made = custom_fields.define(session, key=key, by=by, **body.model_dump())
        return _field(made)

    return await here.store.run(act)


@router.delete("/customer-fields/{key}")
async def retire(here: Here, me: Me, by: By, key: str) -> dict[str, Any]:
    """Ask for a field no more; what it holds stays."""
    admin_only(me)
    return await here.store.run(lambda session: _field(custom_fields.retire(session, key, by=by)))


@router.get("/customer-fields/changes")
async def field_changes(
    here: Here, me: Me, limit: Annotated[int, Query(ge=1, le=1000)] = 200
) -> dict[str, Any]:
    """Who made, changed, retired or brought back which field and when, newest first.

    For leads and administrators.
    """
    admin_only(me)

    def read(session: Session) -> list[dict[str, Any]]:
        return [
            {
                "key": one.key,
                "old": one.old,
                "new": one.new,
                "by": one.by_name,
                "source": one.source,
                "at": record_json.time(one.at),
            }
            for one in custom_fields.changes(session, limit=limit)
        ]

    return {"changes": await here.store.read(read)}


def _field(one: CustomerField) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": {"ko": one.name_ko, "en": one.name_en},
        "kind": one.kind,
        "choices": one.choices,
        "retired": one.retired_at is not None,
    }
