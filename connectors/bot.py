"""The bot's turn as work of a lane: ask Rasa, and write what it said if it may still say it."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from prometheus_client import Counter, Histogram
from sqlalchemy.orm import Session

from connectors import desk
from connectors.desk import Turn
from connectors.live import Hub
from connectors.rasa import Rasa, RasaFailed, Reply
from connectors.store import Store
from connectors.worker import Handler, Quick, Settle
from ticketing import lanes
from ticketing.lanes import Work

log = logging.getLogger(__name__)

# An answer that comes at once needs no sign that it is coming.
TYPING_AFTER_S = 0.15

TURNS = Histogram(
    "sangdam_turn_seconds",
    "Time the bot took for one turn, Rasa included",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
FAILURES = Counter("sangdam_rasa_failures_total", "Turns in which Rasa gave no usable answer")


def turns(store: Store, hub: Hub, rasa: Rasa) -> Handler:
    """The handler of ``turn`` jobs."""

    beginning = store.looking(desk.begin_turn, desk.begin_turns)

    async def handle(work: Work) -> Settle:
        turn = await beginning.do(work)
        if turn.lane != work.lane:
            return partial(desk.move_turn, turn=turn, work=work)
        if turn.holder == "closed":
            turn = await store.run(begin_anew, work)
        replies: list[Reply] | None = None
        if turn.holder == "bot" and turn.files and not turn.typed:
            replies = desk.about_files(turn)
        elif turn.holder == "bot" and turn.again:
            replies = desk.turned_down_again(turn)
        elif turn.holder == "bot" or turn.meanwhile:
            slow = asyncio.get_running_loop().call_later(
                TYPING_AFTER_S, hub.signal, [str(turn.customer_id)], "typing:bot"
            )
            try:
                replies = await _ask(rasa, turn)
            finally:
                slow.cancel()

        # A person is called in a transaction of its own: that locks other lanes, too.
        calls = (
            replies is None or turn.meanwhile or any(reply.kind == "hand_off" for reply in replies)
        )
        if calls:
            return partial(desk.end_turn, turn=turn, replies=replies)
        return Quick(desk.end_turns, (turn, replies))

    return handle


def begin_anew(session: Session, work: Work) -> Turn:
    """Move a message that waited for too long into an open episode, under its lane's fence."""
    lanes.hold(session, work)
    return desk.begin_anew(session, work)


async def _ask(rasa: Rasa, turn: Turn) -> list[Reply] | None:
    """What the bot says; ``None`` when it cannot: the desk then calls a person."""
    with TURNS.time():
        try:
            return await rasa.ask(
                sender=str(turn.conversation_id),
                text=desk.command(turn.payload) if turn.payload else turn.text,
                locale=turn.locale,
                command=turn.payload is not None,
            )
        except RasaFailed as error:
            FAILURES.inc()
            log.warning("conversation %s: %s", turn.conversation_id, error)
            return None
