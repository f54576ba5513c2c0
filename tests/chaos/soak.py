"""``make soak``: 50 messages a second for ``MINUTES`` (30), and nothing may grow.

Every few seconds the memory and the open files of each process, the size of PostgreSQL's log and
the age of the oldest work are written down; what counts is their slope after the warm-up.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import psutil
import psycopg

from tests.chaos.checker import Verdict, check
from tests.chaos.customers import Habits
from tests.chaos.history import facts
from tests.chaos.report import keep
from tests.chaos.rounds import SETTLE_S, Suite, suite
from tests.chaos.system import System

EVERY_S = 3.0
LASTING_S = 60.0
MIB = 2**20
WARM_UP_SHARE, WARM_UP_MOST_S = 0.25, 300.0
# Below this length the slopes are shown and not judged: a process still fills its caches.
JUDGED_FROM_MIN = 10.0
RSS_MIB_PER_MIN, FILES_PER_MIN, WAL_MIB = 1.0, 0.2, 64.0
# Work that falls behind grows older without end; what is old for a moment had a busy machine.
OLDEST_S_PER_MIN, OLDEST_S = 0.2, 2.0
_OLDEST = """
SELECT coalesce(extract(epoch FROM now() - min(
         CASE WHEN error IS NULL THEN next_at ELSE created_at END)), 0)::float8
  FROM job WHERE state = 'pending' AND (error IS NOT NULL OR next_at < now())"""
_WAL = "SELECT sum(size)::float8, (SELECT count(*) FROM message)::float8 FROM pg_ls_waldir()"


@dataclasses.dataclass
class Samples:
    """What was measured, by name: ``(seconds since the start, value)``."""

    series: dict[str, list[tuple[float, float]]] = dataclasses.field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, at: float, **values: float) -> None:
        """Keep one value of each name."""
        for name, value in values.items():
            self.series[name].append((at, value))

    def warm(self, name: str) -> list[tuple[float, float]]:
        """The values after the warm-up."""
        kept = self.series[name]
        start = min(WARM_UP_MOST_S, WARM_UP_SHARE * kept[-1][0])
        return [(at, value) for at, value in kept if at >= start]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The least-squares slope, per minute."""
    middle = sum(at for at, _ in points) / len(points)
    mean = sum(value for _, value in points) / len(points)
    spread = sum((at - middle) ** 2 for at, _ in points)
    if spread == 0:
        return 0.0
    return 60 * sum((at - middle) * (value - mean) for at, value in points) / spread


async def soak(minutes: float) -> tuple[Samples, Verdict, list[str]]:
    """Run the load: what was measured, whether all is there, and what was odd."""
    samples = Samples()
    async with suite("echo") as made:
        system, workspace = made.system, made.workspace

        def urls() -> list[str]:
            return [gateway.url for gateway in system.gateways]

        crowd = made.platforms.crowd(urls, Habits())
        async with workspace.working(urls), crowd.talking():
            began = time.monotonic()
            while (at := time.monotonic() - began) < minutes * 60:
                with contextlib.suppress(psutil.Error, psycopg.Error):
                    samples.add(at, **await _look(made))
                samples.add(at, acknowledged=crowd.acknowledged())
                print(f"\r  {at / 60:5.1f} min, {_line(samples)}", end="", flush=True)
                await asyncio.sleep(EVERY_S)
            print()
            await crowd.finish()
            await workspace.finish()
            left = await system.settled(SETTLE_S)
            odd = [f"work is left in the lanes: {left}"] if left else []
            found, _ = await facts(system, crowd, workspace, [])
            starts = {gateway.name: gateway.starts for gateway in system.gateways}
            odd += [f"gateway {name} was started {n} times" for name, n in starts.items() if n > 1]
        return samples, check(found), [*odd, *crowd.problems[:5], *workspace.problems[:5]]


async def _look(made: Suite) -> dict[str, float]:
    system = made.system
    seen: dict[str, float] = {}
    for gateway in system.gateways:
        seen |= _process(f"gateway_{gateway.name}", psutil.Process(gateway.pid))
    for process in system.bot.processes:
        if (pid := process.pid()) is not None:
            seen |= _process(f"bot_{process.name}", psutil.Process(pid))
    seen |= await asyncio.to_thread(_postgres, system)
    ((wal, messages),) = await system.rows(_WAL)
    ((oldest,),) = await system.rows(_OLDEST)
    return seen | {"wal_mib": wal / MIB, "oldest_pending_s": oldest, "messages": messages}


