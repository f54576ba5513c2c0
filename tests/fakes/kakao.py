"""KakaoTalk's side: the open builder that calls a skill with its 5 s limit, and callback URLs.

It holds answers to the documented limits, shows them as a phone would, and presses quick replies
as the platform does: the reply's words are what the customer says, its extra comes along.
"""

from __future__ import annotations

import dataclasses
import secrets
import threading
import time
from typing import Any

import httpx
from aiohttp import web

from tests.fakes.rasa import Running

LIMIT_S = 5.0
CALLBACK_S = 60.0
SECRET = "kakao-secret-of-the-tests"
HEADERS = {"X-Sangdam-Secret": SECRET}


def skill_payload(
    text: str,
    *,
    user: str,
    bot: str = "5f1d1a2b3c4d5e6f70819203",
    extra: Any = None,
    callback_url: str | None = None,
    lang: str = "ko",
) -> dict[str, Any]:
    """A request as the open builder makes it."""
    asked: dict[str, Any] = {
        "block": {"id": "5f1d1b0c8c1d2e0001a2b3c4", "name": "폴백 블록"},
        "user": {
            "id": user,
            "type": "botUserKey",
            "properties": {"botUserKey": user, "plusfriendUserKey": f"p{user}", "isFriend": True},
        },
        "utterance": text,
        "params": {"surface": "Kakaotalk.plusfriend"},
        "lang": lang,
        "timezone": "Asia/Seoul",
    }
    if callback_url is not None:
        asked["callbackUrl"] = callback_url
    return {
        "bot": {"id": bot, "name": "상담 봇"},
        "intent": {"id": "5f1d1b0c8c1d2e0001a2b3c4", "name": "폴백 블록", "extra": {}},
        "action": {
            "id": "5f1d1b3a8c1d2e0001a2b3d0",
            "name": "sangdam",
            "params": {},
            "detailParams": {},
            "clientExtra": extra if extra is not None else {},
        },
        "userRequest": asked,
        "contexts": [],
    }


def check(body: dict[str, Any]) -> None:
    """What the platform would refuse to show is an error here."""
    assert body["version"] == "2.0"
    if body.get("useCallback"):
        assert isinstance(body["data"]["text"], str)
        return
    template = body["template"]
    assert set(template) <= {"outputs", "quickReplies"}
    assert 1 <= len(template["outputs"]) <= 3
    for output in template["outputs"]:
        ((kind, made),) = output.items()
        if kind == "simpleText":
            assert 1 <= len(made["text"]) <= 1000
        elif kind == "carousel":
            assert made["type"] == "textCard" and 1 <= len(made["items"]) <= 10
            for card in made["items"]:
                assert len(card.get("title", "")) <= 50 and 1 <= len(card["description"]) <= 128
                assert 1 <= len(card["buttons"]) <= 3
                for button in card["buttons"]:
                    assert button["action"] == "message" and button["messageText"]
                    assert 1 <= len(button["label"]) <= 14
        else:
            assert kind == "textCard"
            assert len(made.get("title", "")) <= 50
            assert 1 <= len(made["description"]) <= 400
            assert 1 <= len(made["buttons"]) <= 3
            for button in made["buttons"]:
                assert button["action"] == "webLink" and len(button["label"]) <= 14
                assert button["webLinkUrl"].startswith("http")
    replies = template.get("quickReplies", [])
    assert len(replies) <= 10
    for reply in replies:
        assert 1 <= len(reply["label"]) <= 14
        assert reply["action"] == "message" and reply["messageText"]


def words(body: dict[str, Any]) -> str:
    """All text of an answer, bubble after bubble."""
    if body.get("useCallback"):
        return str(body["data"]["text"])
    texts = []
    for output in body["template"]["outputs"]:
        ((kind, made),) = output.items()
        if kind != "carousel":
            texts.append(made.get("text") or made["description"])
    return "\n".join(texts)


def replies(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The quick replies under an answer."""
    found: list[dict[str, Any]] = body.get("template", {}).get("quickReplies", [])
    return found


def carded(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The buttons on the cards side by side in an answer."""
    found = [one["carousel"] for one in body["template"]["outputs"] if "carousel" in one]
    return [button for one in found for card in one["items"] for button in card["buttons"]]


def links(body: dict[str, Any]) -> list[str]:
    """Where the buttons of its cards lead."""
    cards = [output["textCard"] for output in body["template"]["outputs"] if "textCard" in output]
    return [button["webLinkUrl"] for card in cards for button in card["buttons"]]


@dataclasses.dataclass
class Callback:
    """A callback URL: when it was given out, and what came."""

    began: float
    bodies: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    at: float = 0.0
    refused: int = 0


class FakeKakao:
    """Serves callback URLs: each takes one answer, for a minute. ``fails`` makes it refuse all."""

    def __init__(self) -> None:
        self.callbacks: dict[str, Callback] = {}
        self.arrived = threading.Event()
        self.fails = False
        app = web.Application()
        app.router.add_post("/callback/{token}", self._take)
        self._running = Running(app)

    def callback_url(self) -> str:
        """A new one."""
        token = secrets.token_hex(8)
        self.callbacks[token] = Callback(time.monotonic())
        return f"{self._running.url}/callback/{token}"

    def at(self, url: str) -> Callback:
        """What became of a URL."""
        return self.callbacks[url.rpartition("/")[2]]

    async def _take(self, request: web.Request) -> web.Response:
        found = self.callbacks.get(request.match_info["token"])
        body = await request.json()
        if found is None or found.bodies or time.monotonic() - found.began > CALLBACK_S:
            if found is not None:
                found.refused += 1
            return web.json_response({"status": "FAIL", "message": "invalid callback"}, status=400)
        if self.fails:
            found.refused += 1
            self.arrived.set()
            return web.json_response({"status": "ERROR", "message": "try later"})
        check(body)
        found.at = time.monotonic() - found.began
        found.bodies.append(body)
        self.arrived.set()
        return web.json_response(
            {"taskId": "1", "status": "SUCCESS", "message": "", "timestamp": 0}
        )

    def stop(self) -> None:
        """End the server."""
        self._running.stop()


class Phone:
    """A person in KakaoTalk; ``shown`` is every answer they got."""

    def __init__(self, url: str, *, bot: str = "5f1d1a2b3c4d5e6f70819203") -> None:
        self.user = secrets.token_hex(16)
        self.bot = bot
        self.shown: list[dict[str, Any]] = []
        self.slowest = 0.0
        self._http = httpx.Client(base_url=url, timeout=LIMIT_S, headers=HEADERS)

    def say(self, text: str, **more: Any) -> dict[str, Any]:
        """Write something; the answer. Raises when it takes longer than the platform waits."""
        began = time.monotonic()
        body = skill_payload(text, user=self.user, bot=self.bot, **more)
        got = self._http.post("/kakao/skill", json=body)
        self.slowest = max(self.slowest, time.monotonic() - began)
        assert self.slowest < LIMIT_S and got.status_code == 200, got.text
        answer: dict[str, Any] = got.json()
        check(answer)
        self.shown.append(answer)
        return answer

    def press(self, label: str) -> dict[str, Any]:
        """Press a quick reply of the last answer, or a button on one of its cards."""
        shown = self.shown[-1]
        offered = [*replies(shown), *carded(shown)]
        reply = next(one for one in offered if one["label"].startswith(label))
        return self.say(reply["messageText"], extra=reply.get("extra"))

    def close(self) -> None:
        """Put it away."""
        self._http.close()
