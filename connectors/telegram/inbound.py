"""What Telegram sends, read. Pure: an update in, a job for its chat or why it is ignored out.

This is the whole allow-list. A job keeps only what the desk needs, never the whole update.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

CHANNEL = "telegram"
# The kind of every job that something in Telegram caused.
UPDATE = "telegram.update"
TEXT_LIMIT = 8000
# What getUpdates and setWebhook ask for.
ALLOWED = ["message", "edited_message", "callback_query", "my_chat_member"]
# The parts of an album are updates of their own, mostly within a few hundred milliseconds.
ALBUM_WAIT = dt.timedelta(seconds=1.5)
# Files by the field that holds them, and what one is called that has no name.
_FILES = {
    "document": "document",
    "video": "video.mp4",
    "voice": "voice.ogg",
    "audio": "audio",
    "video_note": "video.mp4",
}
_BIG = 2**63


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """Work for the lane of one chat, not before ``wait`` has gone by."""

    chat: int
    dedup: str
    payload: dict[str, Any]
    wait: dt.timedelta | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us, and why, for the log."""

    reason: str


class _Unreadable(Exception):
    """Something that Telegram always sends is missing or makes no sense; its name."""


def number(update: dict[str, Any]) -> int | None:
    """The ``update_id``, if it is one."""
    found = update.get("update_id")
    usable = isinstance(found, int) and not isinstance(found, bool) and 0 <= found < _BIG
    return found if usable else None


def read(update: dict[str, Any]) -> Accepted | Ignored:
    """One update, whatever it is."""
    known = number(update)
    if known is None:
        return Ignored("an update without a usable update_id")
    try:
        for name, reader in _READERS.items():
            if isinstance(update.get(name), dict):
                return reader(known, update[name])
    except _Unreadable as error:
        return Ignored(f"an update with an unreadable {error}")
    return Ignored("an update of a kind that nothing here handles")


def _message(update: int, message: dict[str, Any]) -> Accepted | Ignored:
    return _said(update, message, what="message")


def _edited(update: int, message: dict[str, Any]) -> Accepted | Ignored:
    return _said(update, message, what="edited")


def _said(update: int, message: dict[str, Any], *, what: str) -> Accepted | Ignored:
    chat, private = _chat(message)
    number = _int(message.get("message_id"), "message_id")
    if not private:
        # Not each word of a group, only what is said to us: otherwise we would be a nuisance.
        if what == "message" and text_of(message.get("text")).startswith("/"):
            return _accepted(update, chat, {"what": "group"}, number)
        return Ignored("a message in a group")
    payload = {"what": what, "message": number, **_person(message), **_content(message)}
    album = message.get("media_group_id")
    if isinstance(album, str | int) and what == "message":
        payload["album"] = text_of(str(album))[:60]
    wait = ALBUM_WAIT if "album" in payload else None
    return _accepted(update, chat, payload, number, wait=wait)


def _press(update: int, query: dict[str, Any]) -> Accepted | Ignored:
    identifier = query.get("id")
    if not isinstance(identifier, str) or not identifier.isalnum() or len(identifier) > 64:
        raise _Unreadable("callback_query.id")
    message = query.get("message")
    if not isinstance(message, dict):
        return Ignored("a press on a message that is too old to be named")
    chat, private = _chat(message)
    if not private:
        return Ignored("a press in a group")
    number = _int(message.get("message_id"), "message_id")
    payload = {"what": "press", "query": identifier, "data": text_of(query.get("data"))[:64]}
    return _accepted(update, chat, payload | {"message": number} | _person(query), number)


def _member(update: int, change: dict[str, Any]) -> Accepted | Ignored:
    chat, private = _chat(change)
    new = change.get("new_chat_member")
    status = new.get("status") if isinstance(new, dict) else None
    if status not in ("member", "administrator", "kicked", "left", "restricted"):
        raise _Unreadable("new_chat_member.status")
    if private:
        return _accepted(update, chat, {"what": "blocked" if status == "kicked" else "unblocked"})
    if status in ("member", "administrator"):
        return _accepted(update, chat, {"what": "group"})
    return Ignored("a group that we left")


