"""The two servers as processes: the whole way of a message, and how they begin and end."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.launch import RASA_PYTHON
from connectors.rasa import Reply
from tests.bot.rasa_project import BOT
from tests.product import ROOT, START_WITHIN_S, model, unused_port


class Server:
    """A server process of ours, with a pipe as its parent's sign of life."""

    def __init__(self, command: list[str], *, cwd: Path, url: str, env: dict[str, str]) -> None:
        self.url = url
        self.process = subprocess.Popen(
            [*command, "--exit-with-parent"],
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self, path: str) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.communicate()[1]
            with contextlib.suppress(OSError):
                assert self.request(path)[0] == 200
                return
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.05)
        raise AssertionError("it does not start")

    def request(self, path: str, body: Any = None, method: str | None = None) -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                return response.status, json.loads(response.read())
        except urllib.error.HTTPError as error:
            return error.code, None

    def stop(self) -> str:
        """End it as the launcher does; what it printed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        out, err = self.process.communicate(timeout=10)
        return out + err


def rasa_server(actions_url: str) -> Server:
    port = unused_port()
    command = [str(RASA_PYTHON), "server.py", "--port", str(port), "--model", str(model())]
    return Server(
        [*command, "--actions-url", actions_url],
        cwd=BOT,
        url=f"http://127.0.0.1:{port}",
        env={k: v for k, v in os.environ.items() if not k.startswith("SANGDAM_")},
    )


@pytest.fixture(scope="module")
def actions(shop_url: str) -> Iterator[Server]:
    port = unused_port()
    server = Server(
        [sys.executable, "-m", "bot.actions.server", "--port", str(port)],
        cwd=ROOT,
        url=f"http://127.0.0.1:{port}",
        env={**os.environ, "SANGDAM_DATABASE_URL": shop_url, "SANGDAM_EMBEDDING_MODEL": ""},
    )
    try:
        server.wait_until_ready("/health")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def rasa(actions: Server) -> Iterator[Server]:
    server = rasa_server(f"{actions.url}/webhook")
    try:
        server.wait_until_ready("/")
        yield server
    finally:
        server.stop()


def ask(rasa: Server, text: str, locale: str = "ko") -> list[dict[str, Any]]:
    body = {"sender": "1", "message": text, "metadata": {"locale": locale}}
    status, items = rasa.request("/webhooks/rest/webhook", body)
    assert status == 200
    return list(items)


@pytest.mark.parametrize(
    ("text", "locale", "kind", "article"),
    [
        ("비밀번호를 잊어버렸어요", "ko", "answer", "account-password"),
        ("안녕하세요, 비밀번호를 잊어버렸어요", "ko", "answer", "account-password"),
        ("how do I change my delivery address?", "ko", "answer", "delivery-address-change"),
        ("안녕하세요", "ko", "say", None),
        ("상담원 연결", "ko", "hand_off", None),
        ("talk to a human", "en", "hand_off", None),
        ("/human", "en", "hand_off", None),
        ('/choose_article{"article": "gift-wrap"}', "en", "answer", "gift-wrap"),
        ("/helpful", "ko", "say", None),
        ("제 문의 어떻게 됐어요?", "ko", "say", None),
        ("너 로봇이야?", "ko", "say", None),
    ],
)
def test_a_message_all_the_way(
    rasa: Server, text: str, locale: str, kind: str, article: str | None
) -> None:
    (item,) = ask(rasa, text, locale)
    reply = Reply.model_validate(item["custom"])
    assert (reply.kind, reply.article.id if reply.article else None) == (kind, article)


def test_the_actions_say_whether_answers_are_as_good_as_they_could_be(actions: Server) -> None:
    assert httpx.get(f"{actions.url}/state").json() == {"degraded": None}


def test_long_and_odd_text_is_answered(rasa: Server) -> None:
    for text in (
        "가" * 4000,
        "a " * 2000,
        "?",
        "😀",
        "환불\u202e",
        "／helpful",
        "\u1112\u1161\u11ab",
    ):
        (item,) = ask(rasa, text)
        assert item["custom"]["kind"] != "hand_off"


def test_nothing_is_remembered_between_turns(rasa: Server) -> None:
    """Rasa keeps no truth: the hundredth turn of a conversation is like the first."""
    first = ask(rasa, "비밀번호를 잊어버렸어요")
    for _ in range(100):
        ask(rasa, "안녕하세요")
    assert ask(rasa, "비밀번호를 잊어버렸어요") == first


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/status"),
        ("GET", "/version"),
        ("GET", "/domain"),
        ("PUT", "/model"),
        ("POST", "/model/train"),
        ("POST", "/model/parse"),
        ("GET", "/conversations/1/tracker"),
        ("POST", "/conversations/1/execute"),
        ("POST", "/conversations/1/trigger_intent"),
        ("POST", "/webhooks/callback/webhook"),
        ("GET", "/webhooks/socketio"),
    ],
)
def test_rasas_own_interfaces_are_closed(rasa: Server, method: str, path: str) -> None:
    body = None if method == "GET" else {}
    assert rasa.request(path, body, method)[0] == 404


def test_a_missing_action_server_is_silence_and_no_gossip(rasa: Server) -> None:
    """No answer within moments, and not a word of the customer in what it prints."""
    alone = rasa_server(f"http://127.0.0.1:{unused_port()}/webhook")
    try:
        alone.wait_until_ready("/")
        began = time.monotonic()
        assert ask(alone, "제 번호는 010-1234-5678 환불해 주세요") == []
        assert time.monotonic() - began < 3
    finally:
        printed = alone.stop()
    assert "010-1234" not in printed and "환불" not in printed


def test_it_stops_on_sigterm_with_its_parent_and_says_nothing(rasa: Server) -> None:
    server = rasa_server(f"{rasa.url}/nowhere")
    server.wait_until_ready("/")
    began = time.monotonic()
    printed = server.stop()
    assert time.monotonic() - began < 5
    assert (server.process.returncode, printed.strip()) == (0, "")

    orphan = rasa_server(f"{rasa.url}/nowhere")
    orphan.wait_until_ready("/")
    assert orphan.process.stdin is not None
    orphan.process.stdin.close()
    assert orphan.process.wait(2) == 0


def test_the_action_server_needs_a_database() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.actions.server", "--port", "1"],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("SANGDAM_")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "SANGDAM_DATABASE_URL" in done.stderr


def test_there_must_be_a_model() -> None:
    done = subprocess.run(
        [
            *[str(RASA_PYTHON), "server.py", "--port", "1"],
            *["--model", "none", "--actions-url", "x"],
        ],
        cwd=BOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "train.py" in done.stderr
