"""``make chaos``: break the running system in every way we know, and check every acknowledgement.

``KILLS`` (default 20) is the number of kills of a gateway, ``CRASHES`` (default ``KILLS`` / 20, at
least 2) that of database crashes, ``BOT`` ``echo`` or ``rasa``, ``FAULTS`` names some of the
faults, separated by commas, ``CHAOS_LOG`` a file that keeps the gateways' log. Exit code 1 when
anything was lost, doubled or reordered.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time

from tests.chaos.report import HEAD, Row, keep
from tests.chaos.rounds import plan, suite

KILLS = 20


async def run(
    *, kills: int = KILLS, crashes: int | None = None, bot: str = "echo", only: str = ""
) -> list[Row]:
    """All rounds, one after the other; a row for each."""
    crashes = crashes if crashes is not None else max(2, kills // 20)
    wanted = [one for one in plan(kills, crashes) if not only or one.name in only.split(",")]
    rows = []
    async with suite(bot) as made:
        for number, fault in enumerate(wanted, 1):
            print(f"  {number}/{len(wanted)} {fault.name} ×{fault.times} …", end="", flush=True)
            began = time.monotonic()
            row = await made.run(fault)
            rows.append(row)
            print(f"\r  {row.show()}  ({time.monotonic() - began:.0f} s)")
            print("\n".join(row.remarks()), end="\n" if row.remarks() else "", flush=True)
    return rows


def main() -> int:
    """Run, print, keep."""
    kills = int(os.environ.get("KILLS") or KILLS)
    crashes = int(os.environ["CRASHES"]) if os.environ.get("CRASHES") else max(2, kills // 20)
    bot = os.environ.get("BOT") or "echo"
    if bot not in ("echo", "rasa"):
        print("BOT is echo or rasa", file=sys.stderr)
        return 2
    print(f"  {HEAD}", flush=True)
    began = time.monotonic()
    rows = asyncio.run(
        _interruptible(kills=kills, crashes=crashes, bot=bot, only=os.environ.get("FAULTS") or "")
    )
    if not rows:
        return 130
    keep("chaos", [row.json() for row in rows], kills=kills, crashes=crashes, bot=bot)
    bad = [row.fault for row in rows if not row.passed]
    total = sum(row.verdict.acknowledged for row in rows)
    faults = sum(row.faults for row in rows)
    print(f"\n  {faults} faults, {total} acknowledged, {time.monotonic() - began:.0f} s: ", end="")
    print(f"NOT KEPT by {', '.join(bad)}" if bad else "nothing lost, doubled or reordered")
    return 1 if bad else 0


async def _interruptible(**wanted: object) -> list[Row]:
    """As :func:`run`; Ctrl-C and SIGTERM end it, and everything that it started."""
    task = asyncio.ensure_future(run(**wanted))  # type: ignore[arg-type]  # run's own arguments
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        return await task
    return []


if __name__ == "__main__":
    sys.exit(main())
