"""Short work that shares a session and a commit, and what becomes of each when that fails."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from connectors.live import Hub
from connectors.store import TRIES, Store
from ticketing.db import Left, Sessions

GOES_WITHIN_S = 5.0


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(database_url, Hub(database_url))
    yield made
    made.close()


def test_what_fails_among_others_is_done_by_itself(sessions: Sessions, store: Store) -> None:
    """Who shares a transaction with it has a result all the same, written once."""
    lots: list[list[str]] = []

    def write(session: Session, keys: Sequence[str]) -> Sequence[str]:
        lots.append([*keys])
        for key in keys:
            session.execute(text("INSERT INTO lane (key) VALUES (:key)"), {"key": key})
            if key == "bad":
                raise ValueError(key)
        return keys

    def write_one(session: Session, key: str) -> str:
        return write(session, [key])[0]

    async def work() -> None:
        gathering = store.gathering(write_one, write)
        doing = [gathering.do(key) for key in ("a", "bad", "b")]
        made = await asyncio.gather(*doing, return_exceptions=True)
        assert [made[0], made[2]] == ["a", "b"] and isinstance(made[1], ValueError)

    asyncio.run(work())
    assert lots[0] == ["a", "bad", "b"] and sorted(lots[1:]) == [["a"], ["b"], ["bad"]]
    with sessions() as session:
        kept = session.execute(text("SELECT key FROM lane ORDER BY key")).scalars().all()
    assert kept == ["a", "b"]


def test_what_is_left_out_among_others_is_done_by_itself(sessions: Sessions, store: Store) -> None:
    """Once, and in the same order of results."""

    def keep(session: Session, key: str) -> str:
        session.execute(text("INSERT INTO lane (key) VALUES (:key)"), {"key": key})
        return f"kept {key}"

    def keep_short(session: Session, keys: Sequence[str]) -> Sequence[str | Left]:
        return [keep(session, key) if len(key) == 1 else Left.ALONE for key in keys]

    async def work() -> list[str]:
        gathering = store.gathering(keep, keep_short)
        return await asyncio.gather(*(gathering.do(key) for key in ("a", "long", "b")))

    assert asyncio.run(work()) == ["kept a", "kept long", "kept b"]
    with sessions() as session:
        kept = session.execute(text("SELECT key FROM lane ORDER BY key")).scalars().all()
    assert kept == ["a", "b", "long"]


def test_what_is_held_goes_with_the_next_before_it_waits_alone(store: Store) -> None:
    """Ahead of what came later; and whoever is held for long ends up waiting for their lane."""
    lots: list[str] = []
    held = {"a": 1, "b": TRIES}

    def keep(session: Session, key: str) -> str:
        return f"{key} alone"

    def keep_free(session: Session, keys: Sequence[str]) -> Sequence[str | Left]:
        lots.append("".join(keys))
        made: list[str | Left] = []
        for key in keys:
            is_held = held.get(key, 0) > 0
            held[key] = held.get(key, 0) - 1
            made.append(Left.HELD if is_held else key)
        return made

    async def work() -> list[str]:
        gathering = store.gathering(keep, keep_free)

        async def after(key: str, earlier: asyncio.Task[str]) -> str:
            await earlier
            return await gathering.do(key)

        first = asyncio.create_task(gathering.do("c"))
        doing = [gathering.do("a"), gathering.do("b"), first, after("d", first)]
        return await asyncio.gather(*doing)

    assert asyncio.run(work()) == ["a", "b alone", "c", "d"]
    assert sorted(lots[0]) == ["a", "b", "c"] and set("".join(lots[1:])) == {"a", "b", "d"}
    assert [lot[-1] for lot in lots if "d" in lot] == ["d"]
    assert "".join(lots).count("a") == 2 and "".join(lots).count("b") == TRIES


def test_an_acknowledgement_waits_for_no_other_work(store: Store) -> None:
    """Whatever is shared takes turns in one thread; what a customer waits for has its own."""
    busy, free = threading.Event(), threading.Event()
    seen: dict[str, int] = {}

    def slow(session: Session, item: str) -> str:
        busy.set()
        assert free.wait(GOES_WITHIN_S)
        return marked(session, item)

    def marked(session: Session, item: str) -> str:
        seen[item] = threading.get_ident()
        return item

    def all_marked(session: Session, items: Sequence[str]) -> Sequence[str]:
        return [marked(session, item) for item in items]

    async def work() -> None:
        held = asyncio.create_task(store.gathering(slow).do("finish"))
        await asyncio.to_thread(busy.wait, GOES_WITHIN_S)
        looks = asyncio.create_task(store.looking(marked).do("look"))
        assert await store.accepting(marked, all_marked).do("accept") == "accept"
        assert not held.done() and not looks.done()
        free.set()
        await asyncio.gather(held, looks)

    asyncio.run(work())
    assert list(seen) == ["accept", "finish", "look"]
    assert seen["finish"] == seen["look"] != seen["accept"]
