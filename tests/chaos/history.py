"""What is there after a round: the customers' own view, all that is kept, and Slack's threads."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import aiohttp

from tests.chaos.checker import TOKEN, Facts, Line, token
from tests.chaos.customers import Crowd, Customer
from tests.chaos.messengers import Messenger
from tests.chaos.system import System
from tests.chaos.workspace import Workspace
from tests.fakes.slack_payloads import QUEUE, shown
from ticketing.history import EDIT

# A stream looks for itself every 15 seconds, should it ever miss a wake-up.
STREAM_WITHIN_S = 20.0
_KEPT = """
SELECT customer_id::text, id, author, kind, text, external_id, meta->>'question', internal,
       extract(epoch from at)::float8
  FROM message WHERE customer_id::text = ANY(%s) ORDER BY id"""
_IDENTITIES = "SELECT external_id, customer_id::text FROM identity WHERE external_id = ANY(%s)"
_TICKETS = """
SELECT customer_id::text, code FROM ticket WHERE customer_id::text = ANY(%s) ORDER BY opened_at"""


@dataclasses.dataclass
class Waits:
    """Seconds, by the database's clock: to the first answer after each strike, and the longest."""

    first_answers: list[float]
    longest: float


async def facts(
    system: System, crowd: Crowd, workspace: Workspace, strikes: Sequence[float]
) -> tuple[list[Facts], Waits]:
    """Every customer's facts, and how long they waited. The lanes are settled."""
    people = [one for one in crowd.customers if one.id]
    known = await _known(system, crowd.messengers)
    ids = [one.id for one in people] + list(known.values())
    kept: dict[str, list[Line]] = defaultdict(list)
    at: dict[int, float] = {}
    for (
        customer,
        seq,
        author,
        kind,
        text,
        external,
        question,
        internal,
        moment,
    ) in await system.rows(_KEPT, [ids]):
        kept[customer].append(Line(seq, author, kind, text, external, question, internal))
        at[seq] = moment
    codes: dict[str, list[str]] = defaultdict(list)
    for customer, code in await system.rows(_TICKETS, [ids]):
        codes[customer].append(code)
    cards: dict[str, list[str]] = defaultdict(list)
    for card in workspace.cards():
        cards[card["metadata"]["event_payload"]["ticket"]].append(card["ts"])
    threads = _threads(workspace)
    seen = await asyncio.gather(*(_visible(crowd, one) for one in people))
    await asyncio.gather(*map(_caught_up, people, seen))

    def about(customer: str) -> dict[str, Any]:
        mine = codes[customer]
        return {
            "kept": kept[customer],
            "replies": [text for code in mine for text in workspace.replies[code]],
            "notes": [text for code in mine for text in workspace.notes[code]],
            "threads": [[name for card in cards[code] for name in threads[card]] for code in mine],
            "cards": sum(len(cards[code]) for code in mine),
            "tickets": len(mine),
        }

    found = [
        Facts(
            customer=one.name,
            acknowledged=one.acknowledged,
            visible=visible,
            heard=list(one.heard),
            **about(one.id),
        )
        for one, visible in zip(people, seen, strict=True)
    ]
    found += await asyncio.gather(
        *(_by_messenger(one, **about(known.get(one.address, ""))) for one in crowd.messengers)
    )
    return found, _waits(kept, at, strikes)


async def _known(system: System, messengers: Sequence[Messenger]) -> dict[str, str]:
    """The customers' ids by their addresses."""
    addresses = [one.address for one in messengers]
    return dict(await system.rows(_IDENTITIES, [addresses]))  # type: ignore[arg-type]  # pairs


async def _by_messenger(one: Messenger, *, kept: Sequence[Line], **about: Any) -> Facts:
    """Their messages are known by their words, and no stream shows them anything."""
    visible = [
        dataclasses.replace(line, client_id=line.text)
        for line in kept
        if not line.internal and line.kind != EDIT
    ]
    said = {token(line.text) for line in visible if line.author in ("bot", "agent")}
    return Facts(
        customer=f"{one.name} in {one.channel}",
        acknowledged=one.acknowledged,
        visible=visible,
        heard=[line.seq for line in visible],
        kept=kept,
        shown=await one.shown({name for name in said if TOKEN.match(name)}),
        **about,
    )


def _threads(workspace: Workspace) -> dict[str, list[str]]:
    """What our app wrote into each thread, by the token of each message, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for message in workspace.messages[QUEUE]:
        if "bot_id" in message and "thread_ts" in message:
            found[message["thread_ts"]] += TOKEN.findall(shown(message))[:1]
    return found


async def _visible(crowd: Crowd, one: Customer) -> list[Line]:
    """All pages of ``GET /chat/messages``."""
    lines: list[Line] = []
    headers = {"Authorization": f"Bearer {one.token}"}
    timeout = aiohttp.ClientTimeout(total=30)
    while True:
        after = lines[-1].seq if lines else 0
        url = f"{crowd.pair()[0]}/chat/messages?after={after}"
        async with crowd.http.get(url, headers=headers, timeout=timeout) as answer:
            answer.raise_for_status()
            page = (await answer.json())["messages"]
        lines += [
            Line(item["seq"], item["author"], item["kind"], item["text"], item.get("client_id"))
            for item in page
        ]
        if not page:
            return lines


async def _caught_up(one: Customer, visible: Sequence[Line]) -> None:
    """Let the stream come to the history's end."""
    for _ in range(math.ceil(STREAM_WITHIN_S / 0.05)):
        if not visible or (one.heard and one.heard[-1] >= visible[-1].seq):
            return
        await asyncio.sleep(0.05)


def _waits(kept: dict[str, list[Line]], at: dict[int, float], strikes: Sequence[float]) -> Waits:
    """An answer belongs to the question whose text it names; buttons share theirs, so are left."""
    turns: list[tuple[float, float]] = []
    for lines in kept.values():
        asked = {line.text: at[line.seq] for line in lines if line.author == "customer"}
        turns += [
            (asked[line.question], at[line.seq])
            for line in lines
            if line.author == "bot"
            and line.question in asked
            and re.search(TOKEN, line.question or "")
        ]
    firsts = []
    for strike in strikes:
        after = [answered for asked, answered in turns if asked > strike]
        if after:
            firsts.append(min(after) - strike)
    return Waits(firsts, max((answered - asked for asked, answered in turns), default=0.0))
