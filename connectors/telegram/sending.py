"""What goes to Telegram: lines in parts that fit, files, changes, and which button was chosen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors.channel import Address, Outgoing
from connectors.phrases import say
from connectors.splitting import split, utf16
from connectors.store import Store
from connectors.telegram.api import Buttons, Migrated, Telegram, TelegramSaysNo, Upload
from connectors.telegram.inbound import CHANNEL
from connectors.worker import Settle
from ticketing import attachments, history, pacing
from ticketing.file_types import PICTURES
from ticketing.lanes import Work
from ticketing.models import ChannelIdentity, Message

T = TypeVar("T")
# Telegram's limits: units of UTF-16 in a message, a message a second in a chat, thirty in all.
TEXT_UNITS = 4096
SPACING_S = 1.0
EVERY_S = 1 / 28
# Photos may have ten megabytes; GIF and larger ones go as documents.
PHOTO_LIMIT = 10 * 1000 * 1000
# What stands after the number of a message that is a file.
_FILE = "file"


class Sender:
    """The channel ``telegram`` of one bot."""

    def __init__(self, store: Store, telegram: Telegram, account: str) -> None:
        self._store = store
        self._telegram = telegram
        self._account = account

    async def send(self, address: Address, line: Outgoing) -> Sequence[str]:
        """Show a line in its chat; see :class:`connectors.channel.Channel`."""
        return await self._following(address, lambda chat: self._send(chat, line))

    async def _following(self, address: Address, act: Callable[[str], Awaitable[T]]) -> T:
        """Do it in the chat; if that has another id now, there."""
        try:
            return await act(address.external_id)
        except Migrated as error:
            await self._store.run(_move, address, str(error.chat))
            return await act(str(error.chat))

    async def _send(self, chat: str, line: Outgoing) -> Sequence[str]:
        if line.kind == history.EDIT:
            return await self._change(chat, line)
        parts = [] if line.kind == "file" else parted(words(line))
        sent = list(line.sent)
        for number, part in enumerate(parts):
            if number >= len(sent):
                last = number == len(parts) - 1
                await self.pace(chat)
                shown = buttons(line.seq, line.buttons) if last else ()
                sent.append(str(await self._telegram.send(chat, part, shown)))
                await self._keep(line, sent, of=len(parts) + len(line.attachments))
        for number, file in enumerate(line.attachments, len(parts)):
            if number >= len(sent):
                upload = await self._store.read(_upload, str(file["id"]))
                await self.pace(chat)
                sent.append(f"{await self._telegram.upload(chat, upload)}:{_FILE}")
                await self._keep(line, sent, of=len(parts) + len(line.attachments))
        return sent

    async def _keep(self, line: Outgoing, sent: Sequence[str], *, of: int) -> None:
        """Remember how far a line of several messages came."""
        if len(sent) < of:
            await line.keep(sent)

    async def _change(self, chat: str, line: Outgoing) -> Sequence[str]:
        """Let the messages that a line is now say what it says now."""
        texts = [name for name in line.changes if not name.endswith(_FILE)]
        files = [name for name in line.changes if name.endswith(_FILE)]
        parts = parted(words(line))
        now: list[str] = []
        for name, part in zip(texts, parts, strict=False):
            await self.pace(chat)
            try:
                await self._telegram.edit(chat, int(name), part)
                now.append(name)
            except TelegramSaysNo as error:
                if error.blocked:
                    raise
                # It is gone, or too old: the customer learns it by a new one.
                now.append(str(await self._say(chat, say("correction", line.locale, text=part))))
        for part in parts[len(texts) :]:
            now.append(str(await self._say(chat, part)))
        for name in texts[len(parts) :] + (files if line.deleted else []):
            await self.pace(chat)
            try:
                await self._telegram.delete(chat, int(name.partition(":")[0]))
            except TelegramSaysNo as error:
                if error.blocked:
                    raise
        return now + ([] if line.deleted else files)

    async def _say(self, chat: str, text: str) -> int:
        await self.pace(chat)
        return await self._telegram.send(chat, parted(text)[0])

    async def chosen(self, work: Work) -> Settle:
        """The handler that marks a pressed button as the one that was chosen."""
        payload = work.payload
        line = await self._store.read(_buttons, payload["line"])
        shown = [
            (f"✓ {title}" if number == payload["index"] else title, data)
            for number, (title, data) in enumerate(buttons(payload["line"], line))
        ]

        async def show(chat: str) -> None:
            await self.pace(chat)
            await self._telegram.show_buttons(chat, payload["message"], shown)

        # The message may be gone, or the customer: nothing is lost with it.
        with contextlib.suppress(TelegramSaysNo):
            address = Address(CHANNEL, self._account, payload["chat"])
            await self._following(address, show)
        return _nothing

    async def pace(self, chat: str) -> None:
        """Wait for the chat's next free second and then for the bot's next free moment.

        Both are those of all gateways: which of them sends to a chat changes from line to line.
        """
        bot = f"telegram:{self._account}"
        for key, every_s in ((f"{bot}:{chat}", SPACING_S), (bot, EVERY_S)):
            wait = await self._store.run(pacing.take, key, every_s=every_s)
            if wait > 0:
                await asyncio.sleep(wait)


def words(line: Outgoing) -> str:
    """What the customer reads: who says it, if that is a person, and what it is from."""
    text = line.text.strip()
    if line.author == "agent" and line.author_name and not line.deleted:
        text = f"{line.author_name}: {text}"
    if line.article is not None:
        url = str(line.article["url"])
        more = f"{say('read_more', line.locale)}: " if line.article.get("more") else ""
        link = f"\n{more}{url}" if url.startswith(("http://", "https://")) else ""
        text += f"\n\n📄 {line.article['title']}{link}"
    return text


def buttons(seq: int, offered: Sequence[dict[str, object]]) -> Buttons:
    """Titles, and what Telegram gives back: which line's, and the how manieth."""
    return [(str(one["title"]), f"{seq}:{number}") for number, one in enumerate(offered)]


def parted(text: str) -> list[str]:
    """The text in messages that Telegram takes."""
    return split(text.strip(), TEXT_UNITS, size=utf16) if text.strip() else []


def _nothing(session: Session) -> None:
    pass


def _upload(session: Session, identifier: str) -> Upload:
    file = attachments.get(session, identifier)
    picture = file.media_type in PICTURES and file.media_type != "image/gif"
    return Upload(
        name=file.name,
        content=attachments.content(session, file.id),
        picture=picture and file.size <= PHOTO_LIMIT,
    )


def _buttons(session: Session, line: int) -> list[dict[str, object]]:
    found = session.scalar(select(Message.buttons).where(Message.id == line))
    return found or []


def _move(session: Session, address: Address, external_id: str) -> None:
    """The chat is called otherwise from now on, unless that name is known already."""
    known = {"channel": address.channel, "account": address.account}
    taken = session.scalar(select(ChannelIdentity.id).filter_by(**known, external_id=external_id))
    if taken is None:
        session.execute(
            update(ChannelIdentity)
            .filter_by(**known, external_id=address.external_id)
            .values(external_id=external_id)
        )
