"""A file from a slow phone has more time to arrive than a message, and it is in the backup."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import files
from tests.conftest import create, database, drop
from tests.connectors.conftest import Visitor
from tests.connectors.served import served
from tests.fakes.rasa import FakeRasa, Running
from tests.ticketing.test_attachments import line
from ticketing import attachments, backup
from ticketing.db import Sessions, connect, session_factory

# Much shorter than in production, so that the test sees the end of it.
PATIENCE = "from connectors import connection as c; c.REQUEST_S = 2.0"


def begun(url: str, path: str, headers: dict[str, str]) -> socket.socket:
    """A request of which the last byte of the body is still to come."""
    host, port = url.removeprefix("http://").split(":")
    made = socket.create_connection((host, int(port)), timeout=60)
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    made.sendall("\r\n".join([*lines, "", "a"]).encode())
    return made


def test_a_slow_file_arrives_where_a_slow_message_is_cut_off(
    database_url: str, tmp_path: Path
) -> None:
    rasa = Running(FakeRasa().app())
    with served(database_url, tmp_path, first=PATIENCE, SANGDAM_RASA_URL=rasa.url) as gateway:
        customer = Visitor(gateway.url)
        headers = {"Authorization": customer.http.headers["Authorization"], "Content-Length": "2"}
        named = headers | {"Client-Id": str(uuid.uuid4()), "File-Name": "a.txt"}
        file = begun(gateway.url, "/chat/files", named)
        message = begun(gateway.url, "/chat/messages", headers)
        assert message.recv(1000) == b"", "the gateway's patience with messages has ended"
        file.sendall(b"b")
        assert file.recv(1000).startswith(b"HTTP/1.1 202")
        assert [line["text"] for line in customer.history() if line["kind"] == "file"] == ["a.txt"]
        for opened in (file, message, customer.http):
            opened.close()
    rasa.stop()


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    create(postgres, "without_files")
    yield database(postgres, "without_files")
    drop(postgres, "without_files")


def test_f28_files_are_in_the_backup(
    sessions: Sessions, database_url: str, empty: str, tmp_path: Path
) -> None:
    file = attachments.examine("사진.png", files.png(40, 30))
    with sessions.begin() as session:
        customer, seq = line(session)
        attachments.add(session, message_id=seq, customer_id=customer.id, files=[file])
    backup.dump(database_url, tmp_path / "today.dump")
    backup.restore(empty, tmp_path / "today.dump")
    engine = connect(empty, pool_size=1)
    with session_factory(engine)() as session:
        found = attachments.get(session, str(file.id), customer_id=customer.id)
        assert found.name == "사진.png"
        assert attachments.content(session, found.id) == file.content
    engine.dispose()
