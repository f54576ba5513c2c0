"""The one HTTP call to Rasa, and all its traps.

Rasa answers 200 with an empty list when it failed, splits text on blank lines, waits 300 s for an
action and takes any text that begins with ``/`` for a command. So: what is not exactly the answer
one of our actions made is a failure, there is a deadline, and no customer's text can be a command.
"""

from __future__ import annotations

import json
import time
from typing import Any, Literal

import aiohttp
from pydantic import BaseModel, ConfigDict, Field, ValidationError

TIMEOUT_S = 3.5
# After this many failures in a row Rasa is left alone for a moment: customers in the meantime
# get a person at once instead of waiting for a time-out each.
BREAK_AFTER = 3
BREAK_S = 5.0


class RasaFailed(Exception):
    """Rasa gave no answer we can use; the message says how, for the log."""


class Button(BaseModel):
    """A choice offered to the customer."""

    model_config = ConfigDict(extra="ignore")
    title: str = Field(min_length=1, max_length=200)
    payload: str = Field(min_length=1, max_length=500)


class ArticleRef(BaseModel):
    """The article an answer comes from."""

    model_config = ConfigDict(extra="ignore")
    id: str
    locale: Literal["ko", "en"]
    title: str
    # Where on its page the text stands: there is more of the article than that.
    anchor: str | None = Field(default=None, pattern=r"^(s[0-9]{1,4})?$")


class Reply(BaseModel):
    """What one of our actions decided; the desk writes it down."""

    model_config = ConfigDict(extra="ignore")
    kind: Literal["answer", "clarify", "unknown", "hand_off", "say"]
    text: str = Field(min_length=1, max_length=8000)
    buttons: list[Button] = []
    article: ArticleRef | None = None
    score: float | None = None
    tried: list[dict[str, Any]] = []
    question: str | None = Field(default=None, max_length=8000)
    reason: str | None = None
    vote: Literal["up", "down"] | None = None
    chosen: bool = False
    asked: bool = False
    locale: Literal["ko", "en"]


def plain(text: str) -> str:
    """A customer's text as Rasa may see it: never one of its commands.

    Rasa strips white space and then takes a leading ``/`` for an intent; a fullwidth slash says
    the same to a reader and nothing to Rasa.
    """
    stripped = text.strip()
    return "／" + stripped[1:] if stripped.startswith("/") else stripped


# Rasa computes in one process: more questions at once only wait there instead of here.
CONNECTIONS = 16


class Rasa:
    """A client for one Rasa server (or several behind one address)."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url = url.rstrip("/") + "/webhooks/rest/webhook"
        self._health = url.rstrip("/") + "/"
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._http: aiohttp.ClientSession | None = None
        self._failures = 0
        self._closed_until = 0.0

    def _client(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = aiohttp.ClientSession(
                timeout=self._timeout, connector=aiohttp.TCPConnector(limit=CONNECTIONS)
            )
        return self._http

    async def ask(
        self, *, sender: str, text: str, locale: str, command: bool = False
    ) -> list[Reply]:
        """What the bot says to ``text``. Raises :class:`RasaFailed`, within the deadline.

        ``command=True`` sends ``text`` as one of Rasa's shortcuts; only the desk does that, for a
        button it offered itself.
        """
        if time.monotonic() < self._closed_until:
            raise RasaFailed("Rasa failed just now and is left alone for a moment")
        message = text if command else plain(text)
        try:
            replies = await self._post(
                {"sender": sender, "message": message, "metadata": {"locale": locale}}
            )
        except RasaFailed:
            self._failures += 1
            if self._failures >= BREAK_AFTER:
                self._closed_until = time.monotonic() + BREAK_S
            raise
        self._failures = 0
        return replies

    async def _post(self, body: dict[str, Any]) -> list[Reply]:
        try:
            async with self._client().post(self._url, json=body) as response:
                raw = b""
                async for part in response.content.iter_chunked(65_536):
                    raw += part
                    if len(raw) > 1_000_000:
                        raise RasaFailed("Rasa's answer has no end")
                status = response.status
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise RasaFailed(f"no answer from Rasa: {type(error).__name__}") from error
        if status != 200:
            raise RasaFailed(f"Rasa answered {status}")
        try:
            items = json.loads(raw)
            if not isinstance(items, list) or not items:
                raise RasaFailed("Rasa was silent")
            return [Reply.model_validate(item["custom"]) for item in items]
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise RasaFailed("Rasa's answer is none of ours") from error

    async def healthy(self) -> bool:
        """Whether the server answers at all."""
        return await self.answers(self._health)

    async def answers(self, url: str) -> bool:
        """Whether ``url``, Rasa's own or its action server's, answers 200 within two seconds."""
        try:
            async with self._client().get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
                return response.status == 200
        except (TimeoutError, aiohttp.ClientError, OSError):
            return False

    async def said(self, url: str) -> dict[str, Any]:
        """The JSON object that ``url`` of the action server answers; empty if it does not."""
        try:
            async with self._client().get(url, timeout=aiohttp.ClientTimeout(total=2)) as response:
                found = await response.json() if response.status == 200 else {}
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    async def close(self) -> None:
        """Let go of the connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None
