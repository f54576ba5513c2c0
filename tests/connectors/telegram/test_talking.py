"""A customer in Telegram talks to the bot: words in, words and buttons out, in order, once."""

from __future__ import annotations

import pytest

from connectors.desk import surveying
from tests.connectors.conftest import App
from tests.fakes.telegram import FakeTelegram, Person, buttons
from ticketing import csat, nps, survey_rules
from ticketing.models import ChannelIdentity, Customer, Message

pytestmark = pytest.mark.usefixtures("app")


def lines(app: App, person: Person) -> list[Message]:
    """All that is kept of a person, in order."""
    with app.sessions() as session:
        return list(
            session.query(Message)
            .join(ChannelIdentity, ChannelIdentity.customer_id == Message.customer_id)
            .where(ChannelIdentity.external_id == str(person.number))
            .order_by(Message.id)
        )


def test_words_come_in_and_an_answer_goes_out(app: App, customer: Person) -> None:
    customer.says("배송은 언제 오나요?")
    assert customer.until("배송은 언제 오나요?")["text"] == "배송은 언제 오나요?"
    app.settle()
    assert [line.author for line in lines(app, customer)] == ["customer", "bot"]
    assert len(customer.sees()) == 1


def test_a_button_is_pressed_and_shown_as_chosen(app: App, customer: Person) -> None:
    app.rasa.mode = "answer"
    customer.says("배송비 얼마예요?")
    answer = customer.until("배송비")
    assert buttons(answer) == ["도움이 됐어요", "아니에요"]
    app.rasa.mode = "echo"
    customer.presses(answer, "도움이 됐어요", copies=3)
    customer.telegram.until(lambda: buttons(answer) == ["✓ 도움이 됐어요", "아니에요"])
    app.settle()
    pressed = [line for line in lines(app, customer) if line.kind == "button"]
    assert [line.text for line in pressed] == ["도움이 됐어요"]


def test_f4_an_update_that_comes_three_times_is_one_line(app: App, customer: Person) -> None:
    customer.says("한 번만", copies=3)
    customer.until("한 번만")
    app.settle()
    assert [line.text for line in lines(app, customer)] == ["한 번만", "한 번만"]
    assert len(customer.sees()) == 1


def test_what_is_said_fast_is_answered_in_order(
    app: App, customer: Person, telegram: FakeTelegram
) -> None:
    said = [f"{number}번째 질문" for number in range(12)]
    for text in said:
        customer.says(text)
    customer.until("11번째")
    assert [message["text"] for message in customer.sees()] == said
    telegram.until(lambda: telegram.unconfirmed() == 0)


def test_surveys_are_answered_here(app: App, customer: Person) -> None:
    with app.sessions.begin() as session:
        survey_rules.set_policy(session, "bot", sample=100, quiet_days=0)
    app.rasa.mode = "answer"
    customer.says("배송비 얼마예요?")
    answer = customer.until("배송비")
    app.rasa.mode = "echo"
    customer.presses(answer, "도움이 됐어요")
    asked = customer.until("답변이 어떠셨나요")
    with app.sessions.begin() as session:
        survey_rules.set_policy(session, "bot", sample=0, quiet_days=0)
    customer.presses(asked, "3")
    customer.until("평가해 주셔서 감사합니다")
    app.settle()
    with app.sessions.begin() as session:
        person = session.get(Customer, lines(app, customer)[0].customer_id)
        assert person is not None
        (rating,) = csat.ratings(session, customer_id=person.id)
        assert (rating.score, rating.answered_by["kind"]) == (3, "bot")
        surveying.recommend(session, {"customer": str(person.id), "moment": "days:30"})
    asked = customer.until("추천하고 싶으세요")
    rows = [len(row) for row in asked["reply_markup"]["inline_keyboard"]]
    assert rows == [6, 5, 1], "numbers stand beside each other"
    customer.presses(asked, "10")
    thanks = "평가해 주셔서 감사합니다"
    customer.telegram.until(lambda: [m for m in customer.sees() if thanks in m["text"]][1:])
    app.settle()
    with app.sessions() as session:
        assert [one.score for one in nps.given(session, customer_id=person.id)] == [10]
