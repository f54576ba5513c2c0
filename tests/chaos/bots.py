"""The bot beside the gateways: an echo that answers at once, or the real Rasa with its actions."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from connectors.launch import RASA_PYTHON
from connectors.processes import Process
from tests.product import ROOT, model, unused_port

UP_WITHIN_S = 120.0


class Bot:
    """The bot's processes, looked after as `sangdam up` does, but started again at once."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("SANGDAM_")}
        self.env |= {"PYTHONUNBUFFERED": "1", **settings}
        self.url = ""
        self.actions_url = ""
        self.processes: list[Process] = []

    def add(self, name: str, command: list[str], *, cwd: Path, health: str) -> None:
        """Start one of its programs."""
        process = Process(
            name,
            command,
            cwd=cwd,
            env=self.env,
            log=self.folder / f"{name}.log",
            health=health,
            say=lambda line: None,
        )
        process.start()
        self.processes.append(process)

    def kill(self) -> None:
        """End one of its programs without a word."""
        pid = random.choice(self.processes).pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)

    async def keep(self) -> None:
        """Start again what ended."""
        while True:
            for process in self.processes:
                if process.pid() is None:
                    await asyncio.to_thread(process.start)
            await asyncio.sleep(0.05)

    async def whole(self) -> None:
        """Wait until it can answer."""
        async with asyncio.timeout(UP_WITHIN_S):
            for process in self.processes:
                while not await asyncio.to_thread(process.healthy):
                    await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def echo(folder: Path, database_url: str) -> AsyncIterator[Bot]:
    """A bot that says what it is told, and hands over whoever asks for a person."""
    bot = Bot(folder)
    port = unused_port()
    bot.url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "tests.fakes.rasa", "--port", str(port)]
    bot.add("echo", command, cwd=ROOT, health=bot.url)
    async with _kept(bot):
        yield bot


@contextlib.asynccontextmanager
async def rasa(folder: Path, database_url: str) -> AsyncIterator[Bot]:
    """The real one: Rasa, its actions, and the sample shop's articles in ``database_url``."""
    bot = Bot(folder, SANGDAM_DATABASE_URL=database_url)
    port, actions_port = unused_port(), unused_port()
    bot.url = f"http://127.0.0.1:{port}"
    bot.actions_url = f"http://127.0.0.1:{actions_port}/webhook"
    trained = await asyncio.to_thread(model)
    kb = [sys.executable, "-m", "connectors.cli", "kb", "import", "knowledge_base/sample"]
    await asyncio.to_thread(_run, kb, ROOT, bot.env)
    bot.add(
        "rasa",
        [
            *[str(RASA_PYTHON), "server.py", "--port", str(port), "--model", str(trained)],
            *["--actions-url", bot.actions_url, "--exit-with-parent"],
        ],
        cwd=ROOT / "bot",
        health=f"{bot.url}/",
    )
    bot.add(
        "actions",
        [
            *[sys.executable, "-m", "bot.actions.server", "--port", str(actions_port)],
            "--exit-with-parent",
        ],
        cwd=ROOT,
        health=f"http://127.0.0.1:{actions_port}/health",
    )
    async with _kept(bot):
        yield bot


@contextlib.asynccontextmanager
async def _kept(bot: Bot) -> AsyncIterator[None]:
    keeping = None
    try:
        await bot.whole()
        keeping = asyncio.create_task(bot.keep())
        yield
    finally:
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        for process in bot.processes:
            process.stop(within_s=0.5)


def _run(command: list[str], cwd: Path, env: Mapping[str, str]) -> str:
    """Run a program to its end; the last line it printed."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout.strip().rsplit("\n", 1)[-1]


def questions() -> list[str]:
    """What the shop's customers ask, for the real bot."""
    lines = (ROOT / "benchmarks" / "shop" / "tune.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines if line]
