"""Requests that Slack never makes, and kinds it may make one day: never a 500, nothing stored."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from connectors.desk.surveying import MOMENTS
from tests.connectors.conftest import App
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import payload, sign
from ticketing.models import Job

JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


Post = Callable[[Any, dict[str, Any]], int]


@pytest.fixture
def post(app: App, slack: FakeSlack) -> Iterator[Post]:
    """Send a body with headers; the status. Afterwards no job may be there of it."""
    with httpx.Client(timeout=10) as client:
        yield (
            lambda body, headers: (
                client.post(slack.events_url, content=body, headers=headers).status_code
            )
        )
    with app.sessions() as session:
        kinds = session.scalars(select(Job.kind)).all()
        assert set(kinds) <= {MOMENTS}, "only what the gateway plans for itself when it starts"


def test_what_is_not_signed_by_slack(post: Post) -> None:
    body = json.dumps(payload("message")).encode()
    good = sign(body)
    stamp, signature = good["X-Slack-Request-Timestamp"], good["X-Slack-Signature"]
    for changed in (
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": f"-{stamp}"},
        {"X-Slack-Request-Timestamp": f"{stamp}.0"},
        {"X-Slack-Request-Timestamp": "١٧".encode()},
        {"X-Slack-Request-Timestamp": "²".encode("latin-1")},
        {"X-Slack-Request-Timestamp": "0"},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": signature.upper()},
        {"X-Slack-Signature": signature.removeprefix("v0=")},
        {"X-Slack-Signature": b"v0=\xff\xfe"},
    ):
        assert post(body, JSON | good | changed) == 401, changed
    for at in (time.time() - 301, time.time() + 310):
        assert post(body, JSON | sign(body, at=at)) == 401


def test_too_much_is_refused_before_it_is_read(post: Post) -> None:
    piece = b"x" * 65_536

    def endless() -> Iterator[bytes]:
        yield from (piece for _ in range(80))

    assert post(piece * 80, JSON | sign(piece * 80)) == 413
    assert post(endless(), JSON | sign(piece * 80)) == 413


def test_signed_but_not_as_slack_makes_it(post: Post) -> None:
    for body in (
        b'"a string"',
        b"5",
        b"NaN",
        b"[" * 50_000 + b"]" * 50_000,
        b'{"type": null}',
        b'{"type": []}',
        b'{"type":"block_actions"}',
        b'{"type":"block_actions","actions":{}}',
        b'{"type":"event_callback","event":null}',
        b'{"type":"event_callback","event":{}}',
        b'\xef\xbb\xbf{"type":"event_callback"}',
        '{"type":"event_callback"}'.encode("utf-16"),
    ):
        assert post(body, JSON | sign(body)) == 400, body[:60]
        form = b"payload=" + quote(body).encode()
        assert post(form, FORM | sign(form)) == 400, form[:60]
    for form in (b"payload=%FF", b"payload=%5B%5D", b"payload=not json", b"payload=&payload="):
        assert post(form, FORM | sign(form)) == 400, form


def test_signed_and_of_a_kind_that_nothing_handles(post: Post) -> None:
    odd: list[dict[str, Any]] = [
        {"type": "app_rate_limited", "minute_rate_limited": 1},
        {"type": "one_day"},
        {"type": "event_callback", "event": {"type": "one_day"}},
        {"type": "event_callback", "event": {"type": "message", "subtype": "one_day"}},
        {"type": "workflow_step_edit", "callback_id": "x", "workflow_step": {}},
        {"type": "interactive_message", "actions": [{"name": "x"}], "callback_id": "x"},
        {"type": "dialog_submission", "callback_id": "x"},
        {"type": "block_suggestion", "action_id": "x", "value": ""},
        {"type": "shortcut", "callback_id": "one_day"},
        {"type": "message_action", "callback_id": "one_day"},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "one_day"}},
        {"type": "view_closed", "view": {"type": "modal", "callback_id": "one_day"}},
        {"type": "block_actions", "actions": [{"action_id": "one_day", "type": "button"}]},
    ]
    for one in odd:
        as_json, as_form = json.dumps(one).encode(), f"payload={quote(json.dumps(one))}".encode()
        assert post(as_json, JSON | sign(as_json)) == 200, one
        assert post(as_form, FORM | sign(as_form)) == 200, one
    for form in (b"", b"a=b", b"command=", b"command=%2Fone_day&text=x", b"ssl_check=1&token=x"):
        assert post(form, FORM | sign(form)) == 200, form


def test_shapes_inside_that_are_not_as_promised(post: Post) -> None:
    """Bolt reads some of these itself: whatever it makes of them, it is no 500."""
    values: list[Any] = [None, 5, "x", [], {}, [None], {"id": None}, {"id": 5}]
    for kind in ("block_actions", "shortcut", "message_action", "view_submission", "view_closed"):
        for field in ("actions", "view", "callback_id", "user", "team", "channel", "message"):
            for value in values:
                body = {"type": kind, "callback_id": "kb_draft", "actions": [{}], field: value}
                form = f"payload={quote(json.dumps(body))}".encode()
                assert post(form, FORM | sign(form)) in (200, 400), body
    for field in (
        "authorizations",
        "team_id",
        "enterprise_id",
        "event_id",
        "is_ext_shared_channel",
    ):
        for value in values:
            body = {"type": "event_callback", "event": {"type": "one_day"}, field: value}
            content = json.dumps(body).encode()
            assert post(content, JSON | sign(content)) in (200, 400), body
