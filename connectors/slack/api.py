"""Slack's Web API as this desk uses it: few verbs, errors sorted, no retry of its own."""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import httpx
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from connectors.channel import DeliveryFailed
from connectors.slack.blocks import Block
from connectors.slack.files import Files

log = logging.getLogger(__name__)

# Several calls have to fit into the third of a lease that a worker allows for one job.
TIMEOUT_S = 4
# Without the header Slack means about this long.
RATE_LIMIT_S = 30.0
PERSON_LIFE_S = 600.0
PAGES = 10
METADATA = "sangdam_message"
# Slack's own troubles; everything else it answers with `ok: false` is about our request.
_ITS_FAULT = {
    "fatal_error",
    "internal_error",
    "service_unavailable",
    "request_timeout",
    "external_channel_migrating",
    "team_added_to_org",
}

# What users.info answers about people whom we cannot know.
_NOBODY = ("user_not_found", "user_not_visible", "users_not_found")


class SlackSaysNo(DeliveryFailed):
    """Slack refused for good; ``code`` is its word for why."""

    def __init__(self, method: str, code: str) -> None:
        super().__init__(f"{method}: {code}", permanent=True)
        self.code = code


@dataclasses.dataclass(frozen=True, slots=True)
class Person:
    """A Slack user; ``member`` only if they are a full member of this workspace, not a bot."""

    name: str
    member: bool


class Answers:
    """Where a ``response_url`` may lead: Slack's host for them, or that of a stand-in for Slack."""

    def __init__(self, api_url: str) -> None:
        api = URL(api_url)
        inside = api.host is not None and (
            api.host == "slack.com" or api.host.endswith(".slack.com")
        )
        self._origin = URL("https://hooks.slack.com") if inside else api.origin()

    def matches(self, url: str) -> bool:
        """Whether this address is there: the same scheme, host and port, nobody's name in it."""
        try:
            found = URL(url)
            return found.origin() == self._origin and found.user is None and found.password is None
        except ValueError:
            return False


