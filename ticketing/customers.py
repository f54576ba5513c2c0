"""Customers and their addresses. Identity is proved, never guessed from what somebody typed."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from typing import Any

from sqlalchemy import Text, bindparam, cast, func, select
from sqlalchemy.orm import Session

from ticketing.errors import NotFound
from ticketing.models import ChannelIdentity, ChatSession, Conversation, Customer

# How many characters of its id a visitor without a name is called by.
TAG = 4


def lane(customer_id: uuid.UUID) -> str:
    """The lane in which everything that changes this customer's history takes its turn."""
    return f"in:{customer_id}"


def token_hash(token: str) -> bytes:
    """Tokens are 256 random bits, so a plain SHA-256 keeps them safe in a leaked table."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def start_session(session: Session, *, locale: str = "ko") -> tuple[str, Customer]:
    """A new anonymous web visitor: the bearer token (shown once) and the customer behind it."""
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


# Of plain columns: every message of a customer begins with it.
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
    return customer


def identities(session: Session, customer_id: uuid.UUID) -> list[dict[str, Any]]:
    """The customer's addresses, oldest first."""
    rows = session.scalars(
        select(ChannelIdentity)
        .where(ChannelIdentity.customer_id == customer_id)
        .order_by(ChannelIdentity.id)
    )
    return [
        {"channel": row.channel, "account": row.account, "since": row.created_at.isoformat()}
        for row in rows
    ]


def recent(session: Session, *, search: str = "", limit: int = 50) -> list[tuple[Customer, Any]]:
    """Customers by their last message, newest first, each with that time.

    ``search`` is looked for in name, email and phone; its last word also at the beginning of the
    id, which is the tag that :func:`label` gives visitors.
    """
    last = func.max(Conversation.last_message_at)
    query = (
        select(Customer, last)
        .join(Conversation, Conversation.customer_id == Customer.id)
        .group_by(Customer.id)
        .order_by(last.desc())
        .limit(limit)
    )
    if search.strip():
        query = query.where(
            Customer.name.icontains(search, autoescape=True)
            | Customer.email.icontains(search, autoescape=True)
            | Customer.phone.icontains(search, autoescape=True)
            | cast(Customer.id, Text).istartswith(search.split()[-1], autoescape=True)
        )
    return [(row[0], row[1]) for row in session.execute(query)]


def label(customer: Customer) -> str:
    """What agents see as the customer's name; visitors without one get a short, stable tag."""
    return customer.name or f"방문자 {str(customer.id)[:TAG].upper()}"
