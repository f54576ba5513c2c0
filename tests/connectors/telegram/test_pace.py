"""How fast a chat is written to, over all gateways: which of them sends changes by the line."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from connectors.live import Hub
from connectors.store import Store
from connectors.telegram import sending
from connectors.telegram.api import Telegram
from connectors.telegram.sending import Sender
from tests.fakes.telegram import ACCOUNT, TOKEN

SPACING_S = 0.1


@pytest.fixture
def gateways(database_url: str) -> Iterator[list[Store]]:
    """What two gateways have in common: the database."""
    hub = Hub(database_url)
    made = [Store(database_url, hub) for _ in range(2)]
    yield made
    for one in made:
        one.close()


def test_two_gateways_together_send_one_message_a_second_to_a_chat(
    gateways: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sending.SPACING_S >= 1
    monkeypatch.setattr(sending, "SPACING_S", SPACING_S)
    moments: list[float] = []

    async def sends(store: Store) -> None:
        telegram = Telegram(token=TOKEN, url="http://127.0.0.1:9")
        sender = Sender(store, telegram, ACCOUNT)
        for _ in range(4):
            await sender.pace("7001")
            moments.append(time.monotonic())
        await telegram.close()

    async def both() -> None:
        await asyncio.gather(*(sends(store) for store in gateways))

    began = time.monotonic()
    asyncio.run(both())
    assert len(moments) == 8
    # A slow machine is late with one and not with the next, so gaps say nothing; early is none.
    early = [at for at, one in enumerate(sorted(moments)) if one - began < at * SPACING_S]
    assert early == []
