"""Customers in Telegram and KakaoTalk, whose platforms bring again what was not answered with 200.

Telegram brings an update with the same number, KakaoTalk a request with the same callback URL, to
whichever gateway there is. What a platform was given to show is compared with the history.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import operator
import random
import time
from abc import abstractmethod
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from tests.chaos.checker import TOKEN, Acknowledged
from tests.fakes import kakao, telegram
from tests.fakes.kakao import FakeKakao
from tests.fakes.telegram import FakeTelegram

if TYPE_CHECKING:
    from tests.chaos.customers import Crowd

# Who is to talk to a person asks for one in every so many messages.
ASKS_EVERY = 10
# KakaoTalk's customers see a late answer at the callback, or when they ask for it.
CALLED_BACK_S = 6.0
SHOWN_WITHIN_S = 20.0
_chats = itertools.count(700_001)


class Messenger:
    """One customer; ``shown`` are the names of what they saw, in order, repetitions included."""

    channel = ""

    def __init__(self, crowd: Crowd, name: str, *, person: bool) -> None:
        self.name = name
        self.address = ""
        self.wants_person = person
        self.acknowledged: list[Acknowledged] = []
        self.first = asyncio.Event()
        self.crowd = crowd

    async def live(self) -> None:
        """Write at a steady pace until the crowd stops."""
        crowd, habits = self.crowd, self.crowd.habits
        await crowd.pause(random.uniform(0, 0.2))
        for number in itertools.count(1):
            if crowd.stopping.is_set():
                break
            if self.wants_person and number % ASKS_EVERY == ASKS_EVERY // 2:
                await self.ask_for_person()
            else:
                text = f"{self.name}-{number:05d} {random.choice(habits.words)}"
                if await self.say(text):
                    self.acknowledged.append(Acknowledged(text, text))
            self.first.set()
            await crowd.pause(habits.messenger_pause_s * random.uniform(0.5, 1.5))
        self.first.set()

    @abstractmethod
    async def say(self, text: str) -> bool:
        """Send words; whether they were accepted."""

    @abstractmethod
    async def ask_for_person(self) -> None:
        """Ask for one, as people do there."""

    @abstractmethod
    async def shown(self, wanted: Collection[str]) -> list[str]:
        """The names in what was shown, after looking for those that are ``wanted``."""


class InTelegram(Messenger):
    """Somebody in a private chat with the bot."""

    channel = "telegram"

    def __init__(self, crowd: Crowd, name: str, platform: FakeTelegram, *, person: bool) -> None:
        super().__init__(crowd, name, person=person)
        self._person = platform.person(next(_chats))
        self.address = str(self._person.number)

    async def say(self, text: str) -> bool:
        """Send words; Telegram brings them until a gateway says 200."""
        update = self._person.telegram.numbered(self._person.update("message", text=text))

        async def bring(url: str) -> int:
            headers = {"X-Telegram-Bot-Api-Secret-Token": telegram.SECRET}
            status, _ = await self.crowd.post(f"{url}/telegram/webhook", update, headers)
            return status

        return await self.crowd.deliver(self.name, bring)

    async def ask_for_person(self) -> None:
        """By the bot's command."""
        await self.say("/human")

    async def shown(self, wanted: Collection[str]) -> list[str]:
        """What is in the chat; the lanes are settled."""
        return [name for message in self._person.sees() for name in _names(message.get("text", ""))]


class InKakao(Messenger):
    """Somebody in a KakaoTalk channel, with callbacks."""

    channel = "kakao"

    def __init__(self, crowd: Crowd, name: str, platform: FakeKakao, *, person: bool) -> None:
        super().__init__(crowd, name, person=person)
        self.address = f"{name}-{random.randbytes(8).hex()}"
        self._platform = platform
        # By request, when and what: the same answer to a repeated request is shown once.
        self._seen: dict[str, list[tuple[float, str]]] = {}

    async def say(self, text: str) -> bool:
        """Write something, and wait a while for what is answered."""
        return await self._ask(text)

    async def ask_for_person(self) -> None:
        """By the button."""
        await self._ask("상담원 연결", extra={"payload": "/human"})

    async def _ask(self, text: str, **more: Any) -> bool:
        url = self._platform.callback_url()
        body = kakao.skill_payload(text, user=self.address, callback_url=url, **more)
        late = False

        async def bring(gateway: str) -> int:
            nonlocal late
            status, got = await self._post(gateway, body)
            if status == 200:
                self._see(url, time.monotonic(), kakao.words(got))
                late = late or bool(got.get("useCallback"))
            return status

        accepted = await self.crowd.deliver(self.name, bring)
        called = self._platform.at(url)
        if late:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(CALLED_BACK_S):
                    while not called.bodies:
                        await asyncio.sleep(0.05)
        return accepted

    async def _post(self, gateway: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        url = f"{gateway}/kakao/skill"
        status, got = await self.crowd.post(url, body, kakao.HEADERS, patience_s=kakao.LIMIT_S)
        if status == 200:
            kakao.check(got)
        return status, got

    def _see(self, url: str, at: float, text: str) -> None:
        seen = self._seen.setdefault(url, [])
        known = [name for _, name in seen]
        seen += [(at, name) for name in _names(text) if name not in known]

    async def shown(self, wanted: Collection[str]) -> list[str]:
        """What was answered and called back; what is missing is asked for, as by the button."""
        fetch = kakao.skill_payload("답변 확인", user=self.address, extra={"sangdam": "fetch"})
        deadline = time.monotonic() + SHOWN_WITHIN_S
        for number in itertools.count():
            for url in list(self._seen):
                if url.startswith("http"):
                    called = self._platform.at(url)
                    for body in called.bodies:
                        self._see(url, called.began + called.at, kakao.words(body))
            shown = sorted(itertools.chain(*self._seen.values()), key=operator.itemgetter(0))
            seen = [name for _, name in shown]
            if set(wanted) <= set(seen) or time.monotonic() > deadline:
                return seen
            status, got = await self._post(self.crowd.pair()[0], fetch)
            if status == 200:
                self._see(f"fetch {number}", time.monotonic(), kakao.words(got))
            await asyncio.sleep(0.2)
        raise AssertionError("count() has no end")


def _names(text: str) -> list[str]:
    return TOKEN.findall(text)
