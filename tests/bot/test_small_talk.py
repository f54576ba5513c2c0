"""Small talk is answered kindly, unless something is asked with it."""

from __future__ import annotations

import pytest

from bot.actions import wiring
from bot.actions.texts import TEXTS
from knowledge_base.search import Index
from tests.bot.customer import Customer, payloads
from ticketing.db import Sessions


@pytest.mark.parametrize("text", ["생각해볼게요", "잠깐만요", "let me check"])
def test_who_needs_a_moment_is_given_it(customer: Customer, text: str) -> None:
    customer.says("action_answer", "환불 언제 돼요?")
    reply = customer.says("action_small_talk", text, intent="acknowledge")
    assert reply["kind"] == "say" and reply["buttons"] == []
    assert reply["text"].startswith(("네, 천천히", "Okay, no hurry"))


@pytest.mark.parametrize(
    "text", ["2년 됐어요", "금액 잘못 보냈어요", "it's been 2 years", "i sent the wrong sum"]
)
def test_what_states_something_is_no_nod(customer: Customer, text: str) -> None:
    customer.says("action_answer", "고래 박물관 있나요")
    reply = customer.says("action_small_talk", text, intent="acknowledge", confidence=0.9)
    assert reply["kind"] in ("answer", "clarify", "unknown") and "/human" in payloads(reply)


@pytest.mark.parametrize("text", ["5분만 기다려 주세요", "3분만요", "give me 5 minutes please"])
def test_who_needs_some_minutes_is_given_them(customer: Customer, text: str) -> None:
    for action, intent in (("action_answer", ""), ("action_small_talk", "acknowledge")):
        reply = customer.says(action, text, intent=intent, confidence=0.4)
        assert reply["text"].startswith(("네, 천천히", "Okay, no hurry"))


def test_who_will_do_something_in_some_minutes_nods(customer: Customer) -> None:
    text = "10분 뒤에 다시 해볼게요"
    reply = customer.says("action_small_talk", text, intent="acknowledge", confidence=0.9)
    assert reply["text"].startswith("네, 천천히")


def test_what_is_hardly_an_acknowledgement_is_looked_for(customer: Customer) -> None:
    reply = customer.says(
        "action_small_talk", "로그인이 안 되네요", intent="acknowledge", confidence=0.5
    )
    assert reply["kind"] == "answer" and reply["article"]["id"] == "account-login-problem"
    reply = customer.says("action_small_talk", "쿵푸요", intent="acknowledge", confidence=0.5)
    assert reply["kind"] == "unknown"


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "kind"),
    [
        ("대여 서비스 되나요?", "complain", 0.55, "unknown"),
        ("is this a whale museum?", "complain", 0.5, "unknown"),
        ("제휴 문의드립니다", "greet", 0.84, "unknown"),
        ("안녕하세요, 협찬 문의요!", "greet", 0.84, "unknown"),
        ("고마워요 근데 사은품은요?", "thanks", 0.9, "unknown"),
        ("thanks! do you have a whale museum?", "thanks", 0.9, "unknown"),
        ("네 감사합니다 수고하세요", "thanks", 0.9, "say"),
        ("이게 무슨 서비스예요?", "complain", 0.88, "say"),
        ("사이트가 너무 느려요", "complain", 0.47, "say"),
        ("안녕하세요 문의드립니다", "greet", 0.85, "say"),
        ("점심 드셨어요?", "greet", 0.85, "say"),
    ],
)
def test_what_is_asked_is_not_taken_for_anger_or_a_greeting(
    customer: Customer, text: str, intent: str, confidence: float, kind: str
) -> None:
    reply = customer.says("action_small_talk", text, intent=intent, confidence=confidence)
    assert reply["kind"] == kind
    assert payloads(reply) == (["/human"] if intent == "complain" or kind == "unknown" else [])


def test_small_talk_is_answered_kindly(customer: Customer) -> None:
    texts = {
        locale: customer.says("action_small_talk", text, intent="greet", locale=locale)["text"]
        for text, locale in (("안녕하세요", "ko"), ("hello", "en"))
    }
    responses = customer.responses
    assert texts["ko"] == responses["utter_greet_ko"][-1]["text"]
    assert texts["en"] == responses["utter_greet_en"][-1]["text"]


