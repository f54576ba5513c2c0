"""Dead letters: kept until a person retries or discards them, and nobody behind them waits."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from tests.ticketing.test_lanes import finish, put, take
from ticketing import dead_letters, lanes, migrate
from ticketing.db import Sessions
from ticketing.errors import NotFound
from ticketing.models import Job


def bury(sessions: Sessions, error: str = "boom") -> lanes.Work:
    """The head of the one lane that is due, given up."""
    (work,) = take(sessions)
    with sessions.begin() as session:
        lanes.hold(session, work)
        lanes.bury(session, work, error=error)
    return work


def letters(sessions: Sessions) -> list[Job]:
    with sessions() as session:
        return dead_letters.listing(session)


def test_f12_the_next_goes_on_and_a_retry_works(sessions: Sessions) -> None:
    put(sessions, "in:1", 1)
    put(sessions, "in:1", 2)
    bury(sessions)
    (following,) = take(sessions)
    assert following.payload["n"] == 2
    finish(sessions, following)
    (letter,) = letters(sessions)
    assert (letter.error, letter.attempts, letter.state) == ("boom", 1, "dead")
    assert letter.changed_at is not None and letter.changed_at >= letter.created_at
    with sessions.begin() as session:
        assert dead_letters.count(session) == 1
        dead_letters.retry(session, letter.id)
        with pytest.raises(NotFound):
            dead_letters.retry(session, letter.id)
    (again,) = take(sessions)
    assert (again.payload["n"], again.attempts) == (1, 2)
    finish(sessions, again)
    assert letters(sessions) == []
    with sessions() as session:
        assert dead_letters.get(session, letter.id).state == "done"


def test_all_of_some_kinds_are_retried_and_nothing_else(sessions: Sessions) -> None:
    for lane in ("out:1", "out:2"):
        put(sessions, lane, 1)
        bury(sessions)
    with sessions.begin() as session:
        first, second = sorted(letter.id for letter in dead_letters.listing(session))
        session.get_one(Job, first).kind = "slack.post"
        session.flush()
        assert dead_letters.retry_all(session, kinds=["slack.post", "slack.card"]) == [first]
    (again,) = take(sessions)
    assert again.job == first and [letter.id for letter in letters(sessions)] == [second]


def test_a_retry_leaves_the_one_at_work_alone(sessions: Sessions) -> None:
    put(sessions, "in:1", 1)
    put(sessions, "in:1", 2)
    dead = bury(sessions)
    (busy,) = take(sessions)
    with sessions.begin() as session:
        dead_letters.retry(session, dead.job)
    assert take(sessions, "b") == []
    finish(sessions, busy)
    (again,) = take(sessions, "b")
    assert again.job == dead.job


def test_what_is_discarded_stays_away_with_a_name_beside_it(sessions: Sessions) -> None:
    put(sessions, "in:1", 1)
    dead = bury(sessions)
    with sessions.begin() as session:
        dead_letters.discard(session, dead.job, by="지원")
        for act in (dead_letters.retry, lambda s, job: dead_letters.discard(s, job, by="도움")):
            with pytest.raises(NotFound):
                act(session, dead.job)
    assert letters(sessions) == [] and take(sessions) == []
    with sessions() as session:
        kept = dead_letters.get(session, dead.job)
        assert (kept.state, kept.discarded_by) == ("discarded", "지원")
    assert put(sessions, "in:1", 1) is None, "a redelivery is still refused"
    assert put(sessions, "in:1", 2) is not None


def test_a_job_that_never_failed_is_no_dead_letter(sessions: Sessions) -> None:
    job = put(sessions, "in:1", 1) or 0
    with sessions.begin() as session:
        for act in (dead_letters.get, dead_letters.retry):
            with pytest.raises(NotFound):
                act(session, job)
        with pytest.raises(NotFound):
            dead_letters.discard(session, job, by="지원")
    assert len(take(sessions)) == 1


def test_discarded_ones_are_kept_from_the_day_they_were_discarded(sessions: Sessions) -> None:
    old = "now() - interval '40 days'"
    for number in range(4):
        put(sessions, "in:1", number)
    finish(sessions, take(sessions)[0])
    dead = [bury(sessions) for _ in range(3)]
    with sessions.begin() as session:
        for work in dead[1:]:
            dead_letters.discard(session, work.job, by="지원")
        session.execute(text(f"UPDATE job SET created_at = {old}"))
        session.execute(
            text(f"UPDATE job SET changed_at = {old} WHERE id = :id"), {"id": dead[2].job}
        )
        lanes.sweep(session)
        left = session.execute(text("SELECT id, state FROM job ORDER BY id")).all()
    assert [tuple(row) for row in left] == [(dead[0].job, "dead"), (dead[1].job, "discarded")]


def test_the_depth_says_where_everything_is(sessions: Sessions) -> None:
    for lane in ("a", "b", "c", "d"):
        put(sessions, lane, 1)
    works = {work.lane: work for work in take(sessions)}
    with sessions.begin() as session:
        for lane, end in (("a", lanes.bury), ("b", lanes.retry)):
            lanes.hold(session, works[lane])
            more = {"delay_s": 60} if end is lanes.retry else {}
            end(session, works[lane], error="no", **more)
    finish(sessions, works["c"])
    put(sessions, "e", 1)
    with sessions() as session:
        found = lanes.depth(session)
    assert found.pop("oldest_pending_s") < 60
    assert found == {"pending": 3, "timers": 0, "retrying": 1, "dead": 1, "due": 1, "leased": 1}


def test_a_retried_letter_is_as_old_as_its_retry(sessions: Sessions) -> None:
    """Else trying last week's letter again would raise the alarm for a queue that stands still."""
    put(sessions, "in:1", 1)
    dead = bury(sessions)
    with sessions.begin() as session:
        session.execute(text("UPDATE job SET created_at = now() - interval '7 days'"))
        dead_letters.retry(session, dead.job)
    with sessions() as session:
        assert lanes.depth(session)["oldest_pending_s"] < 3600


def test_f27_the_migration_keeps_every_job_up_and_down(engine: Engine) -> None:
    migrate.downgrade(engine, "0001")
    with engine.begin() as connection:
        for state in ("pending", "done", "dead"):
            connection.execute(
                text(
                    "INSERT INTO job (lane, kind, dedup, payload, state)"
                    " VALUES ('a', :s, :s, '{}', :s)"
                ),
                {"s": state},
            )
    migrate.upgrade(engine)
    with engine.begin() as connection:
        dead = text("SELECT id, changed_at = next_at FROM job WHERE state = 'dead'")
        job, known = connection.execute(dead).one()
        assert known is True
        connection.execute(
            text("UPDATE job SET state = 'discarded', discarded_by = '지원' WHERE id = :id"),
            {"id": job},
        )
    migrate.downgrade(engine, "0001")
    with engine.begin() as connection:
        states = connection.execute(text("SELECT state FROM job ORDER BY id")).scalars().all()
    assert states == ["pending", "done", "done"], "a discarded job does not come back to life"
    migrate.upgrade(engine)
