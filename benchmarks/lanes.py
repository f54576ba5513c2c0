"""The lanes alone: accepted, claimed, answered and settled in one process, without HTTP around it.

Every message is committed to disk when it is accepted, and again with its answer.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import uuid
from pathlib import Path

import uvloop
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.figures import Figures, percentile
from connectors import desk
from connectors.bot import turns
from connectors.desk import dead
from connectors.live import Hub
from connectors.rasa import Rasa, Reply
from connectors.store import Store
from connectors.worker import Worker
from ticketing import customers, inbox, migrate
from ticketing.db import connect, embedded

CUSTOMERS = 64
EACH = 100


class Echo(Rasa):
    """Says the customer's own words, at once."""

    async def ask(
        self, *, sender: str, text: str, locale: str, command: bool = False
    ) -> list[Reply]:
        return [Reply(kind="say", text=text, locale="ko")]


def lanes(figures: Figures, data_dir: Path) -> None:
    """Messages a second through the lanes, and how long one waits to be accepted meanwhile."""
    with embedded(data_dir) as url:
        engine = connect(url)
        migrate.upgrade(engine)
        engine.dispose()
        hub = Hub(url)
        store = Store(url, hub)
        gc.freeze()  # as the gateway does
        gc.set_threshold(20_000, 50, 50)
        sys.setswitchinterval(0.0005)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            rate, accepted = runner.run(_measure(store, hub))
    figures.add("lanes", "messages_per_s", rate, "/s", goal="goal: 400", n=len(accepted))
    figures.add("lanes", "accept_p99", percentile(accepted, 0.99) * 1000, "ms")


async def _measure(store: Store, hub: Hub) -> tuple[float, list[float]]:
    hub.attach()
    worker = Worker(store, {"turn": turns(store, hub, Echo(""))}, on_dead=dead.give_up)
    receiving = store.accepting(desk.receive_words, worker.beginning(desk.receive_together))
    working = asyncio.create_task(worker.run())
    crowd = [(await store.run(customers.start_session))[0] for _ in range(CUSTOMERS)]
    accepted: list[float] = []

    async def talk(token: str) -> None:
        for number in range(EACH):
            words = inbox.Words(token, str(uuid.uuid4()), f"m{number}")
            began = time.perf_counter()
            await receiving.do(words)
            accepted.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(talk(token) for token in crowd))
    while await store.read(_left):
        await asyncio.sleep(0.05)  # looking costs what it measures
    rate = len(accepted) / (time.perf_counter() - began)
    await worker.stop(grace_s=5)
    await working
    answers = await store.read(lambda session: session.execute(_ANSWERS).scalar())
    store.close()
    if answers != len(accepted):
        raise RuntimeError(f"{len(accepted)} messages have {answers} answers in order")
    return rate, accepted


def _left(session: Session) -> bool:
    return bool(session.scalar(text("SELECT 1 FROM job WHERE state = 'pending' LIMIT 1")))


# Every customer's n-th answer has the words of their n-th question.
_ANSWERS = text(
    """SELECT count(*) FROM (
         SELECT customer_id, text, row_number() OVER (PARTITION BY customer_id ORDER BY id) AS n
           FROM message WHERE author = 'bot') answer
        WHERE answer.text = 'm' || (answer.n - 1)"""
)
