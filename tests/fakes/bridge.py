"""A bridge to some other messenger: takes signed lines, sends signed messages."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import httpx
from aiohttp import web

from connectors.webhook import SIGNATURE, TIMESTAMP, sign
from tests.fakes.rasa import Running

SECRET = "a-secret-of-the-bridge"


class FakeBridge:
    """``lines`` are those it took, by user; ``answers`` are the statuses of its next refusals."""

    def __init__(self) -> None:
        self.lines: dict[str, list[dict[str, Any]]] = {}
        self.keys: list[str] = []
        self.answers: list[int] = []
        self.new = threading.Condition()
        app = web.Application()
        app.router.add_post("/sangdam", self._take)
        self._running = Running(app)
        self.url = f"{self._running.url}/sangdam"

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        timestamp = request.headers[TIMESTAMP]
        assert request.headers[SIGNATURE] == sign(SECRET, timestamp, body)
        assert abs(time.time() - int(timestamp)) < 60
        self.keys.append(request.headers["Idempotency-Key"])
        if self.answers:
            return web.Response(status=self.answers.pop(0), headers={"Retry-After": "0"})
        line = json.loads(body)
        with self.new:
            self.lines.setdefault(line["to"]["user"], []).append(line)
            self.new.notify_all()
        return web.json_response({"ids": [f"m{line['id']}"]})

    def heard(self, user: str, count: int, *, timeout_s: float = 20) -> list[dict[str, Any]]:
        """The lines for a user, once there are ``count``."""
        with self.new:
            came = self.new.wait_for(lambda: len(self.lines.get(user, [])) >= count, timeout_s)
        assert came, self.lines.get(user)
        return self.lines[user]

    def stop(self) -> None:
        """End the server."""
        self._running.stop()


def fetch(url: str, path: str, *, secret: str = SECRET) -> httpx.Response:
    """Get a file of a line, signed."""
    now = str(int(time.time()))
    headers = {TIMESTAMP: now, SIGNATURE: sign(secret, now, path.encode())}
    return httpx.get(f"{url}{path}", headers=headers, timeout=20)


def post(url: str, body: dict[str, Any], *, secret: str = SECRET, age_s: int = 0) -> httpx.Response:
    """Send what a customer said, signed."""
    content = json.dumps(body).encode()
    now = str(int(time.time()) - age_s)
    headers = {TIMESTAMP: now, SIGNATURE: sign(secret, now, content)}
    return httpx.post(f"{url}/channels/webhook", content=content, headers=headers, timeout=20)
