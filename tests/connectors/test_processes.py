"""Processes that are looked after: restarted, stopped, never left behind."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from connectors.processes import Process, ending, stop_strays

OBEDIENT = "import sys; print('up', flush=True); sys.stdin.read()"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); input()"
TALKATIVE = (
    "print('INFO all is well'); print('2026 WARNING odd'); print('ValueError: no', flush=True)"
)


class Made:
    def __init__(self, process: Process, said: list[str]) -> None:
        self.process = process
        self.said = said

    def until(self, what: Callable[[], bool], within_s: float = 15) -> None:
        deadline = time.monotonic() + within_s
        while not what():
            assert time.monotonic() < deadline, (self.said, self.process.tail())
            self.process.watch()

    def up(self) -> bool:
        return "up" in self.process.tail()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Made]]:
    made: list[Made] = []

    def one(code: str) -> Made:
        said: list[str] = []
        process = Process(
            "part",
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={},
            log=tmp_path / "part.log",
            health="http://127.0.0.1:9/",
            say=said.append,
        )
        process.start()
        made.append(Made(process, said))
        return made[-1]

    yield one
    for each in made:
        each.process.stop(within_s=0)


def test_a_killed_one_comes_back_and_it_is_said(make: Callable[[str], Made]) -> None:
    part = make(OBEDIENT)
    first = part.process.pid()
    assert first is not None
    psutil.Process(first).kill()
    part.until(lambda: part.process.pid() not in (None, first))
    assert part.said[0].startswith("part ended (killed by SIGKILL); starting it again in 1 s")


def test_stopping_is_final(make: Callable[[str], Made]) -> None:
    part = make(OBEDIENT)
    part.until(part.up)
    part.process.stop(within_s=5)
    part.process.watch()
    assert part.process.pid() is None
    assert part.said == []


def test_one_that_ignores_sigterm_is_killed_in_time(make: Callable[[str], Made]) -> None:
    part = make(DEAF)
    part.until(part.up)
    began = time.monotonic()
    part.process.stop(within_s=0.3)
    assert part.process.pid() is None
    assert time.monotonic() - began < 3


def test_trouble_is_shown_and_the_rest_is_only_logged(make: Callable[[str], Made]) -> None:
    part = make(TALKATIVE)
    part.until(lambda: len(part.said) >= 2)
    assert part.said[:2] == ["part: 2026 WARNING odd", "part: ValueError: no"]
    assert "INFO all is well" in part.process.tail()


def test_strays_are_those_that_were_written_down(
    make: Callable[[str], Made], tmp_path: Path
) -> None:
    stray, other = make(OBEDIENT), make(OBEDIENT)
    pids = [stray.process.pid(), other.process.pid()]
    assert pids[0] and pids[1]
    began = psutil.Process(pids[0]).create_time()
    # The second number belonged to another program, long ago.
    (tmp_path / "processes.json").write_text(f'{{"{pids[0]}": {began}, "{pids[1]}": 12.5}}')
    stop_strays(tmp_path)
    assert stray.process.pid() is None
    assert other.process.pid() == pids[1]


def test_endings_in_words() -> None:
    assert [ending(3), ending(-9), ending(-99)] == [
        "status 3",
        "killed by SIGKILL",
        "killed by signal 99",
    ]
