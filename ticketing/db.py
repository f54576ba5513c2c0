"""PostgreSQL: the engine, the session factory, and the server we bring along ourselves."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

from ticketing.embedded import EmbeddedPostgres

Sessions = sessionmaker[Session]


def connect(
    url: str, *, pool_size: int = 12, autocommit: bool = False, lock_timeout_s: float = 5
) -> Engine:
    """An engine for ``url``. Raises ``ValueError`` for anything but a PostgreSQL address.

    ``autocommit`` is for readers: every statement for itself, no BEGIN and COMMIT around it.
    ``lock_timeout_s`` is how long a statement waits for a row that somebody else holds.

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
            "options": f"-c lock_timeout={lock_timeout_s * 1000:.0f} -c statement_timeout=30s "
            "-c idle_in_transaction_session_timeout=4s",
            "keepalives_idle": 10,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 20_000,
        },
    )


def session_factory(engine: Engine, *, queue: str = "") -> Sessions:
    """Sessions that keep their objects readable after the commit.

    ``queue`` is the Slack channel in which tickets are shown; empty where there is none.
    """
    return sessionmaker(engine, expire_on_commit=False, info={"queue": queue})


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
