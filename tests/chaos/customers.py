"""Customers who keep a log of what was acknowledged and follow their stream as the widget does.

Each sends the next message only after the last one was acknowledged, and repeats one under the
same ``client_id``, at either gateway, for as long as it was not. Beside them are those of
:mod:`tests.chaos.messengers`.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import aiohttp

from tests.chaos.checker import Acknowledged
from tests.chaos.messengers import InKakao, InTelegram, Messenger
from tests.fakes.kakao import FakeKakao
from tests.fakes.telegram import FakeTelegram

# A client that heard nothing for this long asks the other gateway.
PATIENCE_S = 4.0
# The longest harm of a run is far shorter: who waits longer was forgotten.
GIVE_UP_S = 120.0
# After a person took over because the bot failed, another visitor comes, once it is back.
NEXT_VISITOR_S = 6.0
TALK_TO_A_PERSON = "/human"
_numbers = itertools.count(1)


@dataclasses.dataclass(frozen=True)
class Habits:
    """How a crowd behaves. ``repeats``: how often each message is sent once more, as a share."""

    customers: int = 25
    with_person: int = 4
    rate: float = 50.0
    # In each messenger; one of them talks to a person.
    messengers: int = 3
    messenger_pause_s: float = 0.8
    repeats: float = 0.1
    copies: int = 1
    person_pause_s: float = 2.0
    words: Sequence[str] = ("배송은 언제 오나요?", "Where is my parcel?")


class Crowd:
    """All customers of one round."""

    def __init__(
        self,
        urls: Callable[[], Sequence[str]],
        habits: Habits,
        *,
        telegram: FakeTelegram,
        kakao: FakeKakao,
    ) -> None:
        self.habits = habits
        self.customers: list[Customer] = []
        self.messengers: list[Messenger] = []
        self._telegram = telegram
        self._kakao = kakao
        self.problems: list[str] = []
        self.answers: Counter[int] = Counter()
        self.stopping = asyncio.Event()
        self._urls = urls
        self._tasks: set[asyncio.Task[None]] = set()
        self.http: aiohttp.ClientSession

    @contextlib.asynccontextmanager
    async def talking(self) -> AsyncIterator[Crowd]:
        """Everyone talks until :meth:`finish`, and listens until the block ends."""
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        # The oldest kept one is used next: without an end, those of each busy moment would stay.
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=0.5)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as self.http:
            try:
                for number in range(self.habits.customers):
                    self.come(person=number < self.habits.with_person)
                for number in range(self.habits.messengers):
                    self._come_by_messenger(person=number == 0)
                everyone = [*self.customers, *self.messengers]
                await asyncio.gather(*(one.first.wait() for one in everyone))
                yield self
            finally:
                self.stopping.set()
                for customer in self.customers:
                    customer.leave()
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)

    def come(self, *, person: bool) -> None:
        """Another visitor."""
        customer = Customer(self, person=person)
        self.customers.append(customer)
        customer.task = self.spawn(customer.live())

    def ask_for_a_person(self) -> Customer:
        """A visitor who asks for a person and waits."""
        customer = Customer(self, person=True)
        self.customers.append(customer)
        customer.task = self.spawn(customer.wait_for_a_person())
        return customer

    def _come_by_messenger(self, *, person: bool) -> None:
        made = [
            InTelegram(self, f"c{next(_numbers)}", self._telegram, person=person),
            InKakao(self, f"c{next(_numbers)}", self._kakao, person=person),
        ]
        self.messengers += made
        for one in made:
            self.spawn(one.live())

    def spawn(self, work: Any) -> asyncio.Task[None]:
        """Something that ends with the crowd at the latest."""
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.problems.append(f"the harness: {task.exception()!r}")

    async def finish(self) -> None:
        """Stop talking; whatever was begun is sent to its end."""
        self.stopping.set()
        while busy := self._tasks - {customer.listening for customer in self.customers}:
            # One by one: whoever came last begins to listen only now.
            await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)

    def acknowledged(self) -> int:
        """How many messages were acknowledged so far."""
        return sum(len(one.acknowledged) for one in (*self.customers, *self.messengers))

    async def pause(self, seconds: float) -> None:
        """Wait, but not after the crowd was asked to stop."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stopping.wait(), max(0.0, seconds))

    def pair(self) -> tuple[str, str]:
        """Both gateways' addresses, in any order."""
        one, two = random.sample(list(self._urls()), 2)
        return one, two

    async def call(
        self, url: str, path: str, body: dict[str, Any], token: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """One request: its status and body; status 0 when there was no answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.post(url + path, body, headers)

    async def post(
        self,
        url: str,
        body: dict[str, Any],
        headers: Mapping[str, str],
        *,
        patience_s: float = PATIENCE_S,
    ) -> tuple[int, dict[str, Any]]:
        """The same with any headers; no body is an empty one."""
        timeout = aiohttp.ClientTimeout(total=patience_s)
        try:
            async with self.http.post(url, json=body, headers=headers, timeout=timeout) as answer:
                self.answers[answer.status] += 1
                return answer.status, await answer.json(content_type=None) or {}
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            self.answers[0] += 1
            return 0, {}

    async def deliver(self, name: str, bring: Callable[[str], Awaitable[int]]) -> bool:
        """As a platform: bring it to either gateway until one says 200, and sometimes again."""
        began, pause = time.monotonic(), 0.05
        while True:
            urls = self.pair()
            both = random.random() < self.habits.repeats / 2
            done = await asyncio.gather(*(bring(url) for url in urls[: 1 + both]))
            if 200 in done:
                break
            if refused := next((status for status in done if 400 <= status < 500), 0):
                self.problems.append(f"{name}: a message was refused with {refused}")
                return False
            if time.monotonic() - began > GIVE_UP_S:
                self.problems.append(f"{name}: a message was never acknowledged")
                return False
            await asyncio.sleep(pause)
            pause = min(0.5, pause * 2)
        if random.random() < self.habits.repeats:
            again = [bring(url) for _ in range(self.habits.copies) for url in self.pair()]
            self.spawn(asyncio.wait([asyncio.ensure_future(one) for one in again]))
        return True


class Customer:
    """One browser: a token, what was acknowledged in order, and the lines its stream brought."""

    def __init__(self, crowd: Crowd, *, person: bool) -> None:
        self.name = f"c{next(_numbers)}"
        self.id = ""
        self.token = ""
        self.wants_person = person
        self.acknowledged: list[Acknowledged] = []
        self.heard: list[int] = []
        self.first = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.listening: asyncio.Task[None] | None = None
        self._crowd = crowd
        self._with_person = asyncio.Event()
        self._gone = False

    # --- talking ------------------------------------------------------------------------------

    async def live(self) -> None:
        """Arrive, and talk at a steady pace until the crowd stops."""
        crowd, habits = self._crowd, self._crowd.habits
        await self._arrive()
        # Those who may talk to a person are slower, and not counted on.
        pace = (habits.customers - habits.with_person) / habits.rate
        due = time.monotonic() + random.uniform(0, pace)
        alone = 0
        for number in itertools.count(1):
            await crowd.pause(due - time.monotonic())
            if crowd.stopping.is_set() or self._gone:
                break
            if self.wants_person and alone >= 3 and not self._with_person.is_set():
                alone = 0
                await self.send({"button": TALK_TO_A_PERSON}, "")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._with_person.wait(), 1)
            else:
                alone += not self._with_person.is_set()
                text = f"{self.name}-{number:05d} {random.choice(habits.words)}"
                await self.send({"text": text}, text)
            self.first.set()
            pause = habits.person_pause_s if self._with_person.is_set() else pace
            due = max(due + pause * random.uniform(0.8, 1.2), time.monotonic())
        self.first.set()

    async def wait_for_a_person(self) -> None:
        """Arrive, ask for one, and only listen from then on."""
        await self._arrive()
        text = f"{self.name}-00001 {random.choice(self._crowd.habits.words)}"
        await self.send({"text": text}, text)
        await self.send({"button": TALK_TO_A_PERSON}, "")

    async def _arrive(self) -> None:
        """Begin a session, and listen."""
        crowd = self._crowd
        status, began = 0, time.monotonic()
        while status != 201:
            status, made = await crowd.call(crowd.pair()[0], "/chat/sessions", {})
            if status != 201:
                await crowd.pause(0.1)
                if time.monotonic() - began > GIVE_UP_S:
                    raise RuntimeError("no session could be begun")
        self.id, self.token = made["customer"], made["token"]
        self.listening = crowd.spawn(self._listen())

    async def send(self, body: dict[str, Any], text: str) -> None:
        """Send until it is acknowledged, and write that down."""
        crowd, habits = self._crowd, self._crowd.habits
        client_id = str(uuid.uuid4())
        body = {"client_id": client_id, **body}
        began, pause = time.monotonic(), 0.05
        while True:
            urls = crowd.pair()
            both = random.random() < habits.repeats / 2
            done = await asyncio.gather(
                *(crowd.call(url, "/chat/messages", body, self.token) for url in urls[: 1 + both])
            )
            seqs = {int(got["seq"]) for status, got in done if status == 202}
            if seqs:
                break
            if refused := next((status for status, _ in done if 400 <= status < 500), 0):
                crowd.problems.append(f"a message was refused with {refused}")
                return
            if time.monotonic() - began > GIVE_UP_S:
                crowd.problems.append(f"{self.name}: a message was never acknowledged")
                return
            await asyncio.sleep(pause)
            pause = min(0.5, pause * 2)
        if len(seqs) > 1:
            crowd.problems.append(f"{self.name}: one message has two places in the history")
        self.acknowledged.append(Acknowledged(client_id, text, min(seqs)))
        if random.random() < habits.repeats:
            crowd.spawn(self._again(body, min(seqs)))

    async def _again(self, body: dict[str, Any], seq: int) -> None:
        """The same message once more, to both gateways at once."""
        copies = [
            self._crowd.call(url, "/chat/messages", body, self.token)
            for _ in range(self._crowd.habits.copies)
            for url in self._crowd.pair()
        ]
        for status, got in await asyncio.gather(*copies):
            if status == 202 and int(got["seq"]) != seq:
                self._crowd.problems.append(f"{self.name}: a repetition got a place of its own")
            elif 400 <= status < 500:
                self._crowd.problems.append(f"a repetition was refused with {status}")

    # --- listening ----------------------------------------------------------------------------

    async def _listen(self) -> None:
        """Follow the stream, at either gateway, from the last line that came."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE_S, sock_read=20)
        while True:
            after = self.heard[-1] if self.heard else 0
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError, ValueError):
                async with self._crowd.http.get(
                    f"{self._crowd.pair()[0]}/chat/stream?after={after}",
                    headers={"Authorization": f"Bearer {self.token}"},
                    timeout=timeout,
                ) as stream:
                    event = "message"
                    async for raw in stream.content:
                        if raw.startswith(b"event: "):
                            event = raw[7:].decode().strip()
                        elif raw.startswith(b"data: ") and event == "message":
                            self._hear(json.loads(raw[6:]))
                        elif raw == b"\n":
                            event = "message"
            await asyncio.sleep(0.1)

    def _hear(self, line: dict[str, Any]) -> None:
        self.heard.append(int(line["seq"]))
        if line["kind"] == "csat":  # the agent has ended it; the bot answers again
            self._with_person.clear()
        elif line["kind"] == "hand_off":
            self._with_person.set()
            if not self.wants_person and not self._gone:
                self._gone = True
                self._crowd.spawn(self._replaced())

    async def _replaced(self) -> None:
        await self._crowd.pause(NEXT_VISITOR_S)
        if not self._crowd.stopping.is_set():
            self._crowd.come(person=False)

    def leave(self) -> None:
        """Close the stream."""
        if self.listening is not None:
            self.listening.cancel()
