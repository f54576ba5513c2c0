"""A disk that can be filled: a small file system, or a limit on the size of PostgreSQL's files."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

import psutil
import psycopg

from ticketing.embedded import EmbeddedPostgres, postmaster

MIB = 1024 * 1024


class Disk:
    """A place for a server's data, which :meth:`fill` makes full."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Disk:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def ready(self, url: str) -> None:
        """Called once when the server has its tables."""

    def fill(self, server: EmbeddedPostgres) -> None:
        """Leave no room."""
        raise NotImplementedError

    def empty(self, server: EmbeddedPostgres) -> None:
        """Make room again."""
        raise NotImplementedError


class SmallDisk(Disk):
    """A file system of its own, in memory. Needs the right to mount."""

    SIZE = 256 * MIB

    def __enter__(self) -> Disk:
        _mount(self.folder, self.SIZE)
        return self

    def __exit__(self, *error: object) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=True)

    def fill(self, server: EmbeddedPostgres) -> None:
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            with contextlib.suppress(OSError):
                while True:
                    filler.write(b"x" * MIB)
            with contextlib.suppress(OSError):
                while True:
                    filler.write(b"x" * 4096)

    def empty(self, server: EmbeddedPostgres) -> None:
        (self.folder / "filler").unlink()


class SmallFiles(Disk):
    """No file of the server may grow beyond a size that the history has already. Needs nothing."""

    # A file of the log of transactions has 16 MiB at once; the history is made larger than that.
    LIMIT = 17 * MIB

    def ready(self, url: str) -> None:
        with psycopg.connect(url) as connection:
            connection.execute(
                """WITH someone AS (INSERT INTO customer (id) VALUES (gen_random_uuid())
                                    RETURNING id),
                        talk AS (INSERT INTO conversation (customer_id)
                                 SELECT id FROM someone RETURNING id, customer_id)
                   INSERT INTO message (customer_id, conversation_id, author, text)
                   SELECT customer_id, id, 'system', repeat('x', 1900)
                     FROM talk, generate_series(1, 10000)"""
            )

    def fill(self, server: EmbeddedPostgres) -> None:
        self._limit(server, self.LIMIT)

    def empty(self, server: EmbeddedPostgres) -> None:
        self._limit(server, None)

    def _limit(self, server: EmbeddedPostgres, size: int | None) -> None:
        main = postmaster(server.folder)
        assert main is not None
        for process in (main, *main.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                _set_limit(process, "unlimited" if size is None else str(size))


def _set_limit(process: psutil.Process, size: str) -> None:
    # As its own user: without more rights, root may not do this to others.
    command = ["prlimit", f"--pid={process.pid}", f"--fsize={size}:unlimited"]
    done = subprocess.run(command, user=process.uids().real, capture_output=True, text=True)
    assert done.returncode == 0 or not process.is_running(), done.stderr


def disk(folder: Path) -> Disk:
    """The best that can be had on this machine."""
    return SmallDisk(folder) if _may_mount() else SmallFiles(folder)


def _may_mount() -> bool:
    if os.geteuid() != 0:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            _mount(Path(folder), MIB)
        except (OSError, subprocess.CalledProcessError):
            return False
        subprocess.run(["umount", folder], check=True)
        return True


def _mount(folder: Path, size: int) -> None:
    options = f"size={size},mode=0755"
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]
    subprocess.run(command, check=True, capture_output=True)
