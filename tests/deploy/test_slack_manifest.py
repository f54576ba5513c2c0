"""The Slack app manifests: Slack takes them, and they ask for what our code handles.

The rules are those of Slack's own schema for version 1 of the manifest
(``schemas/manifest.schema.1.0.0.json`` in github.com/slackapi/manifest-schema).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "deploy" / "slack"
HTTPS, SOCKET = "manifest.yaml", "manifest-socket-mode.yaml"
FILES = (HTTPS, SOCKET)
# Slack's reference of events: the scope without which it does not send them.
SCOPE_OF = {
    "app_home_opened": None,
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}


def text(most: int, least: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": most, **more}


def thing(required: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": properties,
    }


def several(most: int, items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": most, "uniqueItems": True, "items": items}


FLAG, NUMBER = {"type": "boolean"}, {"type": "integer"}
URL = text(3000, pattern="^https://")
RULES = thing(
    "display_information",
    _metadata=thing("", major_version={"const": 1}, minor_version=NUMBER),
    display_information=thing(
        "name",
        name=text(35),
        description=text(140),
        long_description=text(4000, 175),
        background_color=text(7, 4),
    ),
    features=thing(
        "",
        app_home=thing(
            "",
            home_tab_enabled=FLAG,
            messages_tab_enabled=FLAG,
            messages_tab_read_only_enabled=FLAG,
        ),
        # The reference allows letters, digits, `-`, `_` and `.` in the name.
        bot_user=thing(
            "display_name", display_name=text(80, pattern=r"^[\w.-]+$"), always_online=FLAG
        ),
        shortcuts=several(
            10,
            thing(
                "name type callback_id description",
                name=text(24),
                type={"enum": ["message", "global"]},
                callback_id=text(255),
                description=text(150),
            ),
        ),
        slash_commands=several(
            50,
            thing(
                "command description",
                command=text(32, 2, pattern=r"^/[a-z0-9_-]+$"),
                url=URL,
                description=text(2000),
                usage_hint=text(1000),
                should_escape=FLAG,
            ),
        ),
    ),
    oauth_config=thing("", scopes=thing("", bot=several(255, text(50)))),
    settings=thing(
        "",
        event_subscriptions=thing("", request_url=URL, bot_events=several(100, text(50))),
        interactivity=thing("is_enabled", is_enabled=FLAG, request_url=URL),
        org_deploy_enabled=FLAG,
        socket_mode_enabled=FLAG,
        token_rotation_enabled=FLAG,
    ),
)


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", FILES)
def test_slack_takes_it(name: str) -> None:
    found = manifest(name)
    errors = jsonschema_rs.Draft7Validator(RULES).iter_errors(found)
    assert [f"{error.instance_path}: {error.message}" for error in errors] == []
    features = found["features"]
    for key, entries in (
        ("callback_id", features["shortcuts"]),
        ("name", features["shortcuts"]),
        ("command", features["slash_commands"]),
    ):
        values = [entry[key] for entry in entries]
        assert len(set(values)) == len(values), values


def test_the_rules_refuse_what_slack_refuses() -> None:
    validator = jsonschema_rs.Draft7Validator(RULES)
    for change in (
        lambda m: m["features"]["shortcuts"][0].update(name="Make this a knowledge-base draft"),
        lambda m: m["features"]["slash_commands"][0].update(command="ticket"),
        lambda m: m["settings"]["event_subscriptions"]["bot_events"].append("message.groups"),
        lambda m: m["settings"].update(socket_mode=True),
        lambda m: m["display_information"].update(long_description="short"),
    ):
        found = manifest(HTTPS)
        change(found)
        assert not validator.is_valid(found)


@pytest.mark.parametrize("name", FILES)
def test_every_event_command_and_shortcut_has_its_scope(name: str) -> None:
    found = manifest(name)
    scopes = set(found["oauth_config"]["scopes"]["bot"])
    for event in found["settings"]["event_subscriptions"]["bot_events"]:
        assert SCOPE_OF[event] in scopes | {None}
    assert "commands" in scopes
    home = found["features"]["app_home"]
    assert home["home_tab_enabled"] and home["messages_tab_read_only_enabled"]


def test_the_two_differ_in_how_slack_reaches_us_and_in_nothing_else() -> None:
    https, socket = manifest(HTTPS), manifest(SOCKET)
    assert https["settings"].pop("socket_mode_enabled") is False
    assert socket["settings"].pop("socket_mode_enabled") is True
    urls = [
        https["settings"][k].pop("request_url") for k in ("event_subscriptions", "interactivity")
    ]
    urls += [command.pop("url") for command in https["features"]["slash_commands"]]
    assert set(urls) == {"https://help.example.com/slack/events"} and len(urls) == 6
    assert https == socket


# Slack's reference of methods: the scopes each needs; one of a pair, by the kind of channel.
HISTORY, READ = {"channels:history", "groups:history"}, {"channels:read", "groups:read"}
SCOPES_OF: dict[str, set[str]] = {
    "apps_connections_open": set(),
    "auth_test": set(),
    "chat_getPermalink": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_history": HISTORY | {"metadata.message:read"},
    "conversations_info": READ,
    "conversations_replies": HISTORY | {"metadata.message:read"},
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "files_info": {"files:read"},
    "reactions_add": {"reactions:write"},
    "reactions_remove": {"reactions:write"},
    "users_getPresence": {"users:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_update": set(),
}


def test_every_call_has_its_scope_and_every_scope_its_call() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "connectors/slack").glob("*.py"))
    called = set(re.findall(r"\bclient\.([a-z]+_\w+)", code.replace("._client", ".client")))
    assert {"chat_postMessage", "auth_test"} <= called
    needed = set().union(*(SCOPES_OF[method] for method in called))
    assert needed | {"commands"} == set(manifest(HTTPS)["oauth_config"]["scopes"]["bot"])