def test_the_bot_introduces_itself_with_the_shops_name_if_it_was_told(
    shop: Sessions, index: Index
) -> None:
    names = {"ko": "바다상회", "en": "Bada & Co"}
    named = Customer(shop, wiring.executor(index=index, sessions=shop, names=names))
    for text, locale in (("안녕하세요", "ko"), ("hello", "en")):
        for intent in ("greet", "bot_challenge"):
            said = named.says("action_small_talk", text, intent=intent, locale=locale)["text"]
            assert names[locale] in said and "{" not in said
    nameless = Customer(shop, wiring.executor(index=index, sessions=shop))
    said = nameless.says("action_small_talk", "안녕하세요", intent="greet")["text"]
    assert said.startswith("안녕하세요, 상담봇이에요")


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("안녕하세요 비밀번호를 잊어버렸어요", "account-password"),
        ("hello, how do I use my points?", "points-use"),
        ("감사합니다 그런데 비밀번호를 잊어버렸어요", "account-password"),
    ],
)
def test_small_talk_never_swallows_a_question(customer: Customer, text: str, article: str) -> None:
    reply = customer.says("action_small_talk", text, intent="greet")
    assert reply["kind"] == "answer"
    assert reply["article"]["id"] == article


@pytest.mark.parametrize(
    "text",
    [
        "I have a problem",
        "can u help me",
        "안녕하세요 어제 문의드린 사람인데요",
        "어제 상담했던 사람이에요",
        "하나만 더 물어볼게요",
        "one more question",
    ],
)
def test_who_only_begins_is_asked_to_go_on(customer: Customer, text: str) -> None:
    for action, intent in (("action_answer", "nlu_fallback"), ("action_small_talk", "goodbye")):
        reply = customer.call(action, text, intent=intent, confidence=0.42)[-1]
        assert reply["text"] == TEXTS["go_on"][reply["locale"]]
        assert payloads(reply) == ["/human"]


@pytest.mark.parametrize(
    "before", ["도대체", "아까 문의했던 사람인데", "하나만 더요", "하나만 더 물어볼게요"]
)
def test_what_leads_up_to_a_question_is_no_part_of_it(customer: Customer, before: str) -> None:
    plain = customer.call("action_answer", "교환은 며칠 걸려요?")[-1]
    reply = customer.call("action_answer", f"{before} 교환은 며칠 걸려요?")[-1]
    assert (reply["kind"], reply["score"]) == (plain["kind"], plain["score"])


@pytest.mark.parametrize(
    "text", ["아무것도 아니에요", "그냥요", "아 그냥 물어봤어요", "nothing", "just asking"]
)
def test_nothing_is_nothing(customer: Customer, text: str) -> None:
    for action, intent in (("action_answer", ""), ("action_not_helpful", "reject")):
        reply = customer.call(action, text, intent=intent)[-1]
        assert reply["text"] == TEXTS["listening"][reply["locale"]]


@pytest.mark.parametrize(
    "text",
    [
        "일주일째 기다리는데 초콜릿이",
        "초콜릿 배달 왤케 느림",
        "왜 답이 없어요",
        "초콜릿으로 보상해 주세요",
        "no one replies",
        "i've been waiting for my chocolate",
        "초콜릿을 5일이나 기다렸는데요",
        "its been like 2 weeks for my chocolate",
        "my chocolate has not arrived",
    ],
)
def test_who_waits_in_vain_is_met_with_sorry(customer: Customer, text: str) -> None:
    reply = customer.call("action_answer", text)[-1]
    assert reply["text"] == TEXTS["unknown_sorry"][reply["locale"]]


def test_who_asks_whether_something_is_made_good_is_not(customer: Customer) -> None:
    reply = customer.call("action_answer", "초콜릿 최저가 보상 되나요")[-1]
    assert reply["text"] == TEXTS["unknown"]["ko"]


@pytest.mark.parametrize(
    ("text", "too"), [("hello", True), ("hi!", True), ("안녕하세요", False), ("dkssud", False)]
)
def test_who_greets_in_english_in_a_korean_chat_may_go_on_in_it(
    customer: Customer, text: str, too: bool
) -> None:
    reply = customer.says("action_small_talk", text, intent="greet")
    assert reply["locale"] == "ko" and reply["text"].startswith("안녕하세요")
    assert reply["text"].endswith("You can write to me in English, too.") is too
