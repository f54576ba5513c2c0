"""Rows about orders. Rows with one number that follow each other are the lines of one order."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import uuid
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing import money, purchases, spelling
from ticketing.errors import Conflict, Invalid
from ticketing.import_customers import Found, Line, refuse
from ticketing.models import ChannelIdentity
from ticketing.purchases import Item, Order
from ticketing.record import SHOP, Author

# A time without a zone in a file is Korean.
ZONE = ZoneInfo("Asia/Seoul")
_TIME = re.compile(r"(.{8,14}?)[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?")
_STATUSES = {
    **dict.fromkeys(("결제완료", "배송준비", "배송중", "배송완료", "구매확정", "완료"), "paid"),
    **dict.fromkeys(("입금대기", "결제대기", "입금전"), "pending"),
    **dict.fromkeys(("취소", "취소완료", "주문취소"), "cancelled"),
    **dict.fromkeys(("환불", "환불완료", "반품", "반품완료"), "refunded"),
}


def work(session: Session, lines: Sequence[Line], *, earlier: set[str], by: Author) -> list[Found]:
    """Do these rows; ``earlier`` are the orders that rows before them were about."""
    buyers = _buyers(session, lines)
    seen = set(earlier)
    found: list[Found] = []
    for number, group in itertools.groupby(lines, key=lambda one: (one.values or {}).get("order")):
        rows = list(group)
        try:
            if any(row.values is None for row in rows):
                raise Invalid("row", "unreadable", "cannot be read")
            if not number:
                raise Invalid("order", "missing", "is missing")
            if number in seen:
                raise Invalid("order", "twice", "is in an earlier row already")
            seen.add(number)
            order, buyer = _order(number, [row.values or {} for row in rows])
            if buyer not in buyers:
                raise Invalid("number", "customer", "is no customer here")
            _, outcome = purchases.put(session, buyers[buyer], order, by=by)
            # An order is counted once, at its first row; its other rows say the same.
            found += [Found(row.row, outcome, key=number) for row in rows]
        except Invalid as error:
            found += [refuse(row.row, error) for row in rows]
        except Conflict:
            older = Invalid("order", "older", "is older than what is known")
            found += [refuse(row.row, older) for row in rows]
    return found


def _order(number: str, rows: Sequence[Mapping[str, str]]) -> tuple[Order, str]:
    head: dict[str, str] = {}
    for values in rows:
        for field in ("number", "amount", "currency", "ordered_at", "status", "refunded"):
            if field in values and head.setdefault(field, values[field]) != values[field]:
                raise Invalid(field, "differs", "differs between the rows of one order")
    for field in ("number", "amount", "ordered_at"):
        if field not in head:
            raise Invalid(field, "missing", "is missing")
    code = money.currency(head.get("currency", ""))
    status = head.get("status", "paid").replace(" ", "").lower()
    refunded = head.get("refunded")
    order = Order(
        number=number,
        amount=money.minor(head["amount"], code),
        ordered_at=_time(head["ordered_at"]),
        currency=code,
        status=_STATUSES.get(status, status),
        refunded=0 if refunded is None else money.minor(refunded, code, field="refunded"),
        items=[_item(values, code) for values in rows if "item" in values],
    )
    return purchases.check(order), head["number"]


def _item(values: Mapping[str, str], code: str) -> Item:
    amount = values.get("item_amount")
    try:
        quantity = int(values.get("quantity", "1").replace(",", ""))
    except ValueError:
        raise Invalid("quantity", "number", "is not a number of pieces") from None
    return Item(
        name=values["item"],
        quantity=quantity,
        amount=None if amount is None else money.minor(amount, code, field="item_amount"),
        sku=values.get("sku", ""),
    )


def _time(value: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(value)
    except ValueError:
        found = _TIME.fullmatch(value.strip())
        day = spelling.date("ordered_at", found[1] if found else value)
        if day is None:
            raise Invalid("ordered_at", "missing", "is missing") from None
        clock = [int(one or 0) for one in found.groups()[1:]] if found else [0, 0, 0]
        try:
            at = dt.datetime.combine(day, dt.time(clock[0], clock[1], clock[2]))
        except ValueError:
            raise Invalid("ordered_at", "date", "is not a time") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=ZONE)


def _buyers(session: Session, lines: Sequence[Line]) -> dict[str, uuid.UUID]:
    numbers = {(line.values or {}).get("number") for line in lines} - {None}
    rows = session.execute(
        select(ChannelIdentity.external_id, ChannelIdentity.customer_id).where(
            ChannelIdentity.channel == SHOP,
            ChannelIdentity.account == "",
            ChannelIdentity.external_id.in_(numbers),
        )
    )
    return {number: customer_id for number, customer_id in rows}
