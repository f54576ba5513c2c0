"""How customers of the sample shop talk: changes of mind, details, two things at once."""

from __future__ import annotations

import pytest
from rasa_sdk.executor import ActionExecutor

from bot.actions import wiring
from knowledge_base.embedding import open_encoder
from knowledge_base.search import Index
from tests.bot.customer import Customer, payloads
from ticketing.db import Sessions


@pytest.fixture(scope="module")
def index(shop: Sessions) -> Index:
    """With vectors, as the product has them."""
    made = Index(shop, open_encoder())
    made.refresh()
    return made


@pytest.fixture(scope="module")
def actions(shop: Sessions, index: Index) -> ActionExecutor:
    return wiring.executor(index=index, sessions=shop)


@pytest.mark.parametrize(
    ("locale", "before", "text"),
    [
        ("ko", "", "교환 말고 환불은요?"),
        ("ko", "교환은 어떻게 해요?", "교환 말고 환불은요?"),
        ("ko", "", "교환이 아니라 환불하고 싶어요"),
        ("en", "", "I don't want an exchange, I want a refund"),
        ("en", "how do I exchange something?", "not an exchange but a refund please"),
    ],
)
def test_what_is_said_not_to_be_meant_is_not_told_or_offered(
    customer: Customer, locale: str, before: str, text: str
) -> None:
    if before:
        first = customer.says("action_answer", before, locale=locale)
        assert first["article"]["id"] == "exchange-how"
    reply = customer.says("action_answer", text, locale=locale)
    assert reply["kind"] in ("answer", "clarify")
    assert "exchange-how" not in f"{reply['article']} {payloads(reply)}"
    assert "refund" in f"{reply['article']} {payloads(reply)}"


def test_a_detail_of_what_was_told_is_for_a_person(customer: Customer) -> None:
    first = customer.says("action_answer", "단체복 주문하고 싶은데요")
    assert first["article"]["id"] == "order-bulk"
    reply = customer.says("action_answer", "100벌이요")
    assert reply["text"].startswith("알려 주셔서 감사해요.") and payloads(reply) == ["/human"]
    assert reply["question"] == "단체복 주문하고 싶은데요 · 100벌이요"
    assert customer.says("action_answer", "네")["kind"] == "hand_off"


@pytest.mark.parametrize(
    ("locale", "text", "both"),
    [
        ("ko", "포인트 유효기간이랑 쿠폰 중복사용 되는지", ["points-expire", "coupon-use"]),
        ("ko", "반품 기간하고 환불 기간 알려주세요", ["return-period", "refund-when"]),
        (
            "en",
            "how long do points last and do you take two coupons",
            ["points-expire", "coupon-use"],
        ),
    ],
)
def test_both_of_two_things_are_told(
    customer: Customer, locale: str, text: str, both: list[str]
) -> None:
    replies = customer.call("action_answer", text, locale=locale)
    assert [one["article"] and one["article"]["id"] for one in replies] == both
