"""What arrives in another order, chats that are called otherwise, and customers from the web."""

from __future__ import annotations

import time

import httpx

from tests.connectors.conftest import PAUSE_S, App
from tests.connectors.telegram.test_desk import waiting
from tests.connectors.telegram.test_talking import lines
from tests.connectors.test_story import by
from tests.fakes.telegram import ME, FakeTelegram, Person, buttons


def test_b7_an_edit_that_comes_before_its_message_is_kept_and_linked(
    app: App, customer: Person, telegram: FakeTelegram
) -> None:
    number = next(telegram.numbers)
    customer.edits(number, "고친 말")
    customer.until("고친 말")
    customer.sends("message", message_id=number, text="처음 말")
    customer.edits(next(telegram.numbers), "/nonsense")
    customer.says("끝")
    customer.until("끝")
    app.settle()
    mine = [line for line in lines(app, customer) if line.author == "customer"]
    assert [line.text for line in mine] == ["고친 말", "끝"]
    assert [one["text"] for one in mine[0].meta["revisions"]] == ["처음 말"]
    assert "처음 말" not in [message["text"] for message in customer.sees()]


def test_a_chat_that_is_called_otherwise_is_followed(
    app: App, customer: Person, telegram: FakeTelegram
) -> None:
    code = waiting(app, customer)
    new = telegram.person(customer.number + 10**9)
    telegram.migrated[customer.number] = new.number
    agent = app.agent("지원")
    assert agent.post(f"/api/tickets/{code}/reply", json={"text": "여기로 답해요"}).is_success
    new.until("지원: 여기로 답해요")
    app.settle()
    before = len(telegram.calls)
    agent.post(f"/api/tickets/{code}/reply", json={"text": "그리고 하나 더"})
    new.until("그리고 하나 더")
    sent = [one for method, one, _ in telegram.calls[before:] if method == "sendMessage"]
    assert [int(one["chat_id"]) for one in sent] == [new.number], "the old name is forgotten"
    new.says("네, 여기 있어요")
    deadline = time.monotonic() + 10
    while "네, 여기 있어요" not in timeline(agent, code):
        assert time.monotonic() < deadline, timeline(agent, code)
        time.sleep(PAUSE_S)


def test_a_pressed_button_is_marked_where_the_chat_is_now(
    app: App, customer: Person, telegram: FakeTelegram
) -> None:
    app.rasa.mode = "answer"
    customer.says("배송비 얼마예요?")
    answer = customer.until("배송비")
    app.rasa.mode = "echo"
    new = telegram.person(customer.number + 10**9)
    new.sees().append(answer)
    telegram.migrated[customer.number] = new.number
    customer.presses(answer, "도움이 됐어요")
    telegram.until(lambda: buttons(answer) == ["✓ 도움이 됐어요", "아니에요"])


def timeline(agent: httpx.Client, code: str) -> list[str]:
    """The words on a ticket, as the console has them."""
    lines_there = agent.get(f"/api/tickets/{code}").json()["timeline"]
    return [one["text"] for one in lines_there]


def test_a_link_leads_from_the_web_into_telegram(app: App, customer: Person) -> None:
    visitor = app.visitor()
    visitor.say("웹에서 물었어요")
    visitor.until(by("bot"))
    made = visitor.http.post("/chat/link-codes").json()
    link = made["links"]["telegram"]
    assert link == f"https://t.me/{ME['username']}?start=link_{made['code']}"
    customer.sends("command", text=f"/start {link.partition('?start=')[2]}")
    customer.until("이제 어디에서 말씀하셔도 하나의 상담으로 이어져요")
    customer.says("여기서 이어서 써요")
    customer.until("여기서 이어서 써요")
    app.settle()
    assert [one["text"] for one in visitor.history() if one["author"] == "customer"] == [
        "웹에서 물었어요",
        "여기서 이어서 써요",
    ]
    customer.says(f"이어하기 {made['code']}")
    customer.until("이미 사용한 코드예요")


def test_who_has_written_before_is_asked_before_a_link_shows_it_elsewhere(
    app: App, customer: Person
) -> None:
    """Somebody who wants to read along has sent them the link."""
    customer.says("제 계좌는 110-222-333333")
    customer.until("제 계좌는 110-222-333333")
    mallory = app.visitor()
    code = mallory.http.post("/chat/link-codes").json()["code"]
    customer.sends("command", text=f"/start link_{code}")
    customer.until(f"이어하기 {code}\n")
    app.settle()
    assert mallory.history() == []
    # Theirs after all.
    customer.says(f"이어하기 {code}")
    customer.until("이제 어디에서 말씀하셔도 하나의 상담으로 이어져요")
