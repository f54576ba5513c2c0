"""What Slack sends: verified before anything reads it, committed before it is acknowledged."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, escalate, state
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import (
    BOT_USER,
    QUEUE,
    payload,
    sign,
)
from ticketing.models import Job


def test_b1_bad_requests_are_refused_and_nothing_is_stored(app: App, slack: FakeSlack) -> None:
    good, headers = slack.request(payload("message"))
    json_type = {"Content-Type": "application/json"}
    stamp = headers["X-Slack-Request-Timestamp"]
    cases: list[tuple[bytes, dict[str, Any], int]] = [
        (good, json_type, 401),
        (good, headers | {"X-Slack-Request-Timestamp": "abc"}, 401),
        (good, headers | {"X-Slack-Request-Timestamp": "9" * 400}, 401),
        (b"\xff\xfe{", json_type, 401),
        (b"\xff\xfe{", json_type | sign(b"\xff\xfe{"), 400),
        (good, headers | {"X-Slack-Signature": "v0=é한".encode()}, 401),
        (good, json_type | sign(good, at=time.time() - 600), 401),
        (good, json_type | sign(good, at=time.time() + 600), 401),
        (good, json_type | sign(good, secret="another"), 401),
        (good + b" ", headers, 401),
        (b"x" * 5 * 1024 * 1024, json_type, 413),
    ]
    for body in (
        b"[]",
        b"{",
        b"",
        b"{}",
        b"null",
        b'{"type": 1}',
        b'{"type": "event_callback"}',
        b'{"type":"event_callback","event":[]}',
        b"[" * 100_000,
        b'{"a":' * 5000,
        b'{"type":"event_callback","event":{"type":5}}',
    ):
        cases.append((body, json_type | sign(body), 400))
    for form in (b"payload=%5B%5D", b"payload=%7B", b"payload="):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        cases.append((form, kind | sign(form), 400))
    for body, sent, status in cases:
        answer = httpx.post(slack.events_url, content=body, headers=sent, timeout=10)
        assert answer.status_code == status, (body[:60], sent, answer.text)
        assert stamp not in answer.text
    with app.sessions() as session:
        assert session.scalars(select(Job.kind).where(Job.kind.startswith("slack."))).all() == []


def test_odd_but_signed_requests_are_ignored(app: App, slack: FakeSlack) -> None:
    content, headers = slack.request(payload("url_verification"))
    answer = httpx.post(slack.events_url, content=content, headers=headers)
    assert answer.json() == {"challenge": payload("url_verification")["challenge"]}
    for change in (
        {"ts": 5},
        {"user": {}},
        {"text": None},
        {"subtype": []},
        {"thread_ts": "x"},
        {"channel": "C1\n"},
        {"user": BOT_USER},
        {"parent_user_id": []},
        {"files": 3},
        {"text": "\x00 \ud800"},
    ):
        body = payload("message")
        body["event"] |= change
        assert slack.deliver(body) == 200, change
    press = payload("block_actions")
    for change in ({"container": None}, {"user": None}, {"actions": [{"action_id": "x"}]}):
        assert slack.deliver(press | change) == 200, change
    for change in ({"actions": []}, {"actions": [5]}, {"actions": None}):
        assert slack.deliver(press | change) == 400, change
    for body in (b"command=%2Fticket&text=list&user_id=U1", b"ssl_check=1&token=x"):
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = httpx.post(slack.events_url, content=body, headers=kind | sign(body))
        assert answer.status_code == 200
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    customer.until(lambda line: "연결되었어요" in line["text"])


@pytest.mark.parametrize("mode", ["socket"], indirect=True)
def test_f22_socket_mode(app: App, slack: FakeSlack) -> None:
    slack.until(slack.connected)
    customer, card = escalate(app, slack)
    press = slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by 지원" in state(slack, card))
    ts = slack.say(AGENT, "소켓으로 답해요", card)
    customer.until(lambda line: line["text"] == "소켓으로 답해요")
    for again in (slack.said(slack.message(QUEUE, ts), "message"), press):
        assert slack.deliver(again, retry=1) == 200
    slack.calls.clear()
    slack.refresh_socket()
    slack.until(lambda: "apps.connections.open" in [method for method, _, _ in slack.calls])
    slack.say(AGENT, "새 연결에서도", card)
    customer.until(lambda line: line["text"] == "새 연결에서도")
    said = [line["text"] for line in customer.history() if line["author"] == "agent"]
    assert said == ["소켓으로 답해요", "새 연결에서도"] and set(slack.answers) == {200}
    content, headers = slack.request(payload("message"))
    assert httpx.post(slack.events_url, content=content, headers=headers).status_code == 401


def test_f8_without_the_database_slack_sends_again(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    written = {"user": AGENT, "text": "다시 보낸 글", "ts": "1700000009.000100", "thread_ts": card}
    body = slack.said(written, "message")
    with app.sessions.begin() as session:
        session.execute(text("ALTER TABLE job RENAME TO gone"))
    assert slack.deliver(body, retry=3) == 503
    with app.sessions.begin() as session:
        session.execute(text("ALTER TABLE gone RENAME TO job"))
    assert slack.deliver(body, retry=3) == 200
    customer.until(lambda line: line["text"] == "다시 보낸 글")
