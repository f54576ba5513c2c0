"""A customer's record on the console: shown, changed, and its history of changes."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from connectors.web import record_json
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Me, Sender
from connectors.web.console.words import known as words_of
from connectors.web.console.words import say
from ticketing import (
    accesses,
    agents,
    claims,
    consents,
    custom_fields,
    customers,
    money,
    purchases,
    record,
    spelling,
)
from ticketing.custom_fields import PREFIX

CHANGES = 200
PURCHASES = 10

router = APIRouter(prefix="/customers", route_class=ConsoleRoute)


def shown(session: Session, customer_id: uuid.UUID, *, lang: str) -> dict[str, Any]:
    """What the page says of a person beside their conversations."""
    known = record.known(session, customer_id)
    own = custom_fields.listing(session)
    numbers = ", ".join(record.numbers(session, customer_id))
    facts = [("record.number", numbers)] if numbers else []
    facts += [
        (f"record.{field}", _said(field, known[field], lang))
        for field in record.FIELDS
        if field in known
    ]
    named = [
        (one.name_ko if lang == "ko" else one.name_en, _said("", known[PREFIX + one.key], lang))
        for one in own
        if PREFIX + one.key in known
    ]
    worth = purchases.value(session, customer_id)
    return {
        "facts": facts,
        "own_facts": named,
        "worth": worth,
        "totals": [money.say(total, code, lang) for code, total in worth.totals.items()],
        "purchases": [
            {"order": one, "amount": money.say(one.amount, one.currency, lang)}
            for one in purchases.listing(session, customer_id, limit=PURCHASES)
        ],
        "consents": consents.listing(session, customer_id),
        "claims": claims.listing(session, customer_id),
        "trouble": claims.trouble(session, customer_id),
        "purposes": consents.PURPOSES,
        "claim_kinds": claims.KINDS,
        "consent_channels": record.CHANNELS,
    }


@router.get("/{customer_id}/edit")
async def edit_page(request: Request, here: Here, me: Me, customer_id: str) -> Response:
    """The form."""

    def read(session: Session) -> dict[str, Any]:
        customer = customers.get(session, customer_id)
        accesses.opened(session, customer.id, by=me.author)
        known = record.known(session, customer.id)
        return {
            "here": "customers",
            "customer": customer,
            "fields": {field: _typed(field, known.get(field)) for field in record.FIELDS},
            "own": [
                {"field": one, "value": _typed("", known.get(PREFIX + one.key))}
                for one in custom_fields.listing(session)
            ],
            "agents": agents.active(session),
            "channels": record.CHANNELS,
        }

    return await frame.show(request, here, me, "customer_edit", read)


@router.post("/{customer_id}/edit")
async def edit(request: Request, here: Here, me: Sender, customer_id: str) -> Response:
    """Keep what the form says; a field that it does not have stays."""
    form = await request.form()
    values = {
        name: str(value)
        for name, value in form.items()
        if name in record.FIELDS or name.startswith(PREFIX)
    }

    def act(session: Session) -> str:
        customer = customers.get(session, customer_id)
        record.change(session, customer.id, values, by=me.author)
        return str(customer.id)

    where = await here.store.run(act)
    return frame.done(
        request, f"/console/customers/{where}", said=say("record.said", me.lang), go=True
    )


@router.get("/{customer_id}/changes")
async def changes(request: Request, here: Here, me: Me, customer_id: str) -> Response:
    """Every change, newest first."""

    def read(session: Session) -> dict[str, Any]:
        customer = customers.get(session, customer_id)
        accesses.opened(session, customer.id, by=me.author)
        own = custom_fields.listing(session, retired=True)
        names = {PREFIX + one.key: one.name_ko if me.lang == "ko" else one.name_en for one in own}
        rows = [
            {
                "change": one,
                "field": names.get(one.field)
                or words_of(f"record.{one.field}", me.lang, one.field),
                "old": _said(one.field, one.old, me.lang),
                "new": _said(one.field, one.new, me.lang),
            }
            for one in record.changes(session, customer.id, limit=CHANGES)
        ]
        return {"here": "customers", "customer": customer, "rows": rows}

    return await frame.show(request, here, me, "customer_changes", read)


def _said(field: str, value: Any, lang: str) -> str:
    """A value for people."""
    value = record_json.named(field, value)
    if value is None:
        return ""
    if field == "phone":
        return spelling.national(str(value))
    if field == "locale":
        return words_of(f"locale.{value}", lang, str(value))
    if field == "preferred_channel":
        return words_of(f"channel.{value}", lang, str(value))
    if isinstance(value, bool):
        return ("예" if value else "아니요") if lang == "ko" else ("Yes" if value else "No")
    return str(record_json.plain(value))


def _typed(field: str, value: Any) -> str:
    """A value as it stands in a form."""
    value = record_json.named(field, value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return spelling.national(str(value)) if field == "phone" else str(record_json.plain(value))