_READERS = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _press,
    "my_chat_member": _member,
}


def _accepted(
    update: int,
    chat: int,
    payload: dict[str, Any],
    message: int = 0,
    *,
    wait: dt.timedelta | None = None,
) -> Accepted:
    # After a week without updates their numbers begin anew at random: alone they prove nothing.
    dedup = f"{update}:{payload['what']}:{chat}:{message}"
    return Accepted(chat, dedup, {"chat": chat, **payload}, wait)


def _chat(holder: dict[str, Any]) -> tuple[int, bool]:
    chat = holder.get("chat")
    if not isinstance(chat, dict):
        raise _Unreadable("chat")
    return _int(chat.get("id"), "chat.id"), chat.get("type") == "private"


def _person(holder: dict[str, Any]) -> dict[str, Any]:
    who = holder.get("from")
    if not isinstance(who, dict):
        raise _Unreadable("from")
    names = [text_of(who.get(part)).strip() for part in ("first_name", "last_name")]
    code = text_of(who.get("language_code")).lower()
    return {
        "name": " ".join(name for name in names if name)[:120],
        "locale": "ko" if not code or code.startswith("ko") else "en",
    }


def _content(message: dict[str, Any]) -> dict[str, Any]:
    """Words, a file, or something that can be told in words, by what it is."""
    content: dict[str, Any] = {
        "text": (text_of(message.get("text")) or text_of(message.get("caption")))[:TEXT_LIMIT]
    }
    file = _file(message)
    if file is not None:
        return content | {"file": file}
    for name in ("sticker", "venue", "location", "contact"):
        found = message.get(name)
        if isinstance(found, dict):
            return content | {"told": {"kind": name, **_told(name, found)}}
    if not content["text"]:
        content["told"] = {"kind": "other"}
    return content


def _file(message: dict[str, Any]) -> dict[str, Any] | None:
    photos = message.get("photo")
    if isinstance(photos, list) and photos:
        sizes = [size for size in photos if isinstance(size, dict)]
        largest = max(sizes, key=lambda size: _size(size) or 0, default=None)
        return None if largest is None else _about(largest, "photo.jpg")
    for field, name in _FILES.items():
        found = message.get(field)
        if isinstance(found, dict):
            return _about(found, text_of(found.get("file_name")).strip() or name)
    return None


def _about(file: dict[str, Any], name: str) -> dict[str, Any]:
    identifier = file.get("file_id")
    if not isinstance(identifier, str) or not 1 <= len(identifier) <= 300:
        raise _Unreadable("file_id")
    return {"id": text_of(identifier), "name": name[:300], "size": _size(file)}


def _size(file: dict[str, Any]) -> int | None:
    found = file.get("file_size")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _told(kind: str, found: dict[str, Any]) -> dict[str, Any]:
    match kind:
        case "sticker":
            return {"emoji": text_of(found.get("emoji"))[:20]}
        case "contact":
            names = (text_of(found.get(part)) for part in ("first_name", "last_name"))
            phone = text_of(found.get("phone_number"))[:40]
            return {"text": " ".join([*filter(None, names), phone])[:300]}
        case "venue":
            place = found.get("location")
            about = [text_of(found.get("title")), text_of(found.get("address"))]
            return _place(place) | {"text": ", ".join(filter(None, about))[:300]}
        case _:
            return _place(found)


def _place(found: object) -> dict[str, Any]:
    place = found if isinstance(found, dict) else {}
    north, east = place.get("latitude"), place.get("longitude")
    if not (isinstance(north, int | float) and isinstance(east, int | float)):
        raise _Unreadable("location")
    if not (abs(north) <= 90 and abs(east) <= 180):
        raise _Unreadable("location")
    return {"at": [round(float(north), 6), round(float(east), 6)]}


def text_of(value: object) -> str:
    """A text as PostgreSQL and UTF-8 can hold it: no NUL, no half of a surrogate pair."""
    if not isinstance(value, str):
        return ""
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def _int(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _BIG:
        raise _Unreadable(name)
    return value
