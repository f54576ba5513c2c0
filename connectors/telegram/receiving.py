"""What customers do in Telegram, done at the desk. Exactly once each.

A job's effect is written in the transaction that ends the job; what has to be asked of Telegram
for it, a file's content, is asked before.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.channel import DeliveryFailed
from connectors.phrases import say
from connectors.store import Store
from connectors.telegram.api import Telegram, TelegramSaysNo
from connectors.telegram.inbound import UPDATE
from connectors.telegram.writing import Fetched, Writing
from connectors.worker import Settle
from ticketing import attachments
from ticketing.attachments import File
from ticketing.errors import Refused
from ticketing.lanes import Work
from ticketing.models import Job

log = logging.getLogger(__name__)

# A file that Telegram does not give is done without after so many tries.
PATIENCE = 3


class Receiver:
    """The handler of everything that comes from one bot's chats."""

    def __init__(
        self,
        store: Store,
        telegram: Telegram,
        account: str,
        *,
        pace: Callable[[str], Awaitable[None]],
    ) -> None:
        self._store = store
        self._telegram = telegram
        self._account = account
        self._pace = pace

    async def handle(self, work: Work) -> Settle:
        """Do what the job says."""
        what, chat = work.payload["what"], str(work.payload["chat"])
        if what == "group":
            await self._refuse(chat)
            return _nothing
        fetched = Fetched()
        if what == "press":
            await self._safely(self._telegram.answer(work.payload["query"]))
        elif what == "message" and ("file" in work.payload or "album" in work.payload):
            fetched = await self._fetch(work)
        elif what == "message":
            self._show_typing(chat)

        def settle(session: Session) -> None:
            Writing(session, work, self._account, fetched).act()

        return settle

    async def _refuse(self, chat: str) -> None:
        """Groups are not for conversations with customers: say so, and go."""
        await self._pace(chat)
        await self._safely(self._telegram.send(chat, say("tg_group", "ko")))
        await self._safely(self._telegram.leave(chat))

    async def _safely(self, call: Awaitable[Any]) -> None:
        """What Telegram refuses, or has no time for, changes nothing."""
        try:
            await call
        except DeliveryFailed as error:
            log.info("not done in Telegram: %s", error)

    def _show_typing(self, chat: str) -> None:
        self._typing = asyncio.ensure_future(self._safely(self._telegram.typing(chat)))

    async def _fetch(self, work: Work) -> Fetched:
        """The message's file, or those of the whole album."""
        jobs = await self._store.read(_album, work)
        files: list[File] = []
        failed: list[tuple[str, str]] = []
        for payload in jobs:
            if "file" in payload:
                name, found = payload["file"]["name"], await self._one(work, payload["file"])
                if isinstance(found, File):
                    files.append(found)
                else:
                    failed.append((name, found))
        return Fetched(
            files=files,
            failed=failed,
            parts=[payload["message"] for payload in jobs],
            text="\n".join(filter(None, (payload["text"] for payload in jobs))),
        )

    async def _one(self, work: Work, file: dict[str, Any]) -> File | str:
        """The file, or the name of the phrase that says why not."""
        if (file["size"] or 0) > attachments.LIMIT:
            return "tg_file_large"
        try:
            content = await self._telegram.download(file["id"])
        except TelegramSaysNo as error:
            return "tg_file_large" if "too big" in error.why else "tg_file_gone"
        except DeliveryFailed:
            if work.failures < PATIENCE:
                raise
            return "tg_file_gone"
        if len(content) > attachments.LIMIT:
            return "tg_file_large"
        try:
            return attachments.examine(file["name"], content)
        except Refused:
            return "tg_file_kind"


def _nothing(session: Session) -> None:
    pass


def _album(session: Session, work: Work) -> list[dict[str, Any]]:
    """What belongs together: the parts of an album that are here already, or the one message."""
    album = work.payload.get("album")
    if album is None:
        return [work.payload]
    waiting = session.scalars(
        select(Job.payload)
        .where(Job.lane == work.lane, Job.state == "pending", Job.kind == UPDATE)
        .where(Job.payload["album"].astext == album)
        .order_by(Job.id)
        .limit(10)
    )
    return list(waiting)
