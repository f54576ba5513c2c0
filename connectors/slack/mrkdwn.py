"""Text in Slack's notation and out of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TOKEN = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"<@([\w-]+)(?:\|[^<>]*)?>")
# `!` alone, or a word for "note" with a colon of either width, before any trimming.
_WHISPER = re.compile(r"^\s*(?:!|(?:note|memo|메모|노트)\s*[:：])\s*", re.IGNORECASE)


def escape(text: str) -> str:
    """Words of other people for Slack: ``& < >`` and nothing else, so no mention or link forms."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, on one line, with ``…`` where something is left out."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def pieces(text: str, limit: int) -> list[str]:
    """The escaped text in pieces of at most ``limit`` characters; no entity is cut in two."""
    made: list[str] = []
    start = size = 0
    for place, character in enumerate(text):
        width = len(escape(character))
        if size + width > limit:
            made.append(escape(text[start:place]))
            start, size = place, 0
        size += width
    made.append(escape(text[start:]))
    return made


def mentioned(text: str) -> list[str]:
    """The users a message from Slack names, each once."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def readable(text: str, names: Mapping[str, str] | None = None) -> str:
    """A message from Slack as its reader outside saw it typed.

    Links become ``label (address)``, mentions ``@name`` where ``names`` knows the user; names of
    emoji stay as they are.
    """
    made = []
    end = 0
    for match in _TOKEN.finditer(text):
        made.append(unescape(text[end : match.start()]))
        made.append(_token(match.group(1), names or {}))
        end = match.end()
    made.append(unescape(text[end:]))
    return "".join(made)


def whisper(text: str) -> tuple[bool, str]:
    """Whether a message is marked as internal (``!``, ``note:``, ``메모:``), and its words."""
    match = _WHISPER.match(text)
    return (False, text) if match is None else (True, text[match.end() :])


def _token(inside: str, names: Mapping[str, str]) -> str:
    target, bar, label = inside.partition("|")
    target, label = unescape(target), unescape(label)
    if target.startswith("@"):
        name = names.get(target[1:]) or label
        return f"@{name.lstrip('@')}" if name else target
    if target.startswith("#"):
        return f"#{label}" if label else target
    if target.startswith("!"):
        return label if label else "@" + target[1:].partition("^")[0]
    plain = target.removeprefix("mailto:").removeprefix("tel:")
    if not bar or not label or label in (target, plain):
        return plain
    return f"{label} ({plain})"


def unescape(text: str) -> str:
    """What was typed, of text that Slack escaped."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
