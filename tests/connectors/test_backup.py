"""``sangdam backup`` and ``sangdam restore`` as they are called, on a real PostgreSQL."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from connectors import cli
from knowledge_base.vectors import open_store
from tests.conftest import create, database, drop
from tests.connectors.conftest import PAUSE_S, App, running
from ticketing import agents, migrate
from ticketing.db import connect, session_factory

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "today.dump"


@pytest.fixture
def empty(postgres: str) -> Iterator[str]:
    """A database in which nothing was ever made."""
    create(postgres, "empty")
    yield database(postgres, "empty")
    drop(postgres, "empty")


@pytest.fixture
def sangdam(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run a command on a database: its status, its JSON and its complaint."""

    def run(url: str, *arguments: object) -> tuple[int, Any, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SANGDAM_DATABASE_URL", url)
        capsys.readouterr()
        status = cli.main([*map(str, arguments), "--json"])
        out, complaint = capsys.readouterr()
        return status, json.loads(out) if out else None, complaint

    return run


def content(url: str) -> dict[str, list[str]]:
    """Every row of every table."""
    engine = connect(url, pool_size=1)
    with engine.connect() as connection:
        found = {
            table: sorted(
                connection.execute(text(f'SELECT "{table}"::text FROM "{table}"')).scalars()
            )
            for table in inspect(engine).get_table_names()
        }
    engine.dispose()
    return found


def add_agent(url: str, name: str) -> None:
    engine = connect(url, pool_size=1)
    with session_factory(engine).begin() as session:
        agents.add(session, name=name)
    engine.dispose()


def execute(url: str, statement: str) -> None:
    engine = connect(url, pool_size=1)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_everything_comes_back(database_url: str, empty: str, file: Path, sangdam: Run) -> None:
    add_agent(database_url, "하나 \\ '두리'")
    engine = connect(database_url, pool_size=1)
    assert open_store(session_factory(engine), "model") is not None
    engine.dispose()
    status, made, _ = sangdam(database_url, "backup", file)
    assert status == 0 and made == {
        "file": str(file),
        "bytes": file.stat().st_size,
        "schema": made["schema"],
    }
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    status, done, _ = sangdam(empty, "restore", file)
    assert (status, done["from_schema"], done["schema"]) == (0, made["schema"], made["schema"])
    assert content(empty) == content(database_url)
    engine = connect(empty, pool_size=1)
    assert "kb_pgvector" not in inspect(engine).get_schema_names(), "not every server has it"
    engine.dispose()
    add_agent(empty, "세찌")  # the numbers go on where they were
    status, _, _ = sangdam(empty, "backup", file)
    assert status == 0
    assert sangdam(database_url, "restore", file, "--replace")[0] == 0
    assert content(database_url) == content(empty)


def test_data_is_replaced_only_when_asked(database_url: str, file: Path, sangdam: Run) -> None:
    sangdam(database_url, "backup", file)
    assert sangdam(database_url, "restore", file)[0] == 0, "a schema without rows is empty"
    add_agent(database_url, "나중에 온 사람")
    execute(database_url, "CREATE TABLE newer (n int)")
    before = content(database_url)
    status, done, complaint = sangdam(database_url, "restore", file)
    assert (status, done) == (1, None) and "--replace" in complaint
    assert content(database_url) == before
    assert sangdam(database_url, "restore", file, "--replace")[0] == 0
    after = content(database_url)
    assert after["agent"] == [] and "newer" not in after


@pytest.mark.parametrize("keep", [0, 7, 100, -1, -400, -4000])
def test_a_damaged_file_changes_nothing(
    database_url: str, file: Path, sangdam: Run, keep: int
) -> None:
    execute(
        database_url, "INSERT INTO agent (name) SELECT md5(n::text) FROM generate_series(1, 300) n"
    )
    sangdam(database_url, "backup", file)
    whole = file.read_bytes()
    file.write_bytes(whole[:keep])
    before = content(database_url)
    status, done, complaint = sangdam(database_url, "restore", file, "--replace")
    assert (status, done) == (1, None), complaint
    assert str(file) in complaint and "damaged" in complaint
    assert content(database_url) == before


def test_files_that_are_something_else(
    database_url: str, empty: str, file: Path, sangdam: Run
) -> None:
    assert sangdam(database_url, "restore", file)[0] == 1  # there is none
    file.write_text("CREATE TABLE x (n int);")
    assert "not a backup" in sangdam(database_url, "restore", file)[2]
    status, _, complaint = sangdam(empty, "backup", file)
    assert status == 1 and "nothing of Sangdam" in complaint
    assert file.read_text() == "CREATE TABLE x (n int);", "a failed backup replaces nothing"
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_newer_version_is_not_restored(
    database_url: str, empty: str, file: Path, sangdam: Run
) -> None:
    execute(database_url, "UPDATE alembic_version SET version_num = '9999'")
    sangdam(database_url, "backup", file)
    status, _, complaint = sangdam(empty, "restore", file)
    assert status == 1 and "newer version" in complaint
    assert content(empty) == {}


def test_an_older_one_is_brought_up(
    database_url: str, engine: Engine, empty: str, file: Path, sangdam: Run
) -> None:
    migrate.downgrade(engine, "0001")
    sangdam(database_url, "backup", file)
    status, done, _ = sangdam(empty, "restore", file)
    assert (status, done["from_schema"]) == (0, "0001")
    made = connect(empty, pool_size=1)
    assert migrate.is_current(made)
    made.dispose()


def test_f28_a_backup_under_load_is_consistent(
    database_url: str, empty: str, file: Path, sangdam: Run, tmp_path: Path
) -> None:
    with running(database_url, tmp_path / "one") as app:
        before = talk(app, until=lambda: sangdam(database_url, "backup", file))
        status, _, complaint = sangdam(database_url, "restore", file, "--replace")
        assert status == 1 and "stop Sangdam first" in complaint
    assert sangdam(empty, "restore", file)[0] == 0
    lines = history(empty)
    assert before <= {said for author, said in lines if author == "customer"}
    for author, said in lines:  # an echo comes after its message
        assert author == "customer" or lines.index(("customer", said)) < lines.index((author, said))
    with running(empty, tmp_path / "two") as app:
        app.settle()
    lines = history(empty)
    assert len(lines) == len(set(lines))
    answered = {said for author, said in lines if author == "bot"}
    assert answered == {said for author, said in lines if author == "customer"} >= before


def talk(app: App, *, until: Callable[[], Any]) -> set[str]:
    """Eight customers write while ``until`` runs; what was accepted before it began."""
    visitors = [app.visitor() for _ in range(8)]
    over = False

    def write(number: int) -> None:
        for count in range(10_000):
            if over:
                return
            assert visitors[number].say(f"{number}-{count}").status_code == 202
            accepted.append(f"{number}-{count}")

    accepted: list[str] = []
    with ThreadPoolExecutor(len(visitors)) as threads:
        writers = [threads.submit(write, number) for number in range(len(visitors))]
        while len(accepted) < 40:
            assert not any(writer.done() for writer in writers)
            time.sleep(PAUSE_S)
        before = set(accepted)
        try:
            assert until()[0] == 0
        finally:
            over = True
        for writer in writers:
            writer.result()
    assert len(accepted) > len(before), "nobody wrote during the backup"
    return before


def history(url: str) -> list[tuple[str, str]]:
    """Who said what, in the order of the history."""
    engine = connect(url, pool_size=1)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT author, text FROM message ORDER BY id")).all()
    engine.dispose()
    return [(row.author, row.text) for row in rows]
