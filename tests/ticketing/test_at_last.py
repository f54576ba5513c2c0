"""What is done right before a commit."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ticketing import lanes
from ticketing.db import Sessions, at_last
from ticketing.models import Job, Lane


def put(session: Session, name: str) -> None:
    lanes.enqueue(session, lane="a", kind="odd", dedup=name, payload={})


def kept(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(Job.dedup).order_by(Job.id)))


def test_it_comes_after_all_else_in_its_order(sessions: Sessions) -> None:
    with sessions.begin() as session:
        at_last(session, lambda session: put(session, "third"))
        at_last(session, lambda session: put(session, "fourth"))
        put(session, "first")
        put(session, "second")
    assert kept(sessions) == ["first", "second", "third", "fourth"]


def test_it_sees_what_was_not_written_yet(sessions: Sessions) -> None:
    seen: list[str] = []
    with sessions.begin() as session:
        at_last(session, lambda session: seen.extend(session.connection().scalars(_KEYS)))
        session.add(Lane(key="new"))
    assert seen == ["new"]


def test_it_ends_with_its_transaction(sessions: Sessions) -> None:
    with sessions() as session:
        at_last(session, lambda session: put(session, "undone"))
        session.connection()
        session.rollback()
        at_last(session, lambda session: put(session, "done"))
        session.commit()
        session.commit()
    assert kept(sessions) == ["done"]


def test_it_ends_with_its_transaction_in_a_savepoint(sessions: Sessions) -> None:
    with sessions() as session:
        at_last(session, lambda session: put(session, "undone"))
        session.begin_nested()
        session.connection()
        session.rollback()
        session.commit()
    assert kept(sessions) == []


def test_what_a_savepoint_undoes_is_not_done(sessions: Sessions) -> None:
    with sessions.begin() as session:
        at_last(session, lambda session: put(session, "first"))
        outer = session.begin_nested()
        with session.begin_nested():
            at_last(session, lambda session: put(session, "undone"))
        outer.rollback()
        with session.begin_nested():
            at_last(session, lambda session: put(session, "second"))
        put(session, "before them")
    assert kept(sessions) == ["before them", "first", "second"]


def test_a_write_that_fails_in_a_savepoint_takes_nothing_else_with_it(sessions: Sessions) -> None:
    with sessions.begin() as session:
        session.add(Lane(key="there"))
        at_last(session, lambda session: put(session, "first"))
        with pytest.raises(IntegrityError), session.begin_nested():
            at_last(session, lambda session: put(session, "undone"))
            session.add(Lane(key="there"))
            session.flush()
        at_last(session, lambda session: put(session, "second"))
    assert kept(sessions) == ["first", "second"]


_KEYS = select(Lane.key)
