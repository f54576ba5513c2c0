"""The real gateway on a real PostgreSQL, with a Rasa whose failures a test can choose."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from connectors.app import build
from connectors.settings import Settings
from tests.conftest import fresh_database, patient
from tests.fakes.rasa import FakeRasa, Running
from tests.pages import Window, errors_of
from ticketing import agents
from ticketing.db import Sessions, session_factory

expect.set_options(timeout=15_000)
# Between two looks at what announces nothing. Without it, looking takes the processor away from
# the work that is waited for: the gateway of most tests is a thread beside them.
PAUSE_S = 0.01


@dataclasses.dataclass
class App:
    """A running gateway."""

    url: str
    rasa: FakeRasa
    rasa_server: Running
    sessions: Sessions
    clients: list[httpx.Client] = dataclasses.field(default_factory=list)

    def visitor(self) -> Visitor:
        """A new anonymous customer."""
        made = Visitor(self.url)
        self.clients.append(made.http)
        return made

    def settle(self) -> None:
        """Wait until all accepted work is done, as the metrics say."""
        deadline = time.monotonic() + 8
        with httpx.Client(base_url=self.url, timeout=10) as http:
            while 'sangdam_jobs{state="pending"} 0.0' not in http.get("/metrics").text:
                assert time.monotonic() < deadline, "work is left in the lanes"
                time.sleep(PAUSE_S)

    def agent(self, name: str, role: str = "agent") -> httpx.Client:
        """An API client of an agent, made if needed."""
        with self.sessions.begin() as session:
            agent = agents.by_name(session, name) or agents.add(session, name=name, role=role)
            token = agents.issue(session, agent, kind="api")
        made = httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=10
        )
        self.clients.append(made)
        return made


class Visitor:
    """A customer who talks to the chat API as the widget does."""

    def __init__(self, url: str, **body: Any) -> None:
        self.http = httpx.Client(base_url=url, timeout=10)
        answer = self.http.post("/chat/sessions", json=body)
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["customer"]
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def say(self, text: str, client_id: str | None = None) -> httpx.Response:
        """Send words."""
        return self.http.post(
            "/chat/messages", json={"client_id": client_id or str(uuid.uuid4()), "text": text}
        )

    def press(self, payload: str, client_id: str | None = None) -> httpx.Response:
        """Press a button."""
        return self.http.post(
            "/chat/messages",
            json={"client_id": client_id or str(uuid.uuid4()), "button": payload},
        )

    def history(self, after: int = 0) -> list[dict[str, Any]]:
        """What the customer sees."""
        answer = self.http.get("/chat/messages", params={"after": after})
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def until(self, wanted: Any, *, after: int = 0, timeout_s: float = 8) -> dict[str, Any]:
        """Follow the stream until a line satisfies ``wanted``."""
        for line in self.follow(after=after, timeout_s=timeout_s):
            if wanted(line):
                return line
        raise AssertionError(f"did not come; history: {self.history()}")

    def follow(self, *, after: int = 0, timeout_s: float = 8) -> Iterator[dict[str, Any]]:
        """The lines of the live stream."""
        end = time.monotonic() + timeout_s
        timeout = httpx.Timeout(10, read=timeout_s)
        with self.http.stream(
            "GET", "/chat/stream", params={"after": after}, timeout=timeout
        ) as stream:
            assert stream.status_code == 200
            event = "message"
            try:
                for raw in stream.iter_lines():
                    if raw.startswith("event: "):
                        event = raw[7:]
                    elif raw.startswith("data: ") and event == "message":
                        yield json.loads(raw[6:])
                    elif raw == "":
                        event = "message"
                    if time.monotonic() > end:
                        return
            except httpx.ReadTimeout:
                return


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(database_url: str, data_dir: Path, **values: Any) -> Iterator[App]:
    """The gateway, listening, with any settings beside the usual ones."""
    rasa = FakeRasa()
    rasa_server = Running(rasa.app())
    engine = patient(database_url)
    # Taken here and kept: a port that is only looked for may be somebody else's a moment later.
    listening = socket.create_server(("127.0.0.1", values.pop("port", 0)))
    port = listening.getsockname()[1]
    defaults = {"data_dir": data_dir, "rasa_url": rasa_server.url, "port": port}
    settings = Settings(**{**defaults, **values})
    server = uvicorn.Server(
        uvicorn.Config(
            build(settings, database_url=database_url),
            log_config=None,
            timeout_graceful_shutdown=3,
        )
    )
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    deadline = time.monotonic() + 15
    while not server.started:
        assert thread.is_alive() and time.monotonic() < deadline, "the gateway did not start"
        thread.join(0.01)
    try:
        url = f"http://127.0.0.1:{port}"
        made = App(url, rasa, rasa_server, session_factory(engine))
        yield made
    finally:
        for client in made.clients:
            client.close()
        server.should_exit = True
        thread.join(15)
        rasa_server.stop()
        engine.dispose()
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def gateway(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One gateway for all tests of a module: each brings its own people and articles."""
    with (
        fresh_database(postgres) as url,
        running(url, tmp_path_factory.mktemp("gateway")) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the module; every test opens windows of its own."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[Window]:
    """Opens a browser of its own for everyone who is there; no page's script may fail."""
    contexts, errors = [], []

    def opened(width: int = 390, height: int = 760) -> Page:
        size = ViewportSize(width=width, height=height)
        context = chromium.new_context(locale="ko-KR", viewport=size)
        context.set_default_timeout(15_000)
        contexts.append(context)
        made = context.new_page()
        errors.append(errors_of(made))
        return made

    yield opened
    for context in contexts:
        context.close()
    assert not any(errors), errors


@pytest.fixture
def app_settings() -> dict[str, Any]:
    """Settings a test module wants beside the usual ones."""
    return {}


@pytest.fixture
def app(database_url: str, tmp_path: Path, app_settings: dict[str, Any]) -> Iterator[App]:
    """A gateway of its own for one test."""
    with running(database_url, tmp_path, **app_settings) as made:
        yield made
