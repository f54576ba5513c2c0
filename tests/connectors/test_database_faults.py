"""The database goes away, comes back, loses its network or its disk: nothing accepted is lost."""

from __future__ import annotations

import asyncio
import contextlib
import random
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.live import Hub
from connectors.store import Store
from tests.connectors.conftest import App, running
from tests.connectors.crowd import Crowd, check
from tests.connectors.disk import disk
from tests.fakes.proxy import Proxy
from tests.product import open_folder
from ticketing import migrate
from ticketing.db import connect
from ticketing.embedded import EmbeddedPostgres, postmaster

# F8's own bound; it takes some tenths of a second.
SERVES_AGAIN_S = 5.0


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server for one test to break, durable as in production."""
    with open_folder() as folder, started(folder) as made:
        yield made


@contextlib.contextmanager
def started(folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server with our tables."""
    made = EmbeddedPostgres(folder)
    engine = connect(made.start(), pool_size=1)
    migrate.upgrade(engine)
    engine.dispose()
    try:
        yield made
    finally:
        made.stop()


def crash(server: EmbeddedPostgres) -> None:
    """What ``pg_ctl stop -m immediate`` does: no checkpoint, recovery at the next start."""
    process = postmaster(server.folder)
    assert process is not None
    process.send_signal(signal.SIGQUIT)
    process.wait(30)


def test_f8_a_crash_of_the_database_loses_nothing(server: EmbeddedPostgres, tmp_path: Path) -> None:
    url = server.start()
    with running(url, tmp_path) as app:
        with Crowd(app.url) as crowd:
            for _ in range(5):
                crowd.until(202, times=20)
                crash(server)
                crowd.until(503, times=4)  # all of them were told
                before = crowd.seen()[202]
                crowd.until(503, times=8)
                assert crowd.seen()[202] == before, "accepted without a database"
                assert server.restart() == url
                back = time.monotonic()
                crowd.until(202, times=4)
                assert time.monotonic() - back < SERVES_AGAIN_S
        assert check(app.sessions, crowd) >= 100
        assert set(crowd.seen()) == {202, 503}


def test_f9_lost_notifications_cost_time_but_no_message(
    postgres: str, database_url: str, tmp_path: Path
) -> None:
    with (
        running(database_url, tmp_path / "a") as here,
        running(database_url, tmp_path / "b") as far,
    ):
        customer = here.visitor()
        heard: list[str] = []
        done = threading.Event()

        def listen() -> None:
            reader = far.visitor()
            reader.http.headers["Authorization"] = customer.http.headers["Authorization"]
            for line in reader.follow(timeout_s=60):
                heard.append(f"{line['author']} {line['text']}")
                if heard[-1] == "bot last":
                    break
            done.set()

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        killed = 0
        for number in range(40):
            assert customer.say(f"m{number}").status_code == 202
            if number % 8 == 7:
                killed += hang_up(postgres, database_url)
        assert killed >= 4
        customer.say("last")
        assert done.wait(60), heard
        names = [*(f"m{number}" for number in range(40)), "last"]
        assert [line for line in heard if line.startswith("bot")] == [f"bot {n}" for n in names]
        assert len(heard) == 2 * len(names)
        for app in (here, far):
            app.settle()


def hang_up(postgres: str, database_url: str) -> int:
    """End the connections that carry the notifications, all but the pools'."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        found = connection.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = %s AND application_name <> 'sangdam'""",
            [make_url(database_url).database],
        )
        return len(found.fetchall())


@pytest.fixture
def network(database_url: str) -> Iterator[Proxy]:
    """The network between a gateway and its database."""
    made = Proxy(database_url)
    yield made
    made.stop()


def test_f10_a_cut_network_leaves_no_thread_and_no_lane_stuck(
    database_url: str, network: Proxy, tmp_path: Path
) -> None:
    with running(network.url, tmp_path) as app:
        app.rasa.delay_s = 0.02
        with Crowd(app.url, patience_s=2) as crowd:
            crowd.until(202, times=20)
            network.cut()
            crowd.until(503, times=8)
            network.heal()
            crowd.until(202, times=20)
            network.stall()  # packets go nowhere, and every thread that waits for one hangs
            crowd.until(0, times=1)  # the customers' own patience ends
            network.cut()
            crowd.until(503, times=8)
            network.heal()
            crowd.until(202, times=20)
        network_is_used_again(app)
        check(app.sessions, crowd)


def test_a_database_that_stands_still_is_said_to_be_away(network: Proxy, tmp_path: Path) -> None:
    with running(network.url, tmp_path) as app, httpx.Client(base_url=app.url, timeout=5) as http:
        assert http.get("/readyz").status_code == 200
        network.stall()
        for _ in range(8):  # more than there are threads, each of which hangs
            answer = http.get("/readyz")
            assert answer.status_code == 503
            assert answer.json()["reasons"] == ["the database cannot be reached"]
        assert "\nsangdam_database_up 0.0\n" in http.get("/metrics").text
        network.cut()
        network.heal()
        network_is_used_again(app)
        assert http.get("/readyz").status_code == 200


def network_is_used_again(app: App) -> None:
    """More requests at once than there are threads: each gets its answer."""
    visitors = [app.visitor() for _ in range(16)]
    with ThreadPoolExecutor(16) as threads:
        answers = list(
            threads.map(lambda visitor: visitor.say("아직 있나요?").status_code, visitors)
        )
    assert answers == [202] * 16


def test_f10_a_connection_that_broke_unused_costs_nobody_an_answer(network: Proxy) -> None:
    store = Store(network.url, Hub(network.url))

    def add(session: Session, numbers: Sequence[int]) -> Sequence[int]:
        return [session.execute(text("SELECT :n + 1"), {"n": one}).scalar_one() for one in numbers]

    async def work() -> None:
        for gathering in (
            store.accepting(lambda session, one: add(session, [one])[0], add),
            store.looking(lambda session, one: add(session, [one])[0], add),
        ):
            assert await gathering.do(1) == 2
            network.cut()
            network.heal()
            assert await asyncio.gather(*(gathering.do(one) for one in range(3))) == [1, 2, 3]
            network.cut()
            with pytest.raises(OperationalError):
                await gathering.do(1)
            network.heal()

    asyncio.run(work())
    store.close()


def test_f15_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    noise = random.Random(15)

    def words() -> str:
        """As much as fits, of what does not get smaller on the disk."""
        return noise.randbytes(1900).hex()

    with open_folder() as folder, disk(folder) as small, started(small.folder) as server:
        url = server.start()
        small.ready(url)
        with running(url, tmp_path) as app:
            with Crowd(app.url, words=words) as crowd:
                crowd.until(202, times=8)
                small.fill(server)
                crowd.until(503, times=20)
                small.empty(server)
                if not server.alive():  # no room for its log ends it; `sangdam up` starts it
                    assert server.restart() == url
                crowd.until(202, times=20)
            assert set(crowd.seen()) == {202, 503}
            check(app.sessions, crowd)
