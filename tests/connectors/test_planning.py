"""Who has a ticket, how urgent it is, and when to look at it again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import httpx
from sqlalchemy import text as sql

from tests.connectors.browser import waiting
from tests.connectors.conftest import App
from tests.connectors.test_story import by


def ticket(agent: httpx.Client, code: str) -> dict[str, Any]:
    found: dict[str, Any] = agent.get(f"/api/tickets/{code}").json()
    return found


def queue(agent: httpx.Client) -> list[str]:
    return [one["code"] for one in agent.get("/api/tickets").json()["tickets"]]


def in_(**span: float) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(**span)).isoformat()


def test_a_waiting_ticket_can_be_given_to_a_colleague(app: App) -> None:
    app.rasa.mode = "hand_off"
    customer, code = waiting(app)
    here, other = app.agent("지원"), app.agent("도움")
    answer = here.post(f"/api/tickets/{code}/assign", json={"agent": "도움"})
    assert (answer.status_code, answer.json()["assignee"]) == (200, "도움")
    customer.until(lambda line: "도움 상담원이 연결" in line["text"])
    refused = here.post(f"/api/tickets/{code}/assign", json={"agent": "지원"})
    assert refused.status_code == 409 and "도움" in refused.text
    assert other.post(f"/api/tickets/{code}/assign", json={"agent": "지원"}).status_code == 200
    lead = app.agent("팀장", role="lead")
    assert lead.post(f"/api/tickets/{code}/assign", json={"agent": "도움"}).status_code == 200
    assert lead.post(f"/api/tickets/{code}/assign", json={"agent": "없음"}).status_code == 404
    other.post(f"/api/tickets/{code}/reply", json={"text": "제가 볼게요"})
    assert customer.until(by("agent"))["author_name"] == "도움"
    other.post(f"/api/tickets/{code}/resolve")
    assert lead.post(f"/api/tickets/{code}/assign", json={"agent": "지원"}).status_code == 409


def test_the_urgent_come_first_and_those_put_off_last(app: App) -> None:
    app.rasa.mode = "hand_off"
    agent = app.agent("지원")
    first, second, third = (waiting(app)[1] for _ in range(3))
    agent.post(f"/api/tickets/{third}/priority", json={"priority": "urgent"})
    assert queue(agent) == [third, first, second]
    agent.post(f"/api/tickets/{first}/snooze", json={"until": in_(hours=1)})
    assert queue(agent) == [third, second, first]
    agent.post(f"/api/tickets/{first}/snooze", json={"until": None})
    assert queue(agent) == [third, first, second]
    wrong = agent.post(f"/api/tickets/{first}/priority", json={"priority": "whatever"})
    assert wrong.status_code == 422


def test_a_ticket_comes_back_at_its_time_and_only_at_the_last_one_set(app: App) -> None:
    app.rasa.mode = "hand_off"
    agent = app.agent("지원")
    _, code = waiting(app)
    agent.post(f"/api/tickets/{code}/snooze", json={"until": in_(seconds=0.3)})
    later = in_(hours=1)
    agent.post(f"/api/tickets/{code}/snooze", json={"until": later})
    wait_for(app, "SELECT count(*) = 1 FROM job WHERE kind = 'ticket.wake' AND state = 'done'")
    assert ticket(agent, code)["snoozed_until"] is not None
    agent.post(f"/api/tickets/{code}/snooze", json={"until": in_(seconds=0.3)})
    wait_for(app, "SELECT bool_and(snoozed_until IS NULL) FROM ticket")


def test_a_customer_who_writes_is_waiting_again(app: App) -> None:
    app.rasa.mode = "hand_off"
    agent = app.agent("지원")
    customer, code = waiting(app)
    agent.post(f"/api/tickets/{code}/snooze", json={"until": in_(hours=1)})
    customer.say("아직인가요?")
    wait_for(app, "SELECT bool_and(snoozed_until IS NULL) FROM ticket")


def test_a_time_that_makes_no_sense_is_refused(app: App) -> None:
    app.rasa.mode = "hand_off"
    agent = app.agent("지원")
    _, code = waiting(app)
    for until in (in_(hours=-1), in_(days=61)):
        answer = agent.post(f"/api/tickets/{code}/snooze", json={"until": until})
        assert answer.status_code == 422 and "60 days" in answer.text
    naive = agent.post(f"/api/tickets/{code}/snooze", json={"until": "2030-01-01T00:00:00"})
    assert naive.status_code == 422


def test_an_agent_reopens_what_they_have_something_to_add_to(app: App) -> None:
    app.rasa.mode = "hand_off"
    agent, other = app.agent("지원"), app.agent("도움")
    customer, code = waiting(app)
    agent.post(f"/api/tickets/{code}/resolve")
    assert other.post(f"/api/tickets/{code}/reopen").json()["assignee"] == "도움"
    customer.until(lambda line: "도움 상담원이 상담을 다시" in line["text"])
    assert other.post(f"/api/tickets/{code}/reply", json={"text": "추가로"}).status_code == 200
    assert customer.until(by("agent"))["text"] == "추가로"


def wait_for(app: App, condition: str) -> None:
    """Until the database says so: nobody is told when a time has come."""
    deadline = dt.datetime.now() + dt.timedelta(seconds=10)
    while True:
        with app.sessions() as session:
            if session.execute(sql(condition)).scalar():
                return
        assert dt.datetime.now() < deadline, condition
