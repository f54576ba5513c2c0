"""A claim that overlaps with somebody else's settling, in the order that makes it hard.

A statement sees the jobs as they were when it began, and a row it locks as it is by then. Between
the two a processor that is busy can leave a moment; a trigger makes it as long as the test needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from ticketing import lanes
from ticketing.db import Sessions

GATE = 7_041
OPENS_WITHIN_S = 4.0
# Fires once a statement has its view of the tables, and before it locks a row of them.
_GATE = text(
    f"""CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF current_setting('test.late', true) = 'yes' THEN
            PERFORM pg_advisory_xact_lock_shared({GATE});
          END IF;
          RETURN NULL; END $$;
        CREATE TRIGGER gate BEFORE UPDATE ON lane FOR EACH STATEMENT EXECUTE FUNCTION gate()"""
)
_WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def put(sessions: Sessions, lane: str, *names: str) -> None:
    with sessions.begin() as session:
        for name in names:
            lanes.enqueue(session, lane=lane, kind="turn", dedup=name, payload={"name": name})


def take(sessions: Sessions, owner: str, lease_s: float = 30) -> list[lanes.Work]:
    with sessions.begin() as session:
        return lanes.claim(session, owner=owner, limit=10, lease_s=lease_s)


def end(sessions: Sessions, work: lanes.Work, how: Callable[[Session, lanes.Work], None]) -> None:
    with sessions.begin() as session:
        lanes.hold(session, work)
        how(session, work)


def bury(session: Session, work: lanes.Work) -> None:
    lanes.bury(session, work, error="no")


def claimed_late(
    engine: Engine, sessions: Sessions, meanwhile: Callable[[], object]
) -> list[lanes.Work]:
    """What a claim gets that looked before ``meanwhile``, and locks its lanes after it."""

    def claim() -> list[lanes.Work]:
        with sessions.begin() as session:
            session.execute(text("SET LOCAL test.late = 'yes'"))
            return lanes.claim(session, owner="late", limit=10)

    with ThreadPoolExecutor(1) as thread, engine.connect() as outside:
        gate = outside.execution_options(isolation_level="AUTOCOMMIT")
        gate.execute(_GATE)
        gate.execute(text(f"SELECT pg_advisory_lock({GATE})"))
        late = thread.submit(claim)
        try:
            deadline = time.monotonic() + OPENS_WITHIN_S
            while not gate.execute(_WAITING).scalar():
                assert time.monotonic() < deadline and not late.done()
            meanwhile()
        finally:
            gate.execute(text(f"SELECT pg_advisory_unlock({GATE})"))
        return late.result()


@pytest.mark.parametrize("how", [lanes.done, bury])
def test_a_job_that_just_ended_is_not_claimed_again(
    engine: Engine, sessions: Sessions, how: Callable[[Session, lanes.Work], None]
) -> None:
    """Its lease was over, as after a crash of the database, but the worker was there to settle."""
    put(sessions, "in:1", "first", "second")
    (work,) = take(sessions, "slow", lease_s=0)
    late = claimed_late(engine, sessions, lambda: end(sessions, work, how))
    assert [one.payload["name"] for one in late + take(sessions, "next")] == ["second"]


def test_a_job_that_was_done_in_the_moment_of_a_claim_is_not_claimed_again(
    engine: Engine, sessions: Sessions
) -> None:
    """The same without any fault: the lane was free when the claim began, and is free again."""
    put(sessions, "in:1", "first", "second")

    def work_quickly() -> None:
        (work,) = take(sessions, "quick")
        end(sessions, work, lanes.done)

    late = claimed_late(engine, sessions, work_quickly)
    assert [one.payload["name"] for one in late + take(sessions, "next")] == ["second"]
