"""`sangdam up` as its owner sees it: one a folder, nothing lost, nothing left running."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.product import Product, open_folder, started


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made / "up"
        assert of(made) == []


def of(folder: Path) -> list[str]:
    """The processes that were started for ``folder``, PostgreSQL included."""
    found = []
    for process in psutil.process_iter(["pid", "name", "cmdline"]):
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            ours = process.environ().get("SANGDAM_DATA_DIR") == str(folder)
            if ours or any(str(folder) in word for word in process.info["cmdline"] or ()):
                found.append(f"{process.pid} {' '.join(process.info['cmdline'] or ())}")
        except psutil.Error:
            continue
    return found


def child(product: Product, word: str) -> psutil.Process:
    """The child of the launcher whose command has ``word``."""
    children = psutil.Process(product.process.pid).children()
    return next(one for one in children if word in " ".join(one.cmdline()))


def until(what: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # nothing tells when another process has gone or come


def ready(product: Product) -> bool:
    try:
        return httpx.get(f"{product.url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def test_start_kill_recover_stop(folder: Path) -> None:
    with started(folder) as product:
        assert ready(product)
        again = Product(folder)
        assert again.process.wait(30) == 1
        again.until("already runs on .* \\(process")
        taken = Product(folder.parent / "other", port=product.port)
        assert taken.process.wait(30) == 1
        taken.until(f"port {product.port} .* cannot be used")

        database = int((folder / "postgres" / "postmaster.pid").read_text().split("\n")[0])
        for process in (psutil.Process(database), child(product, "connectors.cli serve")):
            process.kill()
        product.until("gateway ended \\(killed by SIGKILL\\)", within_s=20)
        until(lambda: ready(product), within_s=60)

        product.stop(signal.SIGKILL)
        until(lambda: not of(folder), within_s=15)

    with started(folder) as product:
        for pid in [int(line.split()[0]) for line in of(folder)]:
            psutil.Process(pid).kill() if psutil.pid_exists(pid) else None
        product.process.wait(20)

    with started(folder) as product:
        assert ready(product)
        began = time.monotonic()
        assert product.stop() == 0
        assert time.monotonic() - began < 10
        assert of(folder) == []
