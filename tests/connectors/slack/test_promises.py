"""Promises in Slack: offers, reminders and leads, through a gateway whose clock is moved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.slack import app as slack_app
from tests.clock import Clock
from tests.conftest import fresh_database
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, OTHER, escalate, state
from tests.connectors.slack.test_commands import code_of
from tests.connectors.slack.test_home import home_of
from tests.fakes.slack import FakeSlack
from ticketing import agents
from ticketing.db import connect

LEAD = "U0LEAD"


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    with fresh_database(postgres) as url:
        yield url


@pytest.fixture
def time_machine(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """It is there before the gateway, which would not follow otherwise."""
    monkeypatch.setattr(slack_app, "LOOK_S", 0.0)
    engine = connect(database_url, pool_size=1)
    yield Clock(engine)
    engine.dispose()


@pytest.fixture
def app_settings(time_machine: Clock, app_settings: dict[str, object]) -> dict[str, object]:
    return app_settings


def says(slack: FakeSlack, card: str, words: str) -> str:
    found: str = slack.until(
        lambda: next((line for line in slack.thread(card) if words in line), None)
    )
    return found


def test_a_ticket_is_offered_then_offered_again_then_a_lead_is_told(
    app: App, slack: FakeSlack, time_machine: Clock
) -> None:
    slack.person(LEAD, "lead")
    with app.sessions.begin() as session:
        agents.add(session, name="팀장", role="lead", slack_user=LEAD)
    # One says so in Home, of the other one Slack shows a green dot.
    slack.open_home(AGENT)
    home_of(slack, AGENT, "As Slack shows me")
    slack.press_home(AGENT, "duty", "on")
    app.settle()
    _, card = escalate(app, slack)
    assert f"<@{AGENT}>" in says(slack, card, "Offered first to 지원")
    slack.until(lambda: "offered first" in state(slack, card))
    slack.press_home(AGENT, "duty", "off")
    app.settle()
    slack.users[OTHER]["presence"] = "active"
    time_machine.forward(minutes=3)
    customer, second = escalate(app, slack, "환불이요 <@U0AGENT>")
    assert f"<@{OTHER}>" in says(slack, second, "Offered first to 도움")
    slack.press(OTHER, "claim", card)
    slack.until(lambda: "Claimed by 도움" in state(slack, card))

    time_machine.forward(minutes=11)
    says(slack, second, "Nobody has taken this for 1")
    (shown,) = [one for one in slack.messages["C0QUEUE"] if broadcast(one)]
    assert shown["thread_ts"] == second
    time_machine.forward(minutes=10)
    assert f"<@{LEAD}>" in says(slack, second, "telling a lead")
    customer.until(lambda line: "팀 리더에게 알렸어요" in line["text"])
    time_machine.forward(minutes=10)
    says(slack, second, "overdue")
    slack.until(lambda: "🔴 넘김" in state(slack, second))
    slack.open_home(OTHER)
    code = code_of(app, customer)
    assert code in home_of(slack, OTHER, "Overdue").split("Overdue")[1]
    # Not in Slack: its clock is not moved, and words from half an hour ago are late.
    app.agent("도움").post(f"/api/tickets/{code}/reply", json={"text": "늦어서 죄송해요"})
    slack.until(lambda: "Waiting for the customer" in state(slack, second))
    assert len([line for line in slack.thread(second) if "Nobody has taken" in line]) == 1


def broadcast(message: dict[str, object]) -> bool:
    sent = message.get("sent")
    return isinstance(sent, dict) and sent.get("reply_broadcast") in ("1", "true", "True", True, 1)
