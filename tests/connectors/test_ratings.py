"""Ratings over the real API: one score a resolution, on the customer whose it is."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.connectors.conftest import App, Visitor
from tests.connectors.test_story import by


@pytest.fixture
def agent(app: App) -> httpx.Client:
    return app.agent("지원")


def served(app: App, agent: httpx.Client, customer: Visitor) -> tuple[str, list[str]]:
    """A ticket that was resolved: its code, and the payloads of 5, 4 … 1 and "not solved"."""
    app.rasa.mode = "hand_off"
    seq = customer.say("상담원이요").json()["seq"]
    customer.until(by("system", "event"), after=seq)
    (ticket,) = agent.get("/api/tickets", params={"state": "open", "customer": customer.id}).json()[
        "tickets"
    ]
    agent.post(f"/api/tickets/{ticket['code']}/reply", json={"text": "네"})
    agent.post(f"/api/tickets/{ticket['code']}/resolve")
    survey = customer.until(by("system", "csat"), after=seq)
    app.rasa.mode = "echo"
    return ticket["code"], [button["payload"] for button in survey["buttons"]]


def ratings(agent: httpx.Client, customer: Visitor) -> list[tuple[str, int]]:
    found: list[dict[str, Any]] = agent.get(f"/api/customers/{customer.id}").json()["ratings"]
    return [(rating["ticket"], rating["score"]) for rating in found]


def test_f26_two_clicks_are_one_score(app: App, agent: httpx.Client) -> None:
    customer = app.visitor()
    code, (five, *_) = served(app, agent, customer)
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(customer.press, [five] * 8))
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * 7
    assert ratings(agent, customer) == [(code, 5)]
    assert [line["kind"] for line in customer.history()].count("rating") == 1


def test_f26_a_later_change_counts_and_the_earlier_score_is_kept(
    app: App, agent: httpx.Client
) -> None:
    customer = app.visitor()
    code, (five, _, _, two, *_) = served(app, agent, customer)
    assert customer.press(five).status_code == 202
    assert customer.press(two).status_code == 202
    again = customer.press(two)
    assert (again.status_code, again.json()["reason"]) == (409, "same")
    record = agent.get(f"/api/customers/{customer.id}").json()
    assert ratings(agent, customer) == [(code, 2)]
    (rating,) = record["ratings"]
    assert rating["previous"] == 5 and rating["earlier"][0]["score"] == 5
    assert rating["at"] < rating["changed_at"] and rating["earlier"][0]["at"] is not None
    assert record["csat"] == {"average": 2.0, "count": 1, "last": 2}
    last = customer.history()[-1]
    assert last["kind"] == "rating" and "5점에서 2점" in last["text"]


def test_f26_the_same_click_sent_again_is_the_same_receipt(app: App, agent: httpx.Client) -> None:
    customer = app.visitor()
    code, (five, *_) = served(app, agent, customer)
    client_id = str(uuid.uuid4())
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: customer.press(five, client_id), range(4)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["seq"] for answer in answers}) == 1
    assert ratings(agent, customer) == [(code, 5)]


def test_f26_a_late_click_rates_the_ticket_it_asks_about(app: App, agent: httpx.Client) -> None:
    customer = app.visitor()
    first, (_, four, *_, not_solved) = served(app, agent, customer)
    second, (five, *_) = served(app, agent, customer)
    seq = customer.say("다른 얘기예요").json()["seq"]
    customer.until(by("bot"), after=seq)
    assert customer.press(four).status_code == 202
    assert customer.press(five).status_code == 202
    assert sorted(ratings(agent, customer)) == sorted([(first, 4), (second, 5)])
    # A change of mind: the ticket is opened again, and its next resolution is rated anew.
    assert customer.press(not_solved).status_code == 202
    agent.post(f"/api/tickets/{first}/resolve")
    survey = [line for line in customer.history() if line["kind"] == "csat"][-1]
    assert customer.press(survey["buttons"][4]["payload"]).status_code == 202
    assert sorted(ratings(agent, customer)) == sorted([(first, 4), (second, 5), (first, 1)])


def test_f26_another_customers_rating_is_refused(app: App, agent: httpx.Client) -> None:
    customer, other = app.visitor(), app.visitor()
    served(app, agent, other)
    _, payloads = served(app, agent, customer)
    before = other.history()
    for payload in payloads:
        answer = other.press(payload)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert other.history() == before
    assert ratings(agent, customer) == ratings(agent, other) == []
