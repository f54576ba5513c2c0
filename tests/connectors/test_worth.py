"""What a customer has bought decides how urgent their new tickets are, if the shop says so."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid

import pytest
from sqlalchemy.orm import Session

from tests.clock import Clock
from tests.connectors.browser import Browser, name, signed_in
from tests.connectors.conftest import App
from tests.connectors.test_queue import Shop, hand_off
from ticketing import purchases, sla, tickets, worth
from ticketing.errors import Invalid
from ticketing.purchases import Order
from ticketing.record import Author

SHOP = Author("쇼핑몰", "api")
ORDER = Order(number="A-1", ordered_at=dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC), status="paid",
              amount=600_000)  # fmt: skip


@pytest.fixture
def counter(clock: Clock, shop: Session) -> Shop:
    """The desk of a shop."""
    return Shop(clock, shop)


def buys(session: Session, customer_id: uuid.UUID, number: str, **other: object) -> None:
    order = dataclasses.replace(ORDER, number=number, **other)
    purchases.put(session, customer_id, order, by=SHOP)


def test_tickets_of_who_bought_much_begin_higher_and_it_is_said(counter: Shop) -> None:
    session = counter.session
    customer = counter.customer()
    buys(session, customer.id, "A-1")
    buys(session, customer.id, "A-2", refunded=200_000)
    buys(session, customer.id, "A-3", currency="USD", amount=900_000)

    def ask() -> tuple[str, list[str]]:
        counter.say(customer, "주차 되나요?", hand_off())
        ticket = tickets.listing(session, customer_id=customer.id)[0]
        priority = ticket.priority
        tickets.resolve(session, ticket)
        session.commit()
        return priority, [one for one in counter.told(customer, internal=True) if "구매" in one]

    assert ask() == ("normal", []), "nothing was said"
    worth.set_policy(session, amount="1,000,001원", currency="", priority="urgent")
    assert ask() == ("normal", [])
    worth.set_policy(session, amount="1,000,000", currency="krw", priority="urgent")
    note = "1,000,000원 이상 구매한 고객이라 우선순위 '긴급'에서 시작해요"
    assert ask() == ("urgent", [note])
    worth.set_policy(session, amount=" ", currency="", priority="")
    assert ask() == ("normal", [note]) and worth.policy(session) is None


def test_the_promise_is_that_of_the_priority(counter: Shop) -> None:
    worth.set_policy(counter.session, amount="1", currency="KRW", priority="high")
    customer = counter.customer()
    buys(counter.session, customer.id, "B-1")
    counter.say(customer, "주차 되나요?", hand_off())
    ticket = tickets.listing(counter.session, customer_id=customer.id)[0]
    (first,) = [one for one in sla.running(counter.session, ticket) if one.kind == "first"]
    assert first.due_at is not None and ticket.waiting_since is not None
    promised = (first.due_at - ticket.waiting_since).total_seconds()
    assert promised == 60 * sla.DEFAULTS["high"].first


@pytest.mark.parametrize(
    "wrong",
    [("many", "KRW", "high"), ("0", "KRW", "high"), ("1", "wons", "high"), ("1.5", "KRW", "high"),
     ("1", "KRW", "normal"), ("-1", "KRW", "high")],
)  # fmt: skip
def test_what_is_no_rule_is_refused_and_the_old_one_stays(
    session: Session, wrong: tuple[str, str, str]
) -> None:
    worth.set_policy(session, amount="5", currency="KRW", priority="high")
    with pytest.raises(Invalid):
        worth.set_policy(session, amount=wrong[0], currency=wrong[1], priority=wrong[2])
    rule = worth.policy(session)
    assert rule is not None and (rule.least, rule.priority) == (5, "high")


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway."""
    return gateway


def test_the_console_keeps_it(app: App) -> None:
    lead: Browser = signed_in(app, name(), role="lead")

    def save(**fields: str) -> int:
        return lead.post(
            "/console/service/value", page="/console/service", script=True, **fields
        ).status_code

    assert save(amount="1,500", currency="USD", priority="urgent") == 200
    page = lead.get("/console/service").text
    assert 'name="amount" inputmode="decimal" maxlength="24" value="1500.00"' in page
    assert save(amount="많이", currency="KRW", priority="high") == 422
    assert 'value="1500.00"' in lead.get("/console/service").text
    assert save(amount="", currency="KRW", priority="high") == 200
    assert 'value="1500.00"' not in lead.get("/console/service").text
    agent = signed_in(app, name())
    assert agent.post("/console/service/value", amount="1").status_code == 403
