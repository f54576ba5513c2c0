"""Clients that are slow, rude or broken: refused or cut off, while the others are served."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text as sql
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from connectors.web.limits import BodyLimit
from tests.conftest import fresh_database
from tests.connectors.conftest import Visitor
from tests.connectors.served import Served, served
from tests.fakes.rasa import FakeRasa, Running
from ticketing.db import connect

MIB = 1024 * 1024
# Much shorter than in production, so that the test sees the end of it.
PATIENCE = "from connectors import connection as c; c.REQUEST_S = c.READ_S = 3.0"
CLOSED_WITHIN_S = 60


@pytest.fixture(scope="module")
def database(postgres: str) -> Iterator[str]:
    with fresh_database(postgres) as url:
        yield url


@pytest.fixture(scope="module")
def gateway(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    rasa = Running(FakeRasa().app())
    folder = tmp_path_factory.mktemp("gateway")
    with served(database, folder, first=PATIENCE, SANGDAM_RASA_URL=rasa.url) as made:
        yield made
    rasa.stop()


def serves_others(gateway: Served) -> None:
    """A customer who behaves gets an answer."""
    customer = Visitor(gateway.url)
    with contextlib.closing(customer.http):
        assert customer.say("안녕하세요").status_code == 202
        customer.until(lambda line: line["author"] == "bot", timeout_s=30)


def connected(gateway: Served, *, receive: int | None = None) -> socket.socket:
    made = socket.socket()
    if receive is not None:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
    made.settimeout(30)
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    made.connect((host, int(port)))
    return made


def until_alone(gateway: Served) -> int:
    """Wait until the gateway has closed all connections; the most memory it had meanwhile."""
    deadline = time.monotonic() + CLOSED_WITHIN_S
    most = 0
    while gateway.connections():
        assert time.monotonic() < deadline, f"{gateway.connections()} are still open"
        most = max(most, gateway.memory())
    return most


def test_f21_readers_that_never_read_are_cut_off(gateway: Served, database: str) -> None:
    customer = Visitor(gateway.url)
    engine = connect(database, pool_size=1)
    with contextlib.closing(customer.http), engine.begin() as connection:
        customer.say("처음")
        connection.execute(
            sql(
                """INSERT INTO message (customer_id, conversation_id, author, text)
                   SELECT customer_id, id, 'system', repeat('가', 1000)
                     FROM conversation, generate_series(1, 600) WHERE customer_id = :customer"""
            ),
            {"customer": customer.id},
        )
    engine.dispose()
    before = gateway.memory()
    token = customer.http.headers["Authorization"]
    wanted = f"GET /chat/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n".encode()
    with contextlib.ExitStack() as readers:
        for _ in range(500):
            reader = readers.enter_context(connected(gateway, receive=4096))
            reader.sendall(wanted)
        serves_others(gateway)
        most = until_alone(gateway)
    serves_others(gateway)
    assert most - before < 500 * MIB / 2, f"{(most - before) / MIB:.0f} MiB more"


def test_b6_half_open_connections_and_slow_headers_are_closed(gateway: Served) -> None:
    starts = (b"", b"P", b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    with contextlib.ExitStack() as clients:
        halves = [clients.enter_context(connected(gateway)) for _ in range(1000)]
        for number, half in enumerate(halves):
            half.sendall(starts[number % len(starts)])
        serves_others(gateway)
        until_alone(gateway)
        for half in halves:
            with contextlib.suppress(ConnectionResetError):
                assert half.recv(1) == b""
    with connected(gateway) as slow:  # a byte now and then does not help
        slow.sendall(starts[-1])
        slow.settimeout(0.2)
        with contextlib.suppress(ConnectionError):
            deadline = time.monotonic() + CLOSED_WITHIN_S
            while True:
                assert time.monotonic() < deadline, "still open"
                slow.sendall(b"x")
                with contextlib.suppress(TimeoutError):
                    if slow.recv(1) == b"":
                        break
    serves_others(gateway)


def test_b6_headers_without_end_are_refused(gateway: Served) -> None:
    with connected(gateway) as endless:
        endless.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ")
        with contextlib.suppress(ConnectionError):
            for _ in range(1024):
                endless.sendall(b"x" * 65_536)
            raise AssertionError("64 MiB of headers were taken")
    serves_others(gateway)


BODIES = {
    "16 MiB": (b"x" * 16 * MIB, "application/json", 413),
    "16 MiB of JSON": (b'{"text": "' + b"x" * 16 * MIB + b'"}', "application/json", 413),
    "binary": (os.urandom(4096), "application/octet-stream", 422),
    "binary as JSON": (b"\x00\xff\xfe\x80" * 1024, "application/json", 422),
    "invalid JSON": (b'{"text": ', "application/json", 422),
    "unknown type": (json.dumps({"type": "subscribe"}).encode(), "application/json", 422),
    "compressed": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", "application/gzip", 422),
}


@pytest.mark.parametrize("name", BODIES)
def test_b6_bodies_that_are_no_messages(gateway: Served, name: str) -> None:
    body, kind, status = BODIES[name]
    customer = Visitor(gateway.url)
    with contextlib.closing(customer.http):
        answer = customer.http.post(
            "/chat/messages", content=body, headers={"Content-Type": kind}, timeout=30
        )
        assert answer.status_code == status, answer.text
        assert answer.json()["code"]
        assert customer.history() == []
    serves_others(gateway)


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",  # TLS
        b"GET\r\n\r\n",
        b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /chat/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /healthz HTTP/9.9\r\n\r\n",
    ],
    ids=["tls", "no path", "negative length", "bad chunk", "http 9.9"],
)
def test_b6_what_is_not_http_is_refused_and_closed(gateway: Served, raw: bytes) -> None:
    with connected(gateway) as client:
        client.sendall(raw)
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while part := client.recv(65_536):
                said += part
    assert said == b"" or said.startswith(b"HTTP/1.1 4"), said[:200]
    assert httpx.get(f"{gateway.url}/healthz").status_code == 200


def test_b6_a_websocket_is_refused(gateway: Served) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    }
    for path in ("/chat/stream", "/", "/nothing"):
        answer = httpx.get(gateway.url + path, headers=headers, timeout=10)
        assert 400 <= answer.status_code < 500, (path, answer.status_code)
    serves_others(gateway)


def test_an_upload_that_breaks_off_is_no_error_of_ours_and_gets_no_answer() -> None:
    read = []

    async def upload(scope: Scope, receive: Receive, send: Send) -> None:
        async for part in Request(scope, receive).stream():
            read.append(part)
        raise AssertionError("there was more to come")

    coming: list[Message] = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.disconnect"},
    ]
    answered: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        answered.append(message)

    scope = {"type": "http", "method": "POST", "path": "/chat/files", "headers": []}
    asyncio.run(BodyLimit(upload)(scope, receive, send))
    assert (read, answered) == ([b"a"], [])


def test_more_chats_are_open_than_a_process_begins_with(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rasa = Running(FakeRasa().app())
    few = "import resource as r; n = r.RLIMIT_NOFILE; r.setrlimit(n, (128, r.getrlimit(n)[1]))"
    folder = tmp_path_factory.mktemp("few")
    with served(database, folder, first=few, SANGDAM_RASA_URL=rasa.url) as gateway:
        customer = Visitor(gateway.url)
        token = customer.http.headers["Authorization"]
        request = f"GET /chat/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n\r\n"
        with contextlib.closing(customer.http), contextlib.ExitStack() as chats:
            for _ in range(200):
                chat = chats.enter_context(connected(gateway))
                chat.sendall(request.encode())
                assert chat.recv(12) == b"HTTP/1.1 200"
            serves_others(gateway)
    rasa.stop()
