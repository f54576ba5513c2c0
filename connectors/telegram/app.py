"""Telegram's side of the gateway: what comes is committed first, and understood by the worker."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from fastapi import APIRouter
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.channel import Channel, DeliveryFailed
from connectors.settings import Settings
from connectors.store import Store
from connectors.telegram import routes
from connectors.telegram.api import Telegram
from connectors.telegram.inbound import UPDATE, Accepted, Ignored, read
from connectors.telegram.polling import PAUSE_S, Poller
from connectors.telegram.receiving import CHOSEN, Receiver
from connectors.telegram.sending import Sender
from connectors.worker import Handler
from ticketing import lanes

log = logging.getLogger(__name__)

WEBHOOK = "/telegram/webhook"


class TelegramChannel:
    """Everything of Telegram in one gateway."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._account = settings.telegram_bot_token.partition(":")[0]
        self._telegram = Telegram(token=settings.telegram_bot_token, url=settings.telegram_api_url)
        self._receiver = Receiver(store, self._telegram, self._account)
        self._sender = Sender(store, self._telegram, self._account)
        self._task: asyncio.Task[None] | None = None

    @property
    def channel(self) -> Channel:
        """Where lines for Telegram's customers go."""
        return self._sender

    def handlers(self) -> dict[str, Handler]:
        """What the worker does for Telegram, by kind of job."""
        return {UPDATE: self._receiver.handle, CHOSEN: self._sender.chosen}

    def router(self) -> APIRouter:
        """The webhook's route; in polling mode no secret is right."""
        by_webhook = self._settings.telegram_mode == "webhook"
        secret = self._settings.telegram_webhook_secret if by_webhook else ""
        return routes.router(self.take, secret=secret)

    async def start(self) -> None:
        """Begin to poll, or tell Telegram where to bring updates."""
        if self._settings.telegram_mode == "webhook":
            self._task = asyncio.create_task(self._announce())
        else:
            poller = Poller(self._store, self._telegram, account=self._account, take=self.take)
            self._task = asyncio.create_task(poller.run())

    async def stop(self) -> None:
        """Take nothing more; what was not confirmed comes again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def close(self) -> None:
        """Close the connections, when the worker has ended, too."""
        await self._telegram.close()

    async def take(self, update: dict[str, Any]) -> None:
        """Commit an update. Raises what the database raises when it cannot be."""
        found = read(update)
        if isinstance(found, Ignored):
            log.info("ignored from Telegram: %s", found.reason)
            return
        if await self._store.run(self._write, found) is None:
            log.info("ignored from Telegram: a repetition of something accepted before")

    def _write(self, session: Session, accepted: Accepted) -> int | None:
        due = None
        if accepted.wait is not None:
            due = session.execute(select(func.now() + accepted.wait)).scalar_one()
        return lanes.enqueue(
            session,
            lane=f"telegram:{self._account}:{accepted.chat}",
            kind=UPDATE,
            dedup=f"{self._account}:{accepted.dedup}",
            payload=accepted.payload,
            due=due,
        )

    async def _announce(self) -> None:
        """Until Telegram knows the address."""
        url = self._settings.public_url.rstrip("/") + WEBHOOK
        while True:
            try:
                await self._telegram.set_webhook(
                    url=url, secret=self._settings.telegram_webhook_secret
                )
            except DeliveryFailed as error:
                log.warning("Telegram was not told where to bring updates: %s", error)
                await asyncio.sleep(error.retry_after or PAUSE_S)
            else:
                log.info("Telegram brings updates to %s", url)
                return
