"""Articles that may answer the customer, offered to the ticket's agent and to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text as sql

from knowledge_base import articles
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, OTHER, escalate, hint, state
from tests.connectors.slack.test_planning import code_of, number_of
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import shown

PARKING = "지하 주차장을 2시간 무료로 쓸 수 있어요."


@pytest.fixture(autouse=True)
def shelf(app: App, team: None) -> None:
    """Two articles are published, and the gateway has read them."""
    with app.sessions.begin() as session:
        articles.bump_version(session)
        for id, title, asked, body in (
            ("parking", "매장 주차", ["매장에 주차 되나요?", "주차장 있나요?"], PARKING),
            ("gift", "선물 포장", ["선물 포장 되나요?", "포장 얼마예요?"], "포장은 무료예요."),
        ):
            new = {"id": id, "locale": "ko", "author": "큐레이터"}
            articles.create(session, title=title, questions=asked, body=body, **new)
            articles.publish(session, **new)
    curator = app.agent("큐레이터", role="lead")
    curator.timeout = 60
    asked_once = curator.post("/api/kb/ask", json={"question": "주차 되나요?", "locale": "ko"})
    assert asked_once.json()["article"] == "parking"


def claimed(app: App, slack: FakeSlack, words: str) -> tuple[Any, str]:
    customer, card = escalate(app, slack, words)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    return customer, card


def offers(slack: FakeSlack) -> list[dict[str, Any]]:
    return [one for one in slack.hints if "Articles that may answer" in one["text"]]


def test_the_tickets_question_is_helped_when_it_is_claimed(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack, "매장에 주차 되나요?")
    (offer,) = slack.until(lambda: offers(slack))
    assert (offer["user"], offer["thread_ts"]) == (AGENT, card)
    assert "매장 주차" in shown(offer) and PARKING in shown(offer)
    slack.press_hint(AGENT, "send_article:0", offer)
    line = customer.until(by("agent"))
    assert (line["text"], line["author_name"]) == (PARKING, "지원")
    assert line["article"]["id"] == "parking"
    slack.until(lambda: any("문서 Article: 매장 주차" in one for one in slack.thread(card)))
    # A second press sends nothing, and what a claim offered once is not offered again.
    slack.press_hint(AGENT, "send_article:0", offer)
    hint(slack, AGENT, "sent already")
    slack.press(AGENT, "priority", card, choose=f"{code_of(app)}:high")
    app.settle()
    assert [one["text"] for one in customer.history()].count(PARKING) == 1
    assert len(offers(slack)) == 1


def test_an_english_question_brings_the_english_article(app: App, slack: FakeSlack) -> None:
    with app.sessions.begin() as session:
        articles.bump_version(session)
        new = {"id": "parking", "locale": "en", "author": "curator"}
        asked = ["Can I park at the store?", "Is there a car park?"]
        body = "Two hours in the basement car park are free."
        articles.create(session, title="Parking at the store", questions=asked, body=body, **new)
        articles.publish(session, **new)
    claimed(app, slack, "Is there somewhere to park my car near your store?")
    (offer,) = slack.until(lambda: offers(slack))
    assert "Parking at the store" in shown(offer) and "basement" in shown(offer)
    assert "매장 주차" not in shown(offer)


def test_it_follows_what_the_customer_writes_and_can_be_edited(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack, "상담원이랑 얘기할래요")
    app.settle()
    assert not offers(slack), "nothing that is published answers this"
    customer.say("선물 포장 되나요?")
    (offer,) = slack.until(lambda: offers(slack))
    posted = [m["ts"] for m in slack.messages["C0QUEUE"] if m.get("thread_ts") == card]
    assert posted[-1] < offer["ts"], "after the customer's words"
    slack.press_hint(AGENT, "edit_article:0", offer)
    view = slack.until(lambda: slack.views.get(AGENT))
    field = view["blocks"][-1]["element"]
    assert (field["initial_value"], field["max_length"]) == ("포장은 무료예요.", 3000)
    sent = slack.submit(AGENT, reply="네, 포장은 무료예요. <리본>도요.")
    line = customer.until(by("agent"))
    assert line["text"] == "네, 포장은 무료예요. <리본>도요." and line["article"]["id"] == "gift"
    assert slack.deliver(sent, retry=1) == 200
    for words in ("네", "감사합니다", "네 감사합니다!"):
        customer.say(words)
    slack.until(lambda: any("네 감사합니다!" in one for one in slack.thread(card)))
    app.settle()
    assert len(offers(slack)) == 1, "small talk needs no article"
    assert len([one for one in customer.history() if one["author"] == "agent"]) == 1


def test_who_holds_the_ticket_no_more_sends_nothing(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack, "매장에 주차 되나요?")
    (offer,) = slack.until(lambda: offers(slack))
    slack.press(AGENT, "assign", card)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, agent=number_of(app, "도움"))
    slack.until(lambda: "Claimed by 도움" in state(slack, card))
    slack.until(lambda: [one for one in offers(slack) if one["user"] == OTHER])
    slack.press_hint(AGENT, "send_article:0", offer)
    hint(slack, AGENT, "not yours any more")
    slack.press_hint(AGENT, "edit_article:0", offer)
    slack.until(lambda: len([h for h in slack.hints if "not yours" in h["text"]]) == 2)
    app.settle()
    assert not [one for one in customer.history() if one["author"] == "agent"]


def test_what_was_turned_down_or_is_gone_is_not_sent(app: App, slack: FakeSlack) -> None:
    customer, _ = claimed(app, slack, "매장에 주차 되나요?")
    (offer,) = slack.until(lambda: offers(slack))
    with app.sessions.begin() as session:
        articles.retire(session, id="parking", locale="ko", author="큐레이터")
    slack.press_hint(AGENT, "send_article:0", offer)
    hint(slack, AGENT, "not published any more")
    # The bot had given this answer, and it did not help.
    with app.sessions.begin() as session:
        session.execute(
            sql(
                "INSERT INTO message (conversation_id, customer_id, author, kind, text, article,"
                " vote) SELECT conversation_id, customer_id, 'bot', 'answer', '포장은 무료예요.',"
                """ '{"id": "gift", "locale": "ko", "title": "선물 포장"}', 'down' FROM ticket"""
            )
        )
    customer.say("그래서 선물 포장 되나요?")
    app.settle()
    assert len(offers(slack)) == 1


def test_a_slow_slack_loses_the_suggestion_and_nothing_else(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack, "상담원이랑 얘기할래요")
    slack.limit("chat.postEphemeral", 30)
    customer.say("매장에 주차 되나요?")
    slack.until(lambda: any("매장에 주차 되나요?" in one for one in slack.thread(card)))
    app.settle()
    assert not offers(slack)
    with app.sessions() as session:
        assert not session.execute(sql("SELECT count(*) FROM job WHERE state = 'dead'")).scalar()