def _process(name: str, process: psutil.Process) -> dict[str, float]:
    return {
        f"{name}_rss_mib": process.memory_info().rss / MIB,
        f"{name}_files": float(process.num_fds()),
    }


def _postgres(system: System) -> dict[str, float]:
    """The server's lasting processes together, their shared memory left out."""
    server = system.server()
    own, files = 0.0, 0
    for process in [server, *server.children()] if server is not None else []:
        with contextlib.suppress(psutil.Error):
            if time.time() - process.create_time() < LASTING_S:
                continue  # ours, which looks, and those that tidy up and go
            used = process.memory_info()
            own += (used.rss - getattr(used, "shared", 0)) / MIB
            files += process.num_fds()
    return {"postgres_rss_mib": own, "postgres_files": float(files)}


def _line(samples: Samples) -> str:
    last = {name: points[-1][1] for name, points in samples.series.items()}
    return (
        f"{last['acknowledged']:.0f} acknowledged, gateways "
        f"{last.get('gateway_one_rss_mib', 0):.0f} and {last.get('gateway_two_rss_mib', 0):.0f} "
        f"MiB, WAL {last.get('wal_mib', 0):.0f} MiB, "
        f"oldest {last.get('oldest_pending_s', 0):.1f} s   "
    )


def rows(samples: Samples) -> list[dict[str, Any]]:
    """One object per measure: slope, highest value, bound and whether it was kept."""
    made = []
    for name in sorted(samples.series):
        warm = samples.warm(name)
        highest = max(value for _, value in warm)
        row: dict[str, Any] = {
            "measure": name,
            "first": round(warm[0][1], 2),
            "last": round(warm[-1][1], 2),
            "max": round(highest, 2),
            "slope_per_min": round(slope(warm), 3),
        }
        if name.endswith("_rss_mib"):
            row |= {
                "bound": f"slope under {RSS_MIB_PER_MIN:g}",
                "kept": slope(warm) < RSS_MIB_PER_MIN,
            }
        elif name.endswith("_files") and not name.startswith("postgres"):
            row |= {"bound": "flat", "kept": abs(slope(warm)) < FILES_PER_MIN}
        elif name == "wal_mib":
            row |= {"bound": f"under {WAL_MIB:g}", "kept": highest < WAL_MIB}
        elif name == "oldest_pending_s":
            middle = statistics.median(value for _, value in warm)
            row |= {
                "median": round(middle, 2),
                "bound": f"under {OLDEST_S:g}, slope under {OLDEST_S_PER_MIN:g}",
                "kept": highest < OLDEST_S and slope(warm) < OLDEST_S_PER_MIN,
            }
        made.append(row)
    return made


async def _interruptible(minutes: float) -> tuple[Samples, Verdict, list[str]] | None:
    task = asyncio.ensure_future(soak(minutes))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        return await task
    return None


def main() -> int:
    """Run, print, keep; 1 when something grew, or was lost, doubled or reordered."""
    minutes = float(os.environ.get("MINUTES") or 30)
    done = asyncio.run(_interruptible(minutes))
    if done is None:
        return 130
    samples, verdict, odd = done
    made = rows(samples)
    print(f"  {'after the warm-up':28} {'first':>10} {'last':>10} {'max':>10} {'per minute':>11}")
    for row in made:
        bad = "  NOT KEPT" if row.get("kept") is False else ""
        print(
            f"  {row['measure']:28} {row['first']:10.1f} {row['last']:10.1f} {row['max']:10.1f} "
            f"{row['slope_per_min']:11.2f}  {row.get('bound', '')}{bad}"
        )
    counts = {name: getattr(verdict, name) for name in ("acknowledged", "lost", "doubled")}
    counts["reordered"] = verdict.reordered
    keep("soak", [*made, {"measure": "verdict", **counts, "odd": odd}], minutes=minutes)
    print("  " + ", ".join(f"{name} {count}" for name, count in counts.items()))
    for finding in (*verdict.findings, *odd):
        print(f"    FOUND {finding}")
    broken = [row["measure"] for row in made if row.get("kept") is False]
    if minutes < JUDGED_FROM_MIN:
        print(f"  under {JUDGED_FROM_MIN:g} minutes the slopes are not judged")
        broken = []
    return 1 if broken or odd or not verdict.clean() else 0


if __name__ == "__main__":
    sys.exit(main())
