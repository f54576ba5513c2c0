"""Addresses that customers typed so that somebody can reach them. Nobody checked them.

They are shown to agents as what they are, and never identify or link anybody.
"""

from __future__ import annotations

import re
import uuid

from sqlalchemy import exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticketing import record
from ticketing.customers import members
from ticketing.models import Contact, Message

# In a line's ``meta``: it asks the customer for an address.
ASKS = "asks_contact"
# An address as people type it into a chat, not all that RFC 5321 allows.
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
# Korean numbers, mobile and landline, with or without the country's code.
_PHONE = re.compile(r"(?<![\d-])(?:\+?82[ -]?|0)(\d{1,2})[ .-]?(\d{3,4})[ .-]?(\d{4})(?![\d-])")
# More than these are no way to reach somebody.
MOST = 10


def unknown(session: Session, customer_id: uuid.UUID) -> bool:
    """Whether we could not reach this person, and never asked how."""
    if {"email", "phone"} & record.known(session, customer_id).keys():
        return False
    typed = exists().where(Contact.customer_id.in_(members(customer_id)))
    asked_before = exists().where(
        Message.customer_id.in_(members(customer_id)),
        Message.author == "system",
        Message.meta.has_key(ASKS),
    )
    return not session.scalar(select(typed | asked_before))


def asked(session: Session, conversation_id: int) -> bool:
    """Whether the customer was asked in this episode."""
    found = exists().where(
        Message.conversation_id == conversation_id,
        Message.author == "system",
        Message.meta.has_key(ASKS),
    )
    return bool(session.scalar(select(found)))


def found_in(text: str) -> list[tuple[str, str]]:
    """The addresses in somebody's words, as ``(email or phone, how we write it)``."""
    emails = [("email", one.rstrip(".").lower()) for one in _EMAIL.findall(text)]
    phones = [("phone", f"0{a}-{b}-{c}") for a, b, c in _PHONE.findall(text)]
    return list(dict.fromkeys(emails + phones))


def keep(session: Session, *, customer_id: uuid.UUID, text: str) -> bool:
    """Keep the addresses in these words; whether there was a new one."""
    known = session.scalar(select(func.count()).where(Contact.customer_id == customer_id)) or 0
    new = False
    for kind, value in found_in(text)[: max(0, MOST - known)]:
        made = session.execute(
            insert(Contact)
            .values(customer_id=customer_id, kind=kind, value=value)
            .on_conflict_do_nothing()
            .returning(Contact.id)
        ).scalar()
        new = new or made is not None
    return new


def listing(session: Session, customer_id: uuid.UUID) -> list[Contact]:
    """What the customer typed, newest first."""
    return list(
        session.scalars(
            select(Contact)
            .where(Contact.customer_id.in_(members(customer_id)))
            .order_by(Contact.id.desc())
        )
    )
