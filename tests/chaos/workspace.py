"""The Slack workspace of the fault suite: agents who claim, answer, note and resolve.

Slack sends an event again until it got 200, here to either gateway: three times at once, and from
then on as its hourly redelivery would. What got 200 is acknowledged and has to be in the history.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import aiohttp
from aiohttp import web

from connectors.slack.blocks import CLAIM, RESOLVE
from tests.chaos.system import AGENT, COLLEAGUE
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import QUEUE, Json

# What Slack itself waits for an answer.
PATIENCE_S = 3.0
GIVE_UP_S = 120.0
_numbers = itertools.count(1)


class Workspace(FakeSlack):
    """Slack and its people; what the app was told, by the code of the ticket."""

    def __init__(self) -> None:
        super().__init__()
        self.person(AGENT, "jiwon")
        self.person(COLLEAGUE, "doum")
        self.down = False
        self.repeats, self.copies, self.pause_s = 0.1, 1, 1.5
        self.limited: list[tuple[float, int]] = []
        self.replies: dict[str, list[str]] = defaultdict(list)
        self.notes: dict[str, list[str]] = defaultdict(list)
        self.problems: list[str] = []
        self.accepted = 0
        self._urls: Callable[[], Sequence[str]] = list
        self._body: Json = {}
        self._http: aiohttp.ClientSession
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()

    # --- the platform -------------------------------------------------------------------------

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            return web.Response(status=503, text="<html>maintenance</html>")
        return await super()._api(request)

    def _limited(self, retry_after: int) -> web.Response:
        self.limited.append((time.monotonic(), retry_after))
        return super()._limited(retry_after)

    def too_early(self) -> int:
        """How many posts came although we had asked to wait."""
        posts = [at for method, _, at in self.calls if method == "chat.postMessage"]
        return sum(
            since + 0.01 < at < since + wait - 0.05 for since, wait in self.limited for at in posts
        )

    async def _echo(self, message: Json) -> None:
        """Our own messages come back as events, once; a gateway that is gone misses it."""
        self.events_url = f"{random.choice(list(self._urls()))}/slack/events"
        with contextlib.suppress(aiohttp.ClientError, OSError):
            await super()._echo(message)

    def deliver(self, body: Json, *, retry: int = 0) -> int:
        """Kept for :meth:`_accepted`, which delivers without blocking."""
        self._body = body
        return 0

    async def _accepted(self, body: Json) -> bool:
        """Deliver an event until a gateway said 200."""
        began, pause = time.monotonic(), 0.1
        for number in itertools.count():
            urls = random.sample(list(self._urls()), 2)
            both = random.random() < self.repeats / 2
            done = await asyncio.gather(
                *(self._post_event(url, body, min(number, 3)) for url in urls[: 1 + both])
            )
            if 200 in done:
                break
            if time.monotonic() - began > GIVE_UP_S:
                self.problems.append("an event from Slack was never acknowledged")
                return False
            await asyncio.sleep(pause)
            pause = min(0.5, pause * 2)
        self.accepted += 1
        if random.random() < self.repeats:
            again = [self._post_event(url, body, 1) for _ in range(self.copies) for url in urls]
            await asyncio.gather(*again)
        return True

    async def _post_event(self, url: str, body: Json, retry: int) -> int:
        content, headers = self.request(body, retry=retry)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with self._http.post(
                f"{url}/slack/events", data=content, headers=headers
            ) as answer:
                return answer.status
        return 0

    # --- the agents ---------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def working(self, urls: Callable[[], Sequence[str]]) -> AsyncIterator[Workspace]:
        """Agents take every new card, until :meth:`finish`. The channel begins empty."""
        self._urls = urls
        self._stopping = asyncio.Event()
        self.events_url = f"{urls()[0]}/slack/events"
        for kept in (self.messages[QUEUE], self.calls, self.limited, self.hints, self.reactions):
            kept.clear()
        for log in (self.replies, self.notes):
            log.clear()
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with aiohttp.ClientSession(timeout=timeout) as self._http:
            self._spawn(self._look())
            try:
                yield self
            finally:
                self._stopping.set()
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    async def finish(self) -> None:
        """Stop writing; whatever was begun is delivered to its end."""
        self._stopping.set()
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _spawn(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.problems.append(f"the harness: {task.exception()!r}")

    async def _look(self) -> None:
        taken: set[str] = set()
        while not self._stopping.is_set():
            for card in self.cards():
                code = card["metadata"]["event_payload"]["ticket"]
                if code not in taken:
                    taken.add(code)
                    self._spawn(self._serve(code, card["ts"]))
            await self._wait(0.1)

    async def _serve(self, code: str, card: str) -> None:
        """Claim, say some things, note some, resolve; one after the other was acknowledged."""
        if not await self._press(CLAIM, card):
            return
        for _ in range(random.randint(3, 6)):
            await self._wait(self.pause_s * random.uniform(0.5, 1.5))
            while self.down and not self._stopping.is_set():
                await self._wait(0.1)  # nobody can write in a Slack that is down
            if self._stopping.is_set():
                return
            noting = random.random() < 0.25
            text = f"a{next(_numbers)}-{0:05d} {'확인 중' if noting else '지금 확인해 드릴게요'}"
            self.say(COLLEAGUE if noting else AGENT, text, card)
            if await self._accepted(self._body):
                (self.notes if noting else self.replies)[code].append(text)
        await self._press(RESOLVE, card)

    async def _press(self, action: str, card: str) -> bool:
        """Press a button, once the card has it; nobody presses after the round's end."""
        while not self._stopping.is_set():
            if self.down:
                await self._wait(0.1)
                continue
            try:
                self.press(AGENT, action, card)
            except ValueError:  # the card does not show that button yet
                await self._wait(0.1)
                continue
            return await self._accepted(self._body)
        return False

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), max(0.0, seconds))
