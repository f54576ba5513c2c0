"""Runs the migrations on the engine that the caller of :mod:`ticketing.migrate` gave."""

from alembic import context
from sqlalchemy import text

from ticketing.migrate import LOCK

engine = context.config.attributes["engine"]

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes["metadata"],
        compare_type=True,
        compare_server_default=True,
        transaction_per_migration=True,
    )
    # A migration may take its time, and waits for the one that was first.
    for limit in ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET {limit} = 0"))
    # Without this, a migration whose process was killed holds its locks until its statement ends.
    connection.execute(text("SET client_connection_check_interval = '1s'"))
    connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
        connection.commit()
