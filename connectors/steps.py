"""What the person at the terminal sees of a start: numbered steps, how far and how long."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

STEPS = 5


class CannotStart(Exception):
    """Starting cannot go on; the text tells the reader what to do about it."""


class Stopped(Exception):
    """Ctrl-C or SIGTERM came during the start."""


class Console:
    """What the person at the terminal sees: numbered steps, how far and how long."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self._live = sys.stdout.isatty()
        self._lock = threading.Lock()
        self._line = ""
        self._label = ""
        self._began = self._shown = time.monotonic()

    def say(self, text: str) -> None:
        """A line that stays."""
        with self._lock:
            self._clear()
            # A reader that went away (`make run | head`) is no reason to die.
            with contextlib.suppress(BrokenPipeError):
                print(text, flush=True)

    def begin(self, number: int, label: str) -> None:
        """Begin a step."""
        self._label = f"[{number}/{STEPS}] {label}"
        self._began = self._shown = time.monotonic()
        if not self._live:
            self.say(self._label)

    def progress(self, detail: str = "") -> None:
        """Show how far the step is. Raises :class:`Stopped` after Ctrl-C or SIGTERM."""
        if self.stop.is_set():
            raise Stopped
        now = time.monotonic()
        line = f"{self._label} … {now - self._began:.0f} s  {detail}".rstrip()
        if self._live:
            with self._lock, contextlib.suppress(BrokenPipeError):
                self._clear()
                self._line = line[: os.get_terminal_size().columns - 1]
                print(self._line, end="", flush=True)
        elif now - self._shown > 5:
            self._shown = now
            self.say(line)

    def done(self, result: str = "") -> None:
        """End the step with what it came to."""
        took = time.monotonic() - self._began
        self.say(f"{self._label}: {result or 'done'} ({took:.1f} s)")

    def _clear(self) -> None:
        if self._line:
            print("\r" + " " * len(self._line) + "\r", end="")
            self._line = ""


class Task:
    """A program that does one step and ends; its last line of output is its result."""

    def __init__(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], console: Console
    ) -> None:
        self._console = console
        self._lines: deque[str] = deque(maxlen=30)
        self._popen = subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self.pid = self._popen.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def finished(self, *, within_s: float) -> bool:
        """Whether it ends by itself within ``within_s`` seconds."""
        self._reader.join(within_s)
        return not self._reader.is_alive()

    def result(self) -> str:
        """Its last line, after waiting and showing how far it is. Raises :class:`CannotStart`."""
        while not self.finished(within_s=0.2):
            # train.py counts the seconds too.
            said = self._lines[-1].strip() if self._lines else ""
            self._console.progress(re.sub(r"^bot: +\d+ s +", "", said))
        status = self._popen.wait()
        if status:
            raise CannotStart("\n".join(self._lines) or f"{self._popen.args!r}: status {status}")
        return self._lines[-1].strip() if self._lines else ""

    def kill(self) -> None:
        """End it and all it started, at once."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        self._popen.wait()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            if line.strip():
                self._lines.append(line.rstrip())
        self._popen.stdout.close()
