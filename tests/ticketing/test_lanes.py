"""Lanes: order, one worker at a time, fences, retries."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from ticketing import lanes
from ticketing.db import Sessions, connect
from ticketing.errors import LeaseLost


def put(sessions: Sessions, lane: str, number: int) -> int | None:
    with sessions.begin() as session:
        return lanes.enqueue(
            session, lane=lane, kind="turn", dedup=f"{lane}:{number}", payload={"n": number}
        )


def take(sessions: Sessions, owner: str = "a", lease_s: float = 30) -> list[lanes.Work]:
    with sessions.begin() as session:
        return lanes.claim(session, owner=owner, limit=10, lease_s=lease_s)


def finish(sessions: Sessions, work: lanes.Work) -> None:
    with sessions.begin() as session:
        lanes.hold(session, work)
        lanes.done(session, work)


def test_a_redelivery_is_a_no_op(sessions: Sessions) -> None:
    assert put(sessions, "in:1", 1) is not None
    assert put(sessions, "in:1", 1) is None
    (work,) = take(sessions)
    finish(sessions, work)
    assert put(sessions, "in:1", 1) is None
    assert take(sessions) == []


def test_one_worker_a_lane_and_jobs_in_order(sessions: Sessions) -> None:
    for number in range(3):
        put(sessions, "in:1", number)
    seen = []
    for _ in range(3):
        (work,) = take(sessions)
        assert take(sessions, "b") == []
        seen.append(work.payload["n"])
        finish(sessions, work)
    assert seen == [0, 1, 2]


def test_a_worker_that_slept_past_its_lease_writes_nothing(sessions: Sessions) -> None:
    """F11: A is paused past its lease, B takes over, A's settle is refused."""
    put(sessions, "in:1", 1)
    (slow,) = take(sessions, "a", lease_s=0)
    (quick,) = take(sessions, "b")
    assert quick.job == slow.job and quick.attempts == 2
    with sessions() as session, pytest.raises(LeaseLost):
        lanes.hold(session, slow)
    finish(sessions, quick)


def test_several_works_are_held_and_done_at_once(sessions: Sessions) -> None:
    for lane in ("in:b", "in:a"):
        put(sessions, lane, 1)
        put(sessions, lane, 2)
    works = take(sessions)
    with sessions.begin() as session:
        assert all(lanes.hold_free(session, works))
        lanes.done(session, *works)
        assert session.info.pop("enqueued")  # each lane has more to do
    works = take(sessions)
    assert {(work.lane, work.payload["n"]) for work in works} == {("in:a", 2), ("in:b", 2)}
    with sessions.begin() as session:
        assert all(lanes.hold_free(session, works))
        lanes.done(session, *works)
        assert "enqueued" not in session.info
    assert take(sessions) == []


def test_f11_of_several_works_those_are_held_whose_lease_still_counts(sessions: Sessions) -> None:
    put(sessions, "in:a", 1)
    (slow,) = take(sessions, lease_s=0)
    put(sessions, "in:b", 1)
    (held,) = [work for work in take(sessions, "b") if work.lane == "in:a"]
    with sessions.begin() as session:
        lanes.release(session, "b")
    (other,) = [work for work in take(sessions) if work.lane == "in:b"]
    assert held.fence > slow.fence
    with sessions() as session:
        assert lanes.hold_free(session, [other, slow]) == [True, False]
        with pytest.raises(LeaseLost, match="in:a"):
            lanes.hold(session, slow)
    finish(sessions, other)


def test_f11_a_worker_that_took_its_own_lane_over_holds_it_once(sessions: Sessions) -> None:
    """It slept past its lease, and claimed anew before it wrote what it had: one answer counts."""
    put(sessions, "in:a", 1)
    (slept,) = take(sessions, lease_s=0)
    (again,) = take(sessions)
    assert (slept.owner, slept.job) == (again.owner, again.job) and again.fence > slept.fence
    with sessions.begin() as session:
        assert lanes.hold_free(session, [slept, again]) == [False, True]
        lanes.done(session, again)


