"""Transactions for asynchronous callers: one function, one thread, one commit, then the hints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from connectors.live import DESK, Hub
from ticketing.db import Sessions

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 4


class Store:
    """Runs functions of the domain in transactions and wakes whoever waits for the result."""

    def __init__(self, sessions: Sessions, hub: Hub, *, reading: Sessions) -> None:
        self._sessions = sessions
        self._reading = reading
        self._hub = hub
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")
        self.work = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(session, …)`` in a transaction that commits when it returns."""
        self._loop = asyncio.get_running_loop()
        return await self._loop.run_in_executor(
            self._threads, lambda: self.call(function, *args, **kwargs)
        )

    async def read(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(session, …)`` that only reads: no transaction, each statement for itself."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._look(function, *args, **kwargs)
        )

    def _look(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._reading() as session:
            return function(session, *args, **kwargs)

    def call(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same, in this thread."""
        with self._sessions() as session:
            result = function(session, *args, **kwargs)
            session.commit()
            touched: dict[str, set[str]] = session.info.get("touched", {})
            enqueued = session.info.get("enqueued")
        for signal, customers in touched.items():
            self._hub.signal([*customers, DESK], signal)
        if enqueued and self._loop is not None:
            self._loop.call_soon_threadsafe(self.work.set)
        return result

    def close(self) -> None:
        """Wait for running transactions and stop the threads."""
        self._threads.shutdown(wait=True)
