"""A server that behaves as Telegram's Bot API does towards one bot.

It keeps chats, hands out updates by long polling (one poller at a time) or brings them to a
webhook in the order of each chat, and limits, fails and drops replies on demand. The shapes are
those under ``tests/payloads/telegram/``.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import ClientError, ClientSession, web

from tests.fakes.rasa import Running

Json = dict[str, Any]
TOKEN = "123456789:AAFakeTokenForTests_0123456789abcdefg"
ACCOUNT = TOKEN.partition(":")[0]
SECRET = "webhook-secret_for-tests"
ME = {"id": int(ACCOUNT), "is_bot": True, "first_name": "상담", "username": "sangdam_bot"}
_FOLDER = Path(__file__).parent.parent / "payloads" / "telegram"


def payload(name: str) -> Json:
    """An update as Telegram makes it."""
    found: Json = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def units(text: str) -> int:
    """How long Telegram finds a text."""
    return len(text.encode("utf-16-le")) // 2


class Refused(Exception):
    """``ok: false`` with a code."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


class FakeTelegram:
    """One bot's world; ``chats`` is what people see, by chat."""

    def __init__(self, *, strict_rate: bool = False) -> None:
        self.chats: dict[int, list[Json]] = defaultdict(list)
        self.calls: list[tuple[str, Json, float]] = []
        self.answered: list[str] = []
        self.left: list[int] = []
        self.blocked: set[int] = set()
        self.migrated: dict[int, int] = {}
        self.files: dict[str, bytes] = {}
        self.strict_rate = strict_rate
        self.answers: list[int] = []
        self.conflicts = 0
        self.webhook: Json = {"url": "", "secret_token": ""}
        self.webhook_trouble: Json = {}
        self.numbers = itertools.count(100)
        self._updates = itertools.count(800_000)
        self._waiting: list[Json] = []
        self._faults: dict[str, list[tuple[str, Any, int | None]]] = defaultdict(list)
        self._last: dict[int, float] = defaultdict(float)
        self._poll: asyncio.Event | None = None
        self._stopped = False
        self._changed = threading.Condition()
        self._locks: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.server = Running(self._app())
        self.api_url = self.server.url

    def _app(self) -> web.Application:
        made = web.Application(client_max_size=64 * 1024 * 1024)
        made.router.add_route("*", "/bot{token}/{method}", self._api)
        made.router.add_get("/file/bot{token}/{path:.*}", self._file)
        return made

    # --- faults -------------------------------------------------------------------------------

    def limit(self, method: str, retry_after: int, *, chat: int | None = None) -> None:
        """Answer the next call of ``method`` (about ``chat``) with 429."""
        self._faults[method].append(("limit", retry_after, chat))

    def fail(self, method: str, status: int = 502, times: int = 1) -> None:
        """Answer the next calls of ``method`` with an error page, undone."""
        self._faults[method] += [("status", status, None)] * times

    def refuse(self, method: str, description: str, code: int = 400) -> None:
        """Answer the next call of ``method`` with ``ok: false``."""
        self._faults[method].append(("refuse", (code, description), None))

    def drop_reply(self, method: str, times: int = 1) -> None:
        """Do what the next calls of ``method`` ask, and close the connection unanswered."""
        self._faults[method] += [("drop", None, None)] * times

    def _fault(self, method: str, chat: int | None) -> tuple[str, Any]:
        for place, (what, value, about) in enumerate(self._faults[method]):
            if about is None or about == chat:
                del self._faults[method][place]
                return what, value
        return "", None

    # --- the Bot API --------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        sent: Json = {}
        for key, value in (await request.post()).items():
            sent[key] = value.file.read() if isinstance(value, web.FileField) else str(value)
            if isinstance(value, web.FileField):
                sent["filename"] = value.filename
        chat = int(sent["chat_id"]) if "chat_id" in sent else None
        fault, value = self._fault(method, chat)
        if request.match_info["token"] != TOKEN:
            return _answer(Refused(401, "Unauthorized"))
        if fault == "status":
            self._note(method, sent)
            return web.Response(status=value, text="<html>Bad Gateway</html>")
        try:
            if fault == "limit":
                raise Refused(429, f"Too Many Requests: retry after {value}", retry_after=value)
            if fault == "refuse":
                raise Refused(*value)
            if method == "getUpdates":
                return await self._get_updates(sent)
            with self._changed:
                result = self._do(method, sent, chat)
        except Refused as error:
            return _answer(error)
        finally:
            self._note(method, sent)
        if fault == "drop":
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"ok": True, "result": result})

    def _note(self, method: str, sent: Json) -> None:
        with self._changed:
            self.calls.append((method, sent, time.monotonic()))
            self._changed.notify_all()

    def _do(self, method: str, sent: Json, chat: int | None) -> Any:
        if chat is not None:
            if chat in self.migrated:
                raise Refused(
                    400,
                    "Bad Request: group chat was upgraded to a supergroup chat",
                    migrate_to_chat_id=self.migrated[chat],
                )
            if chat in self.blocked:
                raise Refused(403, "Forbidden: bot was blocked by the user")
            if chat not in self.chats:
                raise Refused(400, "Bad Request: chat not found")
        match method:
            case "getMe":
                return ME
            case "sendMessage" | "sendPhoto" | "sendDocument":
                assert chat is not None
                return self._send(method, sent, chat)
            case "editMessageText" | "editMessageReplyMarkup":
                assert chat is not None
                return self._edit(sent, chat)
            case "deleteMessage":
                assert chat is not None
                self.chats[chat].remove(self._message(chat, int(sent["message_id"])))
                return True
            case "answerCallbackQuery":
                if not sent["callback_query_id"].isdigit():
                    raise Refused(400, "Bad Request: query is too old")
                self.answered.append(sent["callback_query_id"])
                return True
            case "getFile":
                content = self.files.get(sent["file_id"])
                if content is None:
                    raise Refused(400, "Bad Request: wrong file_id or the file is unavailable")
                if len(content) > 20_000_000:
                    raise Refused(400, "Bad Request: file is too big")
                about = {"file_id": sent["file_id"], "file_unique_id": "u"}
                return about | {"file_size": len(content), "file_path": f"f/{sent['file_id']}"}
            case "sendChatAction":
                return True
            case "leaveChat":
                assert chat is not None
                self.left.append(chat)
                return True
            case "setWebhook":
                self.webhook = {"url": sent["url"], "secret_token": sent.get("secret_token", "")}
                return True
            case "deleteWebhook":
                self.webhook = {"url": "", "secret_token": ""}
                return True
            case "getWebhookInfo":
                about = {"url": self.webhook["url"], "has_custom_certificate": False}
                return about | {"pending_update_count": len(self._waiting)} | self.webhook_trouble
            case other:
                raise Refused(404, f"Not Found: {other}")

    def _send(self, method: str, sent: Json, chat: int) -> Json:
        if self.strict_rate and time.monotonic() - self._last[chat] < 0.9:
            raise Refused(429, "Too Many Requests: retry after 1", retry_after=1)
        self._last[chat] = time.monotonic()
        message: Json = {"message_id": next(self.numbers), "from": ME, "date": int(time.time())}
        message["chat"] = {"id": chat, "type": "private"}
        if method == "sendMessage":
            message["text"] = _text(sent)
        elif method == "sendPhoto":
            if not sent["photo"].startswith((b"\x89PNG", b"\xff\xd8", b"RIFF")):
                raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
            message |= {"photo": [], "content": sent["photo"]}
        else:
            about = {"file_id": "d", "file_unique_id": "d", "file_name": sent["filename"]}
            message |= {"document": about, "content": sent["document"]}
        message |= _markup(sent)
        self.chats[chat].append(message)
        return {key: value for key, value in message.items() if key != "content"}

    def _edit(self, sent: Json, chat: int) -> Json:
        message = self._message(chat, int(sent["message_id"]))
        new = {key: value for key, value in message.items() if key != "reply_markup"}
        new |= _markup(sent)
        if "text" in sent:
            new["text"] = _text(sent)
        if new == message:
            raise Refused(400, "Bad Request: message is not modified")
        message.pop("reply_markup", None)
        message.update(new | {"edit_date": int(time.time())})
        return message

    def _message(self, chat: int, number: int) -> Json:
        for message in self.chats[chat]:
            if message["message_id"] == number and message["from"] == ME:
                return message
        raise Refused(400, "Bad Request: message to edit not found")

    async def _file(self, request: web.Request) -> web.Response:
        if request.match_info["token"] != TOKEN:
            return web.Response(status=404)
        return web.Response(body=self.files[request.match_info["path"].removeprefix("f/")])

    # --- updates ------------------------------------------------------------------------------

    async def _get_updates(self, sent: Json) -> web.Response:
        if self.webhook["url"]:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        if self._poll is not None:  # the later request wins, and ends the earlier one
            self._poll.set()
        mine = self._poll = asyncio.Event()
        offset, limit = int(sent.get("offset") or 0), int(sent.get("limit") or 100)
        self._waiting = [one for one in self._waiting if one["update_id"] >= offset]
        end = time.monotonic() + int(sent.get("timeout") or 0)
        while not (self._waiting or mine.is_set() or self._stopped) and time.monotonic() < end:
            await asyncio.sleep(0.01)
        if mine.is_set():
            self.conflicts += 1
            raise Refused(
                409,
                "Conflict: terminated by other getUpdates request; make sure that only one bot "
                "instance is running",
            )
        self._poll = None
        return web.json_response({"ok": True, "result": self._waiting[:limit]})

    def numbered(self, update: Json) -> Json:
        """The update with a number of its own."""
        return copy.deepcopy(update) | {"update_id": next(self._updates)}

    def happens(self, update: Json, *, copies: int = 1) -> Json:
        """Something that a person did: it waits to be asked for, or is brought to the webhook."""
        made = self.numbered(update)
        for _ in range(copies):
            if self.webhook["url"]:
                self.server.call(lambda: asyncio.ensure_future(self._bring(made)))
            else:
                self._waiting.append(made)
        return made

    def unconfirmed(self) -> int:
        """How many updates nobody has confirmed."""
        return len(self._waiting)

    async def _bring(self, update: Json) -> None:
        """To the webhook, until it says 200; what comes later in the chat waits."""
        async with self._locks[_chat_of(update)], ClientSession() as session:
            for number in range(40):
                headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook["secret_token"]}
                try:
                    async with session.post(
                        self.webhook["url"], json=update, headers=headers
                    ) as answer:
                        status = answer.status
                except (ClientError, OSError):
                    status = 0
                with self._changed:
                    self.answers.append(status)
                    self._changed.notify_all()
                if 200 <= status < 300:
                    return
                await asyncio.sleep(0.05 * (number + 1))

    # --- looking ------------------------------------------------------------------------------

    def until(self, wanted: Callable[[], Any], timeout_s: float = 10) -> Any:
        """Wait until ``wanted()`` is something, and return it."""
        with self._changed:
            if not self._changed.wait_for(wanted, timeout_s):
                known = [(method, sent.get("text")) for method, sent, _ in self.calls[-6:]]
                raise AssertionError(f"did not come; {known}")
            return wanted()

    def person(self, number: int, *, language: str = "ko") -> Person:
        """Somebody who has opened a chat with the bot."""
        self.chats[number] = self.chats[number]
        return Person(self, number, language)

    def stop(self) -> None:
        """Stop the server."""
        self._stopped = True
        self.server.stop()


