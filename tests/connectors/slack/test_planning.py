"""The card's buttons and modals: assign, snooze, priority, note, reopen."""

from __future__ import annotations

import datetime as dt
import time

import httpx
from sqlalchemy import text as sql

from connectors.desk import leaving
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, OTHER, STRANGER, escalate, hint, state
from tests.connectors.slack.test_promises import broadcast
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE, Json, shown
from ticketing import agents


def number_of(app: App, name: str) -> str:
    with app.sessions() as session:
        agent = agents.by_name(session, name)
        assert agent is not None
        return str(agent.id)


def code_of(app: App) -> str:
    with app.sessions() as session:
        return str(session.execute(sql("SELECT code FROM ticket")).scalar_one())


def buttons(slack: FakeSlack, card: str) -> list[str]:
    return [
        element["action_id"]
        for block in slack.message(QUEUE, card)["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def test_a_ticket_is_given_to_a_colleague(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "assign", card)
    view = slack.until(lambda: slack.views.get(AGENT))
    offered = [option["text"]["text"] for option in view["blocks"][0]["element"]["options"]]
    assert offered == sorted(["지원", "도움", "손님"])
    slack.submit(AGENT, agent=number_of(app, "도움"))
    slack.until(lambda: "Claimed by 도움" in state(slack, card))
    customer.until(lambda line: "도움 상담원이 연결" in line["text"])
    (told,) = slack.until(lambda: slack.thread(card))
    assert f"지원 gave this to 도움 <@{OTHER}>" in told, "whose it is now hears of it"
    mine = slack.say(AGENT, "이제 못 답하죠", card)
    slack.until(lambda: (mine, "lock") in slack.reactions)
    # Theirs now: who gave it away cannot give it on.
    slack.press(AGENT, "assign", card)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, agent=number_of(app, "지원"))
    hint(slack, AGENT, "도움")
    assert "Claimed by 도움" in state(slack, card)


def test_a_ticket_is_put_back_into_the_queue(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    for who in (OTHER, AGENT):
        slack.press(who, "assign", card)
        view = slack.until(lambda who=who: slack.views.get(who))
        (first, *_) = view["blocks"][1]["element"]["options"]
        assert first["text"]["text"] == "대기열로 돌려놓기 · Back to the queue"
        slack.submit(who, agent=first["value"])
    hint(slack, OTHER, "지원 상담원이 먼저 담당하고 있어요")
    slack.until(lambda: "Waiting" in state(slack, card))
    customer.until(lambda line: "다른 상담원" in line["text"])
    slack.press(OTHER, "claim", card)
    slack.until(lambda: "Claimed by 도움" in state(slack, card))


def test_a_lead_takes_a_ticket_over_and_its_agent_hears_of_it(app: App, slack: FakeSlack) -> None:
    _, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    lead = app.agent("팀장", role="lead")
    path = f"/api/tickets/{code_of(app)}/assign"
    assert lead.post(path, json={"agent": "팀장"}).status_code == 200
    (told,) = slack.until(lambda: slack.thread(card))
    assert told.endswith(f"팀장 has taken this over <@{AGENT}>")


def test_priority_is_chosen_on_the_card(app: App, slack: FakeSlack) -> None:
    _, card = escalate(app, slack)
    slack.press(AGENT, "priority", card, choose=f"{code_of(app)}:urgent")
    slack.until(lambda: "긴급" in state(slack, card).split("⏳")[1].split("담당하기")[0])
    ticket = app.agent("지원").get(f"/api/tickets/{code_of(app)}").json()
    assert ticket["priority"] == "urgent"


def test_a_ticket_is_put_off_and_comes_back(app: App, slack: FakeSlack) -> None:
    _, card = escalate(app, slack)
    slack.press(AGENT, "snooze", card)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, minutes="60")
    slack.until(lambda: "💤 미룸" in state(slack, card))
    assert "wake" in buttons(slack, card) and "snooze" not in buttons(slack, card)
    slack.press(OTHER, "wake", card)
    slack.until(lambda: "💤 미룸" not in state(slack, card))

    slack.press(AGENT, "snooze", card)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, until=int(time.time()) + 2)
    slack.until(lambda: any("It is time to look" in line for line in slack.thread(card)))
    slack.until(lambda: "💤 미룸" not in state(slack, card))


def test_who_has_a_ticket_hears_that_it_is_back_and_else_the_channel(
    app: App, slack: FakeSlack
) -> None:
    customer, card = escalate(app, slack)

    def put_off(**until: object) -> None:
        slack.press(AGENT, "snooze", card)
        slack.until(lambda: slack.views.get(AGENT))
        slack.submit(AGENT, **until)
        slack.until(lambda: "💤 미룸" in state(slack, card))

    def told(*words: str) -> Json:
        found: Json = slack.until(
            lambda: next(
                (m for m in slack.messages[QUEUE] if all(one in shown(m) for one in words)), None
            )
        )
        return found

    put_off(minutes="60")
    customer.say("아직인가요?")
    assert broadcast(told("the customer has written"))
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    slack.say(AGENT, "확인할게요", card)
    customer.until(by("agent"))
    put_off(minutes="60")
    customer.say("어떻게 됐나요?")
    assert not broadcast(told("the customer has written", f"<@{AGENT}>"))
    put_off(until=int(time.time()) + 2)
    assert not broadcast(told("It is time to look", f"<@{AGENT}>"))


