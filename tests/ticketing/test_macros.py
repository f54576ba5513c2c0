"""Macros: what may be kept, and what is sent of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from ticketing import agents, conversations, customers, macros, purchases, tickets
from ticketing.errors import Conflict, Invalid
from ticketing.models import Agent, Customer, Macro, Ticket
from ticketing.purchases import Order
from ticketing.record import Author


@pytest.fixture
def asked(session: Session) -> tuple[Agent, Customer, Ticket]:
    customer = customers.start_session(session, locale="ko")[1]
    talk = conversations.current(session, customer_id=customer.id)
    ticket, _ = tickets.open_ticket(session, conversation=talk, reason="customer_asked")
    return agents.add(session, name="지수"), customer, ticket


def keep(session: Session, text_ko: str = "", text_en: str = "", name: str = "환불") -> Macro:
    return macros.save(session, None, name=name, text_ko=text_ko, text_en=text_en)


def test_values_are_put_in_and_what_is_missing_is_said(
    session: Session, asked: tuple[Agent, Customer, Ticket]
) -> None:
    agent, customer, ticket = asked
    words = "{customer.name}님, {agent.name}이에요. {order.last} ({order.status|확인 중})"
    macro = keep(session, words + " { ticket.code }")
    made = macros.fill(session, macro, ticket, agent=agent)
    assert made.text == f"고객님, 지수이에요. (주문번호 없음) (확인 중) {ticket.code}"
    assert made.missing == ["customer.name", "order.last"]
    customer.name = "김{하늘}"
    order = Order(number="A-1", amount=1000, ordered_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    purchases.put(session, customer.id, order, by=Author("shop", "api"))
    made = macros.fill(session, macro, ticket, agent=agent)
    assert made.text == f"김{{하늘}}님, 지수이에요. A-1 (결제 완료) {ticket.code}"
    assert (made.missing, made.locale, made.wanted) == ([], "ko", "ko")


def test_a_name_stands_apart_from_its_title_and_no_name_does_not(
    session: Session, asked: tuple[Agent, Customer, Ticket]
) -> None:
    agent, customer, ticket = asked
    macro = keep(session, "{customer.name} 님, 안녕하세요")
    assert macros.fill(session, macro, ticket, agent=agent).text == "고객님, 안녕하세요"
    customer.name = "김하늘"
    assert macros.fill(session, macro, ticket, agent=agent).text == "김하늘 님, 안녕하세요"


def test_the_customers_language_or_the_one_that_there_is(
    session: Session, asked: tuple[Agent, Customer, Ticket]
) -> None:
    agent, _, ticket = asked
    both = keep(session, "안녕하세요", "Hello {customer.name}")
    english = keep(session, "", "Hello {customer.name}", name="인사")
    assert macros.fill(session, both, ticket, agent=agent).text == "안녕하세요"
    only = macros.fill(session, english, ticket, agent=agent)
    assert (only.text, only.locale, only.wanted) == ("Hello customer", "en", "ko")
    ticket.conversation.locale = "en"
    assert macros.fill(session, both, ticket, agent=agent).text == "Hello customer"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{customer.nmae}님", "variable"),
        ("{}", "variable"),
        ("{고객}", "variable"),
        ("{{customer.name}}", "brace"),
        ("가격 {", "brace"),
        ("} 끝", "brace"),
        ("{customer.name|{x}}", "variable"),
        ("가" * 2501, "length"),
        (" \n ", "missing"),
    ],
)
def test_what_would_be_sent_raw_is_not_kept(session: Session, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        keep(session, text)
    assert refused.value.code == code
    if code == "variable":
        assert "{customer.name}" in str(refused.value)
    assert macros.listing(session) == []


_PIECES = st.sampled_from(
    ["{", "}", "{customer.name}", "{order.last|a}", "{order.last|", "x", "|", " ", "\n", "{nope}"]
)


@given(pieces=st.lists(_PIECES, max_size=6))
def test_no_kept_text_sends_a_brace(pieces: list[str]) -> None:
    text = "".join(pieces)
    try:
        macros.check("text_ko", text)
    except Invalid:
        return
    assert not {"{", "}"} & set(macros._VARIABLE.sub("", text))


def test_names_are_found_in_any_case_and_kept_once(session: Session) -> None:
    refund = keep(session, "네", name=" 환불  안내 ")
    late = keep(session, "네", name="Late delivery")
    assert (refund.name, macros.find(session, "환불 안내")) == ("환불 안내", refund)
    assert macros.find(session, "late DELIVERY") is late and macros.find(session, "la") is late
    assert macros.find(session, "환") is refund and macros.find(session, "x") is None
    keep(session, "네", name="환급")
    assert macros.find(session, "환") is None and macros.find(session, "") is None
    with pytest.raises(Conflict):
        keep(session, "네", name="LATE delivery")
    changed = macros.save(session, late, name="Late delivery", text_ko="", text_en="Sorry")
    assert (changed.id, changed.text_en) == (late.id, "Sorry")
