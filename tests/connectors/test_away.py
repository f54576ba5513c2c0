"""Which errors mean that the database is away, and who is told what while it is."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from connectors.live import Hub
from connectors.store import Store
from connectors.web import problems, streams
from connectors.web.console.refusals import explain
from connectors.worker import Quick, Settle, Worker
from knowledge_base import articles
from tests.connectors.conftest import PAUSE_S
from ticketing import lanes
from ticketing.db import (
    DATABASE_ERRORS,
    Sessions,
    away,
    committed,
    connect,
    passes,
    session_factory,
)

GOES_WITHIN_S = 5.0


def ended(engine: Engine, session: Session) -> None:
    """Let the server end this session's connection, as it does when we sleep in a transaction."""
    pid = session.scalar(text("SELECT pg_backend_pid()"))
    session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '20ms'"))
    deadline = time.monotonic() + GOES_WITHIN_S
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        there = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        while other.scalar(there, {"pid": pid}):
            assert time.monotonic() < deadline
            time.sleep(PAUSE_S)


def raised(session: Session, statement: str) -> BaseException:
    with pytest.raises(DATABASE_ERRORS) as caught:
        session.execute(text(statement))
    return caught.value


def test_a_connection_that_the_server_ended_is_away(engine: Engine, session: Session) -> None:
    ended(engine, session)
    first = raised(session, "SELECT 1")
    assert away(first) and passes(first)
    # Whoever swallowed that goes on in a transaction that is none any more.
    second = raised(session, "SELECT 1")
    assert type(second).__name__ == "PendingRollbackError" and away(second)


def test_a_connection_that_is_broken_or_refused_is_away(engine: Engine, session: Session) -> None:
    pid = session.scalar(text("SELECT pg_backend_pid()"))
    with engine.begin() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    assert away(raised(session, "SELECT 1"))
    nowhere = connect("postgresql://127.0.0.1:9/none")
    with session_factory(nowhere)() as far:
        assert away(raised(far, "SELECT 1"))


