"""Migrations: up, down, and equal to the models."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Engine, inspect, text

from knowledge_base.models import Base as KnowledgeBase
from ticketing import migrate
from ticketing.models import Base as Ticketing

METADATA = [Ticketing.metadata, KnowledgeBase.metadata]


def test_the_migrations_make_exactly_the_models(engine: Engine) -> None:
    command.check(migrate.config(engine, metadata=METADATA))


def test_down_leaves_nothing_and_up_comes_back(engine: Engine) -> None:
    assert migrate.is_current(engine)
    migrate.downgrade(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert not migrate.is_current(engine)
    migrate.upgrade(engine)
    migrate.upgrade(engine)
    assert migrate.is_current(engine)


def test_an_upgrade_that_broke_off_leaves_the_old_schema(engine: Engine) -> None:
    """F27: a step that fails halfway rolls back whole, and running it again works."""
    migrate.downgrade(engine, "base")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE message (wrong int)"))
    try:
        migrate.upgrade(engine)
    except Exception as error:
        assert "message" in str(error)
    else:
        raise AssertionError("the upgrade should have met the wrong table")
    assert inspect(engine).get_table_names() in (["message"], ["alembic_version", "message"])
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE message"))
    migrate.upgrade(engine)
    assert migrate.is_current(engine)
