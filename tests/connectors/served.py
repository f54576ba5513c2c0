"""A gateway in a process of its own, as ``sangdam serve`` runs it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil

from tests.product import ROOT, unused_port

UP_WITHIN_S = 60.0


class Served:
    """A gateway that runs; ``first`` is Python that its process runs before everything else."""

    def __init__(self, database_url: str, data_dir: Path, *, first: str, **settings: str) -> None:
        port = unused_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = data_dir / "gateway.log"
        data_dir.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", f"{first}\n{SERVE}", "serve", "--exit-with-parent"],
                cwd=ROOT,
                env={
                    **{k: v for k, v in os.environ.items() if not k.startswith("SANGDAM_")},
                    "PORT": str(port),
                    "SANGDAM_DATABASE_URL": database_url,
                    "SANGDAM_DATA_DIR": str(data_dir),
                    **settings,
                },
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + UP_WITHIN_S
        while not self.answers():
            alive = self.process.poll() is None and time.monotonic() < deadline
            assert alive, self.log.read_text()
            time.sleep(0.05)  # its start takes seconds of computing, for which it shall have room

    def answers(self) -> bool:
        """Whether it is up."""
        try:
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def memory(self) -> int:
        """What it keeps in memory, in bytes."""
        size: int = psutil.Process(self.process.pid).memory_info().rss
        return size

    def connections(self) -> int:
        """How many clients are connected to it."""
        port = int(self.url.rpartition(":")[2])
        return sum(
            one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port
            for one in psutil.Process(self.process.pid).net_connections("tcp")
        )

    def stop(self) -> int:
        """End it as a service manager does; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


SERVE = "import sys; from connectors.cli import main; sys.exit(main())"


@contextlib.contextmanager
def served(
    database_url: str, data_dir: Path, *, first: str = "", **settings: str
) -> Iterator[Served]:
    """A gateway that ends with the block, if it did not before."""
    made = Served(database_url, data_dir, first=first, **settings)
    try:
        yield made
    finally:
        assert made.process.stdin is not None
        made.process.stdin.close()
        if made.process.poll() is None:
            made.process.kill()
            made.process.wait()
