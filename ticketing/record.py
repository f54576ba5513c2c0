"""The customer's record: what is known of a person, changed field by field, each change kept.

A person may be several customers, linked; what is read is read over all of them, the one that
leads first. What is written goes to the one that leads.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticketing import custom_fields, spelling
from ticketing.custom_fields import PREFIX
from ticketing.customers import members
from ticketing.errors import Invalid
from ticketing.models import Agent, ChannelIdentity, Customer, CustomerChange, CustomerField

# An identity of this channel is a customer's number at the shop.
SHOP = "shop"
LOCALES = ("ko", "en")
CHANNELS = ("web", "telegram", "kakao", "email", "phone")
# In the order in which people read them.
FIELDS = (
    "name",
    "email",
    "phone",
    "locale",
    "birthday",
    "address",
    "preferred_channel",
    "preferences",
    "tier",
    "owner",
)
NUMBER_LIMIT = 64


@dataclasses.dataclass(frozen=True, slots=True)
class Author:
    """Who does something, as they are called now, and where: ``console``, ``api``, ``cli``…

    ``place`` is the network address they ask from, where there is one.
    """

    name: str
    source: str
    agent_id: int | None = None
    batch_id: int | None = None
    place: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """What the shop's own fields and its agents are, read once for many values."""

    own: Mapping[str, CustomerField]
    agents: Mapping[str, int]

    def check(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The same values as they are kept. Raises :class:`Invalid` with the field that is wrong.

        Keys are of :data:`FIELDS`, or ``custom.KEY``. Nothing, or an empty text, empties a field.
        ``owner`` is an agent's exact name.
        """
        return {field: self._check(field, value) for field, value in values.items()}

    def _check(self, field: str, value: Any) -> Any:
        if field.startswith(PREFIX):
            return custom_fields.check(self.own, field, value)
        if field != "owner":
            return plain(field, value)
        if not value:
            return None
        name = value["name"] if isinstance(value, dict) else value
        tidy = name.strip() if isinstance(name, str) else ""
        if tidy not in self.agents:
            raise Invalid("owner", "agent", "is not the name of an agent here")
        return {"id": self.agents[tidy], "name": tidy}


def rules(session: Session) -> Rules:
    """The rules as they are now."""
    rows = session.execute(select(Agent.name, Agent.id).where(Agent.active))
    agents = {name: agent_id for name, agent_id in rows}
    return Rules(own=custom_fields.by_key(session), agents=agents)


def plain(field: str, value: Any) -> Any:
    """One of the fields that need no database to be checked, as it is kept."""
    if value is not None and not isinstance(value, str | dt.date):
        raise Invalid(field, "text", "is text")
    if isinstance(value, dt.date) and field != "birthday":
        raise Invalid(field, "text", "is text")
    given = value or ""
    match field:
        case "name":
            return spelling.text(field, str(given), limit=80)
        case "email":
            return spelling.email(str(given))
        case "phone":
            return spelling.phone(str(given))
        case "locale":
            return _choice(field, str(given), LOCALES) or LOCALES[0]
        case "birthday":
            day = spelling.date(field, given)
            if day is not None and not dt.date(1900, 1, 1) <= day <= dt.date.today():
                raise Invalid(field, "date", "is not a day on which somebody was born")
            return day
        case "address":
            return spelling.text(field, str(given), limit=300)
        case "preferred_channel":
            return _choice(field, str(given), CHANNELS)
        case "preferences":
            return spelling.words(field, str(given), limit=1000)
        case "tier":
            return spelling.text(field, str(given), limit=40)
    raise Invalid(field, "unknown", "is no field of a customer")


def number(value: str) -> str:
    """A customer's number at the shop. Raises :class:`Invalid` for none and for a wrong one."""
    found = spelling.text("number", value, limit=NUMBER_LIMIT)
    if found is None:
        raise Invalid("number", "missing", "is missing")
    return found


def change(
    session: Session, customer_id: uuid.UUID, values: Mapping[str, Any], *, by: Author
) -> list[CustomerChange]:
    """Set these fields and keep what was there before; returns what really changed.

    Raises :class:`Invalid`. The person's rows are locked until the caller commits.
    """
    checked = rules(session).check(values)
    rows = people(session, customer_id, lock=True)
    known = merged(rows)
    made: list[CustomerChange] = []
    for field, new in checked.items():
        old = known.get(field)
        if old == new:
            continue
        # A person who is several customers has a field empty when all of them have.
        for row in rows if new is None else rows[:1]:
            put(row, field, new)
        made.append(note(rows[0].id, field, old, new, by=by))
    session.add_all(made)
    session.flush()
    return made


def note(customer_id: uuid.UUID, field: str, old: Any, new: Any, *, by: Author) -> CustomerChange:
    """The line that says what a field was and is."""
    return CustomerChange(
        customer_id=customer_id,
        field=field,
        old=_json(old),
        new=_json(new),
        by_name=by.name,
        agent_id=by.agent_id,
        source=by.source,
        batch_id=by.batch_id,
    )


def people(session: Session, customer_id: uuid.UUID, *, lock: bool = False) -> list[Customer]:
    """All customers who are this person, the leading one first."""
    query = select(Customer).where(Customer.id.in_(members(customer_id))).order_by(Customer.id)
    if lock:
        query = query.with_for_update(of=Customer).execution_options(populate_existing=True)
    found = list(session.scalars(query))
    return sorted(found, key=lambda one: (one.id != one.root_id, one.created_at))


def known(session: Session, customer_id: uuid.UUID) -> dict[str, Any]:
    """Every field of the person that has a value; ``owner`` is ``{"id", "name"}``."""
    return merged(people(session, customer_id))


def get(customer: Customer, field: str) -> Any:
    """A field of one customer, as :meth:`Rules.check` makes them."""
    if field.startswith(PREFIX):
        return customer.custom.get(field.removeprefix(PREFIX))
    if field == "owner":
        owner = customer.owner
        return None if owner is None else {"id": owner.id, "name": owner.name}
    return getattr(customer, field)


def put(customer: Customer, field: str, value: Any) -> None:
    """Set a field to what :meth:`Rules.check` made of it, and keep nothing about it."""
    if field.startswith(PREFIX):
        key = field.removeprefix(PREFIX)
        kept = {name: old for name, old in customer.custom.items() if name != key}
        customer.custom = kept if value is None else {**kept, key: value}
    elif field == "owner":
        customer.owner_id = None if value is None else value["id"]
    elif field == "locale":
        customer.locale = value or LOCALES[0]
    else:
        setattr(customer, field, value)


def from_json(field: str, value: Any) -> Any:
    """What a line of the history holds, as :func:`put` takes it."""
    if field == "birthday" and value is not None:
        return dt.date.fromisoformat(value)
    return value


def changes(
    session: Session, customer_id: uuid.UUID, *, field: str = "", limit: int = 200
) -> list[CustomerChange]:
    """What was changed of the person, newest first."""
    query = select(CustomerChange).where(CustomerChange.customer_id.in_(members(customer_id)))
    if field:
        query = query.where(CustomerChange.field == field)
    return list(session.scalars(query.order_by(CustomerChange.id.desc()).limit(limit)))


def create(session: Session, values: Mapping[str, Any], *, by: Author) -> Customer:
    """A new customer of whom this is known; they have no address yet. Raises :class:`Invalid`."""
    made = Customer(id=uuid.uuid4())
    session.add(made)
    session.flush()
    change(session, made.id, values, by=by)
    return made


def at_shop(
    session: Session, shop_number: str, *, values: Mapping[str, Any] | None = None, by: Author
) -> Customer | None:
    """The customer with this number at the shop.

    With ``values``, a new one is made of them where there is none; whoever is there already keeps
    what is known of them. Raises :class:`Invalid`.
    """
    wanted = number(shop_number)
    found = session.scalar(_AT_SHOP.where(ChannelIdentity.external_id == wanted))
    if found is not None or values is None:
        return found
    made = Customer(id=uuid.uuid4())
    session.add(made)
    session.flush()
    won = session.execute(
        insert(ChannelIdentity)
        .values(customer_id=made.id, channel=SHOP, account="", external_id=wanted)
        .on_conflict_do_nothing()
        .returning(ChannelIdentity.id)
    ).scalar()
    if won is None:  # somebody else brought the same customer in this very moment
        session.execute(delete(Customer).where(Customer.id == made.id))
        session.expunge(made)
        return session.scalar(_AT_SHOP.where(ChannelIdentity.external_id == wanted))
    session.add(note(made.id, "number", None, wanted, by=by))
    change(session, made.id, values, by=by)
    return made


_AT_SHOP = (
    select(Customer)
    .join(ChannelIdentity, ChannelIdentity.customer_id == Customer.id)
    .where(ChannelIdentity.channel == SHOP, ChannelIdentity.account == "")
)


def numbers(session: Session, customer_id: uuid.UUID) -> list[str]:
    """The person's numbers at the shop, oldest first."""
    return list(
        session.scalars(
            select(ChannelIdentity.external_id)
            .where(
                ChannelIdentity.customer_id.in_(members(customer_id)),
                ChannelIdentity.channel == SHOP,
                ChannelIdentity.account == "",
            )
            .order_by(ChannelIdentity.id)
        )
    )


def merged(rows: Sequence[Customer]) -> dict[str, Any]:
    """What is known of the person these customers are, the leading one first."""
    found: dict[str, Any] = {}
    for row in rows:
        own = [PREFIX + key for key in row.custom]
        for field in (*FIELDS, *own):
            value = get(row, field)
            if value is not None:
                found.setdefault(field, value)
    return found


def _choice(field: str, value: str, choices: Sequence[str]) -> str | None:
    tidy = value.strip().lower()
    if not tidy:
        return None
    if tidy not in choices:
        raise Invalid(field, "choice", f"is one of {', '.join(choices)}")
    return tidy


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value
