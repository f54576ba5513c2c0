"""Gaps of those who wait for a person, and what an article answers by now."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from connectors import desk, wishes
from connectors.desk import waiting as still
from connectors.slack import rows
from knowledge_base import articles, gaps
from tests.connectors.browser import name, signed_in, waiting
from tests.connectors.conftest import App
from tests.connectors.test_gaps import ANSWER, HAND_OFF, UNKNOWN, Talk, analyser, sort, until_sorted
from ticketing import agents, tickets
from ticketing.models import Message

__all__ = ["analyser"]  # a fixture


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    return gateway


@pytest.mark.parametrize(
    "wish",
    [
        "상담원이요",
        "상담원 연결해 주세요",
        "사람이랑 얘기하고 싶어요",
        "can i talk to a real person please",
    ],
)
def test_who_asks_for_a_person_first_asks_with_the_next_words(session: Session, wish: str) -> None:
    talk = Talk(session)
    talk.say(wish, HAND_OFF)
    for text in ("상담원!!", "아직인가요?"):
        talk.say(text)
    assert sort(session) == []
    talk.say("잠수함 할인 되나요?")
    talk.say("빨리요")
    agent = agents.add(session, name="지수")
    code = talk.ticket
    desk.reply(session, code=code, agent=agent, text="10% 할인돼요.")
    desk.resolve(session, code=code, agent=agent)
    (gap,) = sort(session)
    assert [(one.text, one.answer) for one in gap.examples] == [
        ("잠수함 할인 되나요?", "10% 할인돼요.")
    ]


def test_what_an_article_answers_by_now_is_not_to_be_written(session: Session) -> None:
    Talk(session).say("잠수함 할인 되나요?", UNKNOWN)
    asked = ["잠수함 할인 되나요?"]
    # The bot's line was written at the beginning of this transaction, as the article would be.
    session.execute(update(Message).values(at=Message.at - dt.timedelta(minutes=1)))
    articles.create(
        session, id="sub", locale="ko", title="잠수함", questions=asked, body="네.", author="지수"
    )
    articles.publish(session, id="sub", locale="ko", author="지수")
    assert sort(session) == []
    assert [one.gap.article_id for one in gaps.listing(session, state="answered")] == ["sub"]


def test_who_chose_an_article_in_vain_is_not_told_it_again(session: Session) -> None:
    talk, content = Talk(session), Talk(session)
    choose = '/choose_article{"article": "delivery-time"}'
    buttons = [{"title": "배송 기간", "payload": choose}]
    for one in (talk, content):
        one.say("언제 오나요?", {"kind": "clarify", "text": "혹시", "buttons": buttons})
        one.say("배송 기간", ANSWER, payload=choose)
    content.say("네 감사합니다", {"kind": "say", "text": "다행이에요", "vote": "up"})
    for one in (talk, content):
        one.say("상담원", HAND_OFF)
    turned_down = {one.code: one.turned_down for one in still.waiting(session)}
    assert turned_down == {talk.ticket: {"delivery-time"}, content.ticket: set()}


def test_who_says_what_for_when_asking_for_a_person_has_asked(session: Session) -> None:
    talk = Talk(session)
    talk.say("환불이 안 돼서요 상담원 연결해 주세요", HAND_OFF)
    talk.say("어제 취소했어요")
    (gap,) = sort(session)
    assert [one.text for one in gap.examples] == ["환불이 안 돼서요 상담원 연결해 주세요"]


@pytest.mark.parametrize(
    ("said", "vote", "asked"),
    [
        ("네 감사합니다", "up", "도자기 각인 되나요?"),
        ("네", None, "언제 오나요?"),  # nobody knows whether that was enough
    ],
)
def test_what_was_answered_and_helped_is_not_what_a_person_is_wanted_for(
    session: Session, said: str, vote: str | None, asked: str
) -> None:
    talk = Talk(session)
    talk.say("언제 오나요?", ANSWER)
    talk.say(said, {"kind": "say", "text": "네", "vote": vote})
    session.execute(update(Message).values(at=Message.at - dt.timedelta(minutes=1)))
    session.expire_all()  # as the next turn finds it
    talk.say("상담원이요", HAND_OFF)
    talk.say("도자기 각인 되나요?")
    ticket = tickets.get(session, talk.ticket)
    assert wishes.asked(session, [ticket.id]) == {ticket.id: asked}
    (row,) = rows.rows(session, [ticket], console="")
    assert row.question == asked
    assert [one.question for one in still.waiting(session)] == [asked]
    (gap,) = sort(session)
    assert [one.text for one in gap.examples] == [asked]


def test_who_presses_for_a_person_asks_with_the_next_words(session: Session) -> None:
    talk = Talk(session)
    talk.say("상담원 연결", HAND_OFF, payload="/human")
    ticket = tickets.get(session, talk.ticket)
    assert (ticket.question, wishes.asked(session, [ticket.id])) == ("", {})
    talk.say("도자기 각인 되나요?")
    assert wishes.asked(session, [ticket.id]) == {ticket.id: "도자기 각인 되나요?"}
    assert [one.question for one in still.waiting(session)] == ["도자기 각인 되나요?"]
    (gap,) = sort(session)
    assert [one.text for one in gap.examples] == ["도자기 각인 되나요?"]


def test_the_lists_say_what_was_asked_and_not_the_wish_for_a_person(app: App) -> None:
    app.rasa.mode = "hand_off"
    customer, code = waiting(app, "상담원 연결해 주세요")
    customer.say("돛단배 수리비가 얼마예요?")
    app.settle()
    listed = signed_in(app, name()).get("/console").text
    row = listed.partition(f'id="row-{code}"')[2].partition("</li>")[0]
    assert "돛단배 수리비가 얼마예요?" in row and "상담원 연결" not in row


def test_who_has_asked_nothing_yet_is_invited_to(app: App) -> None:
    app.rasa.mode = "hand_off"
    for words, invited in (
        ("상담원 연결해 주세요", True),
        ("노 젓는 배가 새요", False),
    ):
        customer, _ = waiting(app, words)
        (line,) = [one for one in customer.history() if "접수번호" in one["text"]]
        assert ("미리 적어 주시면" in line["text"]) is invited


def test_who_asked_for_a_person_is_answered_what_they_wrote_then_and_nothing_else(app: App) -> None:
    app.rasa.mode = "hand_off"
    (silent, _), (customer, _) = (waiting(app, "상담원 연결해 주세요") for _ in range(2))
    customer.say("나룻배 대여료가 얼마예요?")
    app.rasa.mode = "echo"
    curator = signed_in(app, name(), role="lead")
    assert "나룻배 대여료" in until_sorted(curator)
    for id, title, asked in (
        ("person", "상담원 연결", "상담원 연결해 주세요"),
        ("ferry", "나룻배 대여 요금", "나룻배 대여료가 얼마예요?"),
    ):
        fields = {"locale": "ko", "title": title, "questions": asked, "body": "**7,000원**이에요."}
        id = f"{id}-{uuid.uuid4().hex[:6]}"
        curator.post("/console/articles/new", id=id, do="publish", **fields)
    told = customer.until(lambda line: line["kind"] == "answer", timeout_s=60)
    assert told["article"]["id"] == id
    app.settle()
    assert [line["kind"] for line in customer.history()].count("answer") == 1
    assert not any(line["kind"] == "answer" for line in silent.history())
    assert "나룻배 대여료" in curator.parts("/console/gaps?state=answered")["gaps"]
    assert "상담원 연결해 주세요" not in until_sorted(curator)
