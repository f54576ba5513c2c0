"""The shortcut that opens a ticket from a colleague's message."""

from __future__ import annotations

from sqlalchemy import text as sql

from tests.connectors.browser import name, signed_in
from tests.connectors.conftest import App, Visitor
from tests.connectors.slack.conftest import AGENT, GUEST, OTHER, STRANGER, escalate, hint, state
from tests.connectors.slack.test_commands import BOTH, code_of
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import shown
from tests.ticketing.test_purchases import SHOP
from ticketing import customer_search, customers, record


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


def test_one_that_is_opened_in_the_console_comes_with_who_has_it(
    app: App, slack: FakeSlack
) -> None:
    resolved(app, slack)
    with app.sessions() as session:
        person = session.execute(sql("SELECT customer_id FROM ticket")).scalar_one()
    who = name()
    signed_in(app, who).post(f"/console/customers/{person}/tickets", question="교환은 어떠셨는지")
    card = slack.until(lambda: slack.cards()[1:])[0]
    assert f"Claimed by {who}" in shown(card) and "교환은 어떠셨는지" in shown(card)
    app.settle()
    assert len(slack.cards()) == 2


def test_where_there_is_a_ticket_it_is_said(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    code = code_of(app, customer)
    reply = slack.say(AGENT, "이 고객님은요", card)
    slack.until(lambda: (reply, "lock") in slack.reactions)  # whose thread it is, is written down
    for ts in (reply, card):
        slack.hints.clear()
        slack.shortcut(AGENT, "open_ticket", ts)
        hint(slack, AGENT, f"This is ticket {code} already")
    outside = slack.say(OTHER, f"{code} 고객님이 또 물으셨어요")
    slack.shortcut(AGENT, "open_ticket", outside)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT)
    hint(slack, AGENT, f"this customer has another open ticket, {code}")
    slack.shortcut(AGENT, "open_ticket", outside)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, customer="T-222222")
    assert "Nobody was found" in slack.errors[AGENT]["customer"]
    with app.sessions() as session:
        assert session.execute(sql("SELECT count(*) FROM ticket")).scalar_one() == 1


def test_only_agents_open_tickets(app: App, slack: FakeSlack) -> None:
    ts = slack.say(OTHER, "전화가 왔어요")
    slack.shortcut(STRANGER, "open_ticket", ts)
    hint(slack, STRANGER, "/ticket link")
    slack.shortcut(GUEST, "open_ticket", ts)
    hint(slack, GUEST, "Guests")
    slack.refuse("views.open", "expired_trigger_id")
    slack.shortcut(AGENT, "open_ticket", ts)
    hint(slack, AGENT, "press once more")
    assert slack.views == {}


def test_who_never_wrote_is_found_or_made_and_answered_as_soon_as_that_is_possible(
    app: App, slack: FakeSlack
) -> None:
    with app.sessions.begin() as session:
        for name, phone in (("김민수", "010-1234-5678"), ("김민수", "010-9876-5432")):
            record.create(session, {"name": name, "phone": phone, "tier": "VIP"}, by=SHOP)
    ts = slack.say(OTHER, "박하늘 님이 전화로 환불을 물으셨어요")
    slack.shortcut(AGENT, "open_ticket", ts)
    slack.until(lambda: slack.views.get(AGENT))
    # Nothing that was written is lost by what is wrong with it.
    slack.submit(AGENT)
    assert "Find a customer" in slack.errors[AGENT]["customer"]
    slack.submit(AGENT, name="박하늘", email="haneul@", phone="02-123")
    assert slack.errors[AGENT].keys() == {"email", "phone"}
    # Several of one name: the agent says which, and may still look for somebody else.
    slack.submit(AGENT, customer="김민수")
    listed = options(slack, "who")
    assert sorted(listed.values()) == [
        "김민수 · VIP · ☎ …5432",
        "김민수 · VIP · ☎ …5678",
    ]
    slack.submit(AGENT, who=next(iter(listed)), customer="이런사람없음")
    assert "Nobody was found" in slack.errors[AGENT]["customer"]
    # Whose number is known is offered before a second customer is made.
    slack.shortcut(AGENT, "open_ticket", ts)
    slack.until(lambda: "who" not in options(slack))
    slack.submit(AGENT, name="박하늘", phone="010 1234 5678")
    assert list(options(slack, "who").values())[1] == "새 고객 · Somebody new: 박하늘"
    body = slack.submit(AGENT, who="new")
    card = slack.until(slack.cards)[0]["ts"]
    assert slack.deliver(body, retry=1) == 200
    assert "박하늘" in state(slack, card) and "채널 Channel\n아직 없음 · none yet" in state(
        slack, card
    )
    slack.until(lambda: any("no channel to answer on yet" in one for one in slack.thread(card)))
    with app.sessions() as session:
        ((customer, _),) = customer_search.find(session, search="박하늘")
        assert record.known(session, customer.id) == {
            "name": "박하늘",
            "phone": "+821012345678",
            "locale": "ko",
        }
        assert customers.identities(session, customer.id) == []
    # What the agent writes is kept, and they are told that nobody has it.
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    lost = slack.say(AGENT, "내일 환불돼요", card)
    hint(slack, AGENT, "there is no channel to answer this customer on yet")
    slack.until(lambda: (lost, "warning") in slack.reactions)
    code = app.agent("지원").get("/api/tickets").json()["tickets"][0]["code"]
    refused = app.agent("지원").post(f"/api/tickets/{code}/reply", json={"text": "내일 환불돼요"})
    assert refused.status_code == 422 and "no channel" in refused.json()["detail"]
    # They come by the web, and an agent knows that it is them: from then on they are answered.
    visitor = app.visitor()
    visitor.say("환불 문의했던 박하늘이에요")
    app.settle()
    link = {"other": visitor.id, "reason": "통화로 확인"}
    assert (
        app.agent("지원").post(f"/api/customers/{customer.id}/links", json=link).status_code == 201
    )
    got = slack.say(AGENT, "환불됐어요", card)
    assert visitor.until(by("agent"))["text"] == "환불됐어요"
    slack.until(lambda: (got, "white_check_mark") in slack.reactions)
    assert not any("내일" in line["text"] for line in visitor.history())
    assert len(slack.cards()) == 2


def test_who_cannot_be_asked_is_not_asked_for_a_rating(app: App, slack: FakeSlack) -> None:
    slack.shortcut(AGENT, "open_ticket", slack.say(OTHER, "Jane called about her invoice"))
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, name="Jane", email="Jane@example.com")
    card = slack.until(slack.cards)[0]["ts"]
    assert "English" in state(slack, card)
    slack.press(AGENT, "resolve", card)
    slack.until(lambda: "Resolved by 지원" in state(slack, card))
    with app.sessions() as session:
        assert session.execute(sql("SELECT count(*) FROM csat")).scalar_one() == 0


def options(slack: FakeSlack, name: str = "") -> dict[str, str]:
    """What can be chosen in a list of the open modal; without a name, the names of its fields."""
    inputs = {one["block_id"]: one for one in slack.views[AGENT]["blocks"] if "block_id" in one}
    if not name:
        return dict.fromkeys(inputs, "")
    found = inputs[name]["element"]["options"]
    return {one["value"]: one["text"]["text"] for one in found}
