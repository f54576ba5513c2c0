"""PostgreSQL: the engine, the session factory, and the server we bring along ourselves."""

from __future__ import annotations

import contextlib
import enum
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

from ticketing.embedded import EmbeddedPostgres

T = TypeVar("T")
Sessions = sessionmaker[Session]


class Left(enum.Enum):
    """Why one of several is left out of what they share."""

    HELD = "somebody else holds its lane just now"
    ALONE = "there is more to it"


_LAST = "last"
# What a session raises when it is the database that cannot, or that refuses a value.
DATABASE_ERRORS = (DBAPIError, PoolTimeout, PendingRollbackError)


def connect(
    url: str, *, pool_size: int = 12, autocommit: bool = False, brief: bool = False
) -> Engine:
    """An engine for ``url``. Raises ``ValueError`` for anything but a PostgreSQL address.

    ``autocommit``: every statement for itself, no BEGIN and COMMIT around it.
    ``brief`` is for short work that all customers wait for and that finds rows by their keys: no
    statement waits for a row for longer than a quarter of a second, and one that comes often is not
    planned anew for its values, which can take longer than doing it.

    A database restart costs one failed statement a pool: SQLAlchemy then drops all its old
    connections, so no round trip is spent on asking each one whether it is alive.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ValueError(f"the database must be PostgreSQL, not {parsed.get_backend_name()}")
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=4,
        pool_timeout=5,
        isolation_level="AUTOCOMMIT" if autocommit else "READ COMMITTED",
        skip_autocommit_rollback=autocommit,
        json_serializer=_to_json,
        # An error's text is logged and kept with dead letters; what people said is not for there.
        hide_parameters=True,
        # A process that sleeps in a transaction, or a network that swallows packets, must not
        # hold a customer's lane, or all of our threads, for longer than people wait: less than a
        # lease, so that whoever takes the lane over finds its rows free.
        connect_args={
            "connect_timeout": 5,
            "application_name": "sangdam",
            "options": f"-c lock_timeout={'250ms' if brief else '5s'} -c statement_timeout=30s "
            "-c idle_in_transaction_session_timeout=4s "
            # Wherever the server is, times are read and told the same.
            "-c timezone=UTC "
            f"-c plan_cache_mode={'force_generic_plan' if brief else 'auto'}",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
        },
    )


def session_factory(engine: Engine, *, queue: str = "", mail: bool = False) -> Sessions:
    """Sessions that keep their objects readable after the commit.

    ``queue`` is the Slack channel in which tickets are shown; empty where there is none. ``mail``:
    whether mail can be sent.
    """
    made = sessionmaker(engine, expire_on_commit=False, info={"queue": queue, "mail": mail})
    event.listen(made, "before_commit", _do_last)
    event.listen(made, "after_soft_rollback", _forget)
    return made


def at_last(session: Session, function: Callable[[Session], object]) -> None:
    """Do it right before the commit, when all else of the transaction is written.

    For locks that many transactions want, such as the lane of a channel in which all tickets are
    shown: held from here on, nobody would get one before all that comes after it is done. What a
    savepoint undoes is not done.
    """
    session.info.setdefault(_LAST, []).append((session.get_nested_transaction(), function))


def _do_last(session: Session) -> None:
    if session.in_nested_transaction() or _LAST not in session.info:
        return
    session.flush()
    for _, function in session.info.pop(_LAST):
        function(session)


def _forget(session: Session, undone: SessionTransaction) -> None:
    # A write that failed has a transaction of its own, and undoes the savepoint around it.
    while not undone.nested and undone.parent is not None:
        undone = undone.parent
    left = session.info.pop(_LAST, [])
    if undone.nested:
        session.info[_LAST] = [one for one in left if not _within(one[0], undone)]


def _within(savepoint: SessionTransaction | None, other: SessionTransaction) -> bool:
    return savepoint is not None and (savepoint is other or _within(savepoint.parent, other))


def away(error: BaseException) -> bool:
    """Whether the database could not be reached, or was lost in the middle of a transaction.

    Nothing is known to be wrong with what was asked, and asking anybody else now is of no use.
    """
    if isinstance(error, PoolTimeout | PendingRollbackError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    # What the server itself refused has a state: a lock, a deadlock, a statement. 57P says that it
    # is going down or coming up, 08 that the connection is broken; 25P03 and 25P04 that we slept
    # in a transaction for too long, after which the connection is gone, too.
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated
    return error.connection_invalidated or state.startswith(("57P", "08", "25P03", "25P04"))


def overslept(error: BaseException) -> bool:
    """Whether the server ended a transaction because this process did nothing in it for too long.

    Then nothing of it is kept, and the server itself is well: the same may be done again at once.
    """
    return getattr(getattr(error, "orig", None), "sqlstate", None) == "25P03"


def committed(sessions: Sessions, function: Callable[[Session], T]) -> T:
    """What ``function`` gives, in a transaction of its own, committed.

    It is called a second time when we :func:`overslept` in the first, as happens on a slow machine
    while a library is being loaded.
    """
    try:
        with sessions.begin() as session:
            return function(session)
    except DBAPIError as error:
        if not overslept(error):
            raise
    with sessions.begin() as session:
        return function(session)


def held(error: BaseException) -> bool:
    """Whether somebody else held what was to be changed for longer than a statement waits."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == "55P03"


def passes(error: BaseException) -> bool:
    """Whether the same may succeed in a moment: the database is :func:`away`, or too busy or full.

    A lock that somebody held for too long, a deadlock, a disk without room.
    """
    return away(error) or isinstance(error, OperationalError)


@contextlib.contextmanager
def embedded(data_dir: Path) -> Iterator[str]:
    """A PostgreSQL of our own under ``data_dir``, as a URL, for as long as the block runs.

    The server is shared: a command run beside a running product joins it, and the last one to
    leave stops it.
    """
    server = EmbeddedPostgres(data_dir)
    try:
        yield server.start()
    finally:
        server.stop()


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
