"""Orders: money in minor units, the same again is nothing, other content is kept with the old."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing import claims, money, purchases, record
from ticketing.errors import Conflict, Invalid
from ticketing.models import Customer, PurchaseChange
from ticketing.purchases import Item, Order
from ticketing.record import Author

SHOP = Author(name="shop", source="api")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
ORDER = Order(
    number="2026-0001", amount=39000, ordered_at=NOON, items=[Item("머그잔", 2, 39000, "MUG")]
)


@pytest.fixture
def buyer(session: Session) -> uuid.UUID:
    customer = record.at_shop(session, "C-1", values={"name": "김민수"}, by=SHOP)
    assert customer is not None
    return customer.id


def test_money_is_exact() -> None:
    assert money.minor("39,000원", "KRW") == 39000
    assert money.minor("$39.90", "USD") == 3990
    assert money.minor("1.234", "KWD") == 1234
    assert (money.major(3990, "USD"), money.major(39000, "KRW")) == ("39.90", "39000")
    assert money.say(39000, "KRW", "ko") == "39,000원"
    assert money.say(3990, "USD", "ko") == "$39.90"
    for wrong, code in (
        ("39.5", "KRW"),
        ("무료", "KRW"),
        ("-1", "USD"),
        ("1e99", "USD"),
        ("", "KRW"),
    ):
        with pytest.raises(Invalid):
            money.minor(wrong, code)


def test_the_same_order_again_is_nothing(session: Session, buyer: uuid.UUID) -> None:
    first, outcome = purchases.put(session, buyer, ORDER, by=SHOP)
    again, second = purchases.put(session, buyer, ORDER, by=SHOP)
    assert (first.id, outcome, second) == (again.id, "added", "unchanged")
    refund = dataclasses.replace(ORDER, status="refunded", items=[Item("머그잔", 1)])
    _, third = purchases.put(session, buyer, refund, by=SHOP)
    assert third == "updated"
    kept = session.scalars(select(PurchaseChange).order_by(PurchaseChange.id)).all()
    assert [(one.old and one.old["status"], one.new["status"]) for one in kept] == [
        (None, "paid"),
        ("paid", "refunded"),
    ]
    customer, order = purchases.order_of(kept[0].new)
    assert (customer, order) == (buyer, ORDER)
    assert claims.trouble(session, buyer)[0]["what"] == "refunded"


def test_an_older_state_never_replaces_a_newer_one(session: Session, buyer: uuid.UUID) -> None:
    newer = dataclasses.replace(ORDER, status="cancelled", changed_at=NOON)
    older = dataclasses.replace(ORDER, changed_at=NOON - dt.timedelta(seconds=1))
    purchases.put(session, buyer, newer, by=SHOP)
    with pytest.raises(Conflict):
        purchases.put(session, buyer, older, by=SHOP)
    assert purchases.listing(session, buyer)[0].status == "cancelled"


def test_value_counts_what_was_paid_and_kept(session: Session, buyer: uuid.UUID) -> None:
    def put(number: str, days: int, **other: object) -> None:
        order = dataclasses.replace(
            ORDER, number=number, ordered_at=NOON + dt.timedelta(days=days), **other
        )
        purchases.put(session, buyer, order, by=SHOP)

    assert purchases.value(session, buyer).orders == 0
    put("1", 0)
    put("2", 5, refunded=9000)
    put("3", 2, status="cancelled")
    put("4", 9, status="pending")
    put("5", 1, status="refunded")
    put("6", 3, currency="USD", amount=1990)
    worth = purchases.value(session, buyer)
    assert worth.orders == 3
    assert worth.totals == {"KRW": 39000 + 30000, "USD": 1990}
    assert worth.first_order == NOON and worth.last_order == NOON + dt.timedelta(days=5)


def test_what_is_no_order_is_refused(session: Session, buyer: uuid.UUID) -> None:
    for field, wrong in (
        ("number", {"number": " "}), ("status", {"status": "gone"}), ("amount", {"amount": -1}),
        ("refunded", {"refunded": 40000}), ("items", {"items": [Item("")]}),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            purchases.put(session, buyer, dataclasses.replace(ORDER, **wrong), by=SHOP)
        assert refused.value.field == field


def test_a_number_of_the_shop_is_one_customer(session: Session, buyer: uuid.UUID) -> None:
    again = record.at_shop(session, " C-1 ", values={"name": "다른 이름"}, by=SHOP)
    assert again is not None and (again.id, again.name) == (buyer, "김민수")
    assert record.at_shop(session, "C-2", by=SHOP) is None
    assert record.numbers(session, buyer) == ["C-1"]
    assert session.query(Customer).count() == 1