class Slack:
    """The calls, with the bot token, to the configured address and to no other."""

    def __init__(self, *, token: str, url: str) -> None:
        self._client = AsyncWebClient(
            token=token, base_url=url, timeout=TIMEOUT_S, retry_handlers=[]
        )
        self.files = Files(token=token, api_url=url)
        self._answers = Answers(url)
        self._people: dict[str, tuple[float, Person]] = {}
        self._team = ""

    def open(self) -> None:
        """Keep connections from here on: without, each call makes its own, with its handshakes.

        An idle one is closed after aiohttp's 15 seconds, before a server would.
        """
        self._client.session = ClientSession(
            timeout=ClientTimeout(total=TIMEOUT_S), cookie_jar=DummyCookieJar()
        )

    async def close(self) -> None:
        """Close them; a call that is made all the same has one of its own."""
        if self._client.session is not None:
            await self._client.session.close()

    async def post(
        self,
        *,
        channel: str,
        thread: str | None,
        text: str,
        blocks: Sequence[Block],
        payload: dict[str, Any],
        broadcast: bool = False,
    ) -> str:
        """Post a message and return its ``ts``; ``payload`` is what :meth:`find` looks for.

        ``broadcast``: a line of a thread that the channel sees, too.
        """
        answer = await self._call(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=channel,
                thread_ts=thread,
                reply_broadcast=broadcast or None,
                metadata={"event_type": METADATA, "event_payload": payload},
                unfurl_links=False,
                unfurl_media=False,
                mrkdwn=False,
                link_names=False,
                parse="none",
                text=text,
                blocks=list(blocks),
            ),
        )
        return str(answer["ts"])

    async def update(
        self,
        *,
        channel: str,
        ts: str,
        text: str,
        blocks: Sequence[Block],
        payload: dict[str, Any],
    ) -> None:
        """Show other blocks in a message of ours; saying it twice changes nothing."""
        await self._call(
            "chat.update",
            lambda: self._client.chat_update(
                channel=channel,
                ts=ts,
                metadata={"event_type": METADATA, "event_payload": payload},
                link_names=False,
                parse="none",
                text=text,
                blocks=list(blocks),
            ),
        )

    async def whisper(
        self,
        *,
        channel: str,
        user: str,
        thread: str | None,
        text: str,
        blocks: Sequence[Block] = (),
    ) -> None:
        """Tell one person something in the channel that nobody else sees."""
        await self._call(
            "chat.postEphemeral",
            lambda: self._client.chat_postEphemeral(
                channel=channel,
                user=user,
                thread_ts=thread,
                link_names=False,
                text=text,
                blocks=list(blocks) or None,
            ),
        )

    async def respond(self, *, url: str, text: str, blocks: Sequence[Block]) -> None:
        """Answer a command or shortcut where it was given, for that person alone.

        The address comes with what Slack sent and is good for five answers within half an hour.
        No token goes there, and only Slack's own host for it is asked.
        """
        if not self._answers.matches(url):
            raise DeliveryFailed("an answer to another host than Slack's", permanent=True)
        body = {"response_type": "ephemeral", "replace_original": False, "text": text}
        try:
            async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=True) as client:
                answer = await client.post(url, json=body | {"blocks": list(blocks)})
        except httpx.HTTPError as error:
            raise DeliveryFailed(f"response_url: {type(error).__name__}") from None
        if answer.status_code == 429:
            raise DeliveryFailed("response_url: rate limited", retry_after=_wait(answer))
        if answer.status_code >= 500:
            raise DeliveryFailed(f"response_url: {answer.status_code}")
        if answer.status_code != 200:
            raise SlackSaysNo("response_url", str(answer.status_code))

    async def permalink(self, *, channel: str, ts: str) -> str:
        """The https address of a message, for people of the workspace."""
        answer = await self._call(
            "chat.getPermalink",
            lambda: self._client.chat_getPermalink(channel=channel, message_ts=ts),
        )
        return str(answer.get("permalink") or "")

    async def open_view(self, *, trigger: str, view: Block) -> bool:
        """Open a modal for the person whose press, command or shortcut gave us ``trigger``.

        It is good for three seconds and once: ``False`` when it is too late for it.
        """
        try:
            await self._call(
                "views.open", lambda: self._client.views_open(trigger_id=trigger, view=view)
            )
        except SlackSaysNo as error:
            if error.code not in ("expired_trigger_id", "exchanged_trigger_id"):
                raise
            return False
        return True

    async def publish_home(self, *, user: str, view: Block) -> None:
        """Show this as the person's Home of the app."""
        await self._call(
            "views.publish", lambda: self._client.views_publish(user_id=user, view=view)
        )

    async def react(self, *, channel: str, ts: str, name: str) -> None:
        """Put a reaction under a message, unless it is there."""
        try:
            await self._call(
                "reactions.add",
                lambda: self._client.reactions_add(channel=channel, timestamp=ts, name=name),
            )
        except SlackSaysNo as error:
            if error.code != "already_reacted":
                raise

    async def unreact(self, *, channel: str, ts: str, name: str) -> None:
        """Take a reaction of ours away, if it is there."""
        try:
            await self._call(
                "reactions.remove",
                lambda: self._client.reactions_remove(channel=channel, timestamp=ts, name=name),
            )
        except SlackSaysNo as error:
            if error.code != "no_reaction":
                raise

    async def upload_address(self, *, name: str, size: int) -> tuple[str, str]:
        """Announce a file: the id it will have, and where to take it."""
        answer = await self._call(
            "files.getUploadURLExternal",
            lambda: self._client.files_getUploadURLExternal(filename=name, length=size),
        )
        return str(answer["file_id"]), str(answer["upload_url"])

    async def share(self, *, file: str, name: str, channel: str, thread: str, comment: str) -> None:
        """Show an uploaded file in a thread; Slack does it a moment after it has said yes."""
        await self._call(
            "files.completeUploadExternal",
            lambda: self._client.files_completeUploadExternal(
                files=[{"id": file, "title": name}],
                channel_id=channel,
                thread_ts=thread,
                initial_comment=comment,
            ),
        )

    async def is_shared(self, *, file: str, channel: str) -> bool:
        """Whether people see the file in the channel."""
        try:
            answer = await self._call("files.info", lambda: self._client.files_info(file=file))
        except SlackSaysNo as error:
            if error.code != "file_not_found":
                raise
            return False
        shares = (answer.get("file") or {}).get("shares") or {}
        return any(channel in (shares.get(kind) or {}) for kind in ("public", "private"))

    async def find(
        self, *, channel: str, thread: str | None, outbox_id: str, since: dt.datetime
    ) -> str | None:
        """The ``ts`` of the message that was posted with this ``outbox_id``, if it arrived.

        ``since``: it cannot be older. Raises :class:`SlackSaysNo` when we may not look.
        """
        oldest = f"{since.timestamp() - 120:.6f}"  # their clock may differ from ours
        cursor: str | None = None
        for _ in range(PAGES):
            if thread is None:
                answer = await self._call(
                    "conversations.history",
                    partial(
                        self._client.conversations_history,
                        channel=channel,
                        oldest=oldest,
                        include_all_metadata=True,
                        limit=200,
                        cursor=cursor,
                    ),
                )
            else:
                answer = await self._call(
                    "conversations.replies",
                    partial(
                        self._client.conversations_replies,
                        channel=channel,
                        ts=thread,
                        oldest=oldest,
                        include_all_metadata=True,
                        limit=200,
                        cursor=cursor,
                    ),
                )
            for message in answer.get("messages") or []:
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("outbox_id") == outbox_id:
                    return str(message["ts"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return None
        return None

    async def active(self, user: str) -> bool:
        """Whether Slack shows this person as active now."""
        answer = await self._call(
            "users.getPresence", lambda: self._client.users_getPresence(user=user)
        )
        return bool(answer.get("presence") == "active")

    async def person(self, user: str) -> Person:
        """Who a Slack user is; remembered for ten minutes."""
        known = self._people.get(user)
        if known is not None and time.monotonic() - known[0] < PERSON_LIFE_S:
            return known[1]
        try:
            answer = await self._call("users.info", lambda: self._client.users_info(user=user))
        except SlackSaysNo as error:
            found = Person("", member=error.code not in _NOBODY)
            if found.member:
                # The installer linked the account; without the scope that link has to do.
                log.warning("Slack does not say who its users are: %s", error)
        else:
            found = await self._read_person(answer.get("user") or {})
        while len(self._people) >= 5000:
            self._people.pop(next(iter(self._people)))
        self._people[user] = (time.monotonic(), found)
        return found

    async def _read_person(self, user: dict[str, Any]) -> Person:
        if not self._team:
            answer = await self._call("auth.test", lambda: self._client.auth_test())
            self._team = str(answer.get("team_id") or "")
        home = user.get("team_id") or self._team
        teams = [home, *((user.get("enterprise_user") or {}).get("teams") or [])]
        outside = any(
            user.get(flag)
            for flag in ("is_bot", "is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
        )
        profile = user.get("profile") or {}
        name = profile.get("display_name") or user.get("real_name") or user.get("name") or ""
        return Person(str(name), member=not outside and (not self._team or self._team in teams))

    async def _call(self, method: str, call: Callable[[], Awaitable[Any]]) -> Any:
        """One request. Raises :class:`DeliveryFailed`, which never holds what was sent."""
        try:
            return await call()
        except SlackApiError as error:
            raise _sorted(method, error.response) from None
        except Exception as error:
            # A timeout, a lost connection, an answer that is none: it may have arrived.
            raise DeliveryFailed(f"{method}: {type(error).__name__}") from error


def _sorted(method: str, response: Any) -> DeliveryFailed:
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0) or 0)
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return DeliveryFailed(f"{method}: rate limited", retry_after=_wait(response))
    if status >= 500 or not code or code in _ITS_FAULT:
        return DeliveryFailed(f"{method}: {status} {code}".rstrip())
    return SlackSaysNo(method, code)


def _wait(response: Any) -> float:
    try:
        return min(3600.0, max(1.0, float(response.headers["Retry-After"])))
    except (AttributeError, KeyError, TypeError, ValueError):
        return RATE_LIMIT_S
