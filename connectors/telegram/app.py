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
from connectors.telegram.polling import LONG_PAUSE_S, PAUSE_S, Poller
from connectors.telegram.receiving import Receiver
from connectors.telegram.sending import Sender
from connectors.telegram.writing import CHOSEN
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
        self._sender = Sender(store, self._telegram, self._account)
        self._receiver = Receiver(store, self._telegram, self._account, pace=self._sender.pace)
        self._tasks: list[asyncio.Task[None]] = []

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

    async def start(self, continues: dict[str, str]) -> None:
        """Begin to poll, or tell Telegram where to bring updates.

        ``continues`` gets what a one-time code is put behind to go on in Telegram, once the bot's
        name is known.
        """
        if self._settings.telegram_mode == "webhook":
            work = self._announce()
        else:
            poller = Poller(self._store, self._telegram, account=self._account, take=self.take)
            work = poller.run()
        self._tasks = [asyncio.create_task(work), asyncio.create_task(self._introduce(continues))]

    async def stop(self) -> None:
        """Take nothing more; what was not confirmed comes again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

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

    async def _introduce(self, continues: dict[str, str]) -> None:
        """Until Telegram has said what we are called there."""
        while True:
            try:
                us = await self._telegram.me()
            except DeliveryFailed as error:
                log.warning("Telegram does not say what the bot is called: %s", error)
                await asyncio.sleep(error.retry_after or LONG_PAUSE_S)
            else:
                continues["telegram"] = f"https://t.me/{us.username}?start=link_"
                return

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
