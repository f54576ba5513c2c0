"""Gateways that start in a fraction of a second: forked from a parent that has imported everything.

``python -m tests.chaos.gateway FOLDER`` reads one JSON object a line from its standard input,
``{"name", "log", "settings", "database_url"}``, forks a child for it that runs
``connectors.server.serve``, and says on its standard output who started and how each ended. When
its input closes, all of them are ended. It has no thread, so that a fork is a whole copy.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from connectors.server import serve
from connectors.settings import Settings
from tests.chaos import points

END_WITHIN_S = 10.0


class Zygote:
    """The parent: what it started and the pipes whose end ends them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: dict[int, tuple[str, int]] = {}

    def run(self) -> None:
        """Serve requests until the standard input closes."""
        wake, waker = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(waker, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(waker)
        selector = selectors.DefaultSelector()
        selector.register(0, selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        self._say(ready=True)
        read = b""
        while True:
            for key, _ in selector.select():
                if key.fd == wake:
                    os.read(wake, 4096)
                    self._reap()
                    continue
                data = os.read(0, 65_536)
                if not data:
                    self._end()
                    return
                *lines, read = (read + data).split(b"\n")
                for line in lines:
                    self._start(json.loads(line), [wake, waker])

    def _start(self, wanted: dict[str, Any], ours: list[int]) -> None:
        listen, hold = os.pipe()
        pid = os.fork()
        if pid:
            os.close(listen)
            self._children[pid] = (wanted["name"], hold)
            self._say(started=wanted["name"], pid=pid)
            return
        code = 70
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # The pipes of its sisters, too: they end when the parent lets go, and only then.
            for fd in [*ours, hold, *(held for _, held in self._children.values())]:
                os.close(fd)
            log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            for fd, place in ((listen, 0), (log, 1), (log, 2)):
                os.dup2(fd, place)
            points.follow_clock(self._folder)
            code = serve(
                Settings(**wanted["settings"]),
                database_url=wanted["database_url"],
                exit_with_parent=True,
            )
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _reap(self) -> None:
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            name, hold = self._children.pop(pid)
            os.close(hold)
            self._say(ended=name, pid=pid, status=os.waitstatus_to_exitcode(status))

    def _end(self) -> None:
        for pid, (_, hold) in self._children.items():
            os.close(hold)
            os.kill(pid, signal.SIGCONT)
        deadline = time.monotonic() + END_WITHIN_S
        while self._children and time.monotonic() < deadline:
            for pid in list(self._children):
                if os.waitpid(pid, os.WNOHANG)[0]:
                    del self._children[pid]
            time.sleep(0.02)  # our input is closed: there is nothing to wait on but them
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _say(self, **news: object) -> None:
        os.write(1, json.dumps(news).encode() + b"\n")


def main() -> None:
    """Run the parent."""
    folder = Path(sys.argv[1])
    points.install(folder)
    if threading.active_count() != 1:
        raise RuntimeError("a thread was started by an import; a fork would lose it")
    Zygote(folder).run()


if __name__ == "__main__":
    main()
