"""Home of the app: today's figures, my tickets, what waits, and claiming from there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text as sql

from connectors.slack import home
from connectors.slack.rows import Row
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, GUEST, STRANGER, escalate, state
from tests.connectors.slack.test_commands import BOTH, code_of
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import shown
from ticketing import figures
from ticketing.figures import Today


def home_of(slack: FakeSlack, user: str, words: str) -> str:
    """What somebody's Home says, once these words are in it."""

    def found() -> str | None:
        text = shown(slack.homes[user]) if user in slack.homes else ""
        return text if words in text else None

    made: str = slack.until(found)
    return made


@BOTH
def test_home_shows_the_day_and_claims(app: App, slack: FakeSlack) -> None:
    first, card = escalate(app, slack, "주차 되나요? <!here>")
    second, _ = escalate(app, slack, "환불이요")
    with app.sessions.begin() as session:
        session.execute(
            sql(
                """UPDATE service_target SET warn_at = now(), due_at = now() FROM ticket
                    WHERE ticket.id = ticket_id AND kind = 'first' AND customer_id = :id"""
            ),
            {"id": first.id},
        )
    slack.open_home(AGENT)
    text = home_of(slack, AGENT, "Today")
    assert "접수 Opened\n" in text and "Waiting now\n2" in text
    assert "내 접수 · Mine (0)" in text and "대기 중 · Waiting (2)" in text
    assert "Overdue (1)" in text
    overdue = text.split("Overdue (1)")[1].split("대기 중 · Waiting (2)")[0]
    assert code_of(app, first) in overdue and code_of(app, second) not in overdue
    assert "&lt;!here&gt;" in text and "<!here>" not in text

    body = slack.press_home(AGENT, "claim", code_of(app, first))
    text = home_of(slack, AGENT, "내 접수 · Mine (1)")
    assert code_of(app, first) in text.split("Overdue")[0]
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    first.until(lambda line: "지원 상담원이 연결" in line["text"])
    assert slack.deliver(body, retry=1) == 200
    app.settle()
    joined = [line for line in first.history() if "상담원이 연결" in line["text"]]
    assert len(joined) == 1

    second.say("아직 계세요?")
    slack.press_home(AGENT, "refresh", "home")
    home_of(slack, AGENT, "대기 중 · Waiting (1)")


def test_who_was_first_is_said_in_home(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.open_home(AGENT)
    home_of(slack, AGENT, "대기 중 · Waiting (1)")
    app.agent("도움").post(f"/api/tickets/{code_of(app, customer)}/claim")
    slack.press_home(AGENT, "claim", code_of(app, customer))
    text = home_of(slack, AGENT, "도움 has claimed this ticket")
    assert "Waiting (0)" in text and "Mine (0)" in text
    slack.until(lambda: "Claimed by 도움" in state(slack, card))


def test_who_is_no_agent_sees_how_to_become_one_and_no_customer(app: App, slack: FakeSlack) -> None:
    customer, _ = escalate(app, slack, "비밀 질문")
    for user, words in ((STRANGER, "/ticket link"), (GUEST, "Guests")):
        slack.open_home(user)
        text = home_of(slack, user, words)
        assert "비밀" not in text and code_of(app, customer) not in text
        body: dict[str, Any] = slack.press_home(user, "refresh", "home")
        body["actions"][0] |= {"action_id": "claim", "value": code_of(app, customer)}
        body["actions"][0]["action_ts"] = "1.000001"
        assert slack.deliver(body) == 200
    app.settle()
    with app.sessions() as session:
        assert session.execute(sql("SELECT state FROM ticket")).scalar_one() == "open"


def test_another_tab_is_nothing(app: App, slack: FakeSlack) -> None:
    body = slack.open_home(AGENT)
    home_of(slack, AGENT, "Today")
    slack.homes.clear()
    body["event"]["tab"] = "messages"
    body["event_id"] = "Ev0OTHER"
    assert slack.deliver(body) == 200
    app.settle()
    assert slack.homes == {}


def test_figures_are_of_the_shops_day(app: App, slack: FakeSlack) -> None:
    customer, _ = escalate(app, slack)
    code = code_of(app, customer)
    agent = app.agent("지원")
    agent.post(f"/api/tickets/{code}/reply", json={"text": "네"})
    agent.post(f"/api/tickets/{code}/resolve")
    survey = customer.until(lambda line: line["kind"] == "csat")
    customer.press(survey["buttons"][1]["payload"])
    began = "date_trunc('day', now() AT TIME ZONE 'Asia/Seoul') AT TIME ZONE 'Asia/Seoul'"
    with app.sessions.begin() as session:
        session.execute(
            sql(
                f"""UPDATE ticket SET opened_at = {began}, resolved_at = {began},
                           first_reply_at = {began} + interval '90 s'"""
            )
        )
        assert figures.today(session) == Today(1, 1, 0, 90.0, 4.0, 1)
        session.execute(
            sql(
                f"""UPDATE ticket SET opened_at = {began} - interval '1 s',
                           first_reply_at = {began} - interval '1 s',
                           resolved_at = {began} - interval '1 s'"""
            )
        )
        session.execute(sql(f"UPDATE csat SET rated_at = {began} - interval '1 s'"))
        assert figures.today(session) == Today(0, 0, 0, None, None, 0)


@pytest.mark.parametrize("console", ["", "https://help.example.com/console/tickets/T-22AA33"])
def test_a_full_home_is_within_slacks_limits(console: str) -> None:
    now = dt.datetime.now(dt.UTC)
    one = Row(
        code="T-22AA33",
        customer="<" * 300,
        question="&" * 5000,
        state="open",
        priority="urgent",
        assignee=None,
        opened_at=now,
        wrote_at=now,
        snoozed_until=now,
        console=console,
    )
    lists = [home.Tickets("대기", [one] * home.SHOWN, 200) for _ in range(3)]
    blocks = home.view(Today(1, 2, 3, 7_500.0, 4.5, 2), lists, notice="먼저")
    assert len(blocks) <= 100
    for block in blocks:
        if block["type"] == "section" and "text" in block:
            assert len(block["text"]["text"]) <= 3000
    text = shown({"blocks": blocks})
    assert "2시간 5분" in text and "and 190 more" in text
    assert ("콘솔" in text) is bool(console)
    assert ("/ticket open" in text) is not bool(console)
