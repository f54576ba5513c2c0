"""The embedded PostgreSQL after everything a kill or a crash can leave behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from ticketing.embedded import EmbeddedPostgres, postmaster


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sangdam-pg-") as folder:
        Path(folder).chmod(0o755)  # as root, PostgreSQL runs as a user of its own
        yield Path(folder)
        process = postmaster(Path(folder) / "postgres")
        if process is not None:
            process.kill()
            psutil.wait_procs([process], timeout=10)


def one_row(url: str) -> int:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        count: int = connection.execute("SELECT count(*) FROM kept").fetchone()[0]
        return count


def test_starts_keeps_and_stops(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    assert one_row(server.start()) == 1
    server.stop()
    assert not server.alive()
    assert one_row(server.start()) == 2
    server.stop()


def test_its_log_says_nothing_of_what_is_in_a_row(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    one_row(server.start())
    server.stop()  # a setting that was just made may reach a connection a moment later
    with psycopg.connect(server.start(), autocommit=True) as connection:
        connection.execute("CREATE TABLE known (id text PRIMARY KEY, name text CHECK (name = ''))")
        connection.execute("INSERT INTO known VALUES ('C-CANARY', '')")
        for name in ("", "카나리아"):
            with pytest.raises(psycopg.IntegrityError):
                connection.execute("INSERT INTO known VALUES (%s, %s)", ("C-CANARY", name))
    server.stop()
    log = (server.folder / "log").read_text()
    assert "known_pkey" in log and "known_name_check" in log
    assert "CANARY" not in log and "카나리아" not in log


def test_starts_again_after_the_server_was_killed(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    url = server.start()
    one_row(url)
    process = postmaster(server.folder)
    assert process is not None
    process.kill()
    psutil.wait_procs([process], timeout=10)
    assert not server.alive()
    assert server.restart() == url
    assert one_row(url) == 2
    server.stop()


def test_a_killed_user_does_not_keep_the_server_running(data_dir: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path;"
        "from ticketing.embedded import EmbeddedPostgres;"
        "EmbeddedPostgres(Path(sys.argv[1])).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(data_dir)])
    assert killed.returncode == -signal.SIGKILL
    server = EmbeddedPostgres(data_dir)
    assert server.alive(), "it outlives the process that started it"
    one_row(server.start())
    server.stop()
    assert not server.alive()


def test_another_program_has_the_number_of_the_dead_server(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    one_row(server.start())
    pid_file = server.folder / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server.stop()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert one_row(server.start()) == 2
    server.stop()


def test_a_server_killed_while_writing_its_number(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    one_row(server.start())
    server.stop()
    (server.folder / "postmaster.pid").write_text("")
    assert one_row(server.start()) == 2
    server.stop()


def test_initdb_was_interrupted(data_dir: Path) -> None:
    folder = data_dir / "postgres"
    (folder / "base" / "1").mkdir(parents=True)
    (folder / "PG_VERSION").write_text("18\n")
    (folder / "postgresql.conf").write_text("")
    server = EmbeddedPostgres(data_dir)
    assert one_row(server.start()) == 1
    server.stop()


def test_two_users_share_it_and_the_last_one_stops_it(data_dir: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from ticketing.embedded import EmbeddedPostgres;"
        "e = EmbeddedPostgres(Path(sys.argv[1])); print(e.start(), flush=True);"
        "sys.stdin.read(); e.stop()"
    )
    server = EmbeddedPostgres(data_dir)
    url = server.start()
    with subprocess.Popen(
        [sys.executable, "-c", script, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None and other.stdin is not None
        assert other.stdout.readline().strip() == url
        assert len(json.loads((server.folder / ".handle_pids.json").read_text())) == 2
        server.stop()
        assert server.alive()
        other.stdin.close()
    assert not server.alive()
