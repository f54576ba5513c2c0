"""The faults, each a function with a name. They strike while customers and agents are talking."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import psycopg

from tests.chaos import points
from tests.chaos.customers import Crowd, Customer
from tests.chaos.system import Gateway, System
from tests.chaos.workspace import Workspace
from tests.fakes.proxy import Proxy
from ticketing.lanes import LEASE_S

# A point at Slack's side is reached as often as people write there.
REACHED_WITHIN_S = 25.0
STOPS_WITHIN_S = 10.0
# After a paused gateway's lease has run out, the other one finds its lanes in this time.
SLEEPS_ON_S = 5.0
# So many acknowledgements say that the load runs again.
FLOWING = 15
FLOWS_WITHIN_S = 20.0
# Two gateways write into one channel one after the other, and agents answer meanwhile.
CARDS_WITHIN_S = 600.0
_QUEUED = """
SELECT ticket.code FROM job JOIN ticket ON ticket.code = job.payload->>'ticket'
 WHERE job.kind = 'slack.card' AND ticket.customer_id::text = ANY(%s) ORDER BY job.id"""


@dataclasses.dataclass
class Scene:
    """What a fault can do, and what it leaves for the report."""

    system: System
    crowd: Crowd
    workspace: Workspace
    strikes: list[float] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)

    def strike(self) -> None:
        """Write down the moment."""
        self.strikes.append(time.time())

    async def go_on(self, shortest: float = 0.2, longest: float = 0.6) -> None:
        """Let the load run for a moment; a fault that struck in step would meet the same place."""
        await asyncio.sleep(random.uniform(shortest, longest))

    async def recovered(self) -> None:
        """Everything runs again, and the customers have noticed."""
        await self.system.bot.whole()
        await self.system.whole()
        enough = self.crowd.acknowledged() + FLOWING
        deadline = time.monotonic() + FLOWS_WITHIN_S
        while self.crowd.acknowledged() < enough:
            if time.monotonic() > deadline:
                self.problems.append("customers are not served after the fault")
                return
            await asyncio.sleep(0.02)


Strike = Callable[[Scene], Awaitable[None]]


async def kill_gateway(scene: Scene) -> None:
    """SIGKILL a gateway at any moment."""
    gateway = scene.system.any()
    before = len(gateway.statuses)
    scene.strike()
    scene.system.kill(gateway)
    await scene.system.until(lambda: len(gateway.statuses) > before)


def kill_at(*names: str) -> Strike:
    """SIGKILL whichever gateway comes to a point (one of them, each time) next."""

    async def strike(scene: Scene) -> None:
        point = random.choice(names)
        if await scene.system.killed(point, REACHED_WITHIN_S):
            scene.strike()
        else:
            scene.problems.append(f"no gateway came by {point}")

    return strike


async def kill_bot(scene: Scene) -> None:
    """SIGKILL the bot: whoever asks meanwhile gets a person."""
    await scene.system.bot.whole()
    scene.strike()
    scene.system.bot.kill()
    await scene.go_on(1.0, 2.0)


def end_database(number: int) -> Strike:
    """Crash PostgreSQL: SIGKILL, or SIGQUIT, which is what `pg_ctl stop -m immediate` sends."""

    async def strike(scene: Scene) -> None:
        server = scene.system.server()
        if server is None:
            scene.problems.append("PostgreSQL was not there to be ended")
            return
        scene.strike()
        server.send_signal(number)
        await asyncio.to_thread(server.wait, 20)
        while True:
            with contextlib.suppress(psycopg.Error):
                await scene.system.rows("SELECT 1")
                break
            await asyncio.sleep(0.03)
        scene.notes.append(f"PostgreSQL was back after {time.time() - scene.strikes[-1]:.1f} s")

    return strike


def part_network(how: str, seconds: float) -> Strike:
    """Cut or stall the network between one gateway and PostgreSQL for ``seconds``."""

    async def strike(scene: Scene) -> None:
        async with _proxied(scene) as proxies:
            proxy = random.choice(proxies)
            scene.strike()
            getattr(proxy, how)()
            await asyncio.sleep(seconds)
            proxy.heal()
            await scene.go_on(1.0, 1.5)

    return strike


@contextlib.asynccontextmanager
async def _proxied(scene: Scene) -> AsyncIterator[list[Proxy]]:
    """The gateways reach the database through a proxy each."""
    system = scene.system
    proxies = [Proxy(system.url) for _ in system.gateways]
    try:
        await system.use(*(proxy.url for proxy in proxies))
        yield proxies
    finally:
        for proxy in proxies:
            proxy.heal()
        await system.use(*(system.url for _ in proxies))
        for proxy in proxies:
            proxy.stop()


async def pause_worker(scene: Scene) -> None:
    """SIGSTOP a gateway with an answer in its hand, past its lease; then let it go on.

    It may be in the middle of writing it: what its transaction holds must not stop the other.
    """
    paused = await scene.system.paused(random.choice(points.TURN), REACHED_WITHIN_S)
    if paused is None:
        scene.problems.append("no gateway could be paused")
        return
    scene.strike()
    try:
        await asyncio.sleep(LEASE_S + SLEEPS_ON_S)
    finally:
        scene.system.kill(paused, signal.SIGCONT)
    await scene.go_on()


async def storm(scene: Scene) -> None:
    """Everything is delivered four times, at once, to both gateways."""
    scene.strike()
    await asyncio.sleep(3)


def slack_down(seconds: float, tickets: int) -> Strike:
    """Slack answers nothing but 503, while so many customers ask for a person.

    Once it is back, all their cards arrive, the oldest first. Each is there once, or the checker
    will say so.
    """

    async def strike(scene: Scene) -> None:
        scene.strike()
        scene.workspace.down = True
        asked = []
        try:
            for _ in range(tickets):
                asked.append(scene.crowd.ask_for_a_person())
                await asyncio.sleep(0.9 * seconds / tickets)
            await asyncio.sleep(0.1 * seconds)
        finally:
            scene.workspace.down = False
        back = time.monotonic()
        while missing := {*(codes := await _queued(scene, asked))} - {*_shown(scene)}:
            if time.monotonic() - back > CARDS_WITHIN_S:
                scene.problems.append(f"{len(missing)} cards are missing after Slack came back")
                break
            await asyncio.sleep(0.5)
        took = time.monotonic() - back
        there = [code for code in _shown(scene) if code in {*codes}]
        if there != [code for code in codes if code not in missing]:
            scene.problems.append("the cards are not in the order of their tickets")
        scene.notes.append(f"{len(there)} cards were there {took:.0f} s after Slack came back")

    return strike


def _shown(scene: Scene) -> list[str]:
    return [card["metadata"]["event_payload"]["ticket"] for card in scene.workspace.cards()]


async def _queued(scene: Scene, customers: Sequence[Customer]) -> list[str]:
    """The customers' tickets, in the order in which they were queued."""
    ids = [one.id for one in customers if one.id]
    # A ticket's card is written again with what changes; its first job is what counts.
    return [*dict.fromkeys(code for (code,) in await scene.system.rows(_QUEUED, [ids]))]


