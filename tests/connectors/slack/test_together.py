"""One ticket in the console and in Slack, in turn and at once, without contradiction."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.connectors.browser import Browser, signed_in, text_of
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, OTHER, escalate, hint, state
from tests.connectors.slack.test_planning import buttons, code_of, number_of
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack


@pytest.fixture
def console(app: App, team: None) -> Browser:
    """The console of the agent whom Slack calls OTHER."""
    return signed_in(app, "도움")


def shown(console: Browser, code: str) -> str:
    return text_of(console.parts(f"/console/tickets/{code}")["state"])


def test_one_of_two_claims_at_once_wins(app: App, slack: FakeSlack, console: Browser) -> None:
    _, card = escalate(app, slack)
    code = code_of(app)
    csrf = console.csrf()
    with ThreadPoolExecutor(2) as pool:
        pressed = pool.submit(slack.press, AGENT, "claim", card)
        sent = pool.submit(
            console.post, f"/console/tickets/{code}/claim", script=True, csrf=csrf
        ).result()
        pressed.result()
    winner = "도움" if sent.status_code == 200 else "지원"
    slack.until(lambda: f"Claimed by {winner}" in state(slack, card))
    if winner == "도움":
        hint(slack, AGENT, "도움 상담원이 먼저")
        assert "내가 담당" in shown(console, code)
    else:
        assert (sent.status_code, sent.json()["winner"]) == (409, "지원")
        assert "지원 님 담당" in shown(console, code)


def test_what_one_decides_the_other_shows(app: App, slack: FakeSlack, console: Browser) -> None:
    customer, card = escalate(app, slack)
    code = code_of(app)
    path = f"/console/tickets/{code}"
    slack.press(AGENT, "priority", card, choose=f"{code}:urgent")
    slack.until(lambda: "긴급" in state(slack, card).split("⏳")[1].split("담당하기")[0])
    assert "긴급" in shown(console, code)
    assert "긴급" in text_of(console.parts("/console")["inbox"])
    console.post(f"{path}/snooze", minutes="60")
    slack.until(lambda: "💤 미룸" in state(slack, card))
    slack.press(AGENT, "wake", card)
    slack.until(lambda: "💤 미룸" not in state(slack, card))
    assert "미룸" not in shown(console, code)
    console.post(f"{path}/assign", agent=number_of(app, "지원"))
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    console.post(f"{path}/priority", priority="low")
    slack.until(lambda: "🔵 낮음" in state(slack, card).split("🟢")[1].split("해결")[0])

    slack.say(AGENT, "Slack에서 첫째", card)
    customer.until(lambda line: line["text"] == "Slack에서 첫째")
    refused = console.post(f"{path}/say", script=True, mode="reply", text="저도 답할래요")
    assert (refused.status_code, refused.json()["winner"]) == (409, "지원")
    slack.press(AGENT, "assign", card)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, agent=number_of(app, "도움"))
    slack.until(lambda: "Claimed by 도움" in state(slack, card))
    console.post(f"{path}/say", mode="reply", text="콘솔에서 둘째", key="k")
    slack.until(lambda: any("콘솔에서 둘째" in line for line in slack.thread(card)))
    slack.say(OTHER, "Slack에서 셋째", card)
    customer.until(lambda line: line["text"] == "Slack에서 셋째")
    said = [line["text"] for line in customer.history() if line["author"] == "agent"]
    assert said == ["Slack에서 첫째", "콘솔에서 둘째", "Slack에서 셋째"]


def test_resolved_in_one_is_told_in_the_other(app: App, slack: FakeSlack, console: Browser) -> None:
    customer, card = escalate(app, slack)
    code = code_of(app)
    path = f"/console/tickets/{code}"
    old = dict(slack.message("C0QUEUE", card))
    console.post(f"{path}/resolve")
    customer.until(by("system", "csat"))
    slack.until(lambda: buttons(slack, card) == ["reopen"])
    # A press on the card as it was a moment before.
    new = dict(slack.message("C0QUEUE", card))
    slack.message("C0QUEUE", card).update(blocks=old["blocks"])
    slack.press(AGENT, "claim", card)
    hint(slack, AGENT, "resolved already")
    slack.message("C0QUEUE", card).update(blocks=new["blocks"])

    slack.press(AGENT, "reopen", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    assert "지원 님 담당" in shown(console, code)
    slack.press(AGENT, "resolve", card)
    slack.until(lambda: buttons(slack, card) == ["reopen"])
    late = console.post(f"{path}/say", script=True, mode="reply", text="늦은 답")
    assert late.status_code == 409 and "다시 열어" in late.json()["detail"]
    assert console.post(f"{path}/reopen", script=True).status_code == 200
    slack.until(lambda: "Claimed by 도움 · 다시 열림 reopened ×2" in state(slack, card))