def test_of_several_works_nobody_waits_for_a_lane_that_is_held(sessions: Sessions) -> None:
    for lane in ("in:a", "in:b"):
        put(sessions, lane, 1)
    works = take(sessions)
    with sessions.begin() as holding, sessions.begin() as session:
        lanes.lock(holding, "in:a")
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        held = lanes.hold_free(session, works)
    assert held == [work.lane == "in:b" for work in works]


def test_a_worker_goes_on_in_its_lane_without_another_claim(sessions: Sessions) -> None:
    """Under a new fence: what it did before is not written twice, should it try that again."""
    put(sessions, "in:1", 1)
    put(sessions, "in:1", 2)
    put(sessions, "in:2", 1)
    works = take(sessions)
    with sessions.begin() as session:
        assert all(lanes.hold_free(session, works))
        second, none = lanes.done(session, *works, lease_s=30)
        assert "enqueued" not in session.info
    assert second is not None and none is None
    assert (second.payload["n"], second.attempts, second.fence) == (2, 1, works[0].fence + 1)
    assert take(sessions, "b") == []
    with sessions() as session, pytest.raises(LeaseLost):
        lanes.hold(session, works[0])
    with sessions.begin() as session:
        lanes.hold(session, second)
        assert lanes.done(session, second, lease_s=30) == [None]
    put(sessions, "in:1", 3)
    assert [work.payload["n"] for work in take(sessions, "b")] == [3]


def test_a_lane_in_which_much_waits_goes_to_another_worker_after_a_while(
    sessions: Sessions,
) -> None:
    for number in range(lanes.IN_A_ROW + 1):
        put(sessions, "in:1", number)
    put(sessions, "in:2", 0)
    works: list[lanes.Work | None] = [*take(sessions)]
    numbers = []
    while works[0] is not None:
        numbers.append(works[0].payload["n"])
        assert take(sessions, "b") == []
        with sessions.begin() as session:
            ended = [work for work in works if work is not None]
            assert all(lanes.hold_free(session, ended))
            works = lanes.done(session, *ended, lease_s=30)
            told = "enqueued" in session.info
    assert numbers == [*range(lanes.IN_A_ROW)]
    assert told, "a worker of this process looks for work at once"
    assert [work.payload["n"] for work in take(sessions, "b")] == [lanes.IN_A_ROW]


def test_nobody_goes_on_before_the_next_job_is_due(sessions: Sessions) -> None:
    put(sessions, "in:1", 1)
    put(sessions, "in:1", 2)
    (work,) = take(sessions)
    with sessions.begin() as session:
        session.execute(
            text("UPDATE job SET next_at = now() + interval '1 h' WHERE id <> :id"),
            {"id": work.job},
        )
        lanes.hold(session, work)
        assert lanes.done(session, work, lease_s=30) == [None]
    assert take(sessions) == []
    with sessions() as session:
        waits = "SELECT owner IS NULL AND ready_at > now() + interval '59 min' FROM lane"
        assert session.execute(text(waits)).scalar()
        assert (
            session.execute(text("SELECT max(attempts) FROM job WHERE state = 'pending'")).scalar()
            == 0
        )


def test_a_retry_keeps_those_behind_it_waiting(sessions: Sessions) -> None:
    put(sessions, "out:1", 1)
    (work,) = take(sessions)
    with sessions.begin() as session:
        lanes.hold(session, work)
        lanes.retry(session, work, delay_s=60, error="429", ended="put_off")
    put(sessions, "out:1", 2)
    put(sessions, "out:2", 1)
    assert [w.lane for w in take(sessions)] == ["out:2"]
    with sessions.begin() as session:
        session.execute(text("UPDATE job SET next_at = now()"))
        session.execute(text("UPDATE lane SET ready_at = now() WHERE key = 'out:1'"))
    (again,) = take(sessions)
    assert (again.payload["n"], again.attempts) == (1, 1)


