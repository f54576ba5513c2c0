"""Wake-ups: who waits for news of what, in this process and in the others.

A wake-up is a hint that lets a reader look now; losing one costs time, never a message: now and
then the history itself is asked, once for all readers, who had something to read. Between
processes they travel by ``NOTIFY``, gathered for a few milliseconds, because every transaction
that notifies takes one lock of the whole database.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

log = logging.getLogger(__name__)

DESK = "desk"
_CHANNEL = "sangdam"
_GATHER_S = 0.02
LOOK_AGAIN_S = 10.0
# Two rounds back, because a line may be committed a while after it got its number.
_WRITTEN = "SELECT customer_id::text, max(id) FROM message WHERE id > %s GROUP BY customer_id"


class Subscription:
    """One reader's letter box; signals that arrive while it reads are kept."""

    __slots__ = ("_event", "_signals")

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._signals: set[str] = set()

    def put(self, signal: str) -> None:
        """Leave a signal; the same one twice is one."""
        self._signals.add(signal)
        self._event.set()

    async def wait(self, timeout_s: float) -> set[str]:
        """The signals that came within ``timeout_s`` seconds; empty when none did."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):  # no task of its own for each idle reader
                await self._event.wait()
        self._event.clear()
        signals, self._signals = self._signals, set()
        return signals


class Hub:
    """Passes signals about topics (a customer's id, or :data:`DESK`) to their readers."""

    def __init__(self, database_url: str) -> None:
        self._url = (
            make_url(database_url)
            .set(drivername="postgresql")
            .render_as_string(hide_password=False)
        )
        self._name = secrets.token_hex(4)
        self._readers: dict[str, set[Subscription]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._out: list[tuple[str, str]] = []
        self._pending = asyncio.Event()
        self.closing = False

    @contextlib.contextmanager
    def subscribe(self, *topics: str) -> Iterator[Subscription]:
        """Listen to topics. Subscribe first, read the database second: nothing falls between."""
        subscription = Subscription()
        for topic in topics:
            self._readers[topic].add(subscription)
        try:
            yield subscription
        finally:
            for topic in topics:
                self._readers[topic].discard(subscription)
                if not self._readers[topic]:
                    del self._readers[topic]

    def signal(self, topics: Iterable[str], signal: str = "news") -> None:
        """Tell all readers of these topics, here and in other processes. From any thread."""
        items = [(topic, signal) for topic in topics]
        if self._loop is not None and items:
            self._loop.call_soon_threadsafe(self._send, items)

    def _send(self, items: list[tuple[str, str]]) -> None:
        self._deliver(items)
        self._out += items
        self._pending.set()

    def _deliver(self, items: Iterable[tuple[str, str]]) -> None:
        for topic, signal in items:
            for reader in tuple(self._readers.get(topic, ())):
                reader.put(signal)

    def close(self) -> None:
        """End all streams: every reader wakes and sees ``closing``."""
        self.closing = True
        self._wake_all()

    def _wake_all(self) -> None:
        for topic in tuple(self._readers):
            self._deliver([(topic, "news"), (topic, "state")])

    def attach(self) -> None:
        """Use the running loop for delivery; called once, when the loop runs."""
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Exchange signals with the other processes until cancelled; reconnects by itself."""
        while True:
            try:
                async with (
                    await psycopg.AsyncConnection.connect(self._url, autocommit=True) as listener,
                    await psycopg.AsyncConnection.connect(self._url, autocommit=True) as sender,
                ):
                    await listener.execute(f"LISTEN {_CHANNEL}")
                    self._wake_all()  # whatever was said while nobody listened
                    async with asyncio.TaskGroup() as group:
                        group.create_task(self._receive(listener))
                        group.create_task(self._transmit(sender))
                        group.create_task(self._look_again(sender))
            except (psycopg.Error, OSError, ExceptionGroup) as error:
                log.warning("live updates lost the database, trying again: %s", _reason(error))
                await asyncio.sleep(1)

    async def _receive(self, connection: psycopg.AsyncConnection[object]) -> None:
        async for notice in connection.notifies():
            origin, items = json.loads(notice.payload)
            if origin != self._name:
                self._deliver((topic, signal) for topic, signal in items)
        raise psycopg.OperationalError("the server closed the connection")

    async def _transmit(self, connection: psycopg.AsyncConnection[object]) -> None:
        while True:
            await self._pending.wait()
            await asyncio.sleep(_GATHER_S)
            self._pending.clear()
            items, self._out = list(dict.fromkeys(self._out)), []
            for start in range(0, len(items), 100):  # a payload holds 8,000 bytes
                payload = json.dumps([self._name, items[start : start + 100]])
                await connection.execute("SELECT pg_notify(%s, %s)", (_CHANNEL, payload))

    async def _look_again(self, connection: psycopg.AsyncConnection[tuple[Any, ...]]) -> None:
        newest = await connection.execute("SELECT COALESCE(max(id), 0) FROM message")
        ((last,),) = await newest.fetchall()
        before = last
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            written = await (await connection.execute(_WRITTEN, (before,))).fetchall()
            self._deliver((customer, "news") for customer, _ in written)
            before, last = last, max(last, *(number for _, number in written), 0)


def _reason(error: BaseException) -> str:
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(_reason(inner) for inner in error.exceptions)
    return type(error).__name__