async def slack_limits(scene: Scene) -> None:
    """429 with Retry-After."""
    scene.strike()
    for wait in (1, 2):
        scene.workspace.limit("chat.postMessage", wait)
        await asyncio.sleep(wait + 0.5)


async def slack_drops(scene: Scene) -> None:
    """Slack stores the post, and its answer is lost."""
    scene.strike()
    scene.workspace.drop_reply("chat.postMessage")
    await scene.go_on(1.0, 1.6)


async def step_clock(scene: Scene) -> None:
    """One gateway's wall clock an hour back, the other's an hour forward, and both right again."""
    scene.strike()
    for hours in ((-1, 1), (1, -1), (0, 0)):
        for gateway, off in zip(scene.system.gateways, hours, strict=True):
            points.step_clock(scene.system.points, gateway.pid, off * 3600)
        await scene.go_on(0.8, 1.2)


async def stop_gateway(scene: Scene) -> None:
    """SIGTERM under load: exit code 0 within ten seconds."""
    gateway: Gateway = scene.system.any()
    scene.strike()
    status, took = await scene.system.restart(gateway)
    if status != 0 or took > STOPS_WITHIN_S:
        scene.problems.append(f"a gateway ended with status {status} after {took:.1f} s")
    scene.notes.append(f"stopped in {took:.1f} s")
    await scene.system.whole()


async def fill_disk(scene: Scene) -> None:
    """No byte is left for PostgreSQL, then not even for a new segment of its log; then there is."""
    filler = scene.system.folder / "filler"
    refused = scene.crowd.answers[503]
    scene.strike()
    # Without a buffer: what is left in one is written when the file is closed, and fails again.
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    await asyncio.sleep(1.5)
    with contextlib.suppress(psycopg.Error):
        for _ in range(2):
            await scene.system.rows("SELECT pg_switch_wal()::text")
    await asyncio.sleep(1.5)
    filler.unlink()
    scene.notes.append(f"{scene.crowd.answers[503] - refused} requests were refused with 503")
    if scene.crowd.answers[503] == refused:
        scene.problems.append("the disk was never full enough to refuse anything")
    await scene.recovered()
