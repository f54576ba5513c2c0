"""What is known of a customer, as programs read it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy.orm import Session

from ticketing import claims, consents, purchases, record
from ticketing.custom_fields import PREFIX
from ticketing.models import Claim, Consent, CustomerChange, Purchase


def facts(session: Session, customer_id: uuid.UUID) -> dict[str, Any]:
    """Fields, numbers, value, purchases, consents and trouble of a person."""
    known = record.known(session, customer_id)
    worth = purchases.value(session, customer_id)
    fields = {field: plain(known.get(field)) for field in record.FIELDS}
    owner = known.get("owner")
    return {
        **fields,
        "owner": None if owner is None else owner["name"],
        "numbers": record.numbers(session, customer_id),
        "custom": {
            field.removeprefix(PREFIX): value
            for field, value in known.items()
            if field.startswith(PREFIX)
        },
        "value": {
            "orders": worth.orders,
            "totals": dict(worth.totals),
            "first_order": time(worth.first_order),
            "last_order": time(worth.last_order),
        },
        "purchases": [purchase(one) for one in purchases.listing(session, customer_id)],
        "consents": [consent(one) for one in consents.listing(session, customer_id)],
        "claims": [claim(one) for one in claims.listing(session, customer_id)],
        "trouble": [{**one, "at": time(one["at"])} for one in claims.trouble(session, customer_id)],
    }


def purchase(order: Purchase) -> dict[str, Any]:
    """An order; money in the minor units of its currency."""
    return {
        "number": order.number,
        "status": order.status,
        "amount": order.amount,
        "refunded": order.refunded,
        "currency": order.currency,
        "ordered_at": time(order.ordered_at),
        "changed_at": time(order.changed_at),
        "items": [
            {"name": one.name, "quantity": one.quantity, "amount": one.amount, "sku": one.sku}
            for one in order.items
        ],
    }


def consent(one: Consent) -> dict[str, Any]:
    """A consent, in force as long as ``withdrawn_at`` is null."""
    return {
        "purpose": one.purpose,
        "text_version": one.text_version,
        "channel": one.channel,
        "given_at": time(one.given_at),
        "given_by": one.given_by,
        "withdrawn_at": time(one.withdrawn_at),
        "withdrawn_by": one.withdrawn_by,
    }


def claim(one: Claim) -> dict[str, Any]:
    """A complaint, open as long as ``settled_at`` is null."""
    return {
        "id": one.id,
        "kind": one.kind,
        "text": one.text,
        "ticket": None if one.ticket is None else one.ticket.code,
        "opened_at": time(one.opened_at),
        "opened_by": one.opened_by,
        "settlement": one.settlement,
        "settled_at": time(one.settled_at),
        "settled_by": one.settled_by,
    }


def change(one: CustomerChange) -> dict[str, Any]:
    """A line of the record's history."""
    old, new = (named(one.field, value) for value in (one.old, one.new))
    return {
        "field": one.field,
        "old": old,
        "new": new,
        "by": one.by_name,
        "source": one.source,
        "batch": one.batch_id,
        "at": time(one.at),
    }


def named(field: str, value: Any) -> Any:
    """A kept value as it is shown: an owner by name."""
    return value["name"] if field == "owner" and isinstance(value, dict) else value


def plain(value: Any) -> Any:
    """A value of the record as JSON has it."""
    return value.isoformat() if isinstance(value, dt.date) else value


def time(at: dt.datetime | None) -> str | None:
    """An instant in ISO 8601."""
    return None if at is None else at.isoformat()
