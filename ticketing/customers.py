"""Customers and their addresses. Identity is proved, never guessed from what somebody typed."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from ticketing import lanes
from ticketing.errors import Erased, NotFound, Refused
from ticketing.models import ChannelIdentity, ChatSession, Customer, Message

# How many characters of its id a visitor without a name is called by.
TAG = 4


# Addresses that only say who somebody is: nothing can be said there.
NOT_REACHABLE = ("shop",)


def reachable(session: Session, customer_id: uuid.UUID, identity_id: int) -> int:
    """The address, if the person can be written to there. Raises :class:`Refused` if not."""
    found = session.scalar(
        select(ChannelIdentity.id).where(
            ChannelIdentity.id == identity_id,
            ChannelIdentity.customer_id.in_(members(customer_id)),
            ChannelIdentity.channel.not_in(NOT_REACHABLE),
        )
    )
    if found is None:
        raise Refused("this is no address where the customer can be answered")
    return found


def last_address(session: Session, customer_id: uuid.UUID) -> int | None:
    """The address the person last wrote from, of those at which they can be written to, if any."""
    wrote = (
        select(Message.id)
        .where(Message.identity_id == ChannelIdentity.id, Message.author == "customer")
        .order_by(Message.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return session.scalar(
        select(ChannelIdentity.id)
        .where(
            ChannelIdentity.customer_id.in_(members(customer_id)),
            ChannelIdentity.channel.not_in(NOT_REACHABLE),
        )
        .order_by(wrote.desc().nulls_last(), ChannelIdentity.id.desc())
        .limit(1)
    )


def lane(root_id: uuid.UUID) -> str:
    """The lane in which everything that changes this person's history takes its turn."""
    return f"in:{root_id}"


# Made once: half of all statements have them, and making them took more time than the rest.
_one, _other = Customer.__table__.alias().c, Customer.__table__.alias().c
_others = select(_other.id)


def members(customer_id: uuid.UUID | ColumnElement[uuid.UUID]) -> Select[uuid.UUID]:
    """The customers who are the same person as this one, itself included, as a sub-select."""
    root = select(_one.root_id).where(_one.id == customer_id).scalar_subquery()
    return _others.where(_other.root_id == root)


def hold(session: Session, customer_id: uuid.UUID) -> uuid.UUID:
    """Lock the person's lane until the transaction ends, and return their root.

    Raises :class:`NotFound` for a customer who is not there, which is :class:`Erased`.
    """
    root = _root(session, customer_id)
    while True:
        lanes.lock(session, lane(root))
        if (now := _root(session, customer_id)) == root:
            return root
        root = now  # linked or unlinked while the lane was waited for


def _root(session: Session, customer_id: uuid.UUID) -> uuid.UUID:
    root = session.scalar(
        select(Customer.root_id).where(Customer.id == customer_id, Customer.erased_at.is_(None))
    )
    if root is None:
        raise Erased("there is no such customer")
    return root


def identify(
    session: Session,
    *,
    channel: str,
    external_id: str,
    account: str = "",
    name: str | None = None,
    locale: str = "ko",
) -> tuple[int, uuid.UUID]:
    """``(identity id, customer id)`` of an address, made with a new customer at its first word.

    ``name`` is what the platform calls them, kept if nothing better is known. The caller commits.
    """
    address = {"channel": channel, "account": account, "external_id": external_id}
    found = session.execute(
        select(ChannelIdentity.id, ChannelIdentity.customer_id).filter_by(**address)
    ).first()
    if found is not None:
        return found[0], found[1]
    customer = Customer(id=uuid.uuid4(), name=name, locale=locale)
    session.add(customer)
    session.flush()
    made = session.scalar(
        insert(ChannelIdentity)
        .values(customer_id=customer.id, **address)
        .on_conflict_do_nothing()
        .returning(ChannelIdentity.id)
    )
    if made is not None:
        return made, customer.id
    # Somebody was first with the same address. A row that is its own root goes by a statement:
    # the unit of work sees a circle in it.
    session.execute(delete(Customer).where(Customer.id == customer.id))
    session.expunge(customer)
    return identify(session, **address, name=name, locale=locale)


