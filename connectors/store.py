"""Transactions for asynchronous callers: one function, one thread, one commit, then the hints.

Short work that many customers bring at once goes together: while the threads are at it, what comes
gathers, and then shares one thread, one session and, where it writes, one commit. That is what a
gateway can do in a second; for a single caller it changes nothing.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from connectors.live import DESK, Hub
from ticketing.db import Sessions, away, overslept

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 4
TOGETHER = 64
# Two, so that what comes while one waits for the disk need not wait for that, too.
WRITERS = 2


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
        self._looks = _Together(self._look_together, threads=1)
        self._writes = _Together(self._commit_together, threads=WRITERS)
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

    async def share(self, lane: str, function: Callable[[Session], T]) -> T:
        """``function(session)`` in a transaction that it may share; it ends committed all the same.

        For short writes that lock the rows of ``lane`` and of no other one: lanes are taken in
        the order of their keys, so that two transactions never wait for each other. When one of
        those that shared fails, each is done again by itself, so ``function`` must allow that.
        """
        self._loop = asyncio.get_running_loop()
        try:
            made: T = await self._writes.do(function, lane)
        except _Alone:
            made = await self.run(function)
        return made

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

    def _look_together(self, calls: Sequence[_Call]) -> list[_Outcome]:
        outcomes: list[_Outcome] = []
        with self._reading() as session:
            for call in calls:
                try:
                    outcomes.append(_Outcome(call.function(session)))
                except Exception as error:
                    session.rollback()
                    outcomes.append(_Outcome(error=error))
                    if away(error):  # not each of them has to wait for that
                        outcomes += [_Outcome(error=error)] * (len(calls) - len(outcomes))
                        break
        return outcomes

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

    def _commit_together(self, calls: Sequence[_Call]) -> list[_Outcome]:
        outcomes: dict[int, _Outcome] = {}
        try:
            with self._sharing() as session:
                for number in sorted(range(len(calls)), key=lambda number: calls[number].lane):
                    outcomes[number] = _Outcome(calls[number].function(session))
                session.commit()
        except Exception as error:
            # Without a database nobody has to try further, and alone, a function's refusal is its
            # answer. Whatever else it was, a lock that was held for too long or another's refusal,
            # is settled by doing each again by itself.
            final = away(error) or (len(calls) == 1 and not isinstance(error, DBAPIError))
            return [_Outcome(error=error if final else _Alone()) for _ in calls]
        self._tell(session)
        return [outcomes[number] for number in range(len(calls))]

    def _tell(self, session: Session) -> None:
        """After the commit: wake who waits for what it changed."""
        touched: dict[str, set[str]] = session.info.get("touched", {})
        for signal, customers in touched.items():
            self._hub.signal([*customers, DESK], signal)
        if session.info.get("enqueued") and self._loop is not None:
            self._loop.call_soon_threadsafe(self.work.set)

    def close(self) -> None:
        """Wait for running transactions and stop the threads."""
        for threads in (self._threads, self._looks.threads, self._writes.threads):
            threads.shutdown(wait=True)


class _Alone(Exception):
    """Done together with others it failed; it is to be done by itself."""


@dataclasses.dataclass(frozen=True, slots=True)
class _Call:
    function: Callable[[Session], Any]
    lane: str
    answer: asyncio.Future[Any]


@dataclasses.dataclass(frozen=True, slots=True)
class _Outcome:
    value: Any = None
    error: Exception | None = None


class _Together:
    """A few threads, and the calls that gather while all of them are busy."""

    def __init__(self, work: Callable[[Sequence[_Call]], list[_Outcome]], *, threads: int) -> None:
        self._work = work
        self._waiting: list[_Call] = []
        self._free = threads
        self.threads = ThreadPoolExecutor(threads, thread_name_prefix="together")

    async def do(self, function: Callable[[Session], Any], lane: str = "") -> Any:
        """Have ``function`` done with the next lot. Raises what it raised."""
        loop = asyncio.get_running_loop()
        call = _Call(function, lane, loop.create_future())
        self._waiting.append(call)
        if self._free:
            self._free -= 1
            loop.call_soon(self._next, loop)  # with what else comes in this moment
        return await call.answer

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        calls, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        if not calls:
            self._free += 1
            return
        running = loop.run_in_executor(self.threads, self._work, calls)
        running.add_done_callback(lambda done: self._done(loop, calls, done))

    def _done(
        self,
        loop: asyncio.AbstractEventLoop,
        calls: Sequence[_Call],
        done: asyncio.Future[list[_Outcome]],
    ) -> None:
        error = done.exception()
        outcomes = done.result() if error is None else []
        for number, call in enumerate(calls):
            if call.answer.done():  # whoever asked has gone
                continue
            if error is not None:
                call.answer.set_exception(error)
            elif (failure := outcomes[number].error) is not None:
                call.answer.set_exception(failure)
            else:
                call.answer.set_result(outcomes[number].value)
        self._next(loop)
