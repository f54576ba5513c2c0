"""A server that speaks Rasa's REST channel: an echo bot, and every way Rasa is known to fail.

``python -m tests.fakes.rasa --port N`` runs it alone, as the instant bot of the benchmarks.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
from typing import Any

from aiohttp import web


def reply(text: str, kind: str = "say", **more: Any) -> dict[str, Any]:
    """An item as our actions make it."""
    return {"custom": {"kind": kind, "text": text, "locale": "ko", **more}}


class FakeRasa:
    """``mode`` chooses how it behaves; ``seen`` is what it was asked, if it shall ``remember``."""

    def __init__(self, *, remember: bool = True) -> None:
        self._remember = remember
        self.mode = "echo"
        self.seen: list[dict[str, Any]] = []
        self.running: dict[str, int] = {}
        self.overlaps = 0
        self.delay_s = 0.0
        self.release = asyncio.Event()

    async def webhook(self, request: web.Request) -> web.StreamResponse:
        """``POST /webhooks/rest/webhook``."""
        body = await request.json()
        if self._remember:
            self.seen.append(body)
        sender, text = body["sender"], body["message"]
        self.running[sender] = self.running.get(sender, 0) + 1
        self.overlaps += self.running[sender] > 1
        try:
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
            return await self._answer(request, text)
        finally:
            self.running[sender] -= 1
            if not self.running[sender]:
                del self.running[sender]

    async def _answer(self, request: web.Request, text: str) -> web.StreamResponse:
        match self.mode:
            case "echo" if text == "/human":
                return web.json_response([reply("연결할게요", "hand_off", reason="customer_asked")])
            case "echo":
                return web.json_response([reply(text)])
            case "answer":
                votes = [
                    {"title": "도움이 됐어요", "payload": "/helpful"},
                    {"title": "아니에요", "payload": "/not_helpful"},
                ]
                article = {"id": "delivery-fee", "locale": "ko", "title": "배송비"}
                return web.json_response([reply(text, "answer", buttons=votes, article=article)])
            case "unknown":
                return web.json_response(
                    [
                        reply(
                            "모르겠어요",
                            "unknown",
                            buttons=[{"title": "상담원 연결", "payload": "/human"}],
                        )
                    ]
                )
            case "hand_off":
                return web.json_response([reply("연결할게요", "hand_off", reason="customer_asked")])
            case "silent":
                return web.json_response([])
            case "error":
                return web.Response(status=500, text="<html>boom</html>")
            case "nonsense":
                return web.json_response([{"recipient_id": "x", "text": "not from an action"}])
            case "not_json":
                return web.Response(text="<!doctype html>", content_type="application/json")
            case "poison":  # nothing is wrong with it, but no database can hold a NUL
                return web.json_response([reply(f"{text}\x00")])
            case "wait":  # a person may take over while the bot still thinks
                await self.release.wait()
                return web.json_response([reply(text)])
            case "drop":
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            case other:
                raise AssertionError(other)

    def app(self) -> web.Application:
        """The server."""
        made = web.Application()
        made.router.add_post("/webhooks/rest/webhook", self.webhook)
        made.router.add_get("/", self.root)
        made.router.add_get("/health", self.root)
        return made

    async def root(self, request: web.Request) -> web.Response:
        """``GET /``: Rasa says hello; ``GET /health``: so would its action server."""
        return web.Response(text="Hello from Rasa: 3.6.21")


class Running:
    """A server in a thread of its own, until :meth:`stop`."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self.url = ""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the fake server did not start")

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = web.AppRunner(self._app, access_log=None)
        self._loop.run_until_complete(runner.setup())
        site = web.TCPSite(runner, "127.0.0.1", 0)
        self._loop.run_until_complete(site.start())
        host, port = runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    def call(self, function: Any) -> None:
        """Run a plain function in the server's thread."""
        self._loop.call_soon_threadsafe(function)

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


def main() -> None:
    """Run the echo bot alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    bot = FakeRasa(remember=False)
    web.run_app(bot.app(), port=parser.parse_args().port, print=None, access_log=None)


if __name__ == "__main__":
    main()