def claim(session: Session, identity_id: int, claims: dict[str, str]) -> None:
    """Keep what somebody we trust says of who is at this address."""
    session.execute(
        update(ChannelIdentity)
        .where(ChannelIdentity.id == identity_id, ~ChannelIdentity.claims.contains(claims))
        .values(claims=ChannelIdentity.claims.op("||")(literal(claims, JSONB)))
        .execution_options(synchronize_session=False)
    )


def token_hash(token: str) -> bytes:
    """Tokens are 256 random bits, so a plain SHA-256 keeps them safe in a leaked table."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def start_session(
    session: Session, *, locale: str = "ko", customer: Customer | None = None
) -> tuple[str, Customer]:
    """A browser of this customer, or a new anonymous one: the token, shown once, and who it is."""
    if customer is None:
        customer = Customer(id=uuid.uuid4(), locale=locale)
        session.add(customer)
        session.flush()
    identity = ChannelIdentity(
        customer_id=customer.id, channel="web", account="", external_id=secrets.token_hex(16)
    )
    session.add(identity)
    session.flush()
    token = secrets.token_urlsafe(32)
    session.add(ChatSession(token_hash=token_hash(token), identity_id=identity.id))
    session.flush()
    return token, customer


# Of plain columns: most requests of a customer begin with it.
_address, _session = ChannelIdentity.__table__.c, ChatSession.__table__.c
_AUTHENTICATE = select(_address.id, _address.customer_id).where(
    _session.identity_id == _address.id, _session.token_hash == bindparam("token")
)


def authenticate(session: Session, token: str) -> tuple[int, uuid.UUID] | None:
    """``(identity id, customer id)`` for a visitor's bearer token, or ``None``."""
    row = session.connection().execute(_AUTHENTICATE, {"token": token_hash(token)}).first()
    return None if row is None else (row[0], row[1])


def get(session: Session, customer_id: uuid.UUID | str) -> Customer:
    """The customer with this id. Raises :class:`NotFound`, also for what is no id at all."""
    try:
        key = customer_id if isinstance(customer_id, uuid.UUID) else uuid.UUID(customer_id)
    except ValueError:
        raise NotFound("there is no such customer") from None
    customer = session.get(Customer, key)
    if customer is None:
        raise NotFound("there is no such customer")
    if customer.erased_at is not None:
        raise Erased("there is no such customer")
    return customer


def identities(session: Session, customer_id: uuid.UUID) -> list[dict[str, Any]]:
    """The person's addresses, oldest first."""
    rows = session.scalars(
        select(ChannelIdentity)
        .where(ChannelIdentity.customer_id.in_(members(customer_id)))
        .order_by(ChannelIdentity.id)
    )
    return [
        {
            "id": row.id,
            "channel": row.channel,
            "account": row.account,
            "customer": str(row.customer_id),
            "since": row.created_at.isoformat(),
        }
        for row in rows
    ]


def addresses(session: Session, customer_id: uuid.UUID, *, now: int | None) -> list[dict[str, Any]]:
    """Where the person can be answered, one for each channel; the address ``now`` is first."""
    found: dict[str, dict[str, Any]] = {}
    for one in identities(session, customer_id):
        known = found.get(one["channel"])
        if one["channel"] not in NOT_REACHABLE and (known is None or known["id"] != now):
            found[one["channel"]] = one
    return sorted(found.values(), key=lambda one: bool(one["id"] != now))


def label(customer: Customer) -> str:
    """What agents see as the person's name; visitors without one get a short, stable tag."""
    return customer.root.name or customer.name or f"방문자 {str(customer.root_id)[:TAG].upper()}"
