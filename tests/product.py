"""The whole product as a person starts it: ``sangdam up`` on a data folder of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from connectors.launch import RASA_PYTHON

ROOT = Path(__file__).parent.parent
SANGDAM = Path(sys.executable).parent / "sangdam"
# Training depends on the bot's files alone and is named after them, so runs may share it.
MODELS = ROOT / "var" / "test-models"
START_WITHIN_S = 420


class Product:
    """A running product: what it printed, where it listens, and how to end it."""

    def __init__(self, data_dir: Path, *, port: int | None = None, **settings: str) -> None:
        self.data_dir = data_dir
        self.port = port or unused_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        self._new: queue.Queue[str | None] = queue.Queue()
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("SANGDAM_")},
            "PORT": str(self.port),
            "SANGDAM_DATA_DIR": str(data_dir),
            **settings,
        }
        self.process = subprocess.Popen(
            [str(SANGDAM), "up"],
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as printed:
            for line in printed:
                self.lines.append(line.rstrip())
                self._new.put(line.rstrip())
        self._new.put(None)

    def until(self, pattern: str, *, within_s: float = START_WITHIN_S) -> str:
        """The next printed line that matches. Raises with all output when it does not come."""
        try:
            while (line := self._new.get(timeout=within_s)) is not None:
                if re.search(pattern, line):
                    return line
        except queue.Empty:
            pass
        raise AssertionError(f"no line matched {pattern!r}:\n" + "\n".join(self.lines))

    def sangdam(self, *arguments: str) -> str:
        """Run another command beside it, as an administrator would; its output."""
        done = subprocess.run(
            [str(SANGDAM), *arguments],
            cwd=ROOT,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def stop(self, number: int = signal.SIGTERM, *, within_s: float = 20) -> int:
        """Send a signal and wait; the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(within_s)


def model() -> Path:
    """The bot's model, trained now if its files changed; processes that want it train it once."""
    MODELS.mkdir(parents=True, exist_ok=True)
    with MODELS.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            [str(RASA_PYTHON), "train.py", "--models", str(MODELS)],
            cwd=ROOT / "bot",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=400,
        )
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().splitlines()[-1])


@contextlib.contextmanager
def open_folder() -> Iterator[Path]:
    """A folder for data that others may enter: as root, PostgreSQL runs as a user of its own."""
    with tempfile.TemporaryDirectory(prefix="sangdam-test-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


@contextlib.contextmanager
def started(data_dir: Path, **settings: str) -> Iterator[Product]:
    """A product that is ready, stopped at the end."""
    data_dir.mkdir(parents=True, exist_ok=True)
    model()
    if not (data_dir / "models").exists():
        (data_dir / "models").symlink_to(MODELS)
    product = Product(data_dir, **settings)
    try:
        product.until(r"Demo shop")
        yield product
    finally:
        product.stop()


def unused_port() -> int:
    """A port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
