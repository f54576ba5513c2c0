"""A statement that looked before others wrote, and locks its rows after them.

It sees the tables as they were when it began, and a row it locks as it is by then. Between the two
a processor that is busy can leave a moment; a trigger makes it as long as the test needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from ticketing.db import Sessions

T = TypeVar("T")
GATE = 7_041
OPENS_WITHIN_S = 4.0
# Whichever of them fires first does so once the statement has its view of the tables, and before it
# locks a row.
_FUNCTION = f"""CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF current_setting('test.late', true) = 'yes' THEN
    PERFORM pg_advisory_xact_lock_shared({GATE});
  END IF;
  RETURN NULL; END $$;"""
_TRIGGER = """CREATE TRIGGER gate BEFORE {event} ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION gate();"""
_GATES = {"lane": "UPDATE", "message": "INSERT", "job": "INSERT"}
_WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def late(
    engine: Engine,
    sessions: Sessions,
    function: Callable[[Session], T],
    meanwhile: Callable[[], object],
) -> T:
    """What ``function`` comes to, in a transaction whose first look is before ``meanwhile``."""

    def do() -> T:
        with sessions.begin() as session:
            session.execute(text("SET LOCAL test.late = 'yes'"))
            return function(session)

    with ThreadPoolExecutor(1) as thread, engine.connect() as outside:
        gate = outside.execution_options(isolation_level="AUTOCOMMIT")
        gate.execute(text(_FUNCTION))
        for table, event in _GATES.items():
            gate.execute(text(_TRIGGER.format(event=event, table=table)))
        gate.execute(text(f"SELECT pg_advisory_lock({GATE})"))
        doing = thread.submit(do)
        try:
            deadline = time.monotonic() + OPENS_WITHIN_S
            while not gate.execute(_WAITING).scalar():
                assert time.monotonic() < deadline and not doing.done()
            meanwhile()
        finally:
            gate.execute(text(f"SELECT pg_advisory_unlock({GATE})"))
        return doing.result()
