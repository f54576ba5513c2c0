"""A server that behaves as Slack's platform does towards one app in one workspace.

It checks tokens, keeps messages with their metadata, limits, fails and drops replies on demand,
and sends what people do there: signed over HTTP with Slack's retries, or by Socket Mode. The
shapes are those under ``tests/payloads/slack/``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import httpx
from aiohttp import ClientSession, WSMsgType, web

from tests.fakes.rasa import Running
from tests.fakes.slack_files import NoSuchFile, SlackFiles
from tests.fakes.slack_payloads import (
    APP_TOKEN,
    BOT_TOKEN,
    BOT_USER,
    QUEUE,
    TEAM,
    Json,
    payload,
    shown,
    sign,
)
from tests.fakes.slack_people import People, Refused


class FakeSlack(People):
    """One workspace; ``messages`` is what its people see."""

    def __init__(self) -> None:
        self.messages: dict[str, list[Json]] = {QUEUE: []}
        self.hints: list[Json] = []
        # Modals that are open, by person; App Homes; what answered commands, by their address.
        self.views: dict[str, Json] = {}
        # What was said to be wrong in the modal of a person that stayed open, by block.
        self.errors: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.responses: list[tuple[str, Json]] = []
        self.reactions: list[tuple[str, str]] = []
        self.calls: list[tuple[str, Json, float]] = []
        self.connections: set[object] = set()
        self.users: dict[str, Json] = {}
        self.answers: list[int] = []
        self.events_url, self.strict_rate = "", False
        self._faults: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        self.numbers = itertools.count(1)
        self.triggers: dict[str, str] = {}
        self._last_ts, self._posted_at = 0, 0.0
        self._changed = threading.Condition()
        # Slack sends to an app in Socket Mode by socket alone: between two sockets, it waits.
        self._socket_mode = False
        self._sockets: list[web.WebSocketResponse] = []
        self._acks: dict[str, threading.Event] = {}
        self.files = SlackFiles()
        self.server = Running(self._app())
        self.files.base = self.server.url
        self.api_url = f"{self.server.url}/api/"

    def _app(self) -> web.Application:
        made = web.Application(client_max_size=16 * 1024 * 1024)
        self.files.routes(made)
        made.router.add_route("*", "/api/{method}", self._api)
        made.router.add_get("/link", self._link)
        made.router.add_post("/commands/{number}", self._response)
        return made

    # --- faults -------------------------------------------------------------------------------

    def limit(self, method: str, retry_after: int) -> None:
        """Answer the next call of ``method`` with 429."""
        self._faults[method].append(("limit", retry_after))

    def fail(self, method: str, status: int = 500, times: int = 1) -> None:
        """Answer the next calls of ``method`` with an error page, undone."""
        self._faults[method] += [("status", status)] * times

    def refuse(self, method: str, error: str) -> None:
        """Answer the next call of ``method`` with ``ok: false``."""
        self._faults[method].append(("error", error))

    def recover(self, method: str) -> None:
        """Forget the failures that are still to come."""
        self._faults[method].clear()

    def drop_reply(self, method: str) -> None:
        """Do what the next call of ``method`` asks, and close the connection unanswered."""
        self._faults[method].append(("drop", None))

    # --- the Web API --------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.connections.add(request.transport)
        sent: Json = dict(request.query)
        if request.content_type == "application/json":
            sent |= json.loads(await request.read() or b"{}")
        else:
            sent |= {key: str(value) for key, value in (await request.post()).items()}
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = bearer or sent.pop("token", "")
        fault, value = self._faults[method].pop(0) if self._faults[method] else ("", None)
        with self._changed:
            self.calls.append((method, sent, time.monotonic()))
            self._changed.notify_all()
        if fault == "limit":
            return self._limited(value)
        if fault == "status":
            return web.Response(status=value, text="<html>oops</html>", content_type="text/html")
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        try:
            if fault == "error":
                raise Refused(value)
            if token != wanted:
                raise Refused("invalid_auth" if token else "not_authed")
            if method == "chat.postMessage" and self.strict_rate:
                since, self._posted_at = time.monotonic() - self._posted_at, time.monotonic()
                if since < 0.95:
                    return self._limited(1)
            with self._changed:
                answer = {"ok": True, **self._do(method, sent)}
                self._changed.notify_all()
        except Refused as error:
            answer = {"ok": False, "error": str(error)}
        except NoSuchFile:
            answer = {"ok": False, "error": "file_not_found"}
        if fault == "drop":
            assert request.transport is not None
            request.transport.close()
        if method == "chat.postMessage" and answer["ok"] and self.events_url:
            asyncio.get_running_loop().create_task(self._echo(answer["message"]))
        return web.json_response(answer)

    def _limited(self, retry_after: int) -> web.Response:
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=429,
            headers={"Retry-After": str(retry_after)},
        )

    def _do(self, method: str, sent: Json) -> Json:
        match method:
            case "auth.test":
                return {
                    "url": "https://example.slack.com/",
                    "team": "Example",
                    "user": "sangdam",
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "bot_id": "B0SANGDAM",
                }
            case "users.info":
                if sent["user"] not in self.users:
                    raise Refused("user_not_found")
                return {"user": self.users[sent["user"]]}
            case "users.getPresence":
                return {"presence": self.users[sent["user"]].get("presence", "away")}
            case "apps.connections.open":
                self._socket_mode = True
                return {"url": self.server.url.replace("http", "ws") + "/link"}
            case "chat.postMessage":
                message = self._written(sent, BOT_USER)
                return {"channel": sent["channel"], "ts": message["ts"], "message": message}
            case "chat.update":
                message = self.message(sent["channel"], sent["ts"])
                self._check_blocks(sent)
                message |= {key: sent[key] for key in ("text", "blocks", "metadata")}
                return {"channel": sent["channel"], "ts": sent["ts"], "text": sent["text"]}
            case "chat.getPermalink":
                found_ts = self.message(sent["channel"], sent["message_ts"])["ts"].replace(".", "")
                link = f"https://example.slack.com/archives/{sent['channel']}/p{found_ts}"
                return {"channel": sent["channel"], "permalink": link}
            case "chat.postEphemeral":
                self._check_blocks(sent)
                self.hints.append(sent | {"ts": self._ts()})
                return {"message_ts": self.hints[-1]["ts"]}
            case "reactions.add" | "reactions.remove":
                self.message(sent["channel"], sent["timestamp"])
                one, adds = (sent["timestamp"], sent["name"]), method == "reactions.add"
                if adds == (one in self.reactions):
                    raise Refused("already_reacted" if adds else "no_reaction")
                (self.reactions.append if adds else self.reactions.remove)(one)
                return {}
            case "conversations.history":
                since = sent.get("oldest", "0")
                found = [m for m in self._in(sent["channel"]) if m["ts"] > since]
                roots = [m for m in found if m.get("thread_ts", m["ts"]) == m["ts"]]
                return self._page(roots[::-1], sent)
            case "conversations.replies":
                self.message(sent["channel"], sent["ts"])
                root, since = sent["ts"], sent.get("oldest", "0")
                answers = [m for m in self._in(sent["channel"]) if m.get("thread_ts") == root]
                later = [m for m in answers if m["ts"] == root or m["ts"] > since]
                first = [m for m in self._in(sent["channel"]) if m["ts"] == root]
                return self._page([*first, *(m for m in later if m["ts"] != root)], sent)
            case "views.open":
                user = self.triggers.pop(sent["trigger_id"], None)
                if user is None:
                    raise Refused("expired_trigger_id")
                number = f"V{next(self.numbers):010d}"
                self.views[user] = view = self._view(sent, "modal") | {"id": number}
                return {"view": view}
            case "views.publish":
                self.homes[sent["user_id"]] = view = self._view(sent, "home")
                return {"view": view}
            case "files.getUploadURLExternal" | "files.info":
                return self.files.call(method, sent)
            case "files.completeUploadExternal":
                self.message(sent["channel_id"], sent["thread_ts"])
                message = self.files.complete(sent)
                if message is not None:
                    self._in(sent["channel_id"]).append(message | {"ts": self._ts()})
                return {"files": [{"id": entry["id"]} for entry in json.loads(sent["files"])]}
            case other:
                raise Refused(f"unknown_method: {other}")

    def _view(self, sent: Json, kind: str) -> Json:
        view: Json = json.loads(sent["view"]) if isinstance(sent["view"], str) else sent["view"]
        titles = [view[name]["text"] for name in ("title", "submit", "close") if name in view]
        inputs = [block for block in view["blocks"] if block["type"] == "input"]
        if (
            view["type"] != kind
            or any(not 1 <= len(title) <= 24 for title in titles)
            or (kind == "modal" and "title" not in view)
            or (inputs and "submit" not in view)
            or len(view.get("private_metadata", "")) > 3000
            or len(view["blocks"]) > 100
        ):
            raise Refused("invalid_arguments")
        self._check_blocks({"blocks": view["blocks"][:50]})
        return view

    async def _response(self, request: web.Request) -> web.Response:
        """A ``response_url``: no token, and it is the person's own."""
        if "Authorization" in request.headers:
            return web.Response(status=400, text="the token was sent to a response_url")
        with self._changed:
            self.responses.append((request.match_info["number"], await request.json()))
            self._changed.notify_all()
        return web.Response(text="ok")

    def _page(self, found: list[Json], sent: Json) -> Json:
        start, limit = int(sent.get("cursor") or 0), int(sent.get("limit") or 100)
        shown = [dict(message) for message in found[start : start + limit]]
        if sent.get("include_all_metadata") not in ("1", "true", "True"):
            for message in shown:
                message.pop("metadata", None)
        more = start + limit < len(found)
        cursor = str(start + limit) if more else ""
        return {"messages": shown, "has_more": more, "response_metadata": {"next_cursor": cursor}}

    def _written(self, sent: Json, user: str) -> Json:
        self._check_blocks(sent)
        if len(sent.get("text") or "") > 40_000:
            raise Refused("msg_too_long")
        thread = sent.get("thread_ts")
        if thread is not None:
            self.message(sent["channel"], thread)
        message: Json = {"type": "message", "user": user, "ts": self._ts(), "text": sent["text"]}
        message |= {"team": TEAM, "blocks": sent.get("blocks", [])}
        if user == BOT_USER:
            message |= {"bot_id": "B0SANGDAM", "app_id": "A0SANGDAM", "sent": sent}
        if thread is not None:
            message["thread_ts"] = thread
        if "metadata" in sent:
            message["metadata"] = sent["metadata"]
        self._in(sent["channel"]).append(message)
        return message

    def _check_blocks(self, sent: Json) -> None:
        blocks = sent.get("blocks") or []
        for block in blocks:
            limit = 150 if block["type"] == "header" else 3000
            texts = [block["text"]] if "text" in block else []
            texts += [t for t in block.get("fields", []) + block.get("elements", []) if "text" in t]
            for text in texts:
                words = text["text"] if isinstance(text["text"], str) else text["text"]["text"]
                if not 1 <= len(words) <= limit:
                    raise Refused("invalid_blocks")
        if len(blocks) > 50 or not (blocks or sent.get("text") or sent.get("files")):
            raise Refused("invalid_blocks" if blocks else "no_text")

    def _in(self, channel: str) -> list[Json]:
        if channel not in self.messages:
            raise Refused("channel_not_found")
        return self.messages[channel]

    def message(self, channel: str, ts: str) -> Json:
        """The message with this ``ts``."""
        for message in self._in(channel):
            if message["ts"] == ts:
                return message
        raise Refused("message_not_found")

    def _ts(self) -> str:
        self._last_ts = max(self._last_ts + 1, time.time_ns() // 1000)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # --- delivery -----------------------------------------------------------------------------

    def deliver(self, body: Json, *, retry: int = 0) -> int:
        """Send to the app as Slack does, up to four times until it says 200; its last answer."""
        if self._socket_mode:
            return self._deliver_by_socket(body, retry)
        for number in range(retry, 4):
            content, headers = self.request(body, retry=number)
            answer = httpx.post(self.events_url, content=content, headers=headers, timeout=10)
            self.answers.append(answer.status_code)
            if answer.status_code == 200:
                if body.get("type") == "view_submission":
                    self.answered(body, answer.json() if answer.content else {})
                break
        return self.answers[-1]

    def request(self, body: Json, *, retry: int = 0) -> tuple[bytes, dict[str, str]]:
        """The signed HTTP request for a payload: its content and headers."""
        if "command" in body:
            content = str(httpx.QueryParams(body)).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
        elif body["type"] in ("event_callback", "url_verification"):
            content = json.dumps(body).encode()
            headers = {"Content-Type": "application/json"}
        else:
            content = str(httpx.QueryParams({"payload": json.dumps(body)})).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        return content, headers | sign(content)

    async def _echo(self, message: Json) -> None:
        """Our own messages come back as events, too."""
        if self._socket_mode:
            return
        content, headers = self.request(self.said(message, "own_message"))
        async with (
            ClientSession() as session,
            session.post(self.events_url, data=content, headers=headers) as answer,
        ):
            self.answers.append(answer.status)

    async def _link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(payload("socket_hello"))
        with self._changed:
            self._sockets.append(socket)
            self._changed.notify_all()
        async for received in socket:
            if received.type == WSMsgType.TEXT:
                acknowledged = self._acks.get(json.loads(received.data).get("envelope_id"))
                if acknowledged is not None:
                    acknowledged.set()
        with self._changed:
            self._sockets.remove(socket)
            self._changed.notify_all()
        return socket

    def _deliver_by_socket(self, body: Json, retry: int) -> int:
        """As an envelope, again while it is not acknowledged; 200 when it was, else 0."""
        kind = "events_api" if body.get("type") == "event_callback" else "interactive"
        kind = "slash_commands" if "command" in body else kind
        envelope = {
            "envelope_id": f"envelope-{next(self.numbers)}",
            "type": kind,
            "payload": body,
            "accepts_response_payload": False,
            "retry_reason": "",
        }
        self._acks[str(envelope["envelope_id"])] = acknowledged = threading.Event()
        for number in range(retry, 4):
            self._send(envelope | {"retry_attempt": number})
            if acknowledged.wait(2):
                break
        self.answers.append(200 if acknowledged.is_set() else 0)
        return self.answers[-1]

    def _send(self, message: Json) -> None:
        socket = self.until(lambda: self._sockets and self._sockets[-1])
        self.server.call(lambda: asyncio.ensure_future(socket.send_json(message)))

    def refresh_socket(self) -> None:
        """Ask the app to connect anew, as Slack does every few hours."""
        self._send(payload("socket_disconnect"))

    # --- looking ------------------------------------------------------------------------------

    def until(self, wanted: Callable[[], Any], timeout_s: float = 10) -> Any:
        """Wait until ``wanted()`` is something, and return it."""
        with self._changed:
            if not self._changed.wait_for(wanted, timeout_s):
                raise AssertionError(f"did not come; {self.calls[-6:]}")
            return wanted()

    def connected(self) -> int:
        """How many sockets are open."""
        return len(self._sockets)

    def cards(self) -> list[Json]:
        """The cards in the queue channel, oldest first."""
        return [m for m in self.messages[QUEUE] if "bot_id" in m and "thread_ts" not in m]

    def thread(self, card: str) -> list[str]:
        """What our app wrote into a thread, as plain text, in order."""
        return [
            shown(m) for m in self.messages[QUEUE] if "bot_id" in m and m.get("thread_ts") == card
        ]

    def stop(self) -> None:
        """Stop the server."""
        self.server.stop()
