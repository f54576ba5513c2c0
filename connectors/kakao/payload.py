"""What the open builder sends, read with suspicion: bytes in, :class:`Request` out, no I/O."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

from connectors.channel import Address

CHANNEL = "kakao"
# Rasa, Slack and people read it; KakaoTalk itself lets nobody write as much.
TEXT_LIMIT = 4000
# What our own button "check for an answer" says, and its extra.
FETCH = {"sangdam": "fetch"}
_FETCH_WORDS = {"답변 확인", "새 답변 확인", "이어서 보기", "check answers", "show more"}
_FETCH_WORDS |= {"check for answers"}  # what it said before


class NotASkill(ValueError):
    """The body is not a skill payload; the text says why, for whoever sets it up."""


@dataclasses.dataclass(frozen=True, slots=True)
class Request:
    """One request of the skill: who said what.

    ``payload`` is of a button of ours that was pressed, ``fetch`` asks for what is there and says
    nothing. ``callback_url`` can be given an answer once, within a minute.
    """

    address: Address
    text: str
    locale: str
    payload: str | None = None
    fetch: bool = False
    callback_url: str | None = None
    # The platform's key of the person in the whole channel; the address is one for each bot of it.
    user_key: str = ""

    @property
    def digest(self) -> str:
        """The same for the same words or button of the same customer."""
        said = f"{self.address.account}\n{self.address.external_id}\n{self.payload}\n{self.text}"
        return hashlib.sha256(said.encode()).hexdigest()[:32]


def read(body: bytes) -> Request:
    """The request in a skill payload. Raises :class:`NotASkill`."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NotASkill("the body is not JSON") from None
    asked = _object(_object(found, "").get("userRequest"), "userRequest")
    who = _object(asked.get("user"), "userRequest.user")
    user = _text(who.get("id"), 128)
    if not user:
        raise NotASkill("userRequest.user.id is missing")
    bot = found.get("bot")
    account = _text(bot.get("id"), 128) if isinstance(bot, dict) else ""
    text = _text(asked.get("utterance"), TEXT_LIMIT)
    extra = _extra(found.get("action"))
    payload = _text(extra.get("payload"), 500) or None
    fetch = extra.get("sangdam") == "fetch" or (payload is None and text.casefold() in _FETCH_WORDS)
    if not text and payload is None and not fetch:
        raise NotASkill("userRequest.utterance is missing")
    lang = _text(asked.get("lang"), 16).casefold()
    return Request(
        address=Address(CHANNEL, account, user),
        text=text,
        locale="en" if lang.startswith("en") else "ko",
        payload=payload,
        fetch=fetch,
        callback_url=_text(asked.get("callbackUrl"), 2000) or None,
        user_key=_user_key(who.get("properties")),
    )


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise NotASkill(f"{name or 'the body'} is not an object")
    return value


def _text(value: Any, limit: int) -> str:
    """A string as a database can hold it; anything else is none."""
    if not isinstance(value, str):
        return ""
    known = value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return known.strip()[:limit]


def _user_key(properties: Any) -> str:
    return _text(properties.get("plusfriendUserKey"), 128) if isinstance(properties, dict) else ""


def _extra(action: Any) -> dict[str, Any]:
    """What the pressed button brought along; some versions send it as JSON in a string."""
    extra = action.get("clientExtra") if isinstance(action, dict) else None
    if isinstance(extra, str):
        try:
            extra = json.loads(extra)
        except (ValueError, RecursionError):
            extra = None
    return extra if isinstance(extra, dict) else {}
