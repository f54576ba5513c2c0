"""What could not be shown in Slack: the ticket says so to agents, and a retry shows it."""

from __future__ import annotations

from typing import Any

from tests.connectors.conftest import App
from tests.connectors.slack.conftest import escalate
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE
from ticketing import dead_letters


def undelivered(app: App, code: str) -> list[str]:
    """The lines on the ticket that say what did not arrive."""
    app.settle()
    timeline = app.agent("지원").get(f"/api/tickets/{code}").json()["timeline"]
    found = [line for line in timeline if line["kind"] == "undelivered"]
    assert all(line["internal"] and line["author"] == "system" for line in found)
    return [line["text"] for line in found]


def letters(app: App) -> list[Any]:
    with app.sessions() as session:
        return dead_letters.listing(session)


def test_f12_a_post_that_slack_refuses_is_told_to_agents_only(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    code = slack.message(QUEUE, card)["metadata"]["event_payload"]["ticket"]
    slack.refuse("chat.postMessage", "restricted_action")
    customer.say("스레드에 못 가는 말")
    customer.say("그다음 말")
    slack.until(lambda: any("그다음 말" in line for line in slack.thread(card)))
    (said,) = undelivered(app, code)
    assert "고객의 메시지" in said and "restricted_action" in said
    assert "못 가는 말" not in said
    assert not any("restricted_action" in line["text"] for line in customer.history())

    (letter,) = letters(app)
    assert letter.payload["text"] == "스레드에 못 가는 말"
    with app.sessions.begin() as session:
        dead_letters.retry(session, letter.id)
    slack.until(lambda: any("못 가는 말" in line for line in slack.thread(card)))
    app.settle()
    assert letters(app) == [] and len(undelivered(app, code)) == 1


def test_a_card_that_slack_refuses_is_told_while_agents_work(app: App, slack: FakeSlack) -> None:
    """The ticket is in the console all the same; the agent there sees why Slack has no card."""
    slack.refuse("chat.postMessage", "channel_not_found")
    customer = app.visitor()
    customer.say("카드가 없어요")
    customer.until(by("system", "event"))
    agent = app.agent("지원")
    (ticket,) = agent.get("/api/tickets").json()["tickets"]
    (said,) = undelivered(app, ticket["code"])
    assert "카드" in said and "channel_not_found" in said
    for number in range(5):
        sent = agent.post(f"/api/tickets/{ticket['code']}/reply", json={"text": f"답 {number}"})
        assert sent.status_code == 200
    slack.until(
        lambda: (
            slack.cards() and any("답 4" in line for line in slack.thread(slack.cards()[0]["ts"]))
        )
    )
    assert len(slack.cards()) == 1, "the first post made the card"
