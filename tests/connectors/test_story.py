"""The product's story over the real API: ask, hand over, answer, resolve, rate, reopen."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text as sql

from tests.connectors.conftest import App, Visitor
from ticketing import lanes


def by(author: str, kind: str | None = None) -> Any:
    return lambda line: line["author"] == author and (kind is None or line["kind"] == kind)


def test_a_whole_service(app: App) -> None:
    customer = app.visitor()
    assert customer.say("안녕하세요").status_code == 202
    assert customer.until(by("bot"))["text"] == "안녕하세요"

    app.rasa.mode = "hand_off"
    seq = customer.say("매장에 주차장이 있나요?").json()["seq"]
    event = customer.until(by("system", "event"), after=seq)
    agent = app.agent("지원")
    (ticket,) = agent.get("/api/tickets", params={"state": "open"}).json()["tickets"]
    code = ticket["code"]
    assert code in event["text"]

    other = app.agent("도움")
    assert agent.post(f"/api/tickets/{code}/claim").status_code == 200
    lost = other.post(f"/api/tickets/{code}/claim")
    assert (lost.status_code, lost.json()["winner"]) == (409, "지원")

    assert other.post(f"/api/tickets/{code}/note", json={"text": "비밀 메모"}).status_code == 200
    answer = agent.post(f"/api/tickets/{code}/reply", json={"text": "네, 2시간 무료예요."})
    assert answer.status_code == 200
    assert customer.until(by("agent"), after=seq)["text"] == "네, 2시간 무료예요."

    asked = len(app.rasa.seen)
    seq = customer.say("감사합니다").json()["seq"]
    app.settle()
    assert agent.post(f"/api/tickets/{code}/resolve").json()["state"] == "resolved"
    survey = customer.until(by("system", "csat"), after=seq)
    assert len(app.rasa.seen) == asked, "the bot spoke while a person held the conversation"
    titles = [button["title"] for button in survey["buttons"]]
    assert titles[0].startswith("5") and titles[-1] == "해결되지 않았어요"

    best = survey["buttons"][0]["payload"]
    assert customer.press(best).status_code == 202
    again = customer.press(best)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    customer.until(by("system", "rating"), after=seq)
    comment = f"/chat/ratings/{survey['survey']}/comment"
    for _ in range(2):  # the answer may have been lost
        assert customer.http.post(comment, json={"comment": "친절해요 "}).status_code == 204
    assert customer.http.post(comment, json={"comment": "또"}).status_code == 409

    record = agent.get(f"/api/customers/{customer.id}").json()
    assert record["csat"] == {"average": 5.0, "count": 1, "last": 5}
    assert record["ratings"][0]["answered_by"]["name"] == "지원"
    assert record["ratings"][0]["comment"] == "친절해요"

    assert not any("비밀" in line["text"] for line in customer.history())
    timeline = agent.get(f"/api/customers/{customer.id}/timeline").json()["timeline"]
    assert any(line["text"] == "비밀 메모" and line["internal"] for line in timeline)

    app.rasa.mode = "echo"
    seq = customer.say("안녕").json()["seq"]
    assert customer.until(by("bot"), after=seq)["text"] == "안녕"

    assert customer.press(survey["buttons"][-1]["payload"]).status_code == 202
    assert agent.get(f"/api/tickets/{code}").json()["state"] == "claimed"
    assert agent.get(f"/api/tickets/{code.lower()}").json()["code"] == code
    agent.post(f"/api/tickets/{code}/reply", json={"text": "다시 볼게요"})
    agent.post(f"/api/tickets/{code}/resolve")
    second = [line for line in customer.history() if line["kind"] == "csat"][-1]
    assert second["survey"] != survey["survey"]
    assert customer.press(second["buttons"][3]["payload"]).status_code == 202
    assert agent.get(f"/api/customers/{customer.id}").json()["csat"]["average"] == 3.5


@pytest.mark.parametrize("mode", ["silent", "error", "nonsense", "not_json", "drop"])
def test_f13_a_broken_bot_becomes_a_person(app: App, mode: str) -> None:
    app.rasa.mode = mode
    customer = app.visitor()
    seq = customer.say("Where is my parcel now please").json()["seq"]
    told = customer.until(by("bot", "hand_off"), after=seq, timeout_s=5)
    assert "connecting you to a person" in told["text"]
    (ticket,) = app.agent("a").get("/api/tickets").json()["tickets"]
    assert ticket["reason"] == "bot_unavailable"
    assert ticket["question"] == "Where is my parcel now please"


def test_f13_a_slow_bot_becomes_a_person_within_five_seconds(app: App) -> None:
    app.rasa.mode = "wait"
    customer = app.visitor()
    customer.say("환불은 어떻게 하나요?")
    customer.until(by("system", "event"), timeout_s=5)
    app.rasa_server.call(app.rasa.release.set)


def test_an_answer_computed_while_a_person_took_over_is_discarded(app: App) -> None:
    """P2: the holder is checked again in the transaction that sends."""
    app.rasa.mode = "hand_off"
    customer = app.visitor()
    customer.say("상담원이요")
    customer.until(by("system", "event"))
    agent = app.agent("지원")
    code = agent.get("/api/tickets").json()["tickets"][0]["code"]
    agent.post(f"/api/tickets/{code}/resolve")
    app.rasa.mode = "wait"
    customer.say("하나 더요")
    app.rasa.mode = "wait"
    while len(app.rasa.seen) < 2:
        customer.history()
    customer.press("/human")
    csat = next(line for line in customer.history() if line["kind"] == "csat")
    customer.press(csat["buttons"][-1]["payload"])  # not solved: a person holds again
    app.rasa_server.call(app.rasa.release.set)
    agent.post(f"/api/tickets/{code}/reply", json={"text": "제가 볼게요"})
    last = customer.until(lambda line: line["text"].startswith("지원 상담원과 대화 중"))
    bots = [line for line in customer.history() if line["author"] == "bot"]
    assert [line["kind"] for line in bots] == ["hand_off"], last


def test_turns_of_one_customer_never_overlap_and_keep_their_order(app: App) -> None:
    app.rasa.delay_s = 0.005
    customers = [app.visitor() for _ in range(4)]
    for number in range(10):
        for customer in customers:
            assert customer.say(f"m{number}").status_code == 202
    for customer in customers:
        customer.until(lambda line: by("bot")(line) and line["text"] == "m9")
        lines = customer.history()
        for author in ("customer", "bot"):
            said = [line["text"] for line in lines if line["author"] == author]
            assert said == [f"m{number}" for number in range(10)]
    assert app.rasa.overlaps == 0


def test_a_customer_cannot_command_the_bot(app: App) -> None:
    customer = app.visitor()
    for text in ("/restart", '  /human{"x": 1}', "\n/greet"):
        seq = customer.say(text).json()["seq"]
        customer.until(by("bot"), after=seq)
        assert not app.rasa.seen[-1]["message"].strip().startswith("/")
        assert any(line["text"] == text for line in customer.history())
    assert customer.press("/restart").status_code == 422
    assert customer.press('/choose_article{"article": "x"}').status_code == 422


def test_the_one_open_ticket(app: App) -> None:
    app.rasa.mode = "hand_off"
    customer = app.visitor()
    customer.press("/human")
    customer.until(by("system", "event"))
    seq = customer.press("/human").json()["seq"]
    assert "이미" in customer.until(by("system", "event"), after=seq)["text"]
    assert len(app.agent("a").get("/api/tickets").json()["tickets"]) == 1


def test_a_late_vote_belongs_to_the_answer_it_stands_under(app: App) -> None:
    app.rasa.mode = "answer"
    customer = app.visitor()
    answers = []
    for text in ("배송비요", "환불이요"):
        seq = customer.say(text).json()["seq"]
        answers.append(customer.until(by("bot", "answer"), after=seq))
    seq = customer.press(answers[0]["buttons"][1]["payload"]).json()["seq"]
    assert app.rasa.seen[-1]["message"] != answers[0]["buttons"][1]["payload"]
    customer.until(by("bot"), after=seq)
    votes = [line.get("vote") for line in customer.history() if line["kind"] == "answer"]
    assert votes[:2] == ["down", None]


def test_the_same_answer_turned_down_twice_is_no_second_answer_that_did_not_help(app: App) -> None:
    app.rasa.mode = "answer"
    customer = app.visitor()
    seq = customer.say("배송비요").json()["seq"]
    down = customer.until(by("bot", "answer"), after=seq)["buttons"][1]["payload"]
    seq = customer.press(down).json()["seq"]
    customer.until(by("bot"), after=seq)
    app.rasa.mode = "hand_off"  # what the bot says to a second rejection
    seq = customer.press(down).json()["seq"]
    said = customer.until(by("bot"), after=seq)
    assert said["kind"] == "say" and [one["payload"] for one in said["buttons"]] == ["/human"]
    assert len(app.rasa.seen) == 2
    assert app.agent("지원").get("/api/tickets").json()["tickets"] == []


def test_a_vote_counts_while_they_wait_for_a_person_and_is_answered(app: App) -> None:
    app.rasa.mode = "answer"
    customer = app.visitor()
    seq = customer.say("배송비요").json()["seq"]
    up = customer.until(by("bot", "answer"), after=seq)["buttons"][0]["payload"]
    app.rasa.mode = "hand_off"
    seq = customer.press("/human").json()["seq"]
    customer.until(by("system", "event"), after=seq)
    seq = customer.press(up).json()["seq"]
    place = customer.until(by("system", "event"), after=seq)
    assert place["buttons"][0]["title"] == "상담 취소"
    assert [one["vote"] for one in customer.history() if one["kind"] == "answer"] == ["up"]


def test_a_message_that_meets_a_closed_episode_is_answered_in_the_next(app: App) -> None:
    """Accepted while a person held the conversation, worked on after they resolved it."""
    app.rasa.mode = "hand_off"
    customer = app.visitor()
    customer.say("상담원이요")
    customer.until(by("system", "event"))
    app.rasa.mode = "echo"
    agent = app.agent("지원")
    code = agent.get("/api/tickets").json()["tickets"][0]["code"]
    with app.sessions.begin() as session:  # somebody else works in this customer's lane
        held = lanes.claim(session, owner="elsewhere", limit=9)
        lanes.lock(session, f"in:{customer.id}")
        session.execute(
            sql("UPDATE lane SET owner = 'elsewhere', until = now() + interval '1 minute'")
        )
    assert held == []
    seq = customer.say("하나만 더요").json()["seq"]
    agent.post(f"/api/tickets/{code}/resolve")
    with app.sessions.begin() as session:
        lanes.release(session, "elsewhere")
    assert customer.until(by("bot"), after=seq)["text"] == "하나만 더요"


def test_an_english_session_is_english_from_its_first_button(app: App) -> None:
    app.rasa.mode = "hand_off"
    customer = Visitor(app.url, locale="en")
    app.clients.append(customer.http)
    customer.press("/human")
    customer.until(by("system", "event"))
    assert customer.history()[0]["text"] == "Talk to a person"
    assert app.rasa.seen[0]["metadata"] == {"locale": "en"}
