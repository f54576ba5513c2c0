"""Bring a database to the schema this version needs; Alembic does the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData

# Any two gateways that start at once take turns here.
LOCK = 7_263_001


def config(engine: Engine, *, metadata: Sequence[MetaData] = ()) -> Config:
    """Alembic's configuration for ``engine``; ``metadata`` are the tables to compare with."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["engine"] = engine
    made.attributes["metadata"] = list(metadata)
    return made


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Apply what is missing, in one transaction a step; doing it again changes nothing."""
    command.upgrade(config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Go back to ``revision`` (``base``: an empty database)."""
    command.downgrade(config(engine), revision)


def is_current(engine: Engine) -> bool:
    """Whether the database has exactly the schema this version needs."""
    return revision(engine) == ScriptDirectory.from_config(config(engine)).get_current_head()


def revision(engine: Engine) -> str | None:
    """The schema the database has; ``None``: none of ours."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def known(engine: Engine, schema: str) -> bool:
    """Whether this version has that schema or an older one's upgrade; a newer one's it has not."""
    scripts = ScriptDirectory.from_config(config(engine)).walk_revisions()
    return schema in {script.revision for script in scripts}
