"""What Slack sends, read. Pure: a body in, a job for a lane or the reason to ignore it out.

This is the whole allow-list: plain messages, replies also sent to the channel, messages with
files, edits and deletions of those, and an opened Home. What is pressed and filled in is read in
``interactions``. A job keeps only what the desk needs, never the whole event.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from connectors.slack.files import listed

# The kind of every job that something in Slack caused.
EVENT = "slack.event"
TEXT_LIMIT = 40_000

_ID = re.compile(r"[\w-]{1,60}", re.ASCII)
_TS = re.compile(r"[0-9]{1,16}(\.[0-9]{1,9})?", re.ASCII)
_PLAIN = (None, "thread_broadcast", "file_share")


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """Work for the lane of one thread; ``dedup`` is the same for every delivery of it."""

    lane: str
    dedup: str
    payload: dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us, and why, for the log."""

    reason: str


class Unreadable(Exception):
    """Something that Slack always sends is missing or makes no sense; its name."""


def event(body: dict[str, Any], *, queue: str) -> Accepted | Ignored:
    """An event of the Events API. ``queue`` is the channel in which tickets are shown."""
    inner = body.get("event")
    if not isinstance(inner, dict):
        return Ignored("an event without content")
    if inner.get("type") not in ("message", "app_home_opened"):
        return Ignored(f"an event of type {word(inner.get('type'))}")
    try:
        if inner.get("type") == "app_home_opened":
            return _home(body, inner)
        if inner.get("subtype") in ("message_changed", "message_deleted"):
            return _afterwards(body, inner, queue)
        return _message(body, inner, queue)
    except Unreadable as error:
        return Ignored(f"a message with an unreadable {error}")


def _home(body: dict[str, Any], inner: dict[str, Any]) -> Accepted | Ignored:
    if inner.get("tab") != "home":
        return Ignored("another tab of our app that was opened")
    user = identifier(inner.get("user"), "user")
    return Accepted(
        lane=mine(user),
        dedup=f"event:{identifier(body.get('event_id'), 'event_id')}",
        payload={"what": "home", "user": user},
    )


def mine(user: str) -> str:
    """The lane of what one person does outside of threads."""
    return f"slack:user:{user}"


def message_dedup(channel: str, ts: str) -> str:
    """What is the same for every delivery of one message."""
    return f"message:{channel}:{ts}"


def _message(body: dict[str, Any], inner: dict[str, Any], queue: str) -> Accepted | Ignored:
    subtype = inner.get("subtype")
    if inner.get("bot_id") or subtype == "bot_message":
        return Ignored("a message of a bot, perhaps our own")
    if subtype not in _PLAIN:
        return Ignored(f"a message of subtype {word(subtype)}")
    user = identifier(inner.get("user"), "user")
    if user == "USLACKBOT" or user in _bots(body):
        return Ignored("a message of Slackbot or of our own")
    channel = identifier(inner.get("channel"), "channel")
    ts = timestamp(inner.get("ts"), "ts")
    thread = inner.get("thread_ts")
    if thread is None and channel != queue:
        return Ignored("a message outside of threads in another channel")
    payload = {
        "what": "message" if thread is not None else "outside",
        "channel": channel,
        "thread": timestamp(thread, "thread_ts") if thread is not None else ts,
        "ts": ts,
        "user": user,
        **_content(body, inner),
    }
    return Accepted(
        lane=f"slack:{channel}:{payload['thread']}",
        dedup=message_dedup(channel, ts),
        payload=payload,
    )


def _content(body: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": clean(message.get("text"))[:TEXT_LIMIT],
        "files": listed(message.get("files")),
        # Our own card, although we may not have heard of its posting yet.
        "ours": message.get("parent_user_id") in _bots(body),
    }


def _afterwards(body: dict[str, Any], inner: dict[str, Any], queue: str) -> Accepted | Ignored:
    """An edit or a deletion, with the whole message as it is now, or was."""
    changed = inner.get("subtype") == "message_changed"
    old = nested(inner, "previous_message")
    new = nested(inner, "message") if changed else old
    gone = not changed or new.get("subtype") == "tombstone"
    if gone and old.get("bot_id") and old.get("thread_ts") in (None, old.get("ts")):
        return _card_gone(body, inner, old)
    if old.get("bot_id") or new.get("bot_id"):
        return Ignored("a change of a bot's message, perhaps our own")
    if changed and clean(old.get("text")) == clean(new.get("text")):
        return Ignored("a change that leaves the words as they were")
    if new.get("subtype") == "tombstone":
        return Ignored("a change of a deleted message")
    thread = new.get("thread_ts")
    ts = timestamp(new.get("ts"), "ts")
    if thread is None or thread == ts:
        return Ignored("a change of a message outside of threads")
    channel = identifier(inner.get("channel"), "channel")
    payload = {
        "what": "changed" if changed else "deleted",
        "channel": channel,
        "thread": timestamp(thread, "thread_ts"),
        "ts": ts,
        "user": identifier(new.get("user"), "user"),
        # Which of two edits is the later one; they come in any order.
        "at": timestamp(
            (changed and nested(new, "edited").get("ts")) or inner.get("event_ts"), "event_ts"
        ),
        **_content(body, new),
    }
    return Accepted(
        lane=f"slack:{channel}:{payload['thread']}",
        dedup=f"event:{identifier(body.get('event_id'), 'event_id')}",
        payload=payload,
    )


def _card_gone(body: dict[str, Any], inner: dict[str, Any], old: dict[str, Any]) -> Accepted:
    """A bot's message that began a thread was deleted: perhaps a card of ours."""
    channel = identifier(inner.get("channel"), "channel")
    thread = timestamp(old.get("ts"), "ts")
    return Accepted(
        lane=f"slack:{channel}:{thread}",
        dedup=f"event:{identifier(body.get('event_id'), 'event_id')}",
        payload={"what": "card_gone", "channel": channel, "thread": thread},
    )


def clean(text: object) -> str:
    """A text as PostgreSQL and UTF-8 can hold it: no NUL, no half of a surrogate pair."""
    if not isinstance(text, str):
        return ""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _bots(body: dict[str, Any]) -> list[str]:
    """The bot users this event was delivered for."""
    found = body.get("authorizations")
    entries = [e for e in found if isinstance(e, dict)] if isinstance(found, list) else []
    users = [entry.get("user_id") for entry in entries if entry.get("is_bot")]
    return [user for user in users if isinstance(user, str)]


def nested(body: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under a name, an empty one if there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def identifier(value: object, name: str) -> str:
    """An id of Slack's. Raises :class:`Unreadable` with ``name``."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Unreadable(name)
    return value


def timestamp(value: object, name: str) -> str:
    """The ``ts`` of a message. Raises :class:`Unreadable` with ``name``."""
    if not isinstance(value, str) or not _TS.fullmatch(value):
        raise Unreadable(name)
    return value


def word(value: object, limit: int = 60) -> str:
    """A short, printable name, for the log or as one of our own values."""
    return re.sub(r"[^\w.:-]", "?", str(value), flags=re.ASCII)[:limit]
