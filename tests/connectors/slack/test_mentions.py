"""Who has a ticket hears of what its customer writes, in a thread that they may not follow yet."""

from __future__ import annotations

from sqlalchemy import text as sql

from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, OTHER, escalate, hint, state
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack


def test_who_took_the_ticket_hears_of_the_first_words_after_it(app: App, slack: FakeSlack) -> None:
    """A press is nothing by which Slack would tell them of what comes in the thread."""
    customer, card = escalate(app, slack)
    customer.say("아무도 없나요?")
    slack.until(lambda: len(slack.thread(card)) == 1)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    customer.say("계세요?")
    customer.say("여보세요?")
    slack.until(lambda: len(slack.thread(card)) == 3)
    before, first, later = slack.thread(card)
    assert "<@" not in before + later and f"<@{AGENT}>\n계세요?" in first
    code = app.agent("지원").get("/api/tickets").json()["tickets"][0]["code"]
    lead = app.agent("팀장", role="lead")
    assert lead.post(f"/api/tickets/{code}/assign", json={"agent": "도움"}).status_code == 200
    slack.until(lambda: len(slack.thread(card)) == 4)
    slack.say(OTHER, "네, 여기 있어요", card)
    customer.until(by("agent"))
    customer.say("주차는요?")
    slack.until(lambda: len(slack.thread(card)) == 5)
    assert "<@" not in slack.thread(card)[4], "who wrote in the thread is told of it by Slack"


def test_what_calls_a_colleague_first_is_a_note_that_can_be_sent(
    app: App, slack: FakeSlack
) -> None:
    customer, card = escalate(app, slack)
    early = slack.say(AGENT, "<@U0OTHER> 이거 누가 볼까요?", card)
    slack.until(lambda: (early, "lock") in slack.reactions)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    app.settle()
    assert slack.hints == [], "who calls a colleague does not mean to answer"
    asked = slack.say(AGENT, "<@U0OTHER> 환불되나요?", card)
    slack.until(lambda: (asked, "lock") in slack.reactions)
    offered = hint(slack, AGENT, "begins by calling a colleague")
    sent = slack.say(AGENT, "담당 <@U0OTHER> 님이 전화드려요", card)
    customer.until(lambda line: line["text"] == "담당 @doum 님이 전화드려요")
    slack.change(sent, "<@U0OTHER> 전화했나요?")
    hint(slack, AGENT, "the customer has this message already")
    app.settle()
    assert not any("?" in line["text"] for line in customer.history() if by("agent")(line))
    slack.press_hint(AGENT, "send", offered)
    customer.until(lambda line: line["text"] == "@doum 환불되나요?")


def test_who_was_offered_the_ticket_is_mentioned_once(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    with app.sessions.begin() as session:
        session.execute(
            sql("UPDATE ticket SET offered_to_id = (SELECT id FROM agent WHERE slack_user = :u)"),
            {"u": AGENT},
        )
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    customer.say("계세요?")
    assert "<@" not in slack.until(lambda: slack.thread(card))[0]
