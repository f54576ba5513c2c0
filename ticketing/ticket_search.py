"""Tickets, found by what is known of them and by what was said in them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, Text, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from ticketing import history, tickets
from ticketing.customers import TAG
from ticketing.models import Customer, Message, Ticket

# What people said, notes included, as long as nobody took it back. The bot says the same to many.
_SAID = and_(
    Message.author.in_(("customer", "agent")),
    Message.kind != history.EDIT,
    Message.meta["changed"].astext.is_distinct_from("deleted"),
)


def search(words: str) -> Select[Ticket]:
    """Tickets in whose code, customer's name, question or lines every word occurs, in their order.

    There has to be a word. The last one may also be the tag that visitors without a name have.
    People who are one have the name and the tag of the first of them, too.
    """
    looked = words.split()
    root = aliased(Customer)
    columns = (Ticket.code, Ticket.question, Customer.name, root.name)
    found = and_(
        *(or_(*(_has(column, word) for column in columns), _said(word)) for word in looked)
    )
    if len(looked[-1]) == TAG:
        for one in (Customer.id, root.id):
            found |= cast(one, Text).istartswith(looked[-1], autoescape=True)
    query = tickets.in_order().join(Customer, Customer.id == Ticket.customer_id)
    return query.join(root, root.id == Customer.root_id).where(found)


def lines(session: Session, found: Sequence[Ticket], words: str) -> dict[int, Message]:
    """The line of each ticket in which most of the words occur, the newest of several.

    By ``ticket.conversation_id``; a ticket in whose lines none of them occurs is left out.
    """
    has = [_has(Message.text, word) for word in words.split()]
    if not has:
        return {}
    many = sum((cast(one, Integer) for one in has[1:]), cast(has[0], Integer))
    best = (
        select(Message)
        .where(
            Message.conversation_id.in_([one.conversation_id for one in found]), _SAID, or_(*has)
        )
        .ext(distinct_on(Message.conversation_id))
        .order_by(Message.conversation_id, many.desc(), Message.id.desc())
    )
    return {line.conversation_id: line for line in session.scalars(best)}


def _said(word: str) -> ColumnElement[bool]:
    heard = select(Message.conversation_id).where(_has(Message.text, word), _SAID)
    return Ticket.conversation_id.in_(heard)


def _has(text: Any, word: str) -> ColumnElement[bool]:
    """Whether the word is a part of the text, in capitals or not, and however its Hangul is
    written: whole, or in pieces as on a Mac.

    Every line there is is looked at, and where there are no capitals, as in Korean, that takes a
    quarter of the time.
    """
    spellings = dict.fromkeys(unicodedata.normalize(form, word) for form in ("NFC", "NFD"))
    if word.lower() == word.upper():
        return or_(*(func.strpos(text, one) > 0 for one in spellings))
    return or_(*(func.strpos(func.lower(text), func.lower(one)) > 0 for one in spellings))
