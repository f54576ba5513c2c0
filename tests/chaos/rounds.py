"""A round: people talk, a fault strikes some times, everything settles, and all is compared."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import TypedDict

from tests.chaos import bots, faults, launcher, points
from tests.chaos.checker import check
from tests.chaos.customers import Crowd, Habits
from tests.chaos.faults import Scene, Strike
from tests.chaos.history import facts
from tests.chaos.report import Row
from tests.chaos.system import MakeBot, System
from tests.chaos.workspace import Workspace
from tests.fakes.kakao import FakeKakao
from tests.fakes.telegram import FakeTelegram
from ticketing.lanes import LEASE_S

# The longest that nothing moves in the lanes: leases that nobody renews, and a back-off.
SETTLE_S = 3 * LEASE_S + 30
ROUND_S = 1800.0
DISK_MIB = 192
USUAL = Habits()

_NO_TIMERS = """
UPDATE job SET state = 'done' WHERE state = 'pending' AND kind LIKE 'ticket.%%' RETURNING id"""


@dataclasses.dataclass(frozen=True)
class Fault:
    """A fault, how often it strikes, and in what kind of crowd. ``row``: of the quality model."""

    name: str
    row: str
    strike: Strike
    times: int
    habits: Habits = USUAL
    gap_s: tuple[float, float] = (0.2, 0.6)


class _Slowly(TypedDict):
    habits: Habits
    gap_s: tuple[float, float]


def plan(kills: int, crashes: int) -> list[Fault]:
    """All faults, for this many kills of a gateway and crashes of the database in all."""

    def share(parts: float) -> int:
        return max(1, round(kills * parts))

    busy = Habits(with_person=8, person_pause_s=0.5)
    long = kills >= 200
    seconds = 20.0 if long else 3.0
    down, tickets = (600.0, 500) if long else (5.0, 20)
    storm = Habits(repeats=1.0, copies=2, rate=25.0)
    calm = Habits(rate=10.0)
    # Posts to Slack are one lane, which stands still after each kill until the lease ends. It needs
    # time to catch up, or the round would only show that nothing gets through meanwhile.
    slowly = _Slowly(
        habits=dataclasses.replace(busy, person_pause_s=1.0) if long else busy,
        gap_s=(LEASE_S + 0.5, LEASE_S + 2),
    )
    return [
        Fault("kill_gateway", "F1", faults.kill_gateway, share(0.4)),
        Fault("kill_after_receive_before_commit", "F3", _at(points.RECEIVED), share(0.15)),
        Fault("kill_after_commit_before_ack", "F3", _at(points.ACCEPTED), share(0.15)),
        Fault("kill_after_bot_before_commit", "F3", _at(*points.TURN), share(0.15)),
        Fault("kill_after_commit_before_send", "F3", _at(points.SENDING), share(0.075), **slowly),
        Fault("kill_after_send_before_mark", "F3", _at(points.SENT), share(0.075), **slowly),
        Fault("kill_bot", "F13", faults.kill_bot, 10 if long else 1),
        Fault("kill_postgres", "F8", faults.end_database(signal.SIGKILL), crashes - crashes // 2),
        Fault("stop_postgres_immediate", "F8", faults.end_database(signal.SIGQUIT), crashes // 2),
        Fault("cut_database", "F10", faults.part_network("cut", seconds), 3 if long else 1),
        Fault("stall_database", "F10", faults.part_network("stall", seconds), 3 if long else 1),
        Fault("pause_worker", "F11", faults.pause_worker, 10 if long else 1),
        Fault("redelivery_storm", "F4", faults.storm, 10 if long else 1, storm),
        Fault("slack_drops_replies", "F5", faults.slack_drops, 20 if long else 1, busy),
        Fault("slack_limits", "F6", faults.slack_limits, 5 if long else 1, busy),
        Fault("slack_down", "F7", faults.slack_down(down, tickets), 1),
        Fault("disk_full", "F15", faults.fill_disk, 5 if long else 1),
        Fault("step_clock", "F16", faults.step_clock, 5 if long else 1),
        Fault("stop_gateway", "F17", faults.stop_gateway, 20 if long else 1),
        Fault("full_start", "F1", launcher.kill_under_launcher, 3 if long else 1, calm),
    ]


def _at(*names: str) -> Strike:
    return faults.kill_at(*names)


class Platforms:
    """Slack with its agents, Telegram and KakaoTalk."""

    def __init__(self) -> None:
        self.workspace = Workspace()
        self.telegram = FakeTelegram()
        self.kakao = FakeKakao()

    def system(self, folder: Path, bot: MakeBot) -> System:
        """A system that is connected with them."""
        urls = {"slack_url": self.workspace.api_url, "telegram_url": self.telegram.api_url}
        return System(folder, bot=bot, **urls)

    def crowd(self, urls: Callable[[], Sequence[str]], habits: Habits) -> Crowd:
        """Customers in all of them, and on the web."""
        return Crowd(urls, habits, telegram=self.telegram, kakao=self.kakao)

    def stop(self) -> None:
        """End their servers."""
        for platform in (self.workspace, self.telegram, self.kakao):
            platform.stop()


class Suite:
    """The system and the platforms that the rounds share."""

    def __init__(self, system: System, platforms: Platforms, usual: Habits, folder: Path) -> None:
        self.system = system
        self.platforms = platforms
        self.workspace = platforms.workspace
        self.folder = folder
        self._usual = usual

    async def run(self, fault: Fault) -> Row:
        """One fault's round, bounded in time."""
        row = Row(fault.name)
        try:
            async with asyncio.timeout(ROUND_S + 12 * fault.times):
                if fault.name == "disk_full":
                    await self._on_small_disk(fault, row)
                else:
                    await self._round(self.system, fault, row)
        except (RuntimeError, OSError, TimeoutError) as error:
            row.problems.append(f"the round broke: {type(error).__name__} {error}")
        return row

    async def _on_small_disk(self, fault: Fault, row: Row) -> None:
        """PostgreSQL on a file system of its own that can be filled."""
        with small_disk(self.folder / "disk") as disk:
            if disk is None:
                row.skipped = "a small file system cannot be mounted on this machine"
                return
            made = self.platforms.system(disk / "data", bots.echo)
            async with made.running() as system:
                await self._round(system, fault, row)

    async def _round(self, system: System, fault: Fault, row: Row) -> None:
        workspace = self.workspace
        usual = self._usual
        rate = min(fault.habits.rate, usual.rate)
        habits = dataclasses.replace(
            fault.habits,
            words=usual.words,
            rate=rate,
            messenger_pause_s=usual.messenger_pause_s,
        )
        workspace.repeats, workspace.copies = habits.repeats, habits.copies
        workspace.pause_s = 0.5 if habits.person_pause_s < 1 else 1.5

        def urls() -> list[str]:
            return [gateway.url for gateway in system.gateways]

        crowd = self.platforms.crowd(urls, habits)
        scene = Scene(system, crowd, workspace)
        overtaken = _overtaken(system)
        dead = (await system.rows("SELECT count(*) FROM job WHERE state = 'dead'"))[0][0]
        async with workspace.working(urls), crowd.talking():
            await scene.go_on(0.8, 1.2)
            for number in range(fault.times):
                if number:
                    await scene.go_on(*fault.gap_s)
                await fault.strike(scene)
                await scene.recovered()
                row.faults = len(scene.strikes)
            await scene.go_on(0.8, 1.2)
            await crowd.finish()
            await workspace.finish()
            if left := await system.settled(SETTLE_S):
                scene.problems.append(f"work is left in the lanes: {left}")
            found, waits = await facts(system, crowd, workspace, scene.strikes)
        # Tickets that nobody took would be offered again in a later round, on cards of this one.
        await system.rows(_NO_TIMERS)
        row.verdict = await asyncio.to_thread(check, found)
        row.first_answers, row.longest = waits.first_answers, waits.longest
        row.dead = (await system.rows("SELECT count(*) FROM job WHERE state = 'dead'"))[0][0] - dead
        row.problems = [*scene.problems, *crowd.problems[:5], *workspace.problems[:5]]
        if too_early := workspace.too_early():
            row.problems.append(f"{too_early} posts came before Slack wanted them")
        if odd := {s: n for s, n in crowd.answers.items() if s not in (0, 200, 201, 202, 503)}:
            row.problems.append(f"unexpected answers: {odd}")
        row.notes = scene.notes
        row.refused = overtaken()


