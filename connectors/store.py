"""Transactions for asynchronous callers: one function, one thread, one commit, then the hints.

Short work that many customers bring at once goes together: while its thread is busy, what comes
gathers, and then shares one session and, where it writes, one commit. What acknowledges a message
has a thread of its own, and all else that is shared takes turns in another: each more would wait
for the interpreter most of the time, and keep the acknowledgements waiting.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from connectors.live import DESK, Hub
from ticketing.db import Sessions, away, overslept

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A")
THREADS = 4
TOGETHER = 64


class Store:
    """Runs functions of the domain in transactions and wakes whoever waits for the result.

    ``reading`` sessions have no transaction. ``sharing`` ones wait only a moment for a lock, so
    that one busy customer holds up nobody else for long.
    """

    def __init__(
        self, sessions: Sessions, hub: Hub, *, reading: Sessions, sharing: Sessions
    ) -> None:
        self._sessions = sessions
        self._reading = reading
        self._sharing = sharing
        self._hub = hub
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")
        self._turns = ThreadPoolExecutor(1, thread_name_prefix="together")
        self._pools = [self._threads, self._turns]
        self._looks: Gathering[Callable[[Session], Any], Any] = self.looking(_look_at_each)
        self.work = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(session, …)`` in a transaction that commits when it returns.

        If this process slept in it until the server ended it, it is done once more.
        """
        self._loop = asyncio.get_running_loop()
        return await self._loop.run_in_executor(
            self._threads, lambda: self.call(function, *args, **kwargs)
        )

    def gathering(self, body: Callable[[Session, Sequence[A]], Sequence[T]]) -> Gathering[A, T]:
        """What shares transactions for one purpose: ``body`` gets all that gathered for one.

        It gives a result for each, in their order, locks lanes in the order of their keys, so that
        two transactions never wait for each other, and is called again with each alone if it failed
        with several: it must allow that.
        """
        return Gathering(body, self._commit_together, self.run, self._turns)

    def accepting(self, body: Callable[[Session, Sequence[A]], Sequence[T]]) -> Gathering[A, T]:
        """The same for what somebody waits for to be acknowledged: no other work delays it."""
        threads = ThreadPoolExecutor(1, thread_name_prefix="accepting")
        self._pools.append(threads)
        return Gathering(body, self._commit_together, self.run, threads)

    def looking(self, body: Callable[[Session, Sequence[A]], Sequence[T]]) -> Gathering[A, T]:
        """The same for looks: no transaction, each statement of ``body`` for itself."""
        return Gathering(body, self._look, self.read, self._turns)

    async def read(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(session, …)`` that only reads: no transaction, each statement for itself."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._look(function, *args, **kwargs)
        )

    async def glance(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same for a look that takes a millisecond, one after the other with others."""
        seen: T = await self._looks.do(lambda session: function(session, *args, **kwargs))
        return seen

    def _look(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._reading() as session:
            return function(session, *args, **kwargs)

    def call(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same as :meth:`run`, in this thread."""
        try:
            return self._commit(function, *args, **kwargs)
        except DBAPIError as error:
            if not overslept(error):  # as happens while a large library is being loaded
                raise
        return self._commit(function, *args, **kwargs)

    def _commit(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self._sessions() as session:
            result = function(session, *args, **kwargs)
            session.commit()
        self._tell(session)
        return result

    def _commit_together(
        self, body: Callable[[Session, Sequence[A]], Sequence[T]], items: Sequence[A]
    ) -> Sequence[T]:
        with self._sharing() as session:
            made = body(session, items)
            session.commit()
        self._tell(session)
        return made

    def _tell(self, session: Session) -> None:
        """After the commit: wake who waits for what it changed."""
        touched: dict[str, set[str]] = session.info.get("touched", {})
        for signal, customers in touched.items():
            self._hub.signal([*customers, DESK], signal)
        if session.info.get("enqueued") and self._loop is not None:
            self._loop.call_soon_threadsafe(self.work.set)

    def close(self) -> None:
        """Wait for running transactions and stop the threads."""
        for threads in self._pools:
            threads.shutdown(wait=True)


class Gathering(Generic[A, T]):
    """Short work of one kind that is done together in ``threads``; see :meth:`Store.gathering`."""

    def __init__(
        self,
        body: Callable[[Session, Sequence[A]], Sequence[T]],
        together: Callable[..., Sequence[T]],
        alone: Callable[..., Awaitable[Sequence[T]]],
        threads: ThreadPoolExecutor,
    ) -> None:
        self._body = body
        self._do_together = together
        self._do_alone = alone
        self._waiting: list[_Call] = []
        self._free = True
        self._threads = threads

    async def do(self, item: A) -> T:
        """Its result, once that is committed. Raises what ``body`` raised for it."""
        loop = asyncio.get_running_loop()
        call = _Call(item, loop.create_future())
        self._waiting.append(call)
        if self._free:
            self._free = False
            loop.call_soon(self._next, loop)  # with what else comes in this moment
        try:
            made: T = await call.answer
        except _Alone:
            made = (await self._do_alone(self._body, [item]))[0]
        return made

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        calls, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        if not calls:
            self._free = True
            return
        items = [call.item for call in calls]
        running = loop.run_in_executor(self._threads, self._do_together, self._body, items)
        running.add_done_callback(lambda done: self._done(loop, calls, done))

    def _done(
        self,
        loop: asyncio.AbstractEventLoop,
        calls: Sequence[_Call],
        done: asyncio.Future[Sequence[T]],
    ) -> None:
        error = done.exception()
        made = done.result() if error is None else []
        # Without a database nobody has to try further, and alone, a refusal is its answer.
        # Whatever else it was, a lock that was held for too long or another's refusal, is
        # settled by doing each again by itself.
        alone = isinstance(error, Exception) and not (
            away(error) or (len(calls) == 1 and not isinstance(error, DBAPIError))
        )
        for number, call in enumerate(calls):
            if call.answer.done():  # whoever asked has gone
                continue
            if error is not None:
                call.answer.set_exception(_Alone() if alone else error)
            else:
                call.answer.set_result(made[number])
        self._next(loop)


def _look_at_each(session: Session, looks: Sequence[Callable[[Session], Any]]) -> list[Any]:
    return [look(session) for look in looks]


class _Alone(Exception):
    """Done together with others it failed; it is to be done by itself."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Call:
    item: Any
    answer: asyncio.Future[Any]
