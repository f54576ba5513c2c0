"""A batch taken back: every value is again what it was before, unless it was changed since."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from ticketing import purchases, record
from ticketing.customer_import import CHUNK, get
from ticketing.errors import Conflict
from ticketing.import_customers import MADE
from ticketing.models import (
    ChannelIdentity,
    Claim,
    Consent,
    Conversation,
    Customer,
    CustomerChange,
    CustomerImport,
    CustomerLink,
    Purchase,
    PurchaseChange,
)
from ticketing.record import SHOP, Author

# So many of those that were left as they are get named; all are counted.
NAMED = 500


def start(session: Session, batch: CustomerImport, *, by: str) -> None:
    """Begin to take a batch back. Raises :class:`Conflict` unless it is done."""
    if batch.state != "done":
        said = "was taken back already" if batch.state == "undone" else "is not done"
        raise Conflict(f"batch {batch.id} {said}", winner=batch.undone_by)
    batch.state, batch.undone_by = "undoing", by
    batch.done, batch.restored, batch.kept = 0, 0, []


def step(session: Session, batch_id: int, *, size: int = CHUNK) -> bool:
    """Take the next ones back; whether there are more. The caller commits."""
    batch = get(session, batch_id, lock=True)
    if batch.state != "undoing":
        return False
    by = Author(name=batch.undone_by or "", source="undo", batch_id=batch.id)
    work = _customers if batch.kind == "customers" else _orders
    if work(session, batch, size, by=by):
        return True
    now: dt.datetime = session.execute(select(func.now())).scalar_one()
    batch.state, batch.undone_at = "undone", now
    return False


def _customers(session: Session, batch: CustomerImport, size: int, *, by: Author) -> bool:
    mine = (
        select(CustomerChange)
        .where(CustomerChange.batch_id == batch.id, CustomerChange.undoes.is_(None))
        .order_by(CustomerChange.id)
    )
    first = session.scalars(mine.where(CustomerChange.id > batch.done).limit(size)).all()
    if not first:
        return False
    ids = {one.customer_id for one in first}
    changes = session.scalars(mine.where(CustomerChange.customer_id.in_(ids))).all()
    groups: dict[uuid.UUID, list[CustomerChange]] = {}
    for change in changes:
        groups.setdefault(change.customer_id, []).append(change)
    rows = session.scalars(
        select(Customer)
        .where(Customer.id.in_(ids))
        .order_by(Customer.id)
        .with_for_update(of=Customer)
        .execution_options(populate_existing=True)
    ).all()
    later = _later(session, batch.id, ids, after=min(one.id for one in changes))
    used = _used(session, ids)
    for row in rows:
        _take_back(session, batch, row, groups[row.id], later.get(row.id, set()), used, by=by)
    batch.done = max(one.id for one in changes)
    session.flush()
    return True


def _take_back(
    session: Session,
    batch: CustomerImport,
    row: Customer,
    changes: Sequence[CustomerChange],
    later: set[str],
    used: set[uuid.UUID],
    *,
    by: Author,
) -> None:
    if any(one.field == MADE for one in changes):
        if later or row.id in used:
            _keep(batch, customer=str(row.id), name=row.name, field=MADE)
            return
        session.execute(delete(ChannelIdentity).where(ChannelIdentity.customer_id == row.id))
        # Its changes go with it. By a statement: it is its own root.
        session.execute(delete(Customer).where(Customer.id == row.id))
        batch.restored += 1
        return
    restored = False
    for change in changes:
        current = record.get(row, change.field)
        new = record.from_json(change.field, change.new)
        if change.field in later or not _same(change.field, current, new):
            _keep(batch, customer=str(row.id), name=row.name, field=change.field)
            continue
        old = record.from_json(change.field, change.old)
        record.put(row, change.field, old)
        note = record.note(row.id, change.field, current, old, by=by)
        note.undoes = change.id
        session.add(note)
        restored = True
    batch.restored += restored


def _same(field: str, one: Any, other: Any) -> bool:
    if field == "owner" and isinstance(one, dict) and isinstance(other, dict):
        return bool(one["id"] == other["id"])  # an agent may be called otherwise meanwhile
    return bool(one == other)


def _later(
    session: Session, batch_id: int, ids: set[uuid.UUID], *, after: int
) -> dict[uuid.UUID, set[str]]:
    """Fields that were changed after the batch did, by customer."""
    rows = session.execute(
        select(CustomerChange.customer_id, CustomerChange.field).where(
            CustomerChange.customer_id.in_(ids),
            CustomerChange.id > after,
            CustomerChange.batch_id.is_distinct_from(batch_id),
        )
    )
    found: dict[uuid.UUID, set[str]] = {}
    for customer_id, field in rows:
        found.setdefault(customer_id, set()).add(field)
    return found


def _used(session: Session, ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """Customers who have done something since, so that they cannot be taken away."""
    traces = [
        exists().where(table.customer_id == Customer.id)
        for table in (Conversation, Purchase, Consent, Claim, CustomerLink)
    ]
    linked = exists().where(CustomerLink.other_id == Customer.id)
    met = exists().where(
        ChannelIdentity.customer_id == Customer.id, ChannelIdentity.channel != SHOP
    )
    condition = linked | met
    for trace in traces:
        condition |= trace
    return set(session.scalars(select(Customer.id).where(Customer.id.in_(ids), condition)))


def _orders(session: Session, batch: CustomerImport, size: int, *, by: Author) -> bool:
    changes = session.scalars(
        select(PurchaseChange)
        .where(
            PurchaseChange.batch_id == batch.id,
            PurchaseChange.undoes.is_(None),
            PurchaseChange.id > batch.done,
        )
        .order_by(PurchaseChange.id)
        .limit(size)
    ).all()
    for change in changes:
        batch.done = change.id
        order = session.get(
            Purchase, change.purchase_id, with_for_update=True, populate_existing=True
        )
        if order is None:
            continue
        current = purchases.content(order)
        if current != change.new or (change.old is None and _moved(session, order, change)):
            _keep(batch, order=order.number)
        elif change.old is None:
            session.delete(order)
            batch.restored += 1
        else:
            purchases.write(order, *purchases.order_of(change.old))
            session.add(
                PurchaseChange(
                    purchase_id=order.id, old=current, new=change.old, by_name=by.name,
                    source=by.source, batch_id=by.batch_id, undoes=change.id,
                )
            )  # fmt: skip
            batch.restored += 1
        session.flush()
    return bool(changes)


def _moved(session: Session, order: Purchase, change: PurchaseChange) -> bool:
    """Whether an order that a batch added was changed since, though it reads the same again."""
    after = select(PurchaseChange.id).where(
        PurchaseChange.purchase_id == order.id, PurchaseChange.id > change.id
    )
    return session.scalar(after.limit(1)) is not None


def _keep(batch: CustomerImport, **what: Any) -> None:
    if len(batch.kept) < NAMED:
        batch.kept = [*batch.kept, {**what, "why": "changed since"}]
