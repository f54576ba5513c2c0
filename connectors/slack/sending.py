"""What goes to Slack: cards, lines of threads, hints, receipts. Each visible message once.

A post cannot be made twice by accident: it carries its job's key as message metadata, and before
any second try the channel is searched for it. Where Slack does not let us look, the second copy
says that it may be one.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import hashlib
import json
import logging
import time
from collections.abc import Awaitable
from typing import Any

from prometheus_client import Counter
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from connectors import outside
from connectors.channel import DeliveryFailed
from connectors.slack import blocks as kit
from connectors.slack import joined, promises
from connectors.slack.api import SlackSaysNo
from connectors.slack.blocks import Block, Card
from connectors.slack.hints import ANSWER, HINT
from connectors.slack.receipts import REACT
from connectors.slack.shown import Shown, Where, attached, find, read
from connectors.slack.thread import line, sender
from connectors.slack.workspace import Workspace, nothing
from connectors.worker import Handler, Settle
from ticketing import lanes
from ticketing.lanes import Work
from ticketing.models import TicketThread

log = logging.getLogger(__name__)

# Slack's limit for messages into one channel.
SPACING_S = 1.0
SAID = 6
# How far back a notice is looked for that may have got through.
NOTICE_TRIED = dt.timedelta(hours=2)
REPEATS = Counter("sangdam_slack_possible_duplicates_total", "Posts that may be there twice")
# The card is gone from the channel: the ticket needs a new one.
_CARD_GONE = ("message_not_found", "cant_update_message", "channel_not_found", "is_inactive")

# The workspace lets nobody edit what is older than so many minutes.
_CARD_KEPT = "edit_window_closed"


class Sender:
    """The handlers of everything that is shown in Slack."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._store = workspace.store
        self._slack = workspace.slack
        self._queue = workspace.queue
        self._free_at: dict[str, float] = {}

    def handlers(self) -> dict[str, Handler]:
        """By kind of job."""
        return {
            outside.CARD: self._card,
            outside.POST: self._post,
            outside.FILE: self._file,
            outside.NOTICE: self._notice,
            HINT: self._hint,
            REACT: self._react,
            ANSWER: self._answer,
        }

    async def _card(self, work: Work) -> Settle:
        shown = await self._read(work)
        if shown is None:
            return nothing
        shown = await self._linked(shown)
        where = shown.where
        if where.thread is not None:
            # After Slack was away, several changes wait that the first update shows together. A
            # second try is for certain: of the first one nobody knows what it left there.
            if work.attempts == 1 and where.looks == _looks(shown.card):
                return nothing
            try:
                await self._slack.update(
                    channel=where.place,
                    ts=where.thread,
                    text=kit.summary(shown.card),
                    blocks=kit.card(shown.card),
                    payload=_payload(_card_key(where), where),
                )
                return _save(where, where.place, where.thread, looks=_looks(shown.card))
            except SlackSaysNo as error:
                if error.code == _CARD_KEPT:
                    if where.looks != _stands(shown.card):
                        await self._below(shown, work)
                    return _save(where, where.place, where.thread, looks=_stands(shown.card))
                if error.code not in _CARD_GONE:
                    raise
                log.warning("the card of %s is gone, posting a new one", shown.card.code)
        # A ticket that has moved on had a card tried before, by a job that failed.
        again = work.attempts > 1 or shown.card.state != "open" or shown.card.reopened > 0
        place, thread = await self._new_card(shown, again=again)
        # One that a job before this one posted may show less.
        return _save(where, place, thread, looks="" if again else _looks(shown.card))

    async def _below(self, shown: Shown, work: Work) -> None:
        """Post how the ticket is now into its thread: its card stays as it was."""
        assert shown.where.thread is not None
        await self._once(
            shown.where,
            channel=shown.where.place,
            thread=shown.where.thread,
            key=f"{_card_key(shown.where)}:{work.job}",
            since=shown.where.queued_at,
            text=kit.summary(shown.card),
            blocks=kit.instead(shown.card),
            again=work.attempts > 1,
        )

    async def _read(self, work: Work) -> Shown | None:
        return await self._store.read(
            read, work, queue=self._queue, console=self._workspace.console
        )

    async def _linked(self, shown: Shown) -> Shown:
        """The same, with the way to the tickets that are one with it."""
        found = await joined.linked(self._slack, shown.card.joined)
        return dataclasses.replace(shown, card=dataclasses.replace(shown.card, joined=found))

    async def _new_card(self, shown: Shown, *, again: bool) -> tuple[str, str]:
        """Post the card, or the one that takes the place of a deleted one: its place and thread."""
        where = shown.where
        key = _card_key(where)
        if where.thread is not None:
            key, again = f"{key}:after:{where.thread}", True
        thread = await self._once(
            where,
            channel=self._queue,
            thread=None,
            key=key,
            since=shown.card.opened_at,
            text=kit.summary(shown.card),
            blocks=kit.card(shown.card),
            again=again,
        )
        return self._queue, thread

    async def _post(self, work: Work) -> Settle:
        where = await self._store.read(find, work, queue=self._queue)
        if where is None:
            return nothing
        place, thread, settle = await self._threaded(where, work)
        if work.payload["event"] in promises.EVENTS:
            text, blocks = promises.line(work.payload)
        else:
            text, blocks = line(work.payload, customer=where.customer)
        await self._once(
            where,
            channel=place,
            thread=thread,
            key=f"{where.code}:{work.job}",
            since=where.queued_at,
            text=text,
            blocks=blocks,
            again=work.attempts > 1,
            broadcast=bool(work.payload.get("broadcast")),
        )
        return settle

    async def _notice(self, work: Work) -> Settle:
        """A post of its own in the queue channel, about no ticket."""
        key = f"notice:{work.job}"
        if work.attempts > 1:
            since = dt.datetime.now(dt.UTC) - NOTICE_TRIED
            with contextlib.suppress(SlackSaysNo):  # then it may be there twice
                found = await self._slack.find(
                    channel=self._queue, thread=None, outbox_id=key, since=since
                )
                if found is not None:
                    await self._store.run(lanes.remember, work, {"ts": found})
                    return nothing
        text, blocks = promises.line(work.payload)
        await self._pace(self._queue)
        ts = await self._slack.post(
            channel=self._queue, thread=None, text=text, blocks=blocks, payload={"outbox_id": key}
        )
        await self._store.run(lanes.remember, work, {"ts": ts})
        return nothing

    async def _file(self, work: Work) -> Settle:
        """A file that came from elsewhere, in its place among the words."""
        where = await self._store.read(find, work, queue=self._queue)
        found = await self._store.read(attached, work)
        if where is None or found is None:
            return nothing
        place, thread, settle = await self._threaded(where, work)
        name, content = found
        file = work.payload.get("slack_file")
        if file is None:
            file, address = await self._slack.upload_address(name=name, size=len(content))
            await self._slack.files.upload(address, content)
            # Nobody sees it yet. From here on every try is about this one, and can look for it.
            await self._store.run(lanes.remember, work, {"slack_file": file})
        elif await self._is_shared(file, place):
            return settle
        await self._pace(place)
        try:
            await self._slack.share(
                file=file,
                name=name,
                channel=place,
                thread=thread,
                comment=sender(work.payload, customer=where.customer),
            )
        except SlackSaysNo as error:
            if error.code != "file_not_found":
                raise
            await self._store.run(lanes.remember, work, {"slack_file": None})
            raise DeliveryFailed("Slack has forgotten a file; it is uploaded again") from None
        return settle

    async def _is_shared(self, file: str, place: str) -> bool:
        try:
            return await self._slack.is_shared(file=file, channel=place)
        except SlackSaysNo as error:
            log.warning("a file may be shown twice: %s", error)
            REPEATS.inc()
            return False

    async def _threaded(self, where: Where, work: Work) -> tuple[str, str, Settle]:
        """The ticket's place and thread, with a new card if its card was given up."""
        if where.thread is not None:
            return where.place, where.thread, nothing
        shown = await self._read(work)
        assert shown is not None, "tickets are not deleted"
        place, thread = await self._new_card(await self._linked(shown), again=True)
        return place, thread, _save(where, place, thread)

    async def _once(
        self,
        where: Where,
        *,
        channel: str,
        thread: str | None,
        key: str,
        since: dt.datetime,
        text: str,
        blocks: list[Block],
        again: bool,
        broadcast: bool = False,
    ) -> str:
        """Post, unless an earlier try got through after all; the message's ``ts``."""
        payload = _payload(key, where)
        if again:
            try:
                found = await self._slack.find(
                    channel=channel, thread=thread, outbox_id=key, since=since
                )
            except SlackSaysNo as error:
                log.warning("%s may be posted twice: %s", key, error)
                REPEATS.inc()
                payload["possible_duplicate"] = True
                blocks = kit.repeated(blocks)
            else:
                if found is not None:
                    return found
        await self._pace(channel)
        return await self._slack.post(
            channel=channel,
            thread=thread,
            text=text,
            blocks=blocks,
            payload=payload,
            broadcast=broadcast,
        )

    async def _pace(self, channel: str) -> None:
        """Wait for the channel's next free second; only this lane waits."""
        now = time.monotonic()
        free_at = max(now, self._free_at.get(channel, now))
        self._free_at[channel] = free_at + SPACING_S
        if free_at > now:
            await asyncio.sleep(free_at - now)
            # Who woke late must not be followed too soon.
            self._free_at[channel] = max(self._free_at[channel], time.monotonic() + SPACING_S)

    async def _hint(self, work: Work) -> Settle:
        payload = work.payload
        return await self._aside(
            self._slack.whisper(
                channel=payload["channel"],
                user=payload["user"],
                thread=payload["thread"],
                text=payload["text"],
                blocks=payload.get("blocks") or [],
            )
        )

    async def _react(self, work: Work) -> Settle:
        payload = work.payload
        react = self._slack.unreact if payload.get("remove") else self._slack.react
        return await self._aside(
            react(channel=payload["channel"], ts=payload["ts"], name=payload["name"])
        )

    async def _answer(self, work: Work) -> Settle:
        payload = work.payload
        return await self._aside(
            self._slack.respond(url=payload["url"], text=payload["text"], blocks=payload["blocks"])
        )

    async def _aside(self, call: Awaitable[None]) -> Settle:
        """Something that is no message: when Slack refuses it for good, the log is enough."""
        try:
            await call
        except SlackSaysNo as error:
            log.warning("a receipt was refused: %s", error)
        return nothing


def _card_key(where: Where) -> str:
    return f"card:{where.code}"


def _payload(key: str, where: Where) -> dict[str, Any]:
    return {"outbox_id": key, "ticket": where.code}


def _looks(card: Card) -> str:
    """What the card looks like, in short."""
    drawn = json.dumps([kit.summary(card), kit.card(card)])
    return hashlib.sha256(drawn.encode()).hexdigest()


def _stands(card: Card) -> str:
    """What is worth a line of its own where the card cannot be changed: not who waits for whom."""
    until = card.snoozed_until and card.snoozed_until.isoformat()
    return json.dumps([card.state, card.assignee, card.reopened, card.priority, until])


def _save(where: Where, place: str, thread: str, *, looks: str = "") -> Settle:
    """Remember where the ticket is shown and, if that is certain, how."""

    def settle(session: Session) -> None:
        shown = {"place": place, "thread": thread, "looks": looks}
        session.execute(
            insert(TicketThread)
            .values(ticket_id=where.ticket_id, **shown)
            .on_conflict_do_update(index_elements=[TicketThread.ticket_id], set_=shown)
        )

    return settle
