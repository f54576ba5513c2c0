"""What the manifests announce is what the code handles, and the other way round."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.slack import inbound, interactions
from connectors.slack.inbound import Accepted
from tests.fakes.slack_payloads import QUEUE, payload

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "slack"
# A payload of every event that Slack's reference lists under the name of a subscription.
EVENTS = {
    "app_home_opened": "app_home_opened",
    "message.channels": "message",
    "message.groups": "message",
    "reaction_added": "reaction_added",
}


@pytest.fixture(params=["manifest.yaml", "manifest-socket-mode.yaml"])
def manifest(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / request.param).read_text("utf-8"))
    return found


def test_the_commands(manifest: dict[str, Any]) -> None:
    announced = {command["command"] for command in manifest["features"]["slash_commands"]}
    assert announced == {f"/{name}" for name in interactions.COMMANDS}
    for name in announced:
        read = interactions.command(payload("slash_command") | {"command": name})
        assert isinstance(read, Accepted), name


def test_the_shortcuts(manifest: dict[str, Any]) -> None:
    announced = {shortcut["callback_id"] for shortcut in manifest["features"]["shortcuts"]}
    assert announced == set(interactions.SHORTCUTS)
    for name in announced:
        body = payload("message_action") | {"callback_id": name}
        assert isinstance(interactions.shortcut(body, queue=QUEUE), Accepted), name


def test_the_events(manifest: dict[str, Any]) -> None:
    announced = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    handled = {
        name
        for name, shape in EVENTS.items()
        if isinstance(inbound.event(payload(shape), queue=QUEUE), Accepted)
    }
    assert announced == handled
