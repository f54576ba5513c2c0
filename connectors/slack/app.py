"""Slack's side of the gateway: Bolt's listeners, which commit before they acknowledge.

A listener only reads the body and puts a job into the inbox; Bolt answers Slack when it returns.
What the job means is done by the worker, so a retried or re-sent event finds its first copy.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.orm import Session

from connectors.channel import DeliveryFailed
from connectors.settings import Settings
from connectors.slack import (
    changes,
    commands,
    drafting,
    home,
    inbound,
    interactions,
    macros,
    opening,
    pressing,
    receiving,
    suggesting,
)
from connectors.slack.api import Slack
from connectors.slack.home import HOME
from connectors.slack.inbound import EVENT, Accepted, Ignored
from connectors.slack.sending import Sender
from connectors.slack.shown import publish_waiting
from connectors.slack.suggesting import Suggester
from connectors.slack.workspace import Workspace
from connectors.store import Store
from connectors.web.knowledge import Knowledge
from connectors.worker import Handler, Settle
from ticketing import lanes
from ticketing.db import DATABASE_ERRORS
from ticketing.lanes import Work

log = logging.getLogger(__name__)

# Slack answers about fifty of these questions a minute.
LOOKED_UP, LOOK_S = 20, 30.0
_ANY = re.compile(".*", re.DOTALL)
# Who does what people do in Slack, by what it is.
_BY_WHAT: dict[str, Callable[[Workspace, Work], Awaitable[Settle]]] = {
    "message": receiving.handle,
    "outside": receiving.handle,
    "changed": receiving.handle,
    "deleted": receiving.handle,
    "card_gone": changes.card_gone,
    "press": pressing.press,
    "submit:plan": pressing.submit,
    "kb_draft": drafting.begin,
    "submit:kb_draft": drafting.submit,
    "suggestion": suggesting.press,
    "submit:article": suggesting.submit,
    "open_ticket": opening.begin,
    "submit:open_ticket": opening.submit,
    "command": commands.handle,
    "macro": macros.begin,
    "submit:macro": macros.submit,
    "home": home.publish,
    "home_press": home.press,
}


class SlackDesk:
    """Everything of Slack in one gateway."""

    def __init__(self, settings: Settings, store: Store, knowledge: Knowledge) -> None:
        self._store = store
        self._settings = settings
        self._queue = settings.slack_channel
        public = settings.public_url.rstrip("/")
        self._workspace = Workspace(
            store=store,
            slack=Slack(token=settings.slack_bot_token, url=settings.slack_api_url),
            queue=self._queue,
            console=f"{public}/console" if public else "",
            internal=settings.slack_internal,
        )
        self._sender = Sender(self._workspace)
        self._suggester = Suggester(self._workspace, knowledge)
        self.bolt = self._listeners()
        self._socket: AsyncSocketModeHandler | None = None
        self._tasks: list[asyncio.Task[Any]] = []
        self._looked = -LOOK_S

    def handlers(self) -> dict[str, Handler]:
        """What the worker does for Slack, by kind of job."""
        senders = self._suggester.handlers(self._sender.handlers())
        return {**senders, EVENT: self._handle, HOME: self._handle}

    async def _handle(self, work: Work) -> Settle:
        handler = _BY_WHAT.get(work.payload["what"])
        if handler is None:
            raise DeliveryFailed("something from Slack that nothing here handles", permanent=True)
        return await handler(self._workspace, work)

    async def presence(self, users: Sequence[str]) -> dict[str, bool]:
        """Who of these is active in Slack now; those of whom it does not say are left out.

        It is asked twice a minute at most: a Slack that does not answer must not hold up others.
        """
        now = time.monotonic()
        if not users or now - self._looked < LOOK_S:
            return {}
        self._looked = now
        found = await asyncio.gather(
            *(self._workspace.slack.active(user) for user in users[:LOOKED_UP]),
            return_exceptions=True,
        )
        for one in found:
            if isinstance(one, BaseException) and not isinstance(one, DeliveryFailed):
                raise one
        return {user: one for user, one in zip(users, found, strict=False) if one in (True, False)}

    async def start(self) -> None:
        """Show tickets from before Slack was there; connect by Socket Mode where it is set up."""
        self._workspace.slack.open()
        self._tasks.append(asyncio.create_task(self._publish()))
        if self._settings.slack_app_token:
            self._socket = AsyncSocketModeHandler(
                self.bolt,
                self._settings.slack_app_token,
                web_client=AsyncWebClient(base_url=self._settings.slack_api_url, retry_handlers=[]),
            )
            # Tries until it is connected, and again whenever the connection is lost.
            connecting = self._socket.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt's
            self._tasks.append(asyncio.create_task(connecting))

    async def stop(self) -> None:
        """Take nothing more from Slack; what was not acknowledged comes again."""
        if self._socket is not None:
            with contextlib.suppress(Exception):
                await self._socket.close_async()  # type: ignore[no-untyped-call]  # slack_bolt's
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Once nobody sends any more."""
        await self._workspace.slack.close()

    async def _publish(self) -> None:
        try:
            await self._store.run(publish_waiting)
        except DATABASE_ERRORS as error:
            log.warning("waiting tickets were not queued for Slack: %s", type(error).__name__)

    def _listeners(self) -> AsyncApp:
        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            # Bolt would ask Slack who we are, and drop the event when Slack does not answer.
            return AuthorizeResult(
                enterprise_id=enterprise_id,
                team_id=team_id,
                bot_token=self._settings.slack_bot_token,
            )

        app = AsyncApp(
            name="sangdam",
            client=AsyncWebClient(base_url=self._settings.slack_api_url, retry_handlers=[]),
            authorize=authorize,
            # The route verifies first: Bolt answers some malformed requests with 500.
            request_verification_enabled=False,
            signing_secret=self._settings.slack_signing_secret,
            # Our own allow-list ignores our own messages, and says so in the log.
            ignoring_self_events_enabled=False,
            process_before_response=True,
        )

        @app.event(_ANY)
        async def on_event(body: dict[str, Any]) -> BoltResponse | None:
            return await self._accept(inbound.event(body, queue=self._queue))

        @app.block_action(_ANY)
        async def on_press(body: dict[str, Any], ack: Any) -> BoltResponse | None:
            return await self._accept(interactions.press(body), ack)

        @app.view(_ANY)
        async def on_submission(body: dict[str, Any], ack: Any) -> BoltResponse | None:
            read = interactions.submission(body)
            asked = await self._ask(read)
            if asked is not None:
                await ack(**asked)
                return None
            return await self._accept(read, ack)

        @app.command(_ANY)
        async def on_command(body: dict[str, Any], ack: Any) -> BoltResponse | None:
            return await self._accept(interactions.command(body), ack)

        @app.shortcut(_ANY)
        async def on_shortcut(body: dict[str, Any], ack: Any) -> BoltResponse | None:
            return await self._accept(interactions.shortcut(body, queue=self._queue), ack)

        async def other(body: dict[str, Any], ack: Any) -> None:
            log.info("Slack sent something that is not ours to handle; ignored")
            await ack()

        for kind in (app.view_closed, app.options):
            kind(_ANY)(other)
        return app

    async def _ask(self, read: Accepted | Ignored) -> dict[str, Any] | None:
        """What somebody has to put right in their modal before it is taken; nothing is written."""
        if isinstance(read, Ignored) or read.payload["what"] != "submit:open_ticket":
            return None
        try:
            return await self._store.read(opening.ask, read.payload)
        except DATABASE_ERRORS:
            return None  # which is said when it cannot be committed

    async def _accept(
        self, read: Accepted | Ignored, ack: Callable[[], Awaitable[Any]] | None = None
    ) -> BoltResponse | None:
        """Commit, then acknowledge; a failure makes Slack send it again, or the person see it."""
        failed = await self._commit(read)
        if failed is None and ack is not None:
            await ack()
        return failed

    async def _commit(self, read: Accepted | Ignored) -> BoltResponse | None:
        if isinstance(read, Ignored):
            log.info("ignored from Slack: %s", read.reason)
            return None

        def write(session: Session) -> int | None:
            return lanes.enqueue(
                session, lane=read.lane, kind=EVENT, dedup=read.dedup, payload=read.payload
            )

        try:
            job = await self._store.run(write)
        except DATABASE_ERRORS as error:
            log.warning("cannot take anything from Slack now: %s", type(error).__name__)
            return BoltResponse(status=503, body="")
        if job is None:
            log.info("ignored from Slack: a repetition of something accepted before")
        return None
