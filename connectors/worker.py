"""The worker: claim a lane, do its head job, settle. Errors are sorted here, once.

A handler does its work outside any transaction and returns a function that writes the result;
the worker runs it under the lane's lock and fence, together with marking the job done. Meanwhile
it renews its leases: a worker that was killed, or paused, has lost them a few seconds later.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import logging
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from prometheus_client import Counter
from sqlalchemy.orm import Session

from connectors.channel import DeliveryFailed
from connectors.store import A, Store, T, Together
from ticketing import conversations, lanes, pacing
from ticketing.db import DATABASE_ERRORS, Left, away, passes
from ticketing.errors import Again, LeaseLost
from ticketing.lanes import Work

log = logging.getLogger(__name__)

Settle = Callable[[Session], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Quick:
    """A :data:`Settle` that locks no other lane, so that one ``write`` is enough for several."""

    write: Callable[[Session, Sequence[Any]], None]
    result: Any

    def __call__(self, session: Session) -> None:
        self.write(session, [self.result])


@dataclasses.dataclass(frozen=True, slots=True)
class _Ended:
    """A work that is done; ``following`` is the next of its lane, if this worker goes on."""

    following: Work | None


# Accepts jobs, and starts them for the worker that is its third argument.
Beginning = Callable[[Session, Sequence[A], str | None], Sequence[T | Left]]
Handler = Callable[[Work], Awaitable[Settle]]
OnDead = Callable[[Session, Work, str], None]

# No handler takes longer: their own calls to Rasa and Slack give up before.
WORK_S = 10.0
# But a file of ten mebibytes may have a slow way to go, a model may have to be loaded, a callback
# of KakaoTalk waits for the answer, and an import, an erasure or a purge for others at its
# customers.
_LONGER = "deliver telegram.update slack.file slack.event kb.published kakao.callback"
LONGER_S = dict.fromkeys(
    [*_LONGER.split(), "customers.import", "customers.undo", "customer.erase", "retention.purge"],
    60.0,
)
POLL_S = 0.25
SWEEP_S = 30.0
IDLE_EPISODE = dt.timedelta(hours=12)
DELIVERIES = Counter(
    "sangdam_deliveries_total",
    "Tries to send something to a channel: delivered, retried, rate_limited or dead",
    ["channel", "result"],
)
# Killed workers say nothing against a job, until there are too many of them to be chance.
WORKERS_ENDED = 16
# A customer waits for a turn, so it is not tried for long. What comes from a platform, and a post
# to it, outlive twenty minutes without it; a whole lane stands behind the first of them, so it is
# tried soon after the platform is back. A mailed code ends its tries itself, when it would be void.
PATIENT = (
    "deliver", "telegram.update", "mail.code",
    "slack.card", "slack.post", "slack.file", "slack.notice", "slack.event",
)  # fmt: skip
TRIES = {"turn": 3} | dict.fromkeys(PATIENT, 90)
LONGEST_WAIT_S = 30.0


def backoff(failures: int) -> float:
    """Seconds until the next try: 1, 2, 4 … at most 30, with jitter."""
    return random.uniform(0.5, 1.0) * min(LONGEST_WAIT_S, 2.0 ** (failures - 1))


def last_try(work: Work) -> bool:
    """Whether the job is given up when this try fails."""
    return work.failures + 1 >= TRIES.get(work.kind, lanes.MAX_ATTEMPTS)


def _again(session: Session, *, work: Work, why: str) -> None:
    lanes.hold(session, work)
    lanes.retry(session, work, delay_s=0, error=why, ended="put_off")


def _count(work: Work, result: str) -> None:
    """Count a try of an outgoing lane, ``out:<channel>:…``; the others deliver nothing."""
    direction, _, rest = work.lane.partition(":")
    if direction == "out":
        DELIVERIES.labels(rest.partition(":")[0], result).inc()


class Worker:
    """Works the lanes of one process, ``slots`` of them at a time.

    For a moment it may be twice as many, if it claims some while others are accepted for it.
    ``sweeps`` look every half a minute for what is to be done beside lanes and episodes to be
    ended.
    """

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        *,
        on_dead: OnDead,
        sweeps: Sequence[Settle] = (),
        slots: int = 48,
        lease_s: float = lanes.LEASE_S,
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._on_dead = on_dead
        self._sweeps = sweeps
        self._slots = slots
        self._lease_s = lease_s
        self._owner = f"worker-{secrets.token_hex(6)}"
        self._claiming = store.gathering(self._claim_lanes)
        self._finishing = store.gathering(self._finish, self._finish_free)
        self._running: dict[asyncio.Task[None], str] = {}
        self._stopping = False
        self.running = False
        store.begin = self._begin

    async def run(self) -> None:
        """Work until :meth:`stop`."""
        self.running = True
        renewing = asyncio.create_task(self._renew())
        try:
            await self._work()
        finally:
            renewing.cancel()
            self.running = False

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            if keys := list(self._running.values()):
                await self._safely(
                    partial(lanes.renew, owner=self._owner, keys=keys, lease_s=self._lease_s)
                )

    async def _work(self) -> None:
        swept = 0.0
        while not self._stopping:
            if time.monotonic() - swept > SWEEP_S:
                swept = time.monotonic()
                await self._safely(self._keep_house)
                for sweep in self._sweeps:
                    await self._safely(sweep)
            free = max(0, self._slots - len(self._running))
            claimed = await self._claim(free) if free else []
            self._begin(claimed)
            if len(claimed) < free or not free:
                await self._rest()

    def _begin(self, works: Sequence[Work]) -> None:
        for work in works:
            task = asyncio.create_task(self._do(work))
            self._running[task] = work.lane
            task.add_done_callback(self._finished)

    def beginning(self, together: Beginning[A, T]) -> Together[A, T]:
        """``together``, with which this worker begins at once if it has slots for all of it.

        If not, what is accepted is claimed when it has, by this worker or another.
        """

        def begin(session: Session, items: Sequence[A]) -> Sequence[T | Left]:
            free = self._slots - len(self._running)
            ready = self.running and not self._stopping and free >= len(items)
            return together(session, items, self._owner if ready else None)

        return begin

    async def _rest(self) -> None:
        """Until there is something new; new work, or a slot for what had to wait."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_S):
                await self._store.work.wait()
        self._store.work.clear()

    def _finished(self, task: asyncio.Task[None]) -> None:
        if len(self._running) >= self._slots:
            self._store.work.set()
        del self._running[task]

    async def stop(self, *, grace_s: float) -> None:
        """Finish what runs, within ``grace_s``; give back the lanes of the rest."""
        self._stopping = True
        self._store.work.set()
        if self._running:
            await asyncio.wait(self._running, timeout=grace_s)
        for task in self._running:
            task.cancel()
        await self._safely(lambda session: lanes.release(session, self._owner))

    async def _claim(self, limit: int) -> list[Work]:
        try:
            return await self._claiming.do(limit)
        except Exception as error:  # a worker that ended would leave every customer waiting
            log.warning("the lanes cannot be read just now: %s", type(error).__name__)
            await asyncio.sleep(POLL_S)
            return []

    def _claim_lanes(self, session: Session, limit: int) -> list[Work]:
        return lanes.claim(session, owner=self._owner, limit=limit, lease_s=self._lease_s)

    async def _do(self, work: Work) -> None:
        """Do the job, and those behind it in its lane while no other lane waits for the slot."""
        following: Work | None = work
        while following is not None:
            following = await self._try(following)

    async def _try(self, work: Work) -> Work | None:
        """Do the job; the next one of its lane, if this worker goes on with it."""
        try:
            handler = self._handlers.get(work.kind)
            if handler is None:
                raise DeliveryFailed(f"nothing here handles {work.kind}", permanent=True)
            if (ended := work.attempts - 1 - work.failures) >= WORKERS_ENDED:
                raise DeliveryFailed(f"{ended} workers ended while they did this", permanent=True)
            async with asyncio.timeout(LONGER_S.get(work.kind, WORK_S)):
                settle = await handler(work)

            if isinstance(settle, Quick):
                finish = partial(self._finishing.do, (work, settle))
            else:
                finish = partial(self._store.run, self._finish, (work, settle))
            done = await self._patiently(finish)
            _count(work, "delivered")
            return done.following
        except LeaseLost:
            log.warning("job %s was taken over by another worker", work.job)
        except Again as news:
            await self._safely(partial(_again, work=work, why=str(news)), patiently=True)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            await self._failed(work, error)
        return None

    def _finish(self, session: Session, finished: tuple[Work, Settle]) -> _Ended:
        """Write the result of a work in a lane of this worker, and mark it done."""
        work, settle = finished
        lanes.hold(session, work)
        settle(session)
        return self._done(session, [work])[0]

    def _finish_free(
        self, session: Session, finished: Sequence[tuple[Work, Quick]]
    ) -> Sequence[_Ended | Left]:
        """The same for several; left out is who is not free just now."""
        free = lanes.hold_free(session, [work for work, _ in finished])
        held = [one for one, is_free in zip(finished, free, strict=True) if is_free]
        shared: dict[Callable[[Session, Sequence[Any]], None], list[Any]] = {}
        for _, quick in held:
            shared.setdefault(quick.write, []).append(quick.result)
        for write, results in shared.items():
            write(session, results)
        ended = iter(self._done(session, [work for work, _ in held]) if held else ())
        return [next(ended) if is_free else Left.HELD for is_free in free]

    def _done(self, session: Session, works: Sequence[Work]) -> list[_Ended]:
        going_on = not self._stopping and len(self._running) < self._slots
        following = lanes.done(session, *works, lease_s=self._lease_s if going_on else 0)
        return [_Ended(work) for work in following]

    async def _patiently(self, write: Callable[[], Awaitable[T]]) -> T:
        """Write the result; while the database is away, keep trying for a while.

        The work is done already. Who took the lane meanwhile wins by the fence.
        """
        deadline = time.monotonic() + WORK_S
        while True:
            try:
                return await write()
            except DATABASE_ERRORS as error:
                if not passes(error) or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(POLL_S)

    async def _failed(self, work: Work, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        permanent = isinstance(error, DeliveryFailed) and error.permanent
        wait = error.retry_after if isinstance(error, DeliveryFailed) else None
        last = permanent or last_try(work)

        def write(session: Session) -> None:
            lanes.hold(session, work)
            if wait is not None:
                lanes.retry(session, work, delay_s=wait, error=reason, ended="put_off")
            elif away(error):  # which says nothing against the job
                lanes.retry(session, work, delay_s=POLL_S, error=reason, ended="cut_short")
            elif last:
                lanes.bury(session, work, error=reason)
                self._tell(session, work, reason)
            else:
                lanes.retry(session, work, delay_s=backoff(work.failures + 1), error=reason)

        # The text of an error can hold what a customer wrote; the log gets its kind only.
        log.warning("job %s (%s) failed: %s", work.job, work.kind, type(error).__name__)
        log.debug("job %s", work.job, exc_info=error)
        retried = "rate_limited" if wait is not None else "retried"
        _count(work, "dead" if last and not away(error) else retried)
        await self._safely(write, patiently=True)

    def _tell(self, session: Session, work: Work, reason: str) -> None:
        """Whatever goes wrong in telling, the dead letter stays buried and its lane goes on."""
        try:
            with session.begin_nested():
                self._on_dead(session, work, reason)
        except LeaseLost:
            raise
        except Exception as error:
            log.error("job %s is dead and nobody was told: %s", work.job, type(error).__name__)

    async def _safely(
        self, function: Callable[[Session], object], *, patiently: bool = False
    ) -> None:
        try:
            if patiently:
                await self._patiently(lambda: self._store.run(function))
            else:
                await self._store.run(function)
        except LeaseLost:
            log.warning("a lane was taken over by another worker")
        except Exception as error:  # the worker lives on; what it could not write waits its lease
            log.warning("could not write now: %s", type(error).__name__)

    def _keep_house(self, session: Session) -> None:
        lanes.sweep(session)
        pacing.forget(session)
        conversations.close_idle(session, idle=IDLE_EPISODE)