def test_a_note_by_the_button_is_in_the_thread_and_nowhere_else(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.press(AGENT, "note", card)
    slack.until(lambda: slack.views.get(AGENT))
    slack.submit(AGENT, note="환불 이력 확인 <!channel> :car:")
    slack.until(lambda: any("내부 메모" in line for line in slack.thread(card)))
    customer.say("네")
    app.settle()
    assert not any("환불 이력" in line["text"] for line in customer.history())
    ticket = app.agent("지원").get(f"/api/tickets/{code_of(app)}").json()
    (note,) = [line for line in ticket["timeline"] if line["kind"] == "note"]
    assert (note["internal"], note["text"]) == (True, "환불 이력 확인 <!channel> 🚗")


def test_a_resolved_ticket_is_reopened_on_the_card(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "resolve", card)
    slack.until(lambda: buttons(slack, card) == ["reopen"])
    slack.press(OTHER, "reopen", card)
    slack.until(lambda: "Claimed by 도움 · 다시 열림 reopened ×1" in state(slack, card))
    customer.until(lambda line: "도움 상담원이 상담을 다시" in line["text"])
    slack.say(OTHER, "추가로 알려 드려요", card)
    assert customer.until(by("agent"))["text"] == "추가로 알려 드려요"


def test_words_that_are_not_in_the_thread_yet_hold_the_resolving_up(
    app: App, slack: FakeSlack
) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    slack.limit("chat.postMessage", 3)
    customer.say("잠깐만요, 하나 더요")
    slack.until(lambda: [1 for method, _, _ in slack.calls if method == "chat.postMessage"][1:])
    slack.press(AGENT, "resolve", card)
    hint(slack, AGENT, "just written: “잠깐만요, 하나 더요”")
    assert "Claimed by 지원" in state(slack, card)
    slack.press(AGENT, "resolve", card)
    slack.until(lambda: "Resolved by 지원" in state(slack, card))
    assert len(slack.hints) == 1

    slack.press(AGENT, "reopen", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    customer.say("감사합니다")
    slack.until(lambda: "감사합니다" in str(slack.thread(card)))
    slack.press(AGENT, "resolve", card)
    slack.until(lambda: "Resolved by 지원" in state(slack, card))
    assert len(slack.hints) == 1, "what is in the thread was seen there"


def test_what_stands_in_the_way_is_said_in_both_languages(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "resolve", card)
    slack.until(lambda: buttons(slack, card) == ["reopen"])
    customer.say("다른 질문이 있어요")
    newer = slack.until(lambda: slack.cards()[1:])[0]
    code = newer["metadata"]["event_payload"]["ticket"]
    slack.press(AGENT, "reopen", card)
    ko, en = hint(slack, AGENT, "another open ticket")["text"].split("\n")
    assert ko == (
        f"그렇게 할 수 없어요. 이 고객의 다른 접수 {code}이(가) 열려 있어요. 거기에서 이어 주세요."
    )
    assert en.endswith(f"another open ticket, {code}. Please go on there.")


def test_what_is_not_solved_and_whose_agent_has_left_waits_for_everybody(
    app: App, slack: FakeSlack
) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "resolve", card)
    survey = customer.until(by("system", "csat"))
    with app.sessions.begin() as session:
        agents.add(session, name="관리", role="admin")
        gone = agents.by_name(session, "지원")
        assert gone is not None
        leaving.leave(session, gone, by="관리")
    customer.press(survey["buttons"][-1]["payload"])
    slack.until(lambda: "Waiting · 다시 열림 reopened ×1" in state(slack, card))
    (said,) = slack.until(lambda: [m for m in slack.messages[QUEUE] if m.get("thread_ts")])
    assert "not solved" in said["text"] and broadcast(said)
    slack.press(OTHER, "claim", card)
    slack.until(lambda: "Claimed by 도움" in state(slack, card))


def test_a_window_that_could_not_open_in_time_says_so(app: App, slack: FakeSlack) -> None:
    _, card = escalate(app, slack)
    slack.refuse("views.open", "expired_trigger_id")
    slack.press(AGENT, "note", card)
    hint(slack, AGENT, "press once more")
    slack.press(STRANGER, "note", card)
    hint(slack, STRANGER, "Only agents")
    assert slack.views == {}


def test_a_time_that_has_passed_is_refused(app: App, slack: FakeSlack) -> None:
    _, card = escalate(app, slack)
    slack.press(AGENT, "snooze", card)
    slack.until(lambda: slack.views.get(AGENT))
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    slack.submit(AGENT, until=int(past.timestamp()))
    said = hint(slack, AGENT, "60 days")["text"].split("\n")
    assert said[0] == "그렇게 할 수 없어요. 앞으로 60일 안의 시각을 골라 주세요."
    assert "💤 미룸" not in state(slack, card)


def test_a_modal_sent_again_is_done_once(app: App, slack: FakeSlack) -> None:
    _, card = escalate(app, slack)
    slack.press(AGENT, "note", card)
    slack.until(lambda: slack.views.get(AGENT))
    sent = slack.submit(AGENT, note="한 번만")
    assert slack.deliver(sent, retry=1) == 200
    app.settle()
    assert [line for line in slack.thread(card) if "한 번만" in line] == slack.thread(card)


def test_the_card_opens_the_console_and_that_press_is_nothing(app: App, slack: FakeSlack) -> None:
    _, card = escalate(app, slack)
    body = slack.press(AGENT, "resolve", card)
    body["actions"] = [
        {"type": "button", "action_id": "console", "url": "https://x", "action_ts": "9.9"}
    ]
    assert slack.deliver(body) == 200
    answer = httpx.get(f"{app.url}/readyz")
    assert answer.status_code == 200
