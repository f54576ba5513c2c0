"""Agents in a Slack workspace, and a gateway whose desk it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.slack import sending
from tests.connectors.conftest import App, Visitor
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import (
    APP_TOKEN,
    BOT_TOKEN,
    QUEUE,
    SECRET,
    shown,
)
from ticketing import agents

AGENT, OTHER, GUEST, STRANGER = "U0AGENT", "U0OTHER", "U0GUEST", "U0STRANGER"


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    made = FakeSlack()
    made.person(AGENT, "jiwon")
    made.person(OTHER, "doum")
    made.person(GUEST, "guest", is_restricted=True)
    made.person(STRANGER, "stranger")
    yield made
    made.stop()


@pytest.fixture
def mode(request: pytest.FixtureRequest) -> str:
    return str(getattr(request, "param", "http"))


@pytest.fixture
def app_settings(slack: FakeSlack, mode: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(sending, "SPACING_S", 0.0)
    return {
        "slack_bot_token": BOT_TOKEN,
        "slack_channel": QUEUE,
        "slack_signing_secret": SECRET if mode == "http" else "",
        "slack_app_token": APP_TOKEN if mode == "socket" else "",
        "slack_api_url": slack.api_url,
    }


@pytest.fixture(autouse=True)
def team(app: App, slack: FakeSlack) -> None:
    slack.events_url = f"{app.url}/slack/events"
    app.rasa.mode = "hand_off"
    with app.sessions.begin() as session:
        for name, user in (("지원", AGENT), ("도움", OTHER), ("손님", GUEST)):
            agents.add(session, name=name, slack_user=user)


def escalate(app: App, slack: FakeSlack, words: str = "주차 되나요?") -> tuple[Visitor, str]:
    """A customer whom the bot handed over, and the ``ts`` of their ticket's card."""
    customer = app.visitor()
    known = len(slack.cards())
    customer.say(words)
    card = slack.until(lambda: slack.cards()[known:])[0]
    return customer, str(card["ts"])


def state(slack: FakeSlack, card: str) -> str:
    return shown(slack.message(QUEUE, card))


def hint(slack: FakeSlack, user: str, words: str) -> dict[str, Any]:
    found: dict[str, Any] = slack.until(
        lambda: next((h for h in slack.hints if h["user"] == user and words in h["text"]), None)
    )
    return found
