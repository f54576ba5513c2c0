"""What people do in the fake workspace: write, edit, press, fill in, command.

The shapes are those under ``tests/payloads/slack/``. A modal is filled in as Slack lets one: what
is required has to be there, and what is chosen has to be offered.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Sequence
from typing import Any

from tests.fakes.rasa import Running
from tests.fakes.slack_payloads import QUEUE, Json, payload


class Refused(Exception):
    """``ok: false`` with this error."""


class People:
    """The half of the workspace that is people; what they do is delivered to the app."""

    messages: dict[str, list[Json]]
    users: dict[str, Json]
    views: dict[str, Json]
    homes: dict[str, Json]
    errors: dict[str, Json]
    numbers: itertools.count[int]
    triggers: dict[str, str]
    server: Running
    _changed: threading.Condition

    def deliver(self, body: Json, *, retry: int = 0) -> int:
        """Send to the app."""
        raise NotImplementedError

    def message(self, channel: str, ts: str) -> Json:
        """The message with this ``ts``."""
        raise NotImplementedError

    def _written(self, sent: Json, user: str) -> Json:
        raise NotImplementedError

    def _ts(self) -> str:
        raise NotImplementedError

    def _view(self, sent: Json, kind: str) -> Json:
        raise NotImplementedError

    def person(self, user: str, name: str, **more: Any) -> None:
        """A member of the workspace; ``is_restricted=True`` makes a guest, and so on."""
        self.users[user] = {**payload("user"), "id": user, "name": name, "real_name": name, **more}
        self.users[user]["profile"]["display_name"] = name

    def say(
        self,
        user: str,
        text: str,
        thread: str | None = None,
        shape: str = "",
        files: Sequence[Json] = (),
    ) -> str:
        """Write as a person; ``text`` as Slack sends it. The ``ts`` of the message."""
        with self._changed:
            sent: Json = {"channel": QUEUE, "text": text, "files": list(files)}
            written = self._written(sent | ({"thread_ts": thread} if thread else {}), user)
        shape = shape or ("file_share" if files else "message" if thread else "message_outside")
        body = self.said(written, shape)
        if files:
            body["event"]["files"] = list(files)
        self.deliver(body)
        return str(written["ts"])

    def said(self, written: Json, shape: str) -> Json:
        """The event for a message."""
        body = payload(shape)
        body["event_id"] = f"Ev{next(self.numbers):08d}"
        body["event"] |= {
            "user": written["user"],
            "text": written["text"],
            "ts": written["ts"],
            "event_ts": written["ts"],
        }
        if "thread_ts" in written:
            body["event"]["thread_ts"] = written["thread_ts"]
        return body

    def change(self, ts: str, text: str | None) -> None:
        """Edit a message, or delete it."""
        body = payload("message_deleted" if text is None else "message_changed")
        message = self.message(QUEUE, ts)
        kept = ("user", "text", "ts", "thread_ts", "edited")
        old = {key: message[key] for key in kept if key in message}
        body["event_id"] = f"Ev{next(self.numbers):08d}"
        body["event"]["previous_message"] |= old
        body["event"]["ts"] = body["event"]["event_ts"] = at = self._ts()
        if text is not None:
            message |= {"text": text, "edited": {"user": message["user"], "ts": at}}
            body["event"]["message"] |= old | {"text": text, "edited": message["edited"]}
        self.deliver(body)

    def press(self, user: str, action: str, card: str, *, choose: str | None = None) -> Json:
        """Press a button that the card really has, or choose from a list; what was sent."""
        message = self.message(QUEUE, card)
        body = self._pressed(user, action, message["blocks"], choose)
        body["container"]["message_ts"] = body["message"]["ts"] = card
        if "thread_ts" in message:
            body["container"]["thread_ts"] = body["message"]["thread_ts"] = message["thread_ts"]
        self.deliver(body)
        return body

    def press_hint(self, user: str, action: str, hint: Json) -> Json:
        """Press a button of something that only this person sees."""
        assert hint["user"] == user
        body = self._pressed(user, action, hint["blocks"], None)
        body["container"] |= {"message_ts": hint["ts"], "is_ephemeral": True}
        if "thread_ts" in hint:
            body["container"]["thread_ts"] = hint["thread_ts"]
        del body["message"]
        self.deliver(body)
        return body

    def press_home(self, user: str, action: str, value: str) -> Json:
        """Press the first button with this value in the app's Home, or choose it; what was sent."""
        view = self.homes[user]
        blocks = [
            {"elements": [element]}
            for block in view["blocks"]
            for element in [*block.get("elements", []), block.get("accessory", {})]
            if element.get("value") == value or action == element.get("action_id") == "duty"
        ]
        body = self._pressed(user, action, blocks[:1], value)
        body["container"] = {"type": "view", "view_id": "V0HOME"}
        body["view"] = view
        for name in ("channel", "message", "response_url"):
            del body[name]
        self.deliver(body)
        return body

    def _pressed(self, user: str, action: str, blocks: list[Json], choose: str | None) -> Json:
        (element,) = [
            element
            for block in blocks
            for element in [*block.get("elements", []), block.get("accessory", {})]
            if element.get("action_id") == action
        ]
        body = payload("block_actions")
        body["user"]["id"] = user
        body["trigger_id"] = self.trigger(user)
        body["response_url"] = self.response_url()
        pressed: Json = {"action_id": action, "type": element["type"]}
        pressed["action_ts"] = f"{time.time():.0f}.{next(self.numbers):06d}"
        if element["type"] == "button":
            pressed |= {key: element[key] for key in ("value", "url") if key in element}
        else:
            pressed["selected_option"] = _offered(element, choose)
        body["actions"] = [pressed]
        return body

    def submit(self, user: str, **values: Any) -> Json:
        """Fill in the modal that is open for this person and send it; what was sent.

        ``values`` are by the ``action_id`` of the inputs.
        """
        view = self.views.pop(user)
        state: Json = {}
        for number, block in enumerate(view["blocks"]):
            if block["type"] != "input":
                continue
            element = block["element"]
            name = element["action_id"]
            filled = _filled(element, values.pop(name, None))
            if not block.get("optional"):
                assert any(value is not None for value in list(filled.values())[1:]), name
            state[block.get("block_id", f"b{number}")] = {name: filled}
        assert not values, f"the modal has no {', '.join(values)}"
        body = payload("view_submission")
        body["user"]["id"] = user
        body["view"] |= {
            key: view[key]
            for key in (
                "id",
                "type",
                "title",
                "submit",
                "blocks",
                "callback_id",
                "private_metadata",
            )
        }
        body["view"]["state"] = {"values": state}
        self.deliver(body)
        return body

    def answered(self, body: Json, answer: Json) -> None:
        """A modal is closed by an empty answer; else it stays, with other content or errors."""
        user, view = body["user"]["id"], dict(body["view"])
        match answer.get("response_action"):
            case "errors":
                blocks = {one["block_id"] for one in view["blocks"] if one["type"] == "input"}
                assert answer["errors"] and set(answer["errors"]) <= blocks, answer
                self.errors[user] = answer["errors"]
                self.views[user] = view
            case "update":
                self.views[user] = self._view(answer, "modal") | {"id": view["id"]}
            case None:
                assert not answer, answer

    def command(self, user: str, command: str, text: str = "", channel: str = QUEUE) -> str:
        """Give a slash command; the number under which it is answered."""
        body = payload("slash_command") | {"user_id": user, "command": command, "text": text}
        url = self.response_url()
        body |= {"channel_id": channel, "trigger_id": self.trigger(user), "response_url": url}
        self.deliver(body)
        return url.rpartition("/")[2]

    def shortcut(self, user: str, name: str, ts: str) -> Json:
        """Choose a shortcut of a message; what was sent."""
        body = payload("message_action")
        message = self.message(QUEUE, ts)
        kept = ("type", "user", "text", "ts", "thread_ts", "bot_id", "blocks", "metadata")
        body["message"] = {key: message[key] for key in kept if key in message}
        body |= {"callback_id": name, "message_ts": ts, "trigger_id": self.trigger(user)}
        body["user"]["id"] = user
        body["response_url"] = self.response_url()
        self.deliver(body)
        return body

    def open_home(self, user: str) -> Json:
        """Open the app's Home; what was sent."""
        body = payload("app_home_opened")
        body["event_id"] = f"Ev{next(self.numbers):08d}"
        body["event"]["user"] = user
        self.deliver(body)
        return body

    def trigger(self, user: str) -> str:
        """What lets the app open one modal for this person."""
        made = f"{next(self.numbers)}.trigger"
        self.triggers[made] = user
        return made

    def response_url(self) -> str:
        """Where the app may answer this once."""
        return f"{self.server.url}/commands/{next(self.numbers)}"


def _offered(element: Json, value: str | None) -> Json:
    (chosen,) = [option for option in element["options"] if option["value"] == value]
    return dict(chosen)


def _filled(element: Json, value: Any) -> Json:
    """An input's state, as Slack sends it."""
    made: Json = {"type": element["type"]}
    match element["type"]:
        case "plain_text_input":
            value = element.get("initial_value") if value is None else value
            assert len(value or "") <= element.get("max_length", 3000)
            assert value is None or len(value) >= element.get("min_length", 0)
            made["value"] = value or None
        case "static_select" | "radio_buttons":
            initial = element.get("initial_option")
            made["selected_option"] = initial if value is None else _offered(element, value)
        case "datetimepicker":
            made["selected_date_time"] = value or element.get("initial_date_time")
        case "checkboxes":
            made["selected_options"] = [_offered(element, one) for one in value or []]
        case other:
            raise AssertionError(f"nobody here knows how to fill in a {other}")
    return made
