"""Rows about customers: found by their key, changed or made, or refused with the reason."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from ticketing import record
from ticketing.errors import Invalid
from ticketing.models import ChannelIdentity, Customer, CustomerChange
from ticketing.record import SHOP, Author

# The field of the line that says that a batch made the customer.
MADE = "customer"
_LOCALES = {"한국어": "ko", "korean": "ko", "영어": "en", "english": "en"}


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """A row and what it says, by field; ``None`` for one that cannot be read."""

    row: int
    values: Mapping[str, str] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """What becomes of a row."""

    row: int
    outcome: str
    key: str | None = None
    field: str | None = None
    code: str | None = None


def refuse(row: int, error: Invalid) -> Found:
    """A row that is refused."""
    return Found(row, "refused", field=error.field, code=error.code)


def work(
    session: Session,
    lines: Sequence[Line],
    *,
    key: str,
    earlier: Callable[[Iterable[str]], set[str]],
    by: Author,
) -> list[Found]:
    """Do these rows. ``key`` is the field that says who it is: number, email or phone."""
    rules = record.rules(session)
    found: list[Found] = []
    wanted: dict[str, tuple[int, dict[str, Any]]] = {}
    for line in lines:
        try:
            name, values = _checked(line, key, rules)
            if name in wanted:
                raise Invalid(key, "twice", "is in an earlier row already")
            wanted[name] = (line.row, values)
        except Invalid as error:
            found.append(refuse(line.row, error))
    for name in earlier(wanted):
        row, _ = wanted.pop(name)
        found.append(refuse(row, Invalid(key, "twice", "is in an earlier row already")))
    there = _there(session, key, list(wanted))
    people = _people(session, [one for ids in there.values() for one in ids])
    notes: list[CustomerChange] = []
    for name, (row, values) in wanted.items():
        ids = there.get(name, set())
        if len(ids) > 1:
            found.append(refuse(row, Invalid(key, "several", "is several customers'")))
        elif ids:
            changed = _change(session, people[ids.pop()], values, by=by)
            found.append(Found(row, "updated" if changed else "unchanged", key=name))
        else:
            notes += _make(session, key, name, values, by=by)
            found.append(Found(row, "added", key=name))
    session.flush()
    session.add_all(notes)  # of customers who are there now
    session.flush()
    return found


def _checked(line: Line, key: str, rules: record.Rules) -> tuple[str, dict[str, Any]]:
    if line.values is None:
        raise Invalid("row", "unreadable", "cannot be read")
    given = dict(line.values)
    if "locale" in given:
        given["locale"] = _LOCALES.get(given["locale"].lower(), given["locale"])
    number = given.pop("number", "")
    values = rules.check(given)
    if key == "number":
        return record.number(number), values
    name = values.get(key)
    if name is None:
        raise Invalid(key, "missing", "is missing")
    return (name.lower() if key == "email" else name), values


def _there(session: Session, key: str, names: Sequence[str]) -> dict[str, set[uuid.UUID]]:
    """The roots of the customers who have these keys."""
    customer = aliased(Customer)
    query: Any
    match key:
        case "number":
            query = (
                select(ChannelIdentity.external_id, customer.root_id)
                .join(customer, customer.id == ChannelIdentity.customer_id)
                .where(
                    ChannelIdentity.channel == SHOP,
                    ChannelIdentity.account == "",
                    ChannelIdentity.external_id.in_(names),
                )
            )
        case "email":
            plain = func.lower(customer.email)
            query = select(plain, customer.root_id).where(plain.in_(names))
        case _:
            query = select(customer.phone, customer.root_id).where(customer.phone.in_(names))
    found: dict[str, set[uuid.UUID]] = {}
    for name, root in session.execute(query):
        found.setdefault(name, set()).add(root)
    return found


def _people(session: Session, roots: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Customer]]:
    rows = session.scalars(
        select(Customer)
        .where(Customer.root_id.in_(roots))
        .order_by(Customer.id)
        .with_for_update(of=Customer)
        .execution_options(populate_existing=True)
    )
    people: dict[uuid.UUID, list[Customer]] = {}
    for row in rows:
        people.setdefault(row.root_id, []).append(row)
    for found in people.values():
        found.sort(key=lambda one: (one.id != one.root_id, one.created_at))
    return people


def _change(
    session: Session, rows: Sequence[Customer], values: Mapping[str, Any], *, by: Author
) -> bool:
    known = record.merged(rows)
    changed = {field: new for field, new in values.items() if known.get(field) != new}
    for field, new in changed.items():
        record.put(rows[0], field, new)
        session.add(record.note(rows[0].id, field, known.get(field), new, by=by))
    return bool(changed)


def _make(
    session: Session, key: str, name: str, values: Mapping[str, Any], *, by: Author
) -> list[CustomerChange]:
    made_id = uuid.uuid4()
    made = Customer(id=made_id, root_id=made_id, locale="ko", custom={})
    session.add(made)
    notes = [record.note(made_id, MADE, None, "added", by=by)]
    if key == "number":
        session.add(
            ChannelIdentity(customer_id=made_id, channel=SHOP, account="", external_id=name)
        )
        notes.append(record.note(made_id, "number", None, name, by=by))
    for field, new in values.items():
        old = record.get(made, field)
        if new != old:
            record.put(made, field, new)
            notes.append(record.note(made_id, field, old, new, by=by))
    return notes
