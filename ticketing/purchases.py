"""What customers bought. An order is pushed or imported under its number, again and again."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, selectinload

from ticketing import record, spelling
from ticketing.customers import members
from ticketing.errors import Conflict, Invalid
from ticketing.models import Purchase, PurchaseChange, PurchaseItem
from ticketing.money import MOST
from ticketing.record import Author

STATUSES = ("pending", "paid", "cancelled", "refunded")
ITEMS = 500


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """A line of an order; ``amount`` in minor units for all its pieces, where it is known."""

    name: str
    quantity: int = 1
    amount: int | None = None
    sku: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """An order as the shop describes it; money in the minor units of ``currency``."""

    number: str
    amount: int
    ordered_at: dt.datetime
    currency: str = "KRW"
    status: str = "paid"
    refunded: int = 0
    items: Sequence[Item] = ()
    changed_at: dt.datetime | None = None


def check(order: Order) -> Order:
    """The same order as it is kept. Raises :class:`Invalid` with the field that is wrong."""
    number = spelling.text("number", order.number, limit=record.NUMBER_LIMIT)
    if number is None:
        raise Invalid("number", "missing", "is missing")
    if order.status not in STATUSES:
        raise Invalid("status", "choice", f"is one of {', '.join(STATUSES)}")
    if not 0 <= order.amount <= MOST:
        raise Invalid("amount", "amount", "is not an amount")
    if not 0 <= order.refunded <= order.amount:
        raise Invalid("refunded", "amount", "is more than the amount")
    for field in ("ordered_at", "changed_at"):
        at: dt.datetime | None = getattr(order, field)
        if at is not None and not 1990 <= at.year <= 2200:
            raise Invalid(field, "date", "is not a day on which somebody ordered")
    if len(order.items) > ITEMS:
        raise Invalid("items", "many", f"are more than {ITEMS}")
    # What was refunded whole was refunded to its last coin.
    refunded = order.amount if order.status == "refunded" else order.refunded
    items = tuple(_item(one) for one in order.items)
    return dataclasses.replace(
        order,
        number=number,
        refunded=refunded,
        items=items,
        ordered_at=order.ordered_at.astimezone(dt.UTC),
        changed_at=order.changed_at and order.changed_at.astimezone(dt.UTC),
    )


def put(
    session: Session, customer_id: uuid.UUID, order: Order, *, by: Author
) -> tuple[Purchase, str]:
    """Keep an order under its number: ``(it, "added" | "updated" | "unchanged")``.

    An order that is there already takes the new content, and what it was is kept. Raises
    :class:`Conflict` when what is known is of a later ``changed_at``, :class:`Invalid`.
    """
    order = check(order)
    # Two pushes of the same new order take turns; there is no row yet that could be locked.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(order.number, 11))))
    found = session.scalar(
        select(Purchase)
        .options(selectinload(Purchase.items))
        .where(Purchase.number == order.number)
        .with_for_update(of=Purchase)
        .execution_options(populate_existing=True)
    )
    if found is None:
        found = Purchase(number=order.number)
        write(found, customer_id, order)
        session.add(found)
        session.flush()
        session.add(_change(found, None, content(found), by=by))
        return found, "added"
    if order.changed_at is None:
        # An older push without a time must not forget the time that is known.
        order = dataclasses.replace(order, changed_at=found.changed_at)
    elif found.changed_at is not None and order.changed_at < found.changed_at:
        raise Conflict(
            f"order {order.number} was changed at {found.changed_at.isoformat()}, after that"
        )
    old = content(found)
    # A person who is several customers keeps the order where it is.
    same = customer_id == found.customer_id or found.customer_id in {
        one.id for one in record.people(session, customer_id)
    }
    new = _content(order, found.customer_id if same else customer_id)
    if old == new:
        return found, "unchanged"
    write(found, found.customer_id if same else customer_id, order)
    session.flush()
    session.add(_change(found, old, new, by=by))
    return found, "updated"


def write(purchase: Purchase, customer_id: uuid.UUID, order: Order) -> None:
    """Set everything of an order, and keep nothing about it."""
    purchase.customer_id = customer_id
    purchase.status, purchase.currency = order.status, order.currency
    purchase.amount, purchase.refunded = order.amount, order.refunded
    purchase.ordered_at, purchase.changed_at = order.ordered_at, order.changed_at
    kept = {item.place: item for item in purchase.items}
    items = []
    for place, one in enumerate(order.items):
        item = kept.get(place) or PurchaseItem(place=place)
        item.name, item.quantity = one.name, one.quantity
        item.amount, item.sku = one.amount, one.sku
        items.append(item)
    purchase.items = items


def content(purchase: Purchase) -> dict[str, Any]:
    """All that an order says, as JSON: what is compared, kept and brought back."""
    order = Order(
        number=purchase.number,
        amount=purchase.amount,
        ordered_at=purchase.ordered_at,
        currency=purchase.currency,
        status=purchase.status,
        refunded=purchase.refunded,
        items=[
            Item(name=one.name, quantity=one.quantity, amount=one.amount, sku=one.sku)
            for one in purchase.items
        ],
        changed_at=purchase.changed_at,
    )
    return _content(order, purchase.customer_id)


def order_of(kept: Mapping[str, Any]) -> tuple[uuid.UUID, Order]:
    """``(customer, order)`` of what :func:`content` made."""
    changed = kept["changed_at"]
    order = Order(
        number=kept["number"],
        amount=kept["amount"],
        ordered_at=dt.datetime.fromisoformat(kept["ordered_at"]),
        currency=kept["currency"],
        status=kept["status"],
        refunded=kept["refunded"],
        items=[Item(**one) for one in kept["items"]],
        changed_at=None if changed is None else dt.datetime.fromisoformat(changed),
    )
    return uuid.UUID(kept["customer"]), order


def listing(session: Session, customer_id: uuid.UUID, *, limit: int = 50) -> list[Purchase]:
    """The person's orders with their lines, newest first."""
    return list(
        session.scalars(
            select(Purchase)
            .options(selectinload(Purchase.items))
            .where(Purchase.customer_id.in_(members(customer_id)))
            .order_by(Purchase.ordered_at.desc(), Purchase.id.desc())
            .limit(limit)
        )
    )


