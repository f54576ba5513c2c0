"""What a card says of who asks: their record, and that two tickets are one person's."""

from __future__ import annotations

import uuid

from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, escalate, state
from tests.connectors.slack.test_commands import code_of
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE
from tests.ticketing.test_purchases import ORDER, SHOP
from ticketing import purchases, record


def test_the_card_shows_tier_purchases_and_the_customers_own_agent(
    app: App, slack: FakeSlack
) -> None:
    customer = app.visitor()
    who = uuid.UUID(customer.id)
    with app.sessions.begin() as session:
        known = {"name": "김민수", "tier": "VIP <!here>", "owner": "도움"}
        record.change(session, who, known, by=SHOP)
        purchases.put(session, who, ORDER, by=SHOP)
    customer.say("머그잔이 깨져서 왔어요")
    card = slack.until(slack.cards)[0]["ts"]
    said = state(slack, card)
    assert (
        "김민수" in said and "고객 Customer\nVIP &lt;!here&gt; · 구매 orders 1 (39,000원)" in said
    )
    assert "전담 owner 도움" in said
    _, other = escalate(app, slack, "저는 처음이에요")
    assert "고객 Customer" not in state(slack, other)


def test_a_ticket_that_stands_in_for_another_says_so_on_both_cards(
    app: App, slack: FakeSlack
) -> None:
    one, first = escalate(app, slack, "환불은 언제 되나요?")
    other, second = escalate(app, slack, "아까 물어본 환불이요")
    codes = code_of(app, one), code_of(app, other)
    slack.press(AGENT, "claim", second)
    slack.until(lambda: "Claimed by" in state(slack, second))
    desk = app.agent("지원")
    known = desk.post(
        f"/api/customers/{one.id}/links", json={"other": other.id, "reason": "같은 주문번호"}
    ).json()
    threads = [
        f"https://example.slack.com/archives/{QUEUE}/p{ts.replace('.', '')}"
        for ts in (first, second)
    ]
    slack.until(lambda: f"Stands in for <{threads[0]}|{codes[0]}>" in state(slack, second))
    slack.until(lambda: f"Goes on in <{threads[1]}|{codes[1]}>" in state(slack, first))
    resting = slack.message(QUEUE, first)["blocks"]
    assert not any(block["type"] == "actions" for block in resting)
    # What is written in the thread of the one at rest is said to the same customer.
    slack.say(AGENT, "오늘 환불돼요", first)
    assert other.until(by("agent"))["text"] == "오늘 환불돼요"
    slack.until(lambda: any("오늘 환불돼요" in line for line in slack.thread(second)))
    # Without Slack's word for the thread the code is there all the same.
    slack.refuse("chat.getPermalink", "message_not_found")
    slack.press(AGENT, "priority", second, choose=f"{codes[1]}:urgent")
    slack.until(lambda: "긴급" in state(slack, second).split("🔗")[0])
    assert f"Stands in for {codes[0]}," in state(slack, second)
    undo = f"/api/customers/{one.id}/links/{known['links'][0]['id']}/undo"
    assert desk.post(undo, json={"reason": "다른 사람"}).status_code == 200
    slack.until(lambda: all("🔗" not in state(slack, card) for card in (first, second)))
