"""Conversations in which a question says only beside the one before it what is asked."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import ActionExecutor

from bot.actions import wiring
from knowledge_base import answers
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


def asks(customer: Customer, text: str, **more: Any) -> tuple[str, str]:
    """The article that the bot answers with, and what it says of it."""
    reply = customer.says("action_answer", text, **more)
    assert reply["kind"] == "answer", reply
    return reply["article"]["id"], reply["text"]


def test_a_conversation_in_korean(customer: Customer) -> None:
    assert asks(customer, "사이즈 교환은 어떻게 해요?")[0] == "exchange-how"
    article, told = asks(customer, "얼마나 걸려요?")
    assert article == "exchange-how" and "5~7일" in told
    article, told = asks(customer, "그건 무료예요?")  # of exchanges, not of "얼마나 걸려요?"
    assert article == "exchange-how" and "6,000원" in told and "5~7일" not in told
    assert asks(customer, "제주도도 배송되나요?")[0] == "delivery-remote-area"
    article, told = asks(customer, "며칠 걸려요?")
    assert article == "delivery-remote-area" and "2~5일" in told


def test_a_conversation_in_english(customer: Customer) -> None:
    assert asks(customer, "do you ship overseas?", locale="en")[0] == "delivery-overseas"
    article, told = asks(customer, "how long does it take?", locale="en")
    assert article == "delivery-overseas" and "5–10" in told
    article, told = asks(customer, "and how much is it?", locale="en")
    assert article == "delivery-overseas" and "15,000" in told


def test_without_anything_before_it_a_question_is_asked_alone(
    customer: Customer, index: Index
) -> None:
    reply = customer.says("action_answer", "비용은요?")
    alone = answers.answer(index, "비용은요?", locale="ko")
    assert reply["tried"][0]["article"] == alone.candidates[0].article
    assert reply["question"] is None


def test_a_chosen_article_is_what_it_is_about(customer: Customer) -> None:
    first = customer.says("action_answer", "배송 문의요")
    assert first["kind"] == "clarify"
    choice = '/choose_article{"article": "delivery-overseas"}'
    chosen = customer.says("action_choose_article", choice, article="delivery-overseas")
    reply = customer.says("action_answer", "얼마나 걸려요?")
    assert reply["article"]["id"] == "delivery-overseas" and "5~10일" in reply["text"]
    # As agents and curators read it: what was pressed, and what was asked of it.
    assert reply["question"] == f"{chosen['article']['title']} · 얼마나 걸려요?"


def test_what_was_asked_is_kept_in_full(customer: Customer) -> None:
    customer.says("action_answer", "사이즈 교환은 어떻게 해요?")
    reply = customer.says("action_answer", "얼마나 걸려요?")
    assert reply["question"] == "사이즈 교환은 어떻게 해요 · 얼마나 걸려요?"
    # Turned down, it is looked for as it was meant.
    other = customer.says("action_not_helpful", "/not_helpful", intent="not_helpful")
    assert other["vote"] == "down"
    assert (other["article"] or {}).get("id") != "exchange-how"
    assert "exchange-how" not in str(payloads(other))


def test_what_was_told_already_is_not_just_said_again(customer: Customer) -> None:
    asks(customer, "선물 포장 되나요?")
    _, told = asks(customer, "얼마예요?")
    assert "2,000원" in told
    reply = customer.says("action_answer", "무료예요?")
    assert reply["text"] == told
    assert told.endswith(".\n\n더 필요한 내용이 있으면 상담원에게 물어봐 주세요.")
    assert payloads(reply) == ["/helpful", "/not_helpful", "/human"]
    again = customer.says("action_answer", "무료인가요?")
    assert again["text"] == reply["text"]


def test_of_what_was_told_already_the_sentence_that_matters_is_said(customer: Customer) -> None:
    _, told = asks(customer, "관세는")
    assert "받는 분이 내요" in told
    _, again = asks(customer, "누가 내요?")
    assert again.startswith("관세와 부가세는 받는 나라의 기준에 따라 받는 분이 내요.\n\n더 필요한")
    _, told = asks(customer, "배송 조회")
    asks(customer, "안돼요")
    noted = customer.says("action_answer", "안 나와요")
    assert noted["kind"] == "unknown" and noted["text"].startswith("알려 주셔서 감사해요.")
    tried = customer.says("action_answer", "그래도 안 돼요")
    assert tried["kind"] == "unknown" and tried["text"].startswith("안내해 드린 방법으로 해결되지")
    assert payloads(tried) == ["/human"]
    asks(customer, "how do I exchange an item?", locale="en")
    asks(customer, "how long does it take?", locale="en")
    _, again = asks(customer, "so how long does it take?", locale="en")
    assert again.startswith(
        "The whole exchange usually takes 5–7 business days.\n\nIf you need more"
    )


def test_a_new_question_is_not_drawn_into_the_one_before(customer: Customer) -> None:
    asks(customer, "사이즈 교환은 어떻게 해요?")
    assert asks(customer, "제주도도 배송되나요?")[0] == "delivery-remote-area"
    assert asks(customer, "비밀번호를 잊어버렸어요")[0] == "account-password"
    reply = customer.says("action_answer", "주식 뭐 사면 좋을까요?", intent="out_of_scope")
    assert reply["kind"] == "unknown"
    assert reply["question"] is None


def test_an_article_without_a_price_is_no_answer_to_how_much(customer: Customer) -> None:
    asks(customer, "비밀번호를 잊어버렸어요")
    reply = customer.says("action_answer", "얼마예요?")
    assert reply["kind"] == "unknown"
    assert payloads(reply) == ["/human"]


def test_more_of_the_same_or_something_else_is_the_customers_choice(customer: Customer) -> None:
    asks(customer, "포인트는 어떻게 쓰나요?")
    reply = customer.says("action_answer", "쿠폰은요?")
    assert reply["kind"] == "clarify"
    offered = str(payloads(reply))
    assert "coupon-use" in offered and "points-use" in offered


@pytest.mark.parametrize(
    ("locale", "before", "text", "article", "says"),
    [
        ("ko", "쿠폰 등록은 어떻게 해요?", "그럼 포인트는 돼요?", "coupon-use", "함께 쓸 수"),
        ("ko", "분실 신고하려고요", "결과는 언제 나와요", "delivery-lost", "영업일 3일"),
        ("ko", "매장 어디 있어요", "명절에도 해요?", "store-hours-locations", "당일만 쉬어요"),
        ("ko", "로그인이 안돼요", "얼마나 잠겨요", "account-login-problem", "10분"),
        (
            "en",
            "how do I care for leather?",
            "what if it gets wet?",
            "care-leather",
            "in the shade",
        ),
        ("en", "how do I reset my password", "i joined with kakao", "account-password", "Kakao"),
        ("en", "what shoe size should I get", "i have wide feet", "size-guide", "5 mm"),
    ],
)
def test_what_a_sentence_of_the_article_says_in_other_words_is_told(
    customer: Customer, locale: str, before: str, text: str, article: str, says: str
) -> None:
    asks(customer, before, locale=locale)
    found, told = asks(customer, text, locale=locale)
    assert found == article and says in told


def test_what_was_told_is_told_again_in_the_sentence_that_is_near(customer: Customer) -> None:
    asks(customer, "해외 배송 돼요?")
    _, again = asks(customer, "홍콩인데요")
    assert again.startswith("일본, 대만, 홍콩, 싱가포르, 미국으로 보내드려요.\n\n더 필요한")


def test_of_what_was_told_the_sentence_that_is_near_is_said_alone(customer: Customer) -> None:
    assert asks(customer, "how long does shipping take", locale="en")[0] == "delivery-time"
    _, again = asks(customer, "what about jeju", locale="en")
    assert again.startswith("Jeju and remote areas take 2–5 business days.\n\nIf you need more")
    asks(customer, "영수증 필요해요")
    _, again = asks(customer, "카드로 냈어요")
    assert again.startswith("카드 매출전표: 결제 즉시 나와요.\n\n더 필요한")


def test_what_an_article_says_first_is_not_said_with_every_section(customer: Customer) -> None:
    _, first = asks(customer, "가죽 가방 관리 어떻게 해요")
    beginning = first.split("\n\n")[0]
    _, told = asks(customer, "비에 젖었어요")
    assert told.startswith("이럴 때는\n\n") and "그늘에서 하루 말려요" in told
    assert beginning not in told
    _, told = asks(customer, "곰팡이도 생겼어요")
    assert told.startswith("곰팡이: 바깥에서") and told.endswith("상담원에게 물어봐 주세요.")
    # But a price that stands at the beginning is what is asked for.
    asks(customer, "do you ship overseas?", locale="en")
    assert "15,000 won" in asks(customer, "how much is it?", locale="en")[1]


def test_the_same_question_of_something_else_is_answered_where_it_is(customer: Customer) -> None:
    asks(customer, "환불은 며칠 걸려요?")
    for text, row in (("무통장은요?", "영업일 1~2일"), ("카드로 결제했는데요", "영업일 3~5일")):
        article, told = asks(customer, text)
        assert article == "refund-when" and row in told


def test_one_thing_after_the_other_is_asked_of_the_same(customer: Customer) -> None:
    asks(customer, "환불은 며칠 걸려요?")
    for text in ("카드는요?", "포인트는요", "언제쯤이요?"):
        reply = customer.says("action_answer", text)
        assert reply["question"] == f"환불은 며칠 걸려요 · {text}"
        assert reply["tried"][0]["article"] == "refund-when"


def test_what_has_a_subject_of_its_own_changes_it(customer: Customer) -> None:
    customer.says("action_answer", "배송은 언제 와요?")
    reply = customer.says("action_answer", "환불은요?")
    assert reply["tried"][0]["article"] == "refund-when"
    assert asks(customer, "얼마나 걸려요?")[0] == "refund-when"
    customer.says("action_answer", "배송은 언제 와요?")
    customer.says("action_answer", "네 감사합니다 환불은요?")
    assert asks(customer, "얼마나 걸려요?")[0] == "refund-when"


def test_a_rejection_may_change_what_it_is_about(customer: Customer) -> None:
    asks(customer, "제주도도 배송되나요?")
    other = customer.says("action_not_helpful", "아니 그거 말고 해외 배송이요", intent="reject")
    assert other["kind"] in ("answer", "clarify") and other["vote"] == "down"
    article, told = asks(customer, "얼마나 걸려요?")
    assert article == "delivery-overseas" and "5~10일" in told
    article, told = asks(customer, "얼마예요?")
    assert article == "delivery-overseas" and "15,000원" in told


def test_what_was_turned_down_is_not_what_it_is_about(customer: Customer) -> None:
    assert asks(customer, "how long does delivery take", locale="en")[0] == "delivery-time"
    other = customer.says(
        "action_not_helpful", "not that, from abroad", intent="reject", locale="en"
    )
    assert other["article"]["id"] == "delivery-overseas"
    for text in ("how much is it?", "and how long does it take?"):
        assert asks(customer, text, locale="en")[0] == "delivery-overseas"
    assert asks(customer, "how do I exchange an item?", locale="en")[0] == "exchange-how"
    customer.says("action_not_helpful", "/not_helpful", intent="not_helpful")
    reply = customer.says("action_answer", "how long does it take?", locale="en")
    assert (reply["article"] or {}).get("id") != "exchange-how"
    assert "exchange-how" not in str(payloads(reply))


@pytest.mark.parametrize(
    ("action", "intent"),
    [
        ("action_ticket_status", "ticket_status"),
        ("action_small_talk", "bot_challenge"),
        ("action_not_helpful", "reject"),
    ],
)
def test_what_rasa_is_not_sure_of_may_go_on(customer: Customer, action: str, intent: str) -> None:
    asks(customer, "사이즈 교환은 어떻게 해요?")
    reply = customer.says(action, "얼마나 걸려요?", intent=intent, confidence=0.45)
    assert reply["kind"] == "answer" and reply["article"]["id"] == "exchange-how"
    assert "5~7일" in reply["text"] and reply["vote"] is None


def test_thanks_before_it_swallow_no_question(customer: Customer) -> None:
    asks(customer, "사이즈 교환은 어떻게 해요?")
    reply = customer.says("action_small_talk", "네 감사합니다 얼마나 걸려요?", intent="thanks")
    assert reply["kind"] == "answer" and reply["article"]["id"] == "exchange-how"


def test_what_is_added_is_said_of_what_was_asked(customer: Customer) -> None:
    first = customer.says("action_answer", "교환하고 싶은데요")
    assert first["kind"] == "clarify"
    assert asks(customer, "사이즈가 안 맞아서요")[0] == "exchange-how"
    assert asks(customer, "꼬리표를 뗐는데요")[0] == "return-not-allowed"
    assert asks(customer, "주문을 취소하고 싶어요")[0] == "order-cancel"
    article, told = asks(customer, "이미 발송됐으면요?")
    assert article == "order-cancel" and "반품으로 신청해 주세요" in told
    asks(customer, "배송 조회")
    article, told = asks(customer, "안돼요")
    assert article == "delivery-tracking" and "조회가 안 될 때" in told
    assert asks(customer, "how do I wash it?", locale="en")[0] == "care-washing"
    article, told = asks(customer, "it's wool", locale="en")
    assert article == "care-washing" and "by hand" in told


def test_what_is_added_is_kept_in_full_and_changes_nothing_of_what_it_is_about(
    customer: Customer,
) -> None:
    asks(customer, "환불 얼마나 걸려요?")
    reply = customer.says("action_answer", "카드로 결제했는데요")
    assert reply["question"] == "환불 얼마나 걸려요 · 카드로 결제했는데요"
    assert reply["article"]["id"] == "refund-when" and "3~5일" in reply["text"]
    reply = customer.says("action_answer", "언제 들어와요?")
    assert reply["question"] == "환불 얼마나 걸려요 · 언제 들어와요?"


def test_another_article_may_say_what_the_one_before_does_not(customer: Customer) -> None:
    customer.says("action_answer", "환불 문의요")
    customer.says(
        "action_choose_article",
        '/choose_article{"article": "refund-method"}',
        article="refund-method",
    )
    reply = customer.says("action_answer", "얼마나 걸려요?")
    assert reply["kind"] == "clarify" and "refund-when" in str(payloads(reply))
    assert "refund-method" not in str(payloads(reply))


def test_a_question_that_somebody_wrote_for_just_that_is_answered(customer: Customer) -> None:
    asks(customer, "회원 탈퇴하려고요")
    assert asks(customer, "포인트는 어떻게 돼?")[0] == "account-delete"


@pytest.mark.parametrize(
    "idle",
    [
        "생각해볼게요",
        "남편한테 물어볼게요",
        "이해했어요",
        "배가 고파요",
        "강아지가 아파요",
        "너무 비싸요",
        "없어요",
        "그건 필요 없어요",
        "let me check",
        "i'll ask my husband",
        "my dog is sick",
    ],
)
def test_what_adds_nothing_gets_no_article(customer: Customer, idle: str) -> None:
    asks(customer, "교환은 어떻게 해요?")
    reply = customer.says("action_answer", idle, intent="nlu_fallback", confidence=0.4)
    assert reply["article"] is None and reply["question"] is None


def test_small_talk_that_states_something_goes_on_only_in_anger(customer: Customer) -> None:
    asks(customer, "배송 조회")
    reply = customer.says("action_small_talk", "조회는 안 해요", intent="thanks")
    assert reply["kind"] == "say"
    reply = customer.says("action_small_talk", "안 된다고요", intent="complain")
    assert reply["kind"] == "answer" and reply["article"]["id"] == "delivery-tracking"


def test_what_says_nothing_is_not_what_it_is_about(customer: Customer) -> None:
    asks(customer, "현금영수증 받을 수 있나요")
    assert customer.says("action_answer", "깜빡했어요")["kind"] == "unknown"
    article, told = asks(customer, "언제까지 돼요?")
    assert article == "payment-receipt" and "30일" in told


def test_what_is_like_an_acknowledgement_may_add_something(customer: Customer) -> None:
    customer.says("action_answer", "반품 가능한가요?")
    reply = customer.says("action_small_talk", "한 번 입었어요", intent="acknowledge")
    assert reply["kind"] == "answer" and reply["article"]["id"] == "return-not-allowed"
    reply = customer.says("action_small_talk", "네 알겠어요 해볼게요", intent="acknowledge")
    assert reply["kind"] == "say"


def test_the_sentence_that_is_asked_for_is_said_again_or_all_of_it(customer: Customer) -> None:
    told = asks(customer, "영업시간 알려주세요")[1]
    again = asks(customer, "일요일도 해요?")[1]
    assert again.startswith("매장은 서울 성수점") and "주말을 포함해" in again.split("\n\n")[0]
    assert "추석" in told and "추석" not in again
    assert asks(customer, "수선 맡기고 싶어요")[0] == "warranty-repair"
    article, again = asks(customer, "얼마나 들까요")
    assert article == "warranty-repair" and "10,000원부터" in again and "30,000원부터" in again


def test_what_nobody_understood_of_it_is_not_what_it_is_about(customer: Customer) -> None:
    assert asks(customer, "지금 상담 되나요?")[0] == "support-hours"
    assert customer.says("action_answer", "밤에도 되나요")["kind"] == "unknown"
    reply = customer.says("action_answer", "그럼 내일 몇시부터 해요?")
    assert reply["question"] == "지금 상담 되나요 · 내일 몇시부터 해요?"
    assert "09:00~18:00" in reply["text"] and "24시간" not in reply["text"]


def test_what_is_asked_as_well_may_be_of_what_was_told(customer: Customer) -> None:
    assert asks(customer, "선물포장 되나요")[0] == "gift-wrap"
    reply = customer.says("action_answer", "카드도 써주나요")
    assert reply["kind"] == "clarify"
    assert "gift-wrap" in payloads(reply)[0] and "payment-methods" in payloads(reply)[1]
    assert asks(customer, "주차도 되나요")[0] == "store-parking"


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("배송비 얼마고 언제 도착해요?", ["delivery-fee", "delivery-time"]),
        (
            "반품하고 싶은데 택배비 얼마인지랑 환불 언제 되는지 알려주세요",
            ["return-fee", "refund-when"],
        ),
        ("쿠폰 어떻게 쓰고 포인트는 언제 소멸돼요", ["coupon-use", "points-expire"]),
        ("매장 어디 있고 몇시까지 하나요", ["store-hours-locations"]),
    ],
)
def test_both_of_two_questions_with_an_and_between_them_are_answered(
    customer: Customer, text: str, both: list[str]
) -> None:
    replies = customer.call("action_answer", text)
    assert [one["kind"] for one in replies] == ["answer"] * len(both)
    assert [one["article"]["id"] for one in replies] == both


def test_a_day_is_asked_of_what_was_told(customer: Customer) -> None:
    assert asks(customer, "언제까지 문의할 수 있어요")[0] == "support-hours"
    article, told = asks(customer, "토요일은요")
    assert article == "support-hours" and "주말·공휴일은 쉬어요" in told
    assert asks(customer, "배송비 얼마예요")[0] == "delivery-fee"
    reply = customer.says("action_answer", "일요일도 해요?")
    assert "delivery-fee" not in str(reply["article"])


def test_how_long_to_wait_is_asked_of_what_was_told(customer: Customer) -> None:
    asks(customer, "입금했는데 확인이 안돼요")
    reply = customer.says(
        "action_ticket_status", "얼마나 기다려요", intent="ticket_status", confidence=0.57
    )
    assert reply["article"]["id"] == "payment-bank-transfer" and "10분" in reply["text"]
