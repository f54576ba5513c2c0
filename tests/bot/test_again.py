"""The same apology is not said twice in a row; the second time a person is asked for outright."""

from __future__ import annotations

import pytest

from bot.actions.texts import TEXTS
from tests.bot.customer import Customer, payloads


def test_a_second_question_that_nothing_answers(customer: Customer) -> None:
    first = customer.says("action_answer", "고래가 나오나요?")
    assert first["text"] == TEXTS["unknown"]["ko"]
    again = customer.says("action_answer", "공룡이 나오나요?")
    assert (again["kind"], again["text"]) == ("unknown", TEXTS["unknown_again"]["ko"])
    assert payloads(again) == ["/human"]
    assert customer.says("action_small_talk", "네", intent="acknowledge")["kind"] == "hand_off"


def test_who_has_asked_in_other_words_is_not_asked_to_again(customer: Customer) -> None:
    asked = ["고래가 나오나요?", "공룡이 나오나요?", "코끼리가 나오나요?", "기린이 나오나요?"]
    said = [customer.says("action_answer", one)["text"] for one in asked]
    keys = ["unknown", "unknown_again", "unknown_still", "unknown_again"]
    assert said == [TEXTS[key]["ko"] for key in keys]


@pytest.mark.parametrize(
    ("texts", "locale"), [(("😡", "진짜 짜증나게 하네"), "ko"), (("this is awful", ":("), "en")]
)
def test_a_second_complaint(customer: Customer, texts: tuple[str, str], locale: str) -> None:
    first, again = (
        customer.says("action_small_talk", text, intent="complain", locale=locale) for text in texts
    )
    assert first["text"] == customer.responses[f"utter_complain_{locale}"][0]["text"]
    assert (again["text"], payloads(again)) == (TEXTS["sorry_again"][locale], ["/human"])


def test_what_comes_between_makes_it_the_first_again(customer: Customer) -> None:
    customer.says("action_answer", "고래가 나오나요?")
    assert customer.says("action_answer", "환불 언제 돼요?")["kind"] == "answer"
    reply = customer.says("action_answer", "공룡이 나오나요?")
    assert reply["text"] == TEXTS["unknown"]["ko"]


def test_other_words_may_be_said_again(customer: Customer) -> None:
    for _ in range(2):
        reply = customer.says("action_answer", "ㅋㅋㅋ")
        assert reply["text"] == TEXTS["listening"]["ko"]
