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


@pytest.mark.parametrize(
    ("locale", "before", "article", "text"),
    [
        ("ko", "주문 취소했는데 돈이 안들어와요", "order-cancel", "3일 지났는데요"),
        ("ko", "지퍼가 고장났어요", "warranty-repair", "산 지 6개월 됐어요"),
        ("en", "my order still says preparing", "order-status", "its been 3 days"),
    ],
)
def test_how_long_something_has_been_so_is_said_of_what_was_asked(
    customer: Customer, locale: str, before: str, article: str, text: str
) -> None:
    first = customer.says("action_answer", before, locale=locale)
    assert first["article"]["id"] == article
    for action, intent in (("action_answer", ""), ("action_small_talk", "acknowledge")):
        reply = customer.call(action, text, intent=intent, locale=locale)[-1]
        assert reply["question"] == f"{before} · {text}"
        assert reply["tried"][0]["article"] == article


def test_how_long_ago_it_was_may_be_what_matters(customer: Customer) -> None:
    customer.says("action_answer", "매장에 주차 되나요?")
    reply = customer.says("action_answer", "받은 지 10일 됐어요")
    assert reply["article"]["id"] == "return-period"


def test_who_waits_and_is_not_answered_is_met_with_sorry(customer: Customer) -> None:
    customer.says("action_answer", "i ordered a jacket and it hasnt arrived", locale="en")
    reply = customer.says("action_answer", "it's been two weeks", locale="en")
    assert reply["kind"] == "unknown" and reply["text"].startswith("I'm really sorry about that.")


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("문의 남기면 언제 답 와요?", "ko"),
        ("상담원은 언제 답해줘요?", "ko"),
        ("when will an agent answer me", "en"),
    ],
)
def test_who_has_no_ticket_asks_when_one_would_be_answered(
    customer: Customer, text: str, locale: str
) -> None:
    sure = {"intent": "ticket_status", "confidence": 0.9, "locale": locale}
    reply = customer.says("action_ticket_status", text, **sure)
    assert "support-hours" in f"{reply['article']} {payloads(reply)}"


@pytest.mark.parametrize(
    "text", ["원피스 환불 되나요", "수영복 환불해주세요", "원피스 환불하고 싶어요"]
)
def test_of_a_thing_that_no_article_names_what_is_wished_is_offered(
    customer: Customer, text: str
) -> None:
    reply = customer.says("action_answer", text)
    assert reply["kind"] == "clarify" and not reply["asked"]
    assert all("refund" in one for one in payloads(reply)[:-1])


@pytest.mark.parametrize("text", ["고래 박물관 있나요", "피자 배달 되나요", "강아지 사료 추천"])
def test_a_thing_without_a_topic_stays_unknown(customer: Customer, text: str) -> None:
    assert customer.says("action_answer", text)["kind"] == "unknown"


@pytest.mark.parametrize(
    ("locale", "before", "text"),
    [
        ("ko", "세일상품도 반품되나요", "개봉했는데요"),
        ("ko", "적립금 언제 들어와요", "어제요"),
        ("ko", "지퍼가 고장났어요", "어제 샀어요"),
        ("en", "my coupon doesn't work", "it says invalid"),
        ("en", "my coupon doesn't work", "i spent over 50000"),
    ],
)
def test_what_is_stated_of_what_was_told_and_nothing_says_more_of_is_for_a_person(
    customer: Customer, locale: str, before: str, text: str
) -> None:
    assert customer.says("action_answer", before, locale=locale)["kind"] == "answer"
    reply = customer.says("action_answer", text, locale=locale)
    assert reply["kind"] == "unknown" and payloads(reply) == ["/human"]
    assert reply["text"].startswith(("알려 주셔서 감사해요.", "Thanks for telling me."))


def test_a_sentence_that_denies_something_is_not_picked_out_where_no_word_is_the_same(
    customer: Customer,
) -> None:
    customer.says("action_answer", "새벽배송 되나요")
    reply = customer.says("action_answer", "경기도 수원이에요")  # where it is brought
    assert not reply["text"].startswith("서울과 경기 밖의 지역은")
    reply = customer.says("action_answer", "그럼 일요일에도 와요?")
    assert reply["text"].startswith("일요일과 공휴일 새벽에는 쉬어요.")


def test_who_asks_what_is_so_in_some_case_is_not_thanked_for_telling(customer: Customer) -> None:
    customer.says("action_answer", "리뷰 쓰면 포인트 주나요")
    reply = customer.says("action_answer", "사진 올리면요")
    assert not reply["text"].startswith("알려 주셔서 감사해요.")


def test_a_row_of_sizes_is_not_picked_by_its_unit(customer: Customer) -> None:
    customer.says("action_answer", "can you recommend a size", locale="en")
    reply = customer.says("action_answer", "175cm 70kg", locale="en")
    assert not reply["text"].startswith("M |") and "/human" in payloads(reply)


@pytest.mark.parametrize(
    ("locale", "before", "text"),
    [
        ("ko", "결제는 했는데 배송지를 안 적었어요", "어떡하죠?"),
        ("en", "tracking says delivered but i don't have it", "what should i do"),
    ],
)
def test_who_does_not_get_on_with_what_was_told_is_not_told_it_again(
    customer: Customer, locale: str, before: str, text: str
) -> None:
    assert customer.says("action_answer", before, locale=locale)["kind"] == "answer"
    reply = customer.says("action_answer", text, locale=locale)
    assert reply["text"].startswith(("괜찮아요.", "That's fine.")) and payloads(reply) == ["/human"]


def test_who_will_keep_it_is_not_offered_an_article(customer: Customer) -> None:
    customer.says("action_answer", "교환은 어떻게 해요?")
    reply = customer.says("action_answer", "그냥 입을게요")
    assert reply["kind"] == "say" and reply["buttons"] == []


def test_a_time_of_the_day_is_said_of_what_was_asked(customer: Customer) -> None:
    customer.says("action_answer", "오늘 주문하면 내일 오나요")
    reply = customer.says("action_answer", "아침에요")
    assert reply["question"] == "오늘 주문하면 내일 오나요 · 아침에요"
    assert "delivery-dawn" not in str(reply["article"])


def test_how_many_letters_is_asked_of_what_was_told(customer: Customer) -> None:
    customer.says("action_answer", "선물에 메시지도 넣고 싶어요")
    reply = customer.says("action_answer", "몇 글자까지요?")
    assert reply["article"]["id"] == "gift-wrap"
