"""A claim that overlaps with somebody else's settling, in the order that makes it hard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.late import late
from ticketing import lanes
from ticketing.db import Sessions


def put(sessions: Sessions, lane: str, *names: str) -> None:
    with sessions.begin() as session:
        for name in names:
            lanes.enqueue(session, lane=lane, kind="turn", dedup=name, payload={"name": name})


def take(sessions: Sessions, owner: str, lease_s: float = 30) -> list[lanes.Work]:
    with sessions.begin() as session:
        return lanes.claim(session, owner=owner, limit=10, lease_s=lease_s)


def claim_late(session: Session) -> list[lanes.Work]:
    return lanes.claim(session, owner="late", limit=10)


def end(sessions: Sessions, work: lanes.Work, how: Callable[[Session, lanes.Work], None]) -> None:
    with sessions.begin() as session:
        lanes.hold(session, work)
        how(session, work)


def bury(session: Session, work: lanes.Work) -> None:
    lanes.bury(session, work, error="no")


@pytest.mark.parametrize("how", [lanes.done, bury])
def test_a_job_that_just_ended_is_not_claimed_again(
    engine: Engine, sessions: Sessions, how: Callable[[Session, lanes.Work], None]
) -> None:
    """Its lease was over, as after a crash of the database, but the worker was there to settle."""
    put(sessions, "in:1", "first", "second")
    (work,) = take(sessions, "slow", lease_s=0)
    claimed = late(engine, sessions, claim_late, lambda: end(sessions, work, how))
    assert [one.payload["name"] for one in claimed + take(sessions, "next")] == ["second"]


def test_a_job_that_was_done_in_the_moment_of_a_claim_is_not_claimed_again(
    engine: Engine, sessions: Sessions
) -> None:
    """The same without any fault: the lane was free when the claim began, and is free again."""
    put(sessions, "in:1", "first", "second")

    def work_quickly() -> None:
        (work,) = take(sessions, "quick")
        end(sessions, work, lanes.done)

    claimed = late(engine, sessions, claim_late, work_quickly)
    assert [one.payload["name"] for one in claimed + take(sessions, "next")] == ["second"]
