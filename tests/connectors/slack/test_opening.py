"""The shortcut that opens a ticket from a colleague's message."""

from __future__ import annotations

from sqlalchemy import text as sql

from tests.connectors.conftest import App, Visitor
from tests.connectors.slack.conftest import AGENT, OTHER, STRANGER, escalate, hint, state
from tests.connectors.slack.test_commands import BOTH, code_of
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import shown


def resolved(app: App, slack: FakeSlack) -> tuple[Visitor, str]:
    """A customer whose ticket is done, and its code."""
    customer, card = escalate(app, slack)
    code = code_of(app, customer)
    slack.press(AGENT, "resolve", card)
    slack.until(lambda: "Resolved by" in state(slack, card))
    return customer, code


@BOTH
def test_a_message_becomes_a_ticket_of_a_known_customer(app: App, slack: FakeSlack) -> None:
    customer, code = resolved(app, slack)
    ts = slack.say(OTHER, f"{code.lower()} 고객님이 전화로 환불을 &lt;다시&gt; 물으셨어요")
    body = slack.shortcut(AGENT, "open_ticket", ts)
    slack.until(lambda: slack.views.get(AGENT))
    sent = slack.submit(AGENT, priority="urgent")
    card = slack.until(lambda: slack.cards()[1:])[0]
    for again in (body, sent):
        assert slack.deliver(again, retry=1) == 200
    assert "<다시>" not in shown(card) and "&lt;다시&gt;" in shown(card)
    assert "긴급" in shown(card).split("⏳")[1] and "An agent opened it" in shown(card)
    told = customer.until(lambda line: "새 상담을 열었어요" in line["text"])
    assert "지원" in told["text"]
    hint(slack, AGENT, "is open; its card comes")
    slack.press(AGENT, "claim", card["ts"])
    slack.until(lambda: "Claimed by 지원" in state(slack, card["ts"]))
    slack.say(AGENT, "환불됐어요", card["ts"])
    assert customer.until(by("agent"))["text"] == "환불됐어요"
    app.settle()
    assert len(slack.cards()) == 2
    assert not any("전화로" in line["text"] for line in customer.history())


def test_where_there_is_a_ticket_it_is_said(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    code = code_of(app, customer)
    reply = slack.say(AGENT, "이 고객님은요", card)
    for ts in (reply, card):
        slack.hints.clear()
        slack.shortcut(AGENT, "open_ticket", ts)
        hint(slack, AGENT, f"This is ticket {code} already")
    outside = slack.say(OTHER, f"{code} 고객님이 또 물으셨어요")
    slack.shortcut(AGENT, "open_ticket", outside)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT)
    hint(slack, AGENT, f"ticket {code} is open for this customer already")
    slack.shortcut(AGENT, "open_ticket", outside)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, code="T-222222")
    hint(slack, AGENT, "There is no ticket T-222222")
    with app.sessions() as session:
        assert session.execute(sql("SELECT count(*) FROM ticket")).scalar_one() == 1


def test_only_agents_open_tickets(app: App, slack: FakeSlack) -> None:
    ts = slack.say(OTHER, "전화가 왔어요")
    slack.shortcut(STRANGER, "open_ticket", ts)
    hint(slack, STRANGER, "/ticket link")
    slack.refuse("views.open", "expired_trigger_id")
    slack.shortcut(AGENT, "open_ticket", ts)
    hint(slack, AGENT, "press once more")
    assert slack.views == {}
