"""Codes by mail: whoever reads what is sent to an address in a record is that customer.

Asking tells nobody whether an address is known: the same is kept of every one, and what is in the
records is only looked at when the mail is made. The address itself is kept until then.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from ticketing import proofs, spelling
from ticketing.customers import token_hash
from ticketing.errors import Invalid
from ticketing.models import CodeRequest, Customer

# In an hour: what one asker may ask for, and what one address gets, whoever asks.
PER_ASKER, PER_ADDRESS = 5, 3
HOUR = dt.timedelta(hours=1)


class TooMany(Exception):
    """This asker has asked too often in the last hour."""


@dataclasses.dataclass(frozen=True, slots=True)
class Letter:
    """What is to be mailed: a new code, to an address as the record has it."""

    to: str
    code: str = dataclasses.field(repr=False)
    locale: str


def ask(session: Session, *, identity_id: int, email: str) -> int | None:
    """Keep that a code is wanted there: the request's id, or ``None`` if none is to be sent.

    That is so when the address was mailed to too often; the asker is not told. Raises
    :class:`Invalid` for what is no address, :class:`TooMany`.
    """
    address = spelling.email(email)
    if address is None:
        raise Invalid("email", "missing", "is missing")
    key = token_hash(address.casefold())
    session.execute(delete(CodeRequest).where(CodeRequest.at < func.now() - HOUR))
    if _count(session, CodeRequest.identity_id == identity_id) >= PER_ASKER:
        raise TooMany
    made = CodeRequest(identity_id=identity_id, email=address, address_hash=key)
    session.add(made)
    session.flush()
    if _count(session, CodeRequest.address_hash == key) > PER_ADDRESS:
        made.email = None
        return None
    return made.id


def letter(session: Session, request_id: int) -> Letter | None:
    """The mail for a request, with a code that is new at each try; ``None`` if there is none.

    None goes to an address that no record has, or several people's: that is kept, for agents.
    None either after the time in which the code would have been good. The caller commits before
    the mail is sent, so that its code is known when it arrives.
    """
    asked = session.get(CodeRequest, request_id)
    if asked is None or asked.email is None:
        return None
    late = select(func.now() - proofs.VALID > asked.at)
    if session.scalar(late):
        asked.email = None
        return None
    people = _known(session, asked.email)
    if len(people) != 1:
        why = "shared_address" if people else "unknown_address"
        proofs.refuse(session, evidence="email", why=why, identity_id=asked.identity_id)
        asked.email = None
        return None
    (customer,) = people
    code = proofs.new_code(session, customer_id=customer.id, evidence="email")
    return Letter(to=customer.email or asked.email, code=code, locale=customer.locale)


def sent(session: Session, request_id: int) -> None:
    """The mail is on its way: the address is not needed any more."""
    asked = session.get(CodeRequest, request_id)
    if asked is not None:
        asked.email = None


def _known(session: Session, email: str) -> Sequence[Customer]:
    """Who has this address in their record: one customer of each person."""
    found = session.scalars(
        select(Customer)
        .where(func.lower(Customer.email) == func.lower(email))
        .order_by(Customer.created_at.desc(), Customer.id)
        .limit(50)
    )
    return list({one.root_id: one for one in found}.values())


def _count(session: Session, which: ColumnElement[bool]) -> int:
    lately = CodeRequest.at > func.now() - HOUR
    return session.scalar(select(func.count()).where(which, lately)) or 0
