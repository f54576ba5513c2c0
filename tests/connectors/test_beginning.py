"""A worker begins at once with what its process accepts, as long as it has slots for that."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import text

from connectors import desk
from connectors.live import Hub
from connectors.store import Gathering, Store
from connectors.worker import Handler, Settle, Worker
from tests.connectors.test_turns import Customer, work_all
from tests.statements import noted
from ticketing.db import Sessions
from ticketing.inbox import Words
from ticketing.lanes import Work

WITHIN_S = 5.0
Receiving = Gathering[Words, desk.Receipt | None]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(database_url, Hub(database_url))
    yield made
    made.close()


@pytest.fixture
def crowd(sessions: Sessions) -> list[Customer]:
    """Three customers whose first words are answered."""
    made = [Customer(sessions) for _ in range(3)]
    for customer in made:
        customer.send("처음")
        work_all(sessions)
    return made


@contextlib.asynccontextmanager
async def working(store: Store, handler: Handler, *, slots: int) -> AsyncIterator[Receiving]:
    """A worker, and what it accepts with."""
    handlers = {"turn": handler}
    worker = Worker(store, handlers, on_dead=lambda session, work, reason: None, slots=slots)
    receiving = store.accepting(desk.receive_words, worker.beginning(desk.receive_together))
    running = asyncio.create_task(worker.run())
    try:
        async with asyncio.timeout(WITHIN_S):
            yield receiving
    finally:
        await worker.stop(grace_s=WITHIN_S)
        await running


def pending(sessions: Sessions) -> int:
    with sessions() as session:
        return session.scalar(text("SELECT count(*) FROM job WHERE state = 'pending'")) or 0


def said(customer: Customer) -> Words:
    return Words(customer.token, str(uuid.uuid4()), "지금 어디쯤이에요?")


def test_nothing_is_claimed_that_can_begin_at_once(
    sessions: Sessions, store: Store, crowd: list[Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.worker.POLL_S", WITHIN_S)
    begun: asyncio.Queue[str] = asyncio.Queue()
    first, *others = crowd

    async def handle(work: Work) -> Settle:
        begun.put_nowait(work.lane)
        return lambda session: None

    async def work() -> None:
        first.send("누구 계세요?")
        async with working(store, handle, slots=8) as receiving:
            assert await begun.get() == f"in:{first.id}"  # claimed, and nothing else is
            with noted() as statements:
                await asyncio.gather(*(receiving.do(said(customer)) for customer in others))
                lanes = [await begun.get() for _ in others]
        assert sorted(lanes) == sorted(f"in:{customer.id}" for customer in others)
        assert not [sql for sql, _ in statements if sql.startswith("UPDATE job SET attempts")]

    asyncio.run(work())
    assert pending(sessions) == 0


def test_a_worker_without_a_slot_begins_later(
    sessions: Sessions, store: Store, crowd: list[Customer]
) -> None:
    """What is accepted beyond its slots is acknowledged all the same, and waits for one.

    One may be claimed in the moment in which another is accepted.
    """
    going = most = 0
    go_on = asyncio.Event()
    gone: asyncio.Queue[str] = asyncio.Queue()

    async def handle(work: Work) -> Settle:
        nonlocal going, most
        going += 1
        most = max(most, going)
        await go_on.wait()
        going -= 1
        gone.put_nowait(work.lane)
        return lambda session: None

    async def work() -> None:
        async with working(store, handle, slots=1) as receiving:
            for customer in crowd:
                receipt = await receiving.do(said(customer))
                assert receipt is not None and not receipt.again
            assert pending(sessions) == len(crowd)
            go_on.set()
            assert len({await gone.get() for _ in crowd}) == len(crowd)

    asyncio.run(work())
    assert pending(sessions) == 0
    assert most <= 2 < len(crowd)
