"""The system under test: real processes, which are started again at once whatever ends them."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import aiohttp
import psutil
import psycopg
from sqlalchemy.engine import make_url

from knowledge_base import articles
from tests.chaos import points
from tests.chaos.bots import Bot
from tests.fakes import kakao, telegram
from tests.fakes.slack_payloads import BOT_TOKEN, QUEUE, SECRET
from tests.product import ROOT, unused_port
from ticketing import agents, migrate
from ticketing.db import connect, session_factory
from ticketing.embedded import EmbeddedPostgres, postmaster

AGENT, COLLEAGUE = "U0AGENT", "U0OTHER"
UP_WITHIN_S = 30.0
MakeBot = Callable[[Path, str], contextlib.AbstractAsyncContextManager[Bot]]


@dataclasses.dataclass
class Gateway:
    """One gateway; ``database_url`` is read at its next start."""

    name: str
    port: int
    database_url: str
    pid: int = 0
    starts: int = 0
    statuses: list[int] = dataclasses.field(default_factory=list)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


class System:
    """PostgreSQL, a bot and two gateways, on a folder of their own; platforms are of others."""

    def __init__(self, folder: Path, *, bot: MakeBot, slack_url: str, telegram_url: str) -> None:
        self.folder = folder
        self._make_bot = bot
        self.points = folder / "points"
        self.log = folder / "gateway.log"
        self.postgres = EmbeddedPostgres(folder)
        self.url = ""
        self.gateways: list[Gateway] = []
        self.database_starts = 0
        self._slack_url = slack_url
        self._telegram_url = telegram_url
        self._changed = asyncio.Condition()
        self._zygote: asyncio.subprocess.Process | None = None
        self._tasks: list[asyncio.Task[None]] = []

    # --- starting and ending ------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[System]:
        """All of it, until the block ends, however it ends."""
        self.points.mkdir(parents=True)
        stack = contextlib.AsyncExitStack()
        try:
            self._zygote = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.chaos.gateway", str(self.points)),
                cwd=ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
            self.url = await asyncio.to_thread(self._open_database)
            self.bot = await stack.enter_async_context(self._make_bot(self.folder, self.url))
            self._tasks.append(asyncio.create_task(self._keep_database()))
            self._tasks.append(asyncio.create_task(self._hear()))
            self.gateways = [Gateway(name, unused_port(), self.url) for name in ("one", "two")]
            for gateway in self.gateways:
                self._start(gateway)
            await self.whole()
            yield self
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._end_gateways()
            await stack.aclose()
            await asyncio.to_thread(self.postgres.stop)

    def _open_database(self) -> str:
        url = self.postgres.start()
        engine = connect(url, pool_size=1)
        try:
            migrate.upgrade(engine)
            with session_factory(engine).begin() as session:
                for name, user in (("지원", AGENT), ("도움", COLLEAGUE)):
                    agents.add(session, name=name, slack_user=user)
                # With an article there, `sangdam up` need not import the sample ones first.
                article = {"id": "hello", "locale": "ko", "title": "안녕하세요", "body": "하늘상점"}
                articles.create(session, **article, author="chaos")
        finally:
            engine.dispose()
        return url

    async def _end_gateways(self) -> None:
        if self._zygote is None:
            return
        assert self._zygote.stdin is not None
        self._zygote.stdin.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._zygote.wait(), 15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._zygote.pid, signal.SIGKILL)
        await self._zygote.wait()

    def settings(self) -> dict[str, str]:
        """What every gateway on this database is told: the bot and the channels."""
        return {
            "rasa_url": self.bot.url,
            "actions_url": self.bot.actions_url,
            "slack_bot_token": BOT_TOKEN,
            "slack_channel": QUEUE,
            "slack_signing_secret": SECRET,
            "slack_api_url": self._slack_url,
            "telegram_bot_token": telegram.TOKEN,
            "telegram_api_url": self._telegram_url,
            "telegram_mode": "webhook",
            "telegram_webhook_secret": telegram.SECRET,
            "kakao_secret": kakao.SECRET,
            # Where Telegram would bring its updates; the suite's brings them to both.
            "public_url": self.gateways[0].url,
        }

    def _start(self, gateway: Gateway) -> None:
        assert self._zygote is not None and self._zygote.stdin is not None
        settings = {**self.settings(), "data_dir": str(self.folder), "port": gateway.port}
        wanted = {"name": gateway.name, "log": str(self.log), "settings": settings}
        wanted["database_url"] = gateway.database_url
        self._zygote.stdin.write(json.dumps(wanted).encode() + b"\n")

    # --- watching -----------------------------------------------------------------------------

    async def _hear(self) -> None:
        """What the gateways' parent says; one that ended is started again at once."""
        assert self._zygote is not None and self._zygote.stdout is not None
        by_name = {gateway.name: gateway for gateway in self.gateways}
        async for line in self._zygote.stdout:
            news = json.loads(line)
            async with self._changed:
                if "started" in news:
                    gateway = by_name[news["started"]]
                    gateway.pid = news["pid"]
                    gateway.starts += 1
                elif "ended" in news:
                    gateway = by_name[news["ended"]]
                    gateway.pid = 0
                    gateway.statuses.append(news["status"])
                    self._start(gateway)
                self._changed.notify_all()

    async def _keep_database(self) -> None:
        while True:
            if not await asyncio.to_thread(self.postgres.alive):
                # With a full disk it cannot start; it can when there is room again.
                with contextlib.suppress(OSError):
                    await asyncio.to_thread(self.postgres.start)
                    self.database_starts += 1
            await asyncio.sleep(0.1)

    async def until(self, wanted: Any, within_s: float = UP_WITHIN_S) -> bool:
        """Wait until ``wanted()`` holds of the gateways; ``False`` when it did not come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(wanted)
                return True
        return False

    async def whole(self, within_s: float = UP_WITHIN_S) -> float:
        """Wait until both gateways can answer a customer; the seconds it took."""
        began = time.monotonic()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=3)) as http:
            for gateway in self.gateways:
                while not await _ready(http, gateway):
                    if time.monotonic() - began > within_s:
                        raise RuntimeError(f"gateway {gateway.name} is not ready, see {self.log}")
                    await asyncio.sleep(0.03)
        return time.monotonic() - began

    # --- harming ------------------------------------------------------------------------------

    def kill(self, gateway: Gateway, number: int = signal.SIGKILL) -> None:
        """Send a signal to a gateway that runs."""
        if gateway.pid:
            os.kill(gateway.pid, number)

    async def killed(self, point: str, within_s: float) -> bool:
        """Arm a point, and wait until a gateway died of it; ``False`` when none came by."""
        before = sum(len(gateway.statuses) for gateway in self.gateways)
        points.arm(self.points, point)
        died = await self.until(
            lambda: sum(len(gateway.statuses) for gateway in self.gateways) > before, within_s
        )
        return not points.disarm(self.points, point) and died

    async def paused(self, point: str, within_s: float) -> Gateway | None:
        """Arm a point with SIGSTOP, and wait for the gateway that stopped there."""
        points.arm(self.points, point, signal.SIGSTOP)
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for gateway in self.gateways:
                with contextlib.suppress(psutil.Error):
                    if gateway.pid and psutil.Process(gateway.pid).status() == "stopped":
                        return gateway
            await asyncio.sleep(0.02)
        points.disarm(self.points, point)
        return None

    async def restart(self, gateway: Gateway, number: int = signal.SIGTERM) -> tuple[int, float]:
        """End a gateway, which is started again: its exit status and how long it took."""
        before, began = len(gateway.statuses), time.monotonic()
        self.kill(gateway, number)
        if not await self.until(lambda: len(gateway.statuses) > before, 20):
            self.kill(gateway)
            await self.until(lambda: len(gateway.statuses) > before)
        return gateway.statuses[before], time.monotonic() - began

    async def use(self, *urls: str) -> None:
        """Let the gateways reach the database by these addresses from now on."""
        for gateway, url in zip(self.gateways, urls, strict=True):
            gateway.database_url = url
            await self.restart(gateway)
        await self.whole()

    def server(self) -> psutil.Process | None:
        """PostgreSQL's first process."""
        return postmaster(self.postgres.folder)

    def any(self) -> Gateway:
        """One of the gateways."""
        return random.choice(self.gateways)

    # --- looking ------------------------------------------------------------------------------

    def plain_url(self, base: str | None = None) -> str:
        """The database's address for psycopg."""
        url = make_url(base or self.url).set(drivername="postgresql")
        return url.render_as_string(hide_password=False)

    async def rows(self, statement: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """What a statement finds, by a connection of its own."""
        async with await psycopg.AsyncConnection.connect(
            self.plain_url(), autocommit=True
        ) as connection:
            cursor = await connection.execute(statement.encode(), tuple(values))
            return await cursor.fetchall()

    async def settled(self, still_s: float) -> str:
        """Wait until no lane has work left; what is left if nothing moved for ``still_s`` seconds.

        A machine that is busy with other things takes its time, and that is no fault.
        """
        left: list[tuple[Any, ...]] = []
        before = left
        deadline = time.monotonic() + still_s
        while time.monotonic() < deadline:
            with contextlib.suppress(psycopg.Error):
                left = await self.rows(_UNFINISHED)
                if not left:
                    return ""
                if left != before:
                    before, deadline = left, time.monotonic() + still_s
            await asyncio.sleep(0.1)
        return ", ".join(f"{count} {kind}" for kind, count, _ in left)


# A try that fails moves nothing. A timer, in a lane of its own, waits for its time, which is no
# work that is left.
_UNFINISHED = """SELECT kind, count(*), min(id) FROM job
 WHERE state = 'pending' AND NOT (lane LIKE 'once:%%' AND error IS NULL AND next_at > created_at)
 GROUP BY kind ORDER BY kind"""


async def _ready(http: aiohttp.ClientSession, gateway: Gateway) -> bool:
    try:
        async with http.get(f"{gateway.url}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
