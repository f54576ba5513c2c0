"""Customers and purchases as rows of a table, with names of columns that an import knows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, selectinload

from ticketing import custom_fields, money, record, spelling
from ticketing.custom_fields import PREFIX
from ticketing.import_purchases import ZONE
from ticketing.models import ChannelIdentity, Customer, CustomerField, Purchase

CHUNK = 1000
_CUSTOMERS = {
    "number": "고객번호", "name": "이름", "email": "이메일", "phone": "전화번호", "tier": "등급",
    "birthday": "생일", "address": "주소", "locale": "언어", "preferred_channel": "선호채널",
    "preferences": "선호사항", "owner": "전담상담원",
}  # fmt: skip
_PURCHASES = (
    "주문번호", "고객번호", "주문일시", "상태", "결제금액", "환불금액", "통화",
    "상품명", "수량", "상품금액", "상품코드",
)  # fmt: skip


def columns(session: Session, kind: str) -> tuple[list[str], list[CustomerField]]:
    """``(the first line, the shop's own fields in it)``."""
    if kind == "purchases":
        return list(_PURCHASES), []
    own = custom_fields.listing(session)
    return [*_CUSTOMERS.values(), *(one.name_ko for one in own)], own


def pieces(session: Session, kind: str, own: Sequence[CustomerField]) -> Iterator[list[list[str]]]:
    """All rows, some at a time: people of whom anything is known, or orders."""
    make = _customers if kind == "customers" else _purchases
    after: Any = None
    while True:
        rows, after = make(session, after, own)
        # Whoever reads may take their time; no transaction waits for them.
        session.expunge_all()
        session.rollback()
        if rows:
            yield rows
        if after is None:
            return


def _customers(
    session: Session, after: Any, own: Sequence[CustomerField]
) -> tuple[list[list[str]], Any]:
    member = aliased(Customer)
    shop = (
        select(func.min(ChannelIdentity.external_id))
        .join(member, member.id == ChannelIdentity.customer_id)
        .where(member.root_id == Customer.id, ChannelIdentity.channel == record.SHOP)
        .correlate(Customer)
        .scalar_subquery()
    )
    query = (
        select(Customer, shop)
        .options(selectinload(Customer.owner))
        .where(Customer.id == Customer.root_id)
        .order_by(Customer.id)
        .limit(CHUNK)
    )
    if after is not None:
        query = query.where(Customer.id > after)
    found = session.execute(query).all()
    linked = session.scalars(
        select(Customer)
        .where(Customer.root_id.in_([row[0].id for row in found]))
        .order_by(Customer.created_at)
    )
    people: dict[Any, list[Customer]] = {row[0].id: [row[0]] for row in found}
    for one in linked:
        if one.id != one.root_id:
            people[one.root_id].append(one)
    rows = []
    for root, number in found:
        known = record.merged(people[root.id]) | ({"number": number} if number else {})
        if set(known) > {"locale"}:
            rows.append([_cell(field, known.get(field)) for field in _CUSTOMERS] + [
                _cell(PREFIX, known.get(PREFIX + one.key)) for one in own
            ])  # fmt: skip
    return rows, found[-1][0].id if len(found) == CHUNK else None


def _cell(field: str, value: Any) -> str:
    if value is None:
        return ""
    if field == "phone":
        return spelling.national(value)
    if field == "owner":
        return str(value["name"])
    if isinstance(value, bool):
        return "예" if value else "아니요"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _purchases(
    session: Session, after: Any, own: Sequence[CustomerField]
) -> tuple[list[list[str]], Any]:
    number = (
        select(func.min(ChannelIdentity.external_id))
        .where(
            ChannelIdentity.customer_id == Purchase.customer_id,
            ChannelIdentity.channel == record.SHOP,
        )
        .correlate(Purchase)
        .scalar_subquery()
    )
    query = select(Purchase, number).options(selectinload(Purchase.items)).order_by(Purchase.id)
    if after is not None:
        query = query.where(Purchase.id > after)
    found = session.execute(query.limit(CHUNK)).all()
    rows = []
    for order, customer in found:
        head = [
            order.number,
            customer or "",
            order.ordered_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S"),
            order.status,
            money.major(order.amount, order.currency),
            money.major(order.refunded, order.currency),
            order.currency,
        ]
        lines = [
            [
                one.name,
                str(one.quantity),
                "" if one.amount is None else money.major(one.amount, order.currency),
                one.sku,
            ]
            for one in order.items
        ] or [["", "", "", ""]]
        rows += [[*head, *line] for line in lines]
    return rows, found[-1][0].id if len(found) == CHUNK else None
