"""``make bench``: measure, print a table, append every figure to ``benchmarks/results/``.

Arguments choose groups: ``size start memory turn echo lanes idle knowledge stock`` (default:
all). Figures of one run compare with each other; machines and their neighbours differ, so runs
do not.
"""

from __future__ import annotations

import asyncio
import gzip
import resource
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks import customers, parts
from benchmarks.figures import Figures, percentile
from benchmarks.knowledge import knowledge
from benchmarks.lanes import lanes
from benchmarks.stock import stock
from connectors.web.widget import script

GROUPS = ("size", "start", "memory", "turn", "echo", "lanes", "idle", "knowledge", "stock")
STREAMS = 10_000
TURN_S = 12.0
TURN_GOALS = {1: "goal: p95 under 100 ms", 32: "goal: twice stock Rasa's turns/s"}


def main() -> int:
    """Run the chosen groups."""
    chosen = set(sys.argv[1:]) or set(GROUPS)
    if unknown := chosen - set(GROUPS):
        print(f"no such group: {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
        return 2
    figures = Figures()
    data_dir = parts.ROOT / "var" / "bench"
    if "size" in chosen:
        size(figures)
    if chosen & {"start", "memory", "turn"}:
        whole(figures, data_dir, chosen)
    with tempfile.TemporaryDirectory(prefix="sangdam-bench-") as folder:
        Path(folder).chmod(0o755)
        if "echo" in chosen:
            echo(figures, Path(folder) / "echo")
        if "lanes" in chosen:
            lanes(figures, Path(folder) / "lanes")
        if "idle" in chosen:
            idle(figures, Path(folder) / "idle")
    if "knowledge" in chosen:
        knowledge(figures)
    if "stock" in chosen:
        stock(figures)
    ours, theirs = figures.all.get("turn.32.turns_per_s"), figures.all.get("stock.32.turns_per_s")
    if ours and theirs:
        figures.add("turn", "32.times_stock", ours / theirs, "x", goal="goal: at least 2")
    return 0


def size(figures: Figures) -> None:
    """What a page that embeds the widget downloads."""
    source, _ = script()
    figures.add(
        "size", "widget_gzip", len(gzip.compress(source, 9)) / 1024, "KiB", goal="goal: under 20"
    )


def whole(figures: Figures, data_dir: Path, chosen: set[str]) -> None:
    """The whole product: the second start, its memory, and turns of 1, 8 and 32 customers."""
    print("  starting the product once, so that what is measured is the second start …")
    with parts.product(data_dir):
        pass
    with parts.product(data_dir) as (url, process, took):
        if "start" in chosen:
            figures.add("start", "warm", took, "s", goal="goal: under 20")
        if "turn" in chosen:
            asked = parts.questions(parts.ROOT / "benchmarks" / "shop" / "tune.jsonl")
            for count in (1, 8, 32):
                seconds, rate = asyncio.run(
                    customers.turns(url, asked, customers=count, seconds=TURN_S)
                )
                latencies(figures, "turn", str(count), seconds)
                figures.add(
                    "turn", f"{count}.turns_per_s", rate, "/s", goal=TURN_GOALS.get(count, "")
                )
        if "memory" in chosen:
            for name, mib in sorted(parts.memory(process, data_dir).items()):
                figures.add("memory", name, mib, "MiB")


def echo(figures: Figures, data_dir: Path) -> None:
    """Our own part: the same turns and a flood, with a bot that answers at once."""
    words = [f"말 {number}" for number in range(1000)]
    with parts.echo(data_dir) as (url, gateway):
        for count in (1, 8, 32):
            seconds, rate = asyncio.run(
                customers.turns(url, words, customers=count, seconds=TURN_S / 2)
            )
            goal = "goal: p95 under 30 ms" if count == 1 else ""
            latencies(figures, "echo", str(count), seconds, goal=goal)
            figures.add("echo", f"{count}.turns_per_s", rate, "/s")
        before = used(gateway)
        rate, accepted = asyncio.run(customers.flood(url, customers=64, messages=6400))
        figures.add("echo", "flood.messages_per_s", rate, "/s", goal="goal: 400")
        figures.add("echo", "flood.accept_p99", percentile(accepted, 0.99) * 1000, "ms")
        # Comparable even where other programs share the cores.
        cost = (used(gateway) - before) / len(accepted) * 1000
        figures.add("echo", "flood.gateway_cpu_per_message", cost, "ms")
        accepted = asyncio.run(customers.steady(url, customers=50, per_second=100, seconds=20))
        goal = "goal: p99 under 30 ms"
        latencies(figures, "echo", "accept_at_100_per_s", accepted, goal=goal, share=0.99)


def used(process: psutil.Process) -> float:
    """Processor seconds of a process until now."""
    times = process.cpu_times()
    return float(times.user + times.system)


def idle(figures: Figures, data_dir: Path) -> None:
    """What a customer who only has the chat open costs the gateway."""

    async def measure(url: str, gateway: psutil.Process) -> None:
        await customers.idle(url, streams=100)  # warm, and gone again
        before = gateway.memory_info().rss
        writers = await customers.idle(url, streams=STREAMS)
        grown = (gateway.memory_info().rss - before) / STREAMS / 1024
        figures.add("idle", "stream", grown, "KiB", goal="goal: at most 64", n=STREAMS)
        began, spent = time.monotonic(), used(gateway)
        await asyncio.sleep(30)  # two heartbeats of each
        share = (used(gateway) - spent) / (time.monotonic() - began) * 100
        figures.add("idle", "processor", share, "% of a core", n=STREAMS)
        for writer in writers:
            writer.close()

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    with parts.echo(data_dir) as (url, gateway):
        asyncio.run(measure(url, gateway))


def latencies(
    figures: Figures,
    group: str,
    name: str,
    seconds: list[float],
    *,
    goal: str = "",
    share: float = 0.95,
) -> None:
    """p50, p95 and p99 of a group, in milliseconds; the goal is for ``share``."""
    for part in (0.5, 0.95, 0.99):
        figures.add(
            group,
            f"{name}.p{part * 100:.0f}",
            percentile(seconds, part) * 1000,
            "ms",
            goal=goal if part == share else "",
            n=len(seconds),
        )


if __name__ == "__main__":
    began = time.monotonic()
    code = main()
    print(f"  measured in {time.monotonic() - began:.0f} s")
    sys.exit(code)
