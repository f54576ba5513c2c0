"""Text in Slack's notation and out of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

import emoji

_TOKEN = re.compile(r"<([^<>]*)>")
_MENTION = re.compile(r"<@([\w-]+)(?:\|[^<>]*)?>")
# `!`; words for "note" with a colon, of either width, or in brackets; or our command, typed
# where Slack takes none. What cannot be seen before it, and marks of emphasis that were never
# closed, do not make it an answer. A `!` whispers whatever follows it ("!important"); words
# without their colon do not ("note that we are closed today").
_NOTE = r"(?:note|memo|private|internal|메모|노트|내부|비공개)"
_LABEL = rf"{_NOTE}(?:[\s*_~`]*{_NOTE})*[\s*_~`]*"  # "내부 메모", "internal note"
_CALLED = re.compile(
    r"^[\s\u200b-\u200f\u2060\ufeff*_~`]*<(?:@[\w-]+|!(?:here|channel|everyone|subteam\^[\w-]+))(?:\|[^<>]*)?>"
)
_WHISPER = re.compile(
    r"^[\s\u200b-\u200f\u2060\ufeff*_~`]*"
    rf"(?:[!！]|{_LABEL}[:：]|[\[［【(（]\s*{_LABEL}[\]］】)）][\s*_~`]*[:：]?|/note(?!\S))[\s*_~`]*",
    re.IGNORECASE,
)
# Slack's marks, where they stand as Slack sets them: outside of words on the left, and on the
# right not before a Latin letter or a digit. A particle may follow: "*오늘*은". What is struck out
# keeps its marks: without them it would read as if it still held.
_MARKED = re.compile(
    r"<[^<>]*>|```\n?(?P<block>[^`]+)```|`(?P<code>[^`\n]+)`|"
    + "|".join(
        rf"(?<![\w{c}]){c}(?P<{name}>(?=[^\s{c}])(?:<[^<>]*>|[^{c}\n<])+)(?<=\S){c}(?![0-9A-Za-z{c}])"
        for c, name in ((r"\*", "bold"), ("_", "italic"))
    )
)
_EMOJI = re.compile(r"(?<!\d):([a-z0-9_+'-]{1,100}):(?::skin-tone-([2-6]):)?(?!\d)")
_FLAG = re.compile(r"flag-([a-z]{2})")


def escape(text: str) -> str:
    """Words of other people for Slack: ``& < >`` and nothing else, so no mention or link forms."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip(text: str, limit: int) -> str:
    """At most ``limit`` characters, on one line, with ``…`` where something is left out."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def lines(text: str, limit: int, *, most: int) -> str:
    """The same on the lines it was written on, ``most`` of them, without empty ones."""
    kept = [line for line in map(" ".join, map(str.split, text.splitlines())) if line]
    shown = "\n".join(kept[:most])
    if len(shown) <= limit and len(kept) <= most:
        return shown
    return shown[: limit - 1].rstrip() + "…"


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

    Links become ``label (address)``, mentions ``@name`` where ``names`` knows the user, names of
    emoji the emoji; those of the workspace's own stay names. Emphasis is left out where it is
    clear that it is emphasis. Lists and quotes stay as Slack writes them, with ``•`` and ``>``.
    """
    text = _without_marks(text)
    made = []
    end = 0
    for match in _TOKEN.finditer(text):
        made.append(unescape(pictured(text[end : match.start()])))
        made.append(_token(match.group(1), names or {}))
        end = match.end()
    made.append(unescape(pictured(text[end:])))
    return "".join(made)


def _without_marks(text: str) -> str:
    def inner(match: re.Match[str]) -> str:
        if match.lastgroup is None:  # a link or a mention, in which nothing is a mark
            return match[0]
        words = match[match.lastgroup]
        return words if match.lastgroup in ("block", "code") else _without_marks(words)

    return _MARKED.sub(inner, text)


def pictured(text: str) -> str:
    """Typed words with emoji in the place of their names; nothing else in them is notation."""
    return _EMOJI.sub(_emoji, text)


def _emoji(match: re.Match[str]) -> str:
    name, tone = match[1], match[2]
    if flag := _FLAG.fullmatch(name):
        return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in flag[1])
    for known in (name, name.replace("-", "_")):
        found = emoji.emojize(f":{known}:", language="alias")
        if not found.startswith(":"):
            break
    else:
        return match[0]
    if tone is None:
        return found
    return found[0] + chr(0x1F3FB + int(tone) - 2) + found[1:].removeprefix("\ufe0f")


def calls(text: str) -> bool:
    """Whether a message from Slack begins by calling people of the workspace; no customer is."""
    return _CALLED.match(text) is not None


def whisper(text: str) -> tuple[bool, str]:
    """Whether a message is marked as internal (``!``, ``note:``, ``[메모]``), and its words."""
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
        return label if label else "@" + target[1:].partition("^")[0].replace("subteam", "team")
    plain = target.removeprefix("mailto:").removeprefix("tel:")
    if not bar or not label or label in (target, plain):
        return plain
    return f"{label} ({plain})"


def unescape(text: str) -> str:
    """What was typed, of text that Slack escaped."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