def _overtaken(system: System) -> Callable[[], int]:
    """How often the fence refused a worker, by the gateways' log, since now."""
    size = system.log.stat().st_size if system.log.exists() else 0

    def count() -> int:
        with system.log.open("rb") as file:
            file.seek(size)
            return file.read().count(b"was taken over by another worker")

    return count


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of :data:`DISK_MIB`; ``None`` where this user may not mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m,mode=0755", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True).returncode == 0
    except OSError:
        done = False
    try:
        yield folder if done else None
    finally:
        if done:
            subprocess.run(["umount", "-l", str(folder)], check=True)


@contextlib.asynccontextmanager
async def suite(bot: str) -> AsyncIterator[Suite]:
    """Everything, started, and ended whatever happens."""
    make: MakeBot = bots.rasa if bot == "rasa" else bots.echo
    # The real bot computes: what one of it can answer on two cores, beside all the rest.
    usual = USUAL
    if bot == "rasa":
        usual = Habits(words=bots.questions(), rate=7.0, messenger_pause_s=6.0)
    with tempfile.TemporaryDirectory(prefix="sangdam-chaos-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own where we are root
        platforms = Platforms()
        system = platforms.system(folder / "data", make)
        try:
            async with system.running():
                yield Suite(system, platforms, usual, folder)
        finally:
            platforms.stop()
            if log := os.environ.get("CHAOS_LOG"):
                Path(log).write_bytes(system.log.read_bytes())
