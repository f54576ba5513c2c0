"""What a start claims for itself before anything takes long: its folder and its port."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from connectors.settings import Settings
from connectors.steps import CannotStart


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[int]:
    """Hold the folder's lock, as a file descriptor. Raises :class:`CannotStart` when it is held."""
    with (data_dir / "lock").open("a+") as handle:
        deadline = time.monotonic() + 20
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                handle.seek(0)
                owner = handle.read().strip()
                # A killed one's guard may still be at it, ending the database.
                if owner.isdigit() and psutil.pid_exists(int(owner)):
                    raise CannotStart(
                        f"Sangdam already runs on {data_dir} (process {owner}). "
                        "SANGDAM_DATA_DIR and PORT make room for another one."
                    ) from None
                if time.monotonic() > deadline:
                    raise CannotStart(
                        f"the lock of {data_dir} is held by another process"
                    ) from None
                threading.Event().wait(0.1)
        handle.seek(0)
        handle.truncate()
        handle.write(str(os.getpid()))
        handle.flush()
        yield handle.fileno()


def free_port(settings: Settings) -> int:
    """The port to serve on, known to be free. Raises :class:`CannotStart` when it is taken."""
    if settings.port == 0:
        return unused_port()
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CannotStart(
                f"port {settings.port} on {settings.host} cannot be used: {error.strerror}. "
                f"Try another one, such as PORT={settings.port + 1} make run"
            ) from error
    return settings.port


def unused_port() -> int:
    """A port of this machine's loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
