"""The parts that are measured: the whole product, a gateway with an echo bot, stock Rasa."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
RASA_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
SANGDAM = Path(sys.executable).parent / "sangdam"


def unused_port() -> int:
    """A port of the loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(**values: object) -> dict[str, str]:
    """The environment without this machine's settings of Sangdam, plus ``values``."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SANGDAM_") and k != "PORT"}
    return clean | {name: str(value) for name, value in values.items()}


@contextlib.contextmanager
def program(
    command: Sequence[str | Path],
    *,
    ready: str,
    env: Mapping[str, str],
    cwd: Path = ROOT,
    within_s: float = 240,
) -> Iterator[tuple[psutil.Process, float]]:
    """Run a program until the block ends: its process and the seconds until ``ready`` was 200."""
    began = time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as popen:
        assert popen.stdout is not None
        os.set_blocking(popen.stdout.fileno(), False)
        try:
            while not _answers(ready):
                if popen.poll() is not None or time.perf_counter() - began > within_s:
                    raise RuntimeError(f"{command} did not start:\n{popen.stdout.read()}")
                _drain(popen)
                time.sleep(0.05)  # nothing tells when another program is ready
            yield psutil.Process(popen.pid), time.perf_counter() - began
        finally:
            popen.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                popen.wait(20)
            popen.kill()


def _drain(popen: subprocess.Popen[str]) -> None:
    assert popen.stdout is not None
    with contextlib.suppress(TypeError, ValueError, OSError):
        popen.stdout.read()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def product(data_dir: Path) -> Iterator[tuple[str, psutil.Process, float]]:
    """All of Sangdam: its address, its process, and how long it took to be ready."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    with program(
        [SANGDAM, "up"],
        ready=f"{url}/readyz",
        env=environment(PORT=port, SANGDAM_DATA_DIR=data_dir),
    ) as (process, took):
        yield url, process, took


@contextlib.contextmanager
def echo(data_dir: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A gateway, and its process, whose Rasa answers at once with the customer's own words."""
    rasa_port, port = unused_port(), unused_port()
    rasa, url = f"http://127.0.0.1:{rasa_port}", f"http://127.0.0.1:{port}"
    env = environment(PORT=port, SANGDAM_DATA_DIR=data_dir, SANGDAM_RASA_URL=rasa)
    subprocess.run([str(SANGDAM), "migrate"], env=env, cwd=ROOT, check=True, capture_output=True)
    with (
        program(
            [sys.executable, "-m", "tests.fakes.rasa", "--port", str(rasa_port)],
            ready=rasa,
            env=env,
        ),
        program([SANGDAM, "serve"], ready=f"{url}/readyz", env=env) as (process, _),
    ):
        yield url, process


def memory(process: psutil.Process, data_dir: Path) -> dict[str, float]:
    """Resident MiB of the product's processes by name; PostgreSQL's without its shared pages."""
    found: dict[str, float] = {}
    for child in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.Error):
            name = _name(child)
            found[name] = found.get(name, 0.0) + child.memory_info().rss / 2**20
    folder = (data_dir / "postgres").resolve()
    for server in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.Error, OSError):
            if server.info["name"] == "postgres" and Path(server.cwd()) == folder:
                used = server.memory_info()
                own = (used.rss - getattr(used, "shared", 0)) / 2**20
                found["postgres"] = found.get("postgres", 0.0) + own
    return found


def _name(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    for pattern, name in (
        (r"server\.py", "rasa"),
        (r"bot\.actions", "actions"),
        (r"connectors\.cli serve|sangdam serve", "gateway"),
        (r"sangdam up", "launcher"),
    ):
        if re.search(pattern, command):
            return name
    return "other"


def questions(path: Path) -> list[str]:
    """The questions of an evaluation file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines if line]
