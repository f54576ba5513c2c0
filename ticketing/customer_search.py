"""Customers, found by whatever an agent has in hand, also among a million of them.

Everything here goes through an index: pieces of names, addresses and numbers (see the function
``customer_pieces`` in the database), beginnings, and exact codes.
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import Text

from ticketing.models import ChannelIdentity, Conversation, Customer, Message, Purchase, Ticket

# So many are looked at for a word that very many have; the rest is for a longer word.
CANDIDATES = 400
# Where the latest customers are looked for.
LINES, EPISODES = 2000, 500
_PLAIN_NAME = func.customer_plain(Customer.name)
_PIECES = func.customer_pieces(Customer.name, Customer.email, Customer.phone, type_=ARRAY(Text))


def find(session: Session, *, search: str = "", limit: int = 50) -> list[tuple[Customer, Any]]:
    """People, each as their root customer, with the time of their last message, the latest first.

    ``search`` is part of a name, an e-mail address or a telephone number, however that is
    written, or a customer's number, the beginning of an order's number, a ticket's code, or the
    short tag that visitors without a name are called by. Without it: the latest customers.
    """
    wanted = plain(search)
    ids = _matching(session, wanted, limit) if wanted else _latest(session, limit)
    if not ids:
        return []
    found = aliased(Customer)
    member = aliased(Customer)
    roots = select(found.root_id).where(found.id.in_(ids))
    last = (
        select(func.max(Conversation.last_message_at))
        .join(member, member.id == Conversation.customer_id)
        .where(member.root_id == Customer.id)
        .correlate(Customer)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Customer, last)
        .where(Customer.id.in_(roots), Customer.erased_at.is_(None))
        .order_by(last.desc().nulls_last(), Customer.created_at.desc(), Customer.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def plain(search: str) -> str:
    """A search as the index has it: one case, whole syllables, no spaces."""
    kept = "".join(one for one in search if unicodedata.category(one) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).lower().replace(" ", "")[:200]


def pieces(wanted: str) -> list[str]:
    """The pieces that a text with ``wanted`` in it must have; none if it is too short."""
    found = {
        wanted[place : place + size]
        for size in (2, 3)
        for place in range(len(wanted) - size + 1)
        if wanted[place : place + size].isascii() == (size == 3)
    }
    return sorted(found)


def digits(wanted: str) -> str:
    """What is looked for among telephone numbers: ``01012345678`` as ``1012345678``."""
    if not re.fullmatch(r"\+?[\d().\-/]+", wanted):
        return ""
    found = re.sub(r"\D", "", wanted)
    return found.removeprefix("0") if len(found) > 4 else found


def _matching(session: Session, wanted: str, limit: int) -> list[uuid.UUID]:
    most = max(CANDIDATES, limit)
    looks = [select(way.limit(most).subquery()) for way in ways(wanted)]
    return list(dict.fromkeys(session.scalars(union_all(*looks))))


def ways(wanted: str) -> Iterator[Select[Any]]:
    """Every index in which ``wanted`` may be, as a query for customers' ids."""
    customer = select(Customer.id)
    if keys := pieces(wanted):
        there = _PLAIN_NAME.contains(wanted, autoescape=True) | func.lower(Customer.email).contains(
            wanted, autoescape=True
        )
        yield customer.where(_have(keys), there)
    else:
        yield customer.where(_begins(_PLAIN_NAME, wanted))
        yield customer.where(_begins(func.lower(Customer.email), wanted))
    number = digits(wanted)
    if len(number) >= 4:
        parts = sorted({f"p{number[place : place + 4]}" for place in range(len(number) - 3)})
        yield customer.where(_have(parts), Customer.phone.contains(number))
    # Numbers and codes are found as they are written, or in capitals.
    yield select(ChannelIdentity.customer_id).where(
        ChannelIdentity.channel == "shop",
        ChannelIdentity.account == "",
        ChannelIdentity.external_id.in_((wanted, wanted.upper())),
    )
    yield select(Purchase.customer_id).where(_begins(func.lower(Purchase.number), wanted))
    # T-ABCDEF as people write it: without the line, or without the letter, which may be its first.
    code = wanted.upper()
    yield select(Ticket.customer_id).where(
        Ticket.code.in_((code, f"T-{code}", f"T-{code.removeprefix('T')}"))
    )
    # A visitor's tag is the beginning of their id; the whole of it finds them, too.
    tag = wanted.removeprefix("방문자").removeprefix("visitor").replace("-", "")
    if re.fullmatch(r"[0-9a-f]{4,32}", tag):
        first, last = (uuid.UUID(tag.ljust(32, fill)) for fill in "0f")
        yield customer.where(Customer.id.between(first, last))


def _have(keys: list[str]) -> ColumnElement[bool]:
    return _PIECES.contains(keys)


def _begins(column: ColumnElement[str], wanted: str) -> ColumnElement[bool]:
    # A LIKE with a parameter is no range for a cached plan; this always is one.
    return column.op("~>=~")(wanted) & column.op("~<~")(literal(wanted + "\U0010ffff"))


def _latest(session: Session, limit: int) -> list[uuid.UUID]:
    """Whoever wrote or was written to last; then those who are known by name, newest first."""
    lines = select(Message.customer_id).order_by(Message.id.desc()).limit(LINES)
    episodes = select(Conversation.customer_id).order_by(Conversation.id.desc()).limit(EPISODES)
    talked = list(
        dict.fromkeys(
            session.scalars(union_all(select(lines.subquery()), select(episodes.subquery())))
        )
    )
    if len(talked) >= limit:
        return talked
    named = session.scalars(
        select(Customer.id)
        .where(Customer.name.is_not(None))
        .order_by(Customer.created_at.desc())
        .limit(limit)
    )
    return list(dict.fromkeys([*talked, *named]))