class Person:
    """One customer, in a private chat."""

    def __init__(self, telegram: FakeTelegram, number: int, language: str) -> None:
        self.telegram, self.number, self.language = telegram, number, language

    def update(self, name: str, **changes: Any) -> Json:
        """An update of this person's; ``changes`` are of the message in it."""
        made = payload(name)
        inner = next(value for key, value in made.items() if key != "update_id")
        inner["from"] = inner["from"] | {"id": self.number, "language_code": self.language}
        inner["chat" if "chat" in inner else "message"] = (
            inner["chat"] | {"id": self.number}
            if "chat" in inner
            else inner["message"] | {"chat": inner["message"]["chat"] | {"id": self.number}}
        )
        if "message_id" in inner and "message_id" not in changes:
            inner["message_id"] = next(self.telegram.numbers)
        inner.update(changes)
        return made

    def sends(self, name: str, *, copies: int = 1, **changes: Any) -> int:
        """Send something of the kind ``name``; its message's id."""
        made = self.telegram.happens(self.update(name, **changes), copies=copies)
        inner = next(value for key, value in made.items() if key != "update_id")
        return int(inner.get("message_id", 0))

    def says(self, text: str, *, copies: int = 1) -> int:
        """Send words."""
        return self.sends("message", text=text, copies=copies)

    def edits(self, message: int, text: str) -> None:
        """Put other words in the place of a message's."""
        self.sends("edited_message", message_id=message, text=text)

    def presses(self, message: Json, title: str, *, copies: int = 1) -> None:
        """Press a button under a message, as it is shown now."""
        rows = message["reply_markup"]["inline_keyboard"]
        data = next(b["callback_data"] for row in rows for b in row if title in b["text"])
        shown = {"message_id": message["message_id"], "from": ME, "date": message["date"]}
        shown["chat"] = {"id": self.number, "type": "private"}
        query = str(next(self.telegram.numbers) + 10**12)
        self.sends("callback_query", id=query, data=data, message=shown, copies=copies)

    def sees(self) -> list[Json]:
        """What the bot has said here."""
        return self.telegram.chats[self.number]

    def until(self, words: str, timeout_s: float = 10) -> Json:
        """Wait until the bot has said something with these words."""
        found: Json = self.telegram.until(
            lambda: next((m for m in self.sees() if words in m.get("text", "")), None), timeout_s
        )
        return found


def buttons(message: Json) -> list[str]:
    """The titles of the buttons under a message."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row]


def _chat_of(update: Json) -> int:
    inner = next(value for key, value in update.items() if key != "update_id")
    holder = inner if "chat" in inner else inner.get("message", {})
    return int(holder.get("chat", {}).get("id", 0))


def _text(sent: Json) -> str:
    text = str(sent.get("text", ""))
    if not text.strip() or units(text) > 4096:
        why = "is too long" if text.strip() else "text is empty"
        raise Refused(400, f"Bad Request: message {why}")
    if "parse_mode" in sent:
        raise Refused(400, "Bad Request: can't parse entities")
    return text


def _markup(sent: Json) -> Json:
    if "reply_markup" not in sent:
        return {}
    found = json.loads(sent["reply_markup"])
    for button in itertools.chain.from_iterable(found["inline_keyboard"]):
        if not 1 <= len(button["callback_data"].encode()) <= 64 or not button["text"].strip():
            raise Refused(400, "Bad Request: BUTTON_DATA_INVALID")
    return {"reply_markup": found}


def _answer(error: Refused) -> web.Response:
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    body |= {"parameters": error.parameters} if error.parameters else {}
    return web.json_response(body, status=error.code)