@dataclasses.dataclass(frozen=True, slots=True)
class Value:
    """What a person is worth to the shop: paid orders, and what they kept after refunds."""

    orders: int
    # Minor units by currency, the currency of the last order first.
    totals: Mapping[str, int]
    first_order: dt.datetime | None
    last_order: dt.datetime | None


def value(session: Session, customer_id: uuid.UUID) -> Value:
    """The person's value. Orders that were cancelled, or never paid, count for nothing."""
    counted = case((Purchase.status == "paid", 1), else_=0)
    rows = session.execute(
        select(
            Purchase.currency,
            func.sum(counted),
            func.sum(Purchase.amount - Purchase.refunded),
            func.min(Purchase.ordered_at),
            func.max(Purchase.ordered_at),
        )
        .where(
            Purchase.customer_id.in_(members(customer_id)),
            Purchase.status.in_(("paid", "refunded")),
        )
        .group_by(Purchase.currency)
        .order_by(func.max(Purchase.ordered_at).desc())
    ).all()
    return Value(
        orders=sum(int(row[1]) for row in rows),
        totals={row[0]: int(row[2]) for row in rows},
        first_order=min((row[3] for row in rows), default=None),
        last_order=max((row[4] for row in rows), default=None),
    )


def _content(order: Order, customer_id: uuid.UUID) -> dict[str, Any]:
    changed = order.changed_at
    return {
        "customer": str(customer_id),
        "number": order.number,
        "status": order.status,
        "amount": order.amount,
        "refunded": order.refunded,
        "currency": order.currency,
        "ordered_at": _utc(order.ordered_at),
        "changed_at": None if changed is None else _utc(changed),
        "items": [dataclasses.asdict(one) for one in order.items],
    }


def _utc(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat()


def _change(
    purchase: Purchase, old: dict[str, Any] | None, new: dict[str, Any], *, by: Author
) -> PurchaseChange:
    return PurchaseChange(
        purchase_id=purchase.id,
        old=old,
        new=new,
        by_name=by.name,
        source=by.source,
        batch_id=by.batch_id,
    )


def _item(item: Item) -> Item:
    name = spelling.text("items", item.name, limit=200)
    if name is None:
        raise Invalid("items", "missing", "have no name")
    if not 1 <= item.quantity <= 1_000_000:
        raise Invalid("items", "number", "have a quantity that is no number of pieces")
    if item.amount is not None and not 0 <= item.amount <= MOST:
        raise Invalid("items", "amount", "have an amount that is none")
    sku = spelling.text("items", item.sku, limit=record.NUMBER_LIMIT) or ""
    return dataclasses.replace(item, name=name, sku=sku)
