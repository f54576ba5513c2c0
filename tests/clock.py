"""A time machine: the clock of one test's database, which is the only clock there is.

All times of the product are PostgreSQL's ``now()`` and ``clock_timestamp()`` (see
``docs/adr/0009-the-database-is-the-clock.md``). In a test's database, functions of the same names
stand before them in the search path. So every statement and every default follows, in every
connection, and the product has no setting with which its time could be wrong.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine, inspect, text

from ticketing.db import session_factory

# PostgreSQL's own first, after ours; what is not qualified finds ours. Defaults were bound to
# PostgreSQL's when the tables were made, so they are made anew.
_INSTALL = text(
    """DO $$
    DECLARE found record;
    BEGIN
      CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE
        AS 'SELECT pg_catalog.now()';
      CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
        AS 'SELECT pg_catalog.clock_timestamp()';
      EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());
      FOR found IN
        SELECT table_name, column_name, column_default FROM information_schema.columns
         WHERE table_schema = 'public' AND column_default IN ('now()', 'clock_timestamp()')
      LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT public.%s',
                       found.table_name, found.column_name, found.column_default);
      END LOOP;
    END $$"""
)


class Clock:
    """Moves the time of one database. Connections made before it do not follow."""

    def __init__(self, engine: Engine, *, queue: str = "") -> None:
        self._engine = engine
        self.sessions = session_factory(engine, queue=queue)
        self._moved = dt.timedelta(0)
        with engine.begin() as connection:
            connection.execute(_INSTALL)
        engine.dispose()

    def run_from(self, at: dt.datetime) -> None:
        """It is ``at`` now, and time goes on."""
        with self._engine.begin() as connection:
            real = connection.execute(text("SELECT pg_catalog.now()")).scalar_one()
        self._set(at - real)

    def forward(self, **span: float) -> None:
        """Let time pass: ``hours=3``."""
        self._set(self._moved + dt.timedelta(**span))

    def _set(self, moved: dt.timedelta) -> None:
        self._moved = moved
        micros = moved // dt.timedelta(microseconds=1)
        with self._engine.begin() as connection:
            for name, kind in (("now", "STABLE"), ("clock_timestamp", "VOLATILE")):
                connection.execute(
                    text(
                        f"CREATE OR REPLACE FUNCTION public.{name}() RETURNS timestamptz "
                        f"LANGUAGE sql {kind} AS 'SELECT pg_catalog.{name}() "
                        f"+ interval ''{micros} microseconds'''"
                    )
                )

    def now(self) -> dt.datetime:
        """What time it is there."""
        with self._engine.begin() as connection:
            found: dt.datetime = connection.execute(text("SELECT now()")).scalar_one()
        return found

    def empty(self) -> None:
        """Nothing is left of what was there, but the tables; it is the real time again."""
        names = ", ".join(
            f'"{name}"'
            for name in inspect(self._engine).get_table_names()
            if name != "alembic_version"
        )
        with self._engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        self._set(dt.timedelta(0))
