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
from ticketing.db import Left, away, connect, overslept, session_factory
from ticketing.errors import Erased
from ticketing.lanes import Work

P = ParamSpec("P")
T = TypeVar("T")
A = TypeVar("A")
Together = Callable[[Session, Sequence[A]], Sequence[T | Left]]
THREADS = 4
TOGETHER = 64
# What others do in a lane is mostly over with a few of these; what waits alone takes a thread.
TRIES = 8


class Store:
    """Runs functions of the domain in transactions and wakes whoever waits for the result.

    ``queue`` and ``mail``: see :func:`ticketing.db.session_factory`.
    """

    def __init__(self, url: str, hub: Hub, *, queue: str = "", mail: bool = False) -> None:
        # Looks and single statements need no transaction. What is shared waits only a moment for a
        # lock, so that one busy customer holds up nobody else for long.
        engine, reading = connect(url), connect(url, autocommit=True)
        single = connect(url, pool_size=2, autocommit=True, brief=True)
        sharing = connect(url, pool_size=1, brief=True)
        self._engines = [engine, reading, single, sharing]
        self.sessions, self._reading, self._single, self._sharing = (
            session_factory(one, queue=queue, mail=mail) for one in self._engines
        )
        self._hub = hub
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="store")
        self._turns = ThreadPoolExecutor(1, thread_name_prefix="together")
        self._pools = [self._threads, self._turns]
        # Any look, so each is planned for its values where PostgreSQL finds that worth it.
        self._looks: Gathering[Callable[[Session], Any], tuple[Any]] = Gathering(
            _seen, None, self._read, self.read, self._turns
        )
        self.work = asyncio.Event()
        # Set by this process's worker, to be given what was started for it once that is committed.
        self.begin: Callable[[Sequence[Work]], object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(session, …)`` in a transaction that commits when it returns.

        If this process slept in it until the server ended it, or whom it is about was erased
        meanwhile, it is done once more.
        """
        self._loop = asyncio.get_running_loop()
        return await self._loop.run_in_executor(
            self._threads, lambda: self.call(function, *args, **kwargs)
        )

    def gathering(
        self, alone: Callable[[Session, A], T], together: Together[A, T] | None = None
    ) -> Gathering[A, T]:
        """What shares transactions for one purpose.

        ``together`` gets all that gathered for one, and gives a result for each, in their order.
        One that is left out because its lane is held goes with the next, a few times; then, at
        once if there is more to it, and for each of them if ``together`` failed, ``alone`` is
        called in a transaction of its own. It may wait for a lane, which ``together`` must not,
        because all that is shared would wait with it. Without ``together``, ``alone`` does each.
        """
        return Gathering(alone, together, self._commit_together, self.run, self._turns)

    def accepting(
        self, alone: Callable[[Session, A], T], together: Together[A, T]
    ) -> Gathering[A, T]:
        """The same for what somebody waits for to be acknowledged: no other work delays it.

        ``together`` sends one statement, which needs no BEGIN and COMMIT around it.
        """
        threads = ThreadPoolExecutor(1, thread_name_prefix="accepting")
        self._pools.append(threads)
        return Gathering(alone, together, self._state_together, self.run, threads)

    def looking(
        self, alone: Callable[[Session, A], T], together: Together[A, T] | None = None
    ) -> Gathering[A, T]:
        """The same for looks: no transaction, each statement for itself."""
        return Gathering(alone, together, self._state_together, self.read, self._turns)

    async def read(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """``function(session, …)`` that only reads: no transaction, each statement for itself.

        That somebody looks (:mod:`ticketing.accesses`) is one that writes, and is kept at once.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: self._read(function, *args, **kwargs)
        )

    async def glance(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """The same for a look that takes a millisecond, one after the other with others."""
        seen: tuple[T] = await self._looks.do(lambda session: function(session, *args, **kwargs))
        return seen[0]

    def _read(
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
        except Erased:  # who is there now, at the same address, if anybody is?
            pass
        except DBAPIError as error:
            if not overslept(error):  # as happens while a large library is being loaded
                raise
        return self._commit(function, *args, **kwargs)

    def _commit(
        self, function: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        with self.sessions() as session:
            result = function(session, *args, **kwargs)
            session.commit()
        self._tell(session)
        return result

    def _commit_together(self, together: Together[A, T], items: Sequence[A]) -> Sequence[T | Left]:
        with self._sharing() as session:
            made = together(session, items)
            session.commit()
        self._tell(session)
        return made

    def _state_together(self, together: Together[A, T], items: Sequence[A]) -> Sequence[T | Left]:
        try:
            return self._state(together, items)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        # A connection died, mostly while nobody used it, and the next one may be well. What is
        # said here may be said again: looks change nothing, and a message is known by its id.
        return self._state(together, items)

    def _state(self, together: Together[A, T], items: Sequence[A]) -> Sequence[T | Left]:
        with self._single() as session:
            made = together(session, items)
        self._tell(session)
        return made

    def _tell(self, session: Session) -> None:
        """After the commit: wake who waits for what it changed."""
        touched: dict[str, set[str]] = session.info.get("touched", {})
        for signal, customers in touched.items():
            self._hub.signal([*customers, DESK], signal)
        if self._loop is None:
            return
        if session.info.get("enqueued"):
            self._loop.call_soon_threadsafe(self.work.set)
        if self.begin is not None and (begun := session.info.get("begun")):
            self._loop.call_soon_threadsafe(self.begin, begun)

    def close(self) -> None:
        """Wait for running transactions, stop the threads and close the connections."""
        for threads in self._pools:
            threads.shutdown(wait=True)
        for engine in self._engines:
            engine.dispose()


class Gathering(Generic[A, T]):
    """Short work of one kind that is done together in ``threads``; see :meth:`Store.gathering`."""

    def __init__(
        self,
        alone: Callable[[Session, A], T],
        together: Together[A, T] | None,
        do_together: Callable[..., Sequence[T | Left]],
        do_alone: Callable[..., Awaitable[T]],
        threads: ThreadPoolExecutor,
    ) -> None:
        self._alone = alone
        self._together = together or self._each
        self._do_together = do_together
        self._do_alone = do_alone
        self._waiting: list[_Call] = []
        self._free = True
        self._threads = threads

    def _each(self, session: Session, items: Sequence[A]) -> Sequence[T]:
        return [self._alone(session, item) for item in items]

    async def do(self, item: A) -> T:
        """Its result, once that is committed. Raises what was raised for it."""
        loop = asyncio.get_running_loop()
        call = _Call(item, loop.create_future())
        self._waiting.append(call)
        if self._free:
            self._free = False
            loop.call_soon(self._next, loop)  # with what else comes in this moment
        made: T | Left = await call.answer
        return await self._do_alone(self._alone, item) if isinstance(made, Left) else made

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        calls, self._waiting = self._waiting[:TOGETHER], self._waiting[TOGETHER:]
        if not calls:
            self._free = True
            return
        items = [call.item for call in calls]
        running = loop.run_in_executor(self._threads, self._do_together, self._together, items)
        running.add_done_callback(lambda done: self._done(loop, calls, done))

    def _done(
        self,
        loop: asyncio.AbstractEventLoop,
        calls: Sequence[_Call],
        done: asyncio.Future[Sequence[T | Left]],
    ) -> None:
        error = done.exception()
        # Without a database nobody has to try further, and for one, a refusal is its answer.
        # Whatever else it was, a lock that was held for too long or another's refusal, is
        # settled by doing each again by itself.
        final = error is not None and (
            not isinstance(error, Exception)
            or away(error)
            or (len(calls) == 1 and not isinstance(error, DBAPIError))
        )
        made = done.result() if error is None else [Left.ALONE] * len(calls)
        left: list[_Call] = []
        for call, one in zip(calls, made, strict=True):
            if call.answer.done():  # whoever asked has gone
                continue
            if error is not None and final:
                call.answer.set_exception(error)
            elif one is Left.HELD and call.tries < TRIES:
                call.tries += 1
                left.append(call)
            else:
                call.answer.set_result(one)
        self._waiting[:0] = left
        self._next(loop)


def _seen(session: Session, look: Callable[[Session], T]) -> tuple[T]:
    return (look(session),)


@dataclasses.dataclass(slots=True)
class _Call:
    item: Any
    answer: asyncio.Future[Any]
    tries: int = 1
