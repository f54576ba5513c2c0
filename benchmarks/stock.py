"""Stock Rasa in the same run: its usual pipeline and policies, one action call a turn."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from benchmarks import parts
from benchmarks.figures import Figures, percentile

PROJECT = parts.ROOT / "benchmarks" / "stock_rasa"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}


def stock(figures: Figures) -> None:
    """Train it, start it with `rasa run`, and ask over its webhook at 1 and 32 customers."""
    with tempfile.TemporaryDirectory(prefix="sangdam-stock-") as folder:
        print("  training stock Rasa (about two minutes) …")
        began = time.perf_counter()
        env = parts.environment(**QUIET)
        bot = parts.ROOT / "bot"
        subprocess.run(
            [
                *(str(parts.RASA_PYTHON), "-m", "rasa", "train", "--config", "config.yml"),
                *("--domain", str(bot / "domain.yml"), "--data", str(bot / "data")),
                *("--out", folder),
            ],
            cwd=PROJECT,
            env=env,
            check=True,
            capture_output=True,
        )
        figures.add("stock", "training", time.perf_counter() - began, "s")
        measure(figures, Path(folder), env)


def measure(figures: Figures, models: Path, env: dict[str, str]) -> None:
    """The webhook of the trained stock project."""
    port, actions = parts.unused_port(), parts.unused_port()
    env = env | {"STOCK_ACTIONS_URL": f"http://127.0.0.1:{actions}/webhook"}
    asked = parts.questions(parts.ROOT / "benchmarks" / "shop" / "tune.jsonl")
    with (
        parts.program(
            [parts.RASA_PYTHON, "-m", "rasa_sdk", "--actions", "actions", "--port", str(actions)],
            ready=f"http://127.0.0.1:{actions}/health",
            env=env,
            cwd=PROJECT,
        ),
        parts.program(
            [parts.RASA_PYTHON, "-m", "rasa", "run", "--model", models, "--port", str(port)],
            ready=f"http://127.0.0.1:{port}/",
            env=env,
            cwd=PROJECT,
        ) as (process, took),
    ):
        figures.add("stock", "start", took, "s")
        url = f"http://127.0.0.1:{port}/webhooks/rest/webhook"
        asyncio.run(turns(url, asked, customers=1, seconds=3))
        for count in (1, 32):
            seconds, rate = asyncio.run(turns(url, asked, customers=count, seconds=10))
            for share in (0.5, 0.95, 0.99):
                value = percentile(seconds, share) * 1000
                figures.add("stock", f"{count}.p{share * 100:.0f}", value, "ms")
            figures.add("stock", f"{count}.turns_per_s", rate, "/s")
        figures.add("stock", "memory", process.memory_info().rss / 2**20, "MiB")


async def turns(
    url: str, asked: Sequence[str], *, customers: int, seconds: float
) -> tuple[list[float], float]:
    """Customers who ask the webhook one question after the other."""
    deal = itertools.cycle(asked)
    took: list[float] = []
    end = time.perf_counter() + seconds
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:

        async def talk(sender: str) -> None:
            while time.perf_counter() < end:
                began = time.perf_counter()
                body = {"sender": sender, "message": next(deal)}
                async with http.post(url, json=body) as answer:
                    if not await answer.json():
                        raise RuntimeError("stock Rasa was silent")
                took.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*(talk(f"{seconds}-{count}") for count in range(customers)))
        return took, len(took) / (time.perf_counter() - began)