def test_what_a_sleep_undid_is_done_once_more(engine: Engine, sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.execute(text("CREATE TABLE slept (call int)"))
    calls = 0

    def sleepy(session: Session) -> int:
        nonlocal calls
        calls += 1
        session.execute(text("INSERT INTO slept VALUES (:call)"), {"call": calls})
        if calls < often:
            ended(engine, session)
        return calls

    often = 2
    try:
        assert committed(sessions, sleepy) == 2
        with sessions() as session:
            assert session.scalars(text("SELECT call FROM slept")).all() == [2]
        calls, often = 0, 3
        with pytest.raises(DATABASE_ERRORS):
            committed(sessions, sleepy)
        assert calls == 2
    finally:
        with sessions.begin() as session:
            session.execute(text("DROP TABLE slept"))


def test_what_is_held_passes_and_what_is_wrong_does_not(engine: Engine, session: Session) -> None:
    with engine.begin() as other:
        other.execute(text("LOCK TABLE job"))
        session.execute(text("SET LOCAL lock_timeout = '10ms'"))
        held = raised(session, "SELECT * FROM job")
    assert passes(held) and not away(held)
    session.rollback()
    twice = raised(session, "INSERT INTO lane (key) VALUES ('a'), ('a')")
    assert not passes(twice)
    session.rollback()
    assert not passes(raised(session, "SELECT nothing"))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(database_url, Hub(database_url))
    yield made
    made.close()


def test_what_a_process_slept_through_is_done_once_more(
    engine: Engine, sessions: Sessions, store: Store
) -> None:
    """Nothing of the first time is kept; a second time in a row it is an error."""
    times: list[int] = []

    def write(session: Session, *, sleeps: int) -> int:
        times.append(len(times))
        session.execute(text("INSERT INTO lane (key) VALUES (:key)"), {"key": f"k{len(times)}"})
        if len(times) <= sleeps:
            ended(engine, session)
            session.execute(text("SELECT 1"))
        return len(times)

    assert store.call(write, sleeps=1) == 2
    times.clear()
    with pytest.raises(DATABASE_ERRORS):
        store.call(write, sleeps=2)
    assert len(times) == 2
    with sessions() as session:
        assert session.execute(text("SELECT key FROM lane")).scalars().all() == ["k2"]


def test_a_result_whose_connection_was_ended_is_written_again(
    engine: Engine, sessions: Sessions, store: Store
) -> None:
    """The work is done: it is neither done again nor counted as a failure."""
    written: list[int] = []
    finished = asyncio.Event()

    async def handle(work: lanes.Work) -> Settle:
        def settle(session: Session) -> None:
            written.append(work.attempts)
            if len(written) == 1:
                ended(engine, session)

        return settle

    async def work() -> None:
        with sessions.begin() as session:
            lanes.enqueue(session, lane="a", kind="odd", dedup="1", payload={})
        worker = Worker(store, {"odd": handle}, on_dead=lambda session, work, reason: None)
        await worked_off(worker, store)
        finished.set()

    asyncio.run(work())
    assert finished.is_set() and written == [1, 1]
    with sessions() as session:
        row = session.execute(text("SELECT state, attempts, failures FROM job")).one()
    assert tuple(row) == ("done", 1, 0)


def test_who_holds_a_lane_keeps_no_other_turn_from_ending(sessions: Sessions, store: Store) -> None:
    """What is done in a lane that is held is written when it is let go."""
    written: list[str] = []
    with sessions() as holding:

        async def handle(work: lanes.Work) -> Settle:
            if work.lane == "held":
                lanes.lock(holding, "held")
            return Quick(write, work.lane)

        def write(session: Session, names: Sequence[str]) -> None:
            written.extend(names)
            if "free" in names:
                holding.rollback()

        async def work() -> None:
            for name in ("held", "free"):
                with sessions.begin() as session:
                    lanes.enqueue(session, lane=name, kind="odd", dedup=name, payload={})
            worker = Worker(store, {"odd": handle}, on_dead=lambda session, work, reason: None)
            await worked_off(worker, store, within_s=GOES_WITHIN_S / 2)

        asyncio.run(work())
    assert written == ["free", "held"]


@pytest.mark.parametrize("slots", [1, 2])
def test_a_busy_lane_keeps_a_slot_only_while_nobody_else_waits_for_it(
    sessions: Sessions, store: Store, slots: int
) -> None:
    """A worker goes on in its lane; with all slots taken, what waits longest is next."""
    done: list[str] = []

    async def handle(work: lanes.Work) -> Settle:
        return lambda session: done.append(work.payload["name"])

    async def work() -> None:
        for name in ("a1", "b1", "a2", "a3"):
            with sessions.begin() as session:
                lanes.enqueue(session, lane=name[0], kind="odd", dedup=name, payload={"name": name})
        worker = Worker(
            store, {"odd": handle}, on_dead=lambda session, work, reason: None, slots=slots
        )
        await worked_off(worker, store)

    asyncio.run(work())
    assert [name for name in done if name[0] == "a"] == ["a1", "a2", "a3"]
    assert slots > 1 or done.index("b1") == 1
    with sessions() as session:
        fences = session.execute(text("SELECT key, fence FROM lane ORDER BY key")).all()
    assert [tuple(row) for row in fences] == [("a", 3), ("b", 1)]


def test_a_try_that_the_database_cut_short_is_no_failed_one(
    engine: Engine, sessions: Sessions, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often that happens, short of what a job that ends its connections would do."""
    monkeypatch.setattr("connectors.worker.POLL_S", 0.02)
    tries: list[int] = []

    async def handle(work: lanes.Work) -> Settle:
        tries.append(work.failures)
        if len(tries) > lanes.MAX_ATTEMPTS:
            return lambda session: None
        with sessions() as session:
            ended(engine, session)
            session.execute(text("SELECT 1"))
        raise AssertionError("the connection lives")

    async def work() -> None:
        with sessions.begin() as session:
            lanes.enqueue(session, lane="a", kind="odd", dedup="1", payload={})
        worker = Worker(store, {"odd": handle}, on_dead=lambda session, work, reason: None)
        await worked_off(worker, store, within_s=6 * GOES_WITHIN_S)

    asyncio.run(work())
    with sessions() as session:
        row = session.execute(text("SELECT state, attempts, failures FROM job")).one()
    assert tuple(row) == ("done", lanes.MAX_ATTEMPTS + 1, 0) and set(tries) == {0}


async def worked_off(worker: Worker, store: Store, *, within_s: float = GOES_WITHIN_S) -> None:
    working = asyncio.create_task(worker.run())
    async with asyncio.timeout(within_s):
        while await store.read(_pending):
            await asyncio.sleep(PAUSE_S)
    await worker.stop(grace_s=1)
    await working


def _pending(session: Session) -> bool:
    return bool(session.scalar(text("SELECT count(*) FROM job WHERE state = 'pending'")))


@dataclasses.dataclass
class Asked:
    """A request of GET / as a server hands it to the application, and what was sent back."""

    app: FastAPI
    sent: list[Any] = dataclasses.field(default_factory=list)
    asked: bool = False

    async def __call__(self) -> None:
        scope = {
            **{"type": "http", "method": "GET", "path": "/", "query_string": b""},
            **{"headers": [], "http_version": "1.1", "scheme": "http", "server": ("here", 80)},
        }
        await self.app(scope, self.receive, self.send)

    async def receive(self) -> dict[str, Any]:
        if self.asked:  # the browser stays
            await asyncio.Event().wait()
        self.asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Any) -> None:
        self.sent.append(message)


def answering(handle: Callable[[], Any]) -> Asked:
    app = FastAPI()
    problems.install(app)
    app.get("/")(handle)
    return Asked(app)


def told(asked: Asked) -> tuple[int, str, bytes]:
    start, body = asked.sent
    return start["status"], json.loads(body["body"])["code"], dict(start["headers"])[b"retry-after"]


def test_a_request_that_the_stop_cuts_short_is_told_to_come_again() -> None:
    """uvicorn cancels what takes longer than its grace, and would answer 500 itself."""

    async def run() -> Asked:
        arrived = asyncio.Event()

        async def wait() -> None:
            arrived.set()
            await asyncio.Event().wait()  # for a database that stands still

        asked = answering(wait)
        task = asyncio.create_task(asked())
        await arrived.wait()
        task.cancel()
        await task
        return asked

    assert told(asyncio.run(run())) == (503, "unavailable", b"1")


def test_a_stream_ends_with_the_database(engine: Engine, session: Session) -> None:
    """It has begun, so that nothing can be said of it; an error would break the answer off."""

    async def lines() -> AsyncGenerator[str]:
        yield "data: 1\n\n"
        ended(engine, session)
        session.execute(text("SELECT 1"))

    async def ask() -> StreamingResponse:
        return streams.events(lines())

    asked = answering(ask)
    asyncio.run(asked())
    bodies = [message for message in asked.sent if message["type"] == "http.response.body"]
    assert [one["body"] for one in bodies] == [b"data: 1\n\n", b""]
    assert not bodies[-1]["more_body"]


def test_a_request_that_lost_its_transaction_is_told_to_come_again(
    engine: Engine, session: Session
) -> None:
    ended(engine, session)
    raised(session, "SELECT 1")

    async def ask() -> None:
        session.execute(text("SELECT 1"))

    asked = answering(ask)
    asyncio.run(asked())
    assert told(asked) == (503, "unavailable", b"1")


def test_what_somebody_else_holds_is_said_to_be_busy(engine: Engine, session: Session) -> None:
    """As an import holds what is published: the database is there, and nothing was done."""
    with Session(engine) as importer:
        articles.bump_version(importer)
        session.execute(text("SET LOCAL lock_timeout = '20ms'"))
        seen: list[Exception] = []

        async def ask() -> None:
            try:
                articles.bump_version(session)
            except DATABASE_ERRORS as error:
                seen.append(error)
                raise

        asked = answering(ask)
        asyncio.run(asked())
    assert told(asked) == (503, "busy", b"1")
    [error] = seen
    assert explain(error, "ko")[:2] == (503, "busy") and "가져오기" in explain(error, "ko")[2]
    session.rollback()
    articles.bump_version(session)
