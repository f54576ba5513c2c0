"""Slash commands: find, open, answer and note, wherever in Slack somebody is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text as sql

from connectors.slack.api import Answers
from tests.connectors.conftest import App, Visitor
from tests.connectors.slack.conftest import AGENT, GUEST, OTHER, STRANGER, escalate, state
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import payload, shown

BOTH = pytest.mark.parametrize("mode", ["http", "socket"], indirect=True)


def answered(slack: FakeSlack, number: str) -> dict[str, Any]:
    found: dict[str, Any] = slack.until(
        lambda: next((body for to, body in slack.responses if to == number), None)
    )
    assert found["response_type"] == "ephemeral"
    return found


def said(slack: FakeSlack, user: str, command: str, text: str = "") -> str:
    """What a command is answered with: its words and blocks."""
    body = answered(slack, slack.command(user, command, text))
    return f"{body['text']}\n{shown(body)}"


def code_of(app: App, customer: Visitor) -> str:
    with app.sessions() as session:
        found = session.execute(
            sql("SELECT code FROM ticket WHERE customer_id = :id"), {"id": customer.id}
        )
        return str(found.scalar_one())


def claimed(app: App, slack: FakeSlack, words: str, user: str = AGENT) -> tuple[Visitor, str]:
    customer, card = escalate(app, slack, words)
    slack.press(user, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    return customer, card


@BOTH
def test_tickets_are_listed_searched_and_opened(app: App, slack: FakeSlack) -> None:
    first, card = escalate(app, slack, "주차장 요금이 100%_인가요?")
    second, other = escalate(app, slack, "환불해 주세요 <!channel>")
    slack.press(AGENT, "priority", other, choose=f"{code_of(app, second)}:urgent")
    slack.until(lambda: "긴급" in state(slack, other).split("⏳")[1].split("담당하기")[0])
    listed = said(slack, AGENT, "/ticket", "list")
    assert "2 waiting" in listed
    assert listed.index(code_of(app, second)) < listed.index(code_of(app, first)), "urgent first"
    assert "&lt;!channel&gt;" in listed and "<!channel>" not in listed

    for looked, hit in (
        ("주차장 요금", True),
        ("요금 주차장", True),
        ("100%_", True),
        ("%", True),
        ("100_%", False),
        (str(first.id)[:4], True),
        (f"방문자 {str(first.id)[:4].upper()}", True),
        (code_of(app, first).lower(), True),
    ):
        found = said(slack, AGENT, "/ticket", f"search {looked}")
        assert (code_of(app, first) in found) is hit, (looked, found)
        assert "환불" not in found
    bare = code_of(app, first).lower().removeprefix("t-")
    opened = said(slack, AGENT, "/ticket", f"OPEN {bare}")
    assert "100%_인가요?" in opened
    assert f"<https://example.slack.com/archives/C0QUEUE/p{card.replace('.', '')}|" in opened
    assert "no ticket T-222222" in said(slack, AGENT, "/ticket", "open T-222222")
    assert "You have no tickets" in said(slack, AGENT, "/ticket", "mine")
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    assert code_of(app, first) in said(slack, AGENT, "/ticket", "mine")
    assert "Nothing was found" in said(slack, AGENT, "/ticket", "search 없는말")
    assert "/note [CODE]" in said(slack, STRANGER, "/ticket")


def test_verbs_are_korean_too_and_a_wrong_one_is_named(app: App, slack: FakeSlack) -> None:
    customer, _ = claimed(app, slack, "주차장 요금이 얼마인가요?")
    escalate(app, slack, "환불해 주세요")
    code = code_of(app, customer)
    for text, words in (
        ("목록", "1 waiting"),
        ("내 접수", code),
        ("  검색   주차장", code),
        (f"열기 {code}", "얼마인가요?"),
        ("기록", "얼마인가요?"),
        ("도움말", "/note [CODE]"),
        ("연결", "linked to the agent"),
        ("Search", "/ticket search WORDS"),
        ("open", "/ticket open CODE"),
    ):
        found = said(slack, AGENT, "/ticket", text)
        assert words in found and "There is no" not in found, (text, found)
    wrong = said(slack, AGENT, "/ticket", "lsit &lt;b&gt;")
    assert "There is no “/ticket lsit”." in wrong and "/ticket list" in wrong


@BOTH
def test_the_customer_is_answered_by_a_command_once(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack, "언제 열어요?")
    code = code_of(app, customer)
    number = slack.command(AGENT, "/reply", "10시에 &lt;열어요&gt;\n둘째 줄")
    assert code in answered(slack, number)["text"]
    line = customer.until(by("agent"))
    assert (line["text"], line["author_name"]) == ("10시에 <열어요>\n둘째 줄", "지원")
    slack.until(lambda: any("10시에" in line for line in slack.thread(card)))

    body = payload("slash_command") | {"user_id": AGENT, "command": "/reply"}
    body |= {"text": f"{code.lower()} 한 번만", "trigger_id": "7.7.same"}
    body["response_url"] = slack.response_url()
    for retry in (0, 1, 2):
        assert slack.deliver(body, retry=retry) == 200
    app.settle()
    lines = [line["text"] for line in customer.history() if line["author"] == "agent"]
    assert lines == ["10시에 <열어요>\n둘째 줄", "한 번만"]
    assert len([1 for to, _ in slack.responses if body["response_url"].endswith(f"/{to}")]) == 1


def test_what_is_a_note_never_reaches_the_customer(app: App, slack: FakeSlack) -> None:
    customer, card = claimed(app, slack, "언제 열어요?")
    code = code_of(app, customer)
    assert "does not see it" in said(slack, AGENT, "/note", "단골이에요")
    assert "does not see it" in said(slack, OTHER, "/note", f"{code} 지난주에도 오셨어요")
    assert "does not see it" in said(slack, AGENT, "/reply", f"{code} 메모: 환불 이력")
    slack.until(lambda: len([x for x in slack.thread(card) if "Internal note" in x]) == 3)
    customer.say("여보세요")
    app.settle()
    seen = json.dumps(customer.history(), ensure_ascii=False)
    assert not any(words in seen for words in ("단골", "지난주", "환불"))


def test_who_may_not_answer_is_told_and_nothing_is_sent(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack, "언제 열어요?")
    code = code_of(app, customer)
    for user, command, text, words in (
        (AGENT, "/reply", f"{code} 안녕하세요", "claim T-"),
        (AGENT, "/reply", "안녕하세요", "no claimed ticket"),
        (STRANGER, "/reply", f"{code} 안녕하세요", "/ticket link"),
        (STRANGER, "/ticket", "list", "/ticket link"),
        (STRANGER, "/note", f"{code} 메모", "/ticket link"),
        (GUEST, "/reply", f"{code} 안녕하세요", "Guests"),
        (GUEST, "/ticket", f"open {code}", "Guests"),
        (AGENT, "/note", code, "no words"),
        (AGENT, "/reply", "T-222222 안녕하세요", "Nothing was sent"),
        (AGENT, "/ticket", "constructor", "/ticket list"),
    ):
        found = said(slack, user, command, text)
        assert words in found, (user, command, text, found)
        assert "언제 열어요" not in found
    slack.press(OTHER, "claim", card)
    slack.until(lambda: "Claimed by 도움" in state(slack, card))
    assert "도움 has claimed" in said(slack, AGENT, "/reply", f"{code} 안녕하세요")
    slack.press(OTHER, "resolve", card)
    slack.until(lambda: "Resolved by" in state(slack, card))
    assert "is resolved" in said(slack, OTHER, "/reply", f"{code} 늦은 답")
    said_to = [line["text"] for line in customer.history() if line["author"] == "agent"]
    assert said_to == []


def test_with_several_tickets_the_code_has_to_be_said(app: App, slack: FakeSlack) -> None:
    first, _ = claimed(app, slack, "하나요")
    second, _ = claimed(app, slack, "둘이요")
    found = said(slack, AGENT, "/reply", "누구에게?")
    for customer in (first, second):
        assert f"{code_of(app, customer)} (방문자 {customer.id[:4].upper()})" in found
    assert "아직 매크로가 없어요" in said(slack, AGENT, "/macro"), "whomever it would be for"
    said(slack, AGENT, "/reply", f"{code_of(app, second)} 두 번째 분께")
    assert second.until(by("agent"))["text"] == "두 번째 분께"
    assert [line for line in first.history() if line["author"] == "agent"] == []


def test_answers_go_to_slacks_own_host_alone(app: App, slack: FakeSlack) -> None:
    body = payload("slash_command")  # its response_url is Slack's own, which here is not Slack
    assert slack.deliver(body) == 200
    app.settle()
    with app.sessions() as session:
        (error,) = session.execute(sql("SELECT error FROM job WHERE kind = 'slack.answer'")).one()
    assert "another host" in error
    real = Answers("https://slack.com/api/")
    assert real.matches("https://hooks.slack.com/commands/T0/1/x")
    for url in (
        "http://hooks.slack.com/commands/x",
        "https://hooks.slack.com:8443/x",
        "https://hooks.slack.com.evil.example/x",
        "https://hooks.slack.com@evil.example/x",
        "https://user:pass@hooks.slack.com/x",
        "https://evil.example/hooks.slack.com",
        "https://slack.com/x",
        "https://[/",
        "//hooks.slack.com/x",
    ):
        assert not real.matches(url), url