def test_a_killed_worker_is_not_a_failure_of_the_job(sessions: Sessions) -> None:
    """How long a job waits after an error, and when it is given up, is not for kills to say."""
    put(sessions, "in:1", 1)
    for number in range(1, 4):
        (work,) = take(sessions, lease_s=0)
        assert (work.attempts, work.failures) == (number, 0)
    with sessions.begin() as session:
        lanes.hold(session, work)
        lanes.retry(session, work, delay_s=0, error="refused")
    (work,) = take(sessions)
    assert (work.attempts, work.failures) == (4, 1)


def test_f11_who_sleeps_in_a_transaction_loses_it_before_the_lease(database_url: str) -> None:
    """Otherwise its row locks would keep the lane from whoever is to take it over."""
    engine = connect(database_url, pool_size=1)
    with engine.connect() as connection:
        (limit_s,) = connection.execute(
            text(
                """SELECT setting::float / 1000 FROM pg_settings
                    WHERE name = 'idle_in_transaction_session_timeout'"""
            )
        ).one()
    engine.dispose()
    assert 0 < limit_s < lanes.LEASE_S


def test_a_graceful_stop_gives_its_lanes_back_at_once(sessions: Sessions) -> None:
    put(sessions, "in:1", 1)
    take(sessions, "a")
    with sessions.begin() as session:
        assert lanes.release(session, "a") == 1
    assert len(take(sessions, "b")) == 1


def test_the_sweep_finds_work_that_nobody_was_woken_for(sessions: Sessions) -> None:
    put(sessions, "in:1", 1)
    with sessions.begin() as session:
        session.execute(text("UPDATE lane SET ready_at = NULL"))
    assert take(sessions) == []
    with sessions.begin() as session:
        assert lanes.sweep(session) == 1
    assert len(take(sessions)) == 1


def test_lanes_lose_nothing_whatever_happens(sessions: Sessions) -> None:
    """Any mix of puts, claims, crashes, retries and burials: each job ends once, in order."""

    class Lanes(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            with sessions.begin() as session:
                session.execute(text("TRUNCATE lane, job"))
            self.put: dict[str, list[int]] = {"x": [], "y": []}
            self.ended: dict[str, list[int]] = {"x": [], "y": []}
            self.held: list[lanes.Work] = []

        @rule(lane=st.sampled_from("xy"))
        def put_one(self, lane: str) -> None:
            number = len(self.put[lane])
            assert put(sessions, lane, number) is not None
            self.put[lane].append(number)

        @rule(lane=st.sampled_from("xy"))
        def put_again(self, lane: str) -> None:
            if self.put[lane]:
                assert put(sessions, lane, self.put[lane][-1]) is None

        @rule(owner=st.sampled_from("ab"))
        def claim(self, owner: str) -> None:
            self.held += take(sessions, owner)

        @rule(end=st.sampled_from(["done", "go on", "retry", "bury", "crash"]))
        def settle(self, end: str) -> None:
            if not self.held:
                return
            work = self.held.pop(0)
            if end == "crash":  # the lease runs out; somebody else may claim it
                with sessions.begin() as session:
                    session.execute(
                        text("UPDATE lane SET until = now() - interval '1 s' WHERE key = :k"),
                        {"k": work.lane},
                    )
                return
            with sessions.begin() as session:
                lanes.hold(session, work)
                if end in ("done", "go on"):
                    following = lanes.done(session, work, lease_s=30 if end == "go on" else 0)
                    self.held += [one for one in following if one is not None]
                elif end == "retry":
                    lanes.retry(session, work, delay_s=0, error="again")
                else:
                    lanes.bury(session, work, error="no")
            if end != "retry":
                self.ended[work.lane].append(work.payload["n"])

        @invariant()
        def nobody_shares_a_lane(self) -> None:
            held = [work.lane for work in self.held]
            assert len(held) == len(set(held))

        def teardown(self) -> None:
            for work in self.held:
                finish(sessions, work)
                self.ended[work.lane].append(work.payload["n"])
            while claimed := take(sessions, "last"):
                for work in claimed:
                    finish(sessions, work)
                    self.ended[work.lane].append(work.payload["n"])
            assert self.ended == self.put

    run_state_machine_as_test(
        Lanes,
        settings=settings(
            max_examples=25,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
