"""Small talk is answered kindly, unless something is asked with it."""

from __future__ import annotations

import pytest

from bot.actions import wiring
from knowledge_base.search import Index
from tests.bot.customer import Customer, payloads
from ticketing.db import Sessions


@pytest.mark.parametrize("text", ["생각해볼게요", "잠깐만요", "let me check"])
def test_who_needs_a_moment_is_given_it(customer: Customer, text: str) -> None:
    customer.says("action_answer", "환불 언제 돼요?")
    reply = customer.says("action_small_talk", text, intent="acknowledge")
    assert reply["kind"] == "say" and reply["buttons"] == []
    assert reply["text"].startswith(("네, 천천히", "Okay, no hurry"))


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
