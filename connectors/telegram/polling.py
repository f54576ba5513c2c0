"""Long polling: one process asks for the bot's updates, however many gateways there are.

An update is confirmed to Telegram by asking for later ones, which happens after it was committed.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from connectors.channel import DeliveryFailed
from connectors.store import Store
from connectors.telegram.api import AnotherPoller, BadToken, Telegram
from connectors.telegram.inbound import number
from ticketing import leaders
from ticketing.db import DATABASE_ERRORS

log = logging.getLogger(__name__)

# Whoever polls renews this; another gateway takes over when it has run out.
LEASE_S = 12.0
RENEW_S = 4.0
PAUSE_S = 2.0
# Somebody has to do something about these.
LONG_PAUSE_S = 15.0

Take = Callable[[dict[str, Any]], Awaitable[None]]


class Poller:
    """Asks for updates while this gateway is the one that does."""

    def __init__(self, store: Store, telegram: Telegram, *, account: str, take: Take) -> None:
        self._store = store
        self._telegram = telegram
        self._take = take
        self._key = f"leader:telegram:{account}"
        self._owner = f"poller-{secrets.token_hex(6)}"
        self._polling: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                leads = await self._lead()
                if leads and (self._polling is None or self._polling.done()):
                    log.info("this gateway asks Telegram for updates now")
                    self._polling = asyncio.create_task(self._poll())
                elif not leads:
                    await self._end()
                await asyncio.sleep(RENEW_S)
        finally:
            await self._end()
            try:
                await self._store.run(leaders.resign, self._key, owner=self._owner)
            except Exception as error:
                log.info("the lead runs out by itself: %s", type(error).__name__)

    async def _lead(self) -> bool:
        try:
            return await self._store.run(
                partial(leaders.lead, key=self._key, owner=self._owner, lease_s=LEASE_S)
            )
        except DATABASE_ERRORS as error:
            log.warning("cannot ask who polls Telegram: %s", type(error).__name__)
            return False

    async def _end(self) -> None:
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)
            self._polling = None

    async def _poll(self) -> None:
        offset: int | None = None
        webhook_gone = False
        while True:
            try:
                if not webhook_gone:
                    await self._telegram.delete_webhook()
                    webhook_gone = True
                for update in await self._telegram.updates(offset):
                    await self._take(update)
                    known = number(update)
                    if known is not None:
                        offset = known + 1
            except (AnotherPoller, BadToken) as error:
                log.warning("Telegram gives no updates: %s", error)
                webhook_gone = False
                await asyncio.sleep(LONG_PAUSE_S if isinstance(error, BadToken) else PAUSE_S)
            except DeliveryFailed as error:
                log.warning("Telegram cannot be asked for updates now: %s", error)
                await asyncio.sleep(error.retry_after or PAUSE_S)
            except DATABASE_ERRORS as error:
                # Not confirmed, so they come again.
                log.warning("cannot take updates now: %s", type(error).__name__)
                await asyncio.sleep(PAUSE_S)
