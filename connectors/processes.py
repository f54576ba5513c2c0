"""The processes that `sangdam up` looks after: started, watched, started again, stopped.

Each gets one end of a pipe as its standard input and ends when that closes, so that none outlives
us, whatever ends us. Each runs in a session of its own: Ctrl-C reaches us alone, and we stop them
in order.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

LOG_BYTES = 10_000_000
TROUBLE = re.compile(r"\b(WARNING|ERROR|CRITICAL)\b|^\w*(Error|Exception): ")
BACKOFF_S = (1, 2, 5, 10, 30)
# After this long without a fall, the next one counts as the first.
STEADY_S = 60.0


class Process:
    """One program of ours that should always run, and its log file."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: Path,
        health: str,
        say: Callable[[str], None],
    ) -> None:
        self.name = name
        self.health = health
        self.log = log
        self._command = list(command)
        self._cwd = cwd
        self._env = dict(env)
        self._say = say
        self._popen: subprocess.Popen[bytes] | None = None
        self._pump: threading.Thread | None = None
        self._started = 0.0
        self._restart_at: float | None = None
        self.falls = 0

    def start(self) -> None:
        """Start it; its output goes to the log, and what looks like trouble to the console too."""
        self._let_go()
        self._popen = subprocess.Popen(
            self._command,
            cwd=self._cwd,
            env=self._env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._started = time.monotonic()
        self._restart_at = None
        self._pump = threading.Thread(target=self._write_log, args=[self._popen], daemon=True)
        self._pump.start()

    def pid(self) -> int | None:
        """Its process number while it runs."""
        return self._popen.pid if self._popen and self._popen.poll() is None else None

    def healthy(self) -> bool:
        """Whether it runs and its health address answers 200."""
        return self.pid() is not None and answers(self.health)

    def watch(self) -> None:
        """Start it again if it ended, later each time; to be called often."""
        if self._popen is None:
            return
        now = time.monotonic()
        if self._restart_at is not None:
            if now >= self._restart_at:
                self.start()
            return
        status = self._popen.poll()
        if status is None:
            return
        if self._pump is not None:
            self._pump.join(1)  # its last words come before the news that it ended
        self.falls = 1 if now - self._started > STEADY_S else self.falls + 1
        wait = BACKOFF_S[min(self.falls, len(BACKOFF_S)) - 1]
        self._restart_at = now + wait
        self._say(
            f"{self.name} ended ({ending(status)}); starting it again in {wait} s. {self.log}"
        )

    def ask_to_stop(self) -> None:
        """Send SIGTERM; it is not started again."""
        self._restart_at = float("inf")
        if self._popen is not None and self._popen.poll() is None:
            self._popen.terminate()

    def stop(self, *, within_s: float) -> None:
        """Stop it, with SIGKILL for its whole group when ``within_s`` seconds did not do."""
        self.ask_to_stop()
        popen = self._popen
        if popen is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            popen.wait(max(0.0, within_s))
        with contextlib.suppress(OSError):
            os.killpg(popen.pid, signal.SIGKILL)
        popen.wait()
        self._let_go()

    def _let_go(self) -> None:
        """Close our end of its input, after it has ended, and see its last words written."""
        if self._popen is not None and self._popen.stdin is not None:
            self._popen.stdin.close()
        if self._pump is not None:
            self._pump.join(1)

    def tail(self, lines: int = 15) -> str:
        """The end of the log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    def _write_log(self, popen: subprocess.Popen[bytes]) -> None:
        assert popen.stdout is not None
        size = self.log.stat().st_size if self.log.exists() else 0
        out = self.log.open("ab", buffering=0)
        for line in popen.stdout:
            if size > LOG_BYTES:
                out.close()
                self.log.replace(self.log.with_suffix(".log.1"))
                out, size = self.log.open("ab", buffering=0), 0
            # A full disk must not stop the reading: the program would wait for us to go on.
            with contextlib.suppress(OSError):
                size += out.write(line)
            text = line.decode(errors="replace").rstrip()
            if TROUBLE.search(text):
                self._say(f"{self.name}: {text[:300]}")
        out.close()
        popen.stdout.close()


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status >= 0:
        return f"status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def answers(url: str) -> bool:
    """Whether ``url`` answers 200 within two seconds."""
    return why_not(url) is None


def why_not(url: str) -> str | None:
    """``None`` when ``url`` answers 200, else what it answered or why it did not."""
    try:
        with _OPENER.open(url, timeout=2) as response:
            return None if response.status == 200 else f"status {response.status}"
    except urllib.error.HTTPError as error:
        return error.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__


def stop_after_make(stop: threading.Event) -> None:
    """Set ``stop`` when the `make` we are the whole of is killed: it cannot pass SIGKILL on."""
    make = os.getppid()
    while not stop.wait(0.5):
        if os.getppid() != make:
            stop.set()


def stop_strays(data_dir: Path) -> None:
    """End what a killed run left behind: exactly the processes it wrote down, nobody else's."""
    try:
        noted = json.loads((data_dir / "processes.json").read_text())
    except (OSError, ValueError):
        return
    for pid, created in noted.items():
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(int(pid))
            if abs(process.create_time() - created) < 0.05:
                process.kill()
                process.wait(5)


# Our own processes on this machine are never behind a proxy.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
