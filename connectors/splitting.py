"""Long texts for platforms that take short ones: cut where a reader would."""

from __future__ import annotations

from collections.abc import Callable

import regex

# Where to cut, best first: after a paragraph, a line, a sentence, a word.
_BREAKS = ("\n\n", "\n", ". ", "? ", "! ", "。", " ")
_CHARACTER = regex.compile(r"\X")


def utf16(text: str) -> int:
    """The length of ``text`` in UTF-16 units, as platforms count that were built on them."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int, *, size: Callable[[str], int] = len) -> list[str]:
    """``text`` in pieces of at most ``limit``, in the units that ``size`` counts.

    What a reader sees as one character (an emoji with its skin tone, a letter with its accents)
    stays whole, unless it alone is longer than ``limit``. Whitespace at a cut is dropped.
    """
    pieces = []
    while size(text) > limit:
        head = _head(text, limit, size)
        cut = _best_break(head)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    pieces.append(text.rstrip() if pieces else text)
    return [piece for piece in pieces if piece] or [text]


def _head(text: str, limit: int, size: Callable[[str], int]) -> str:
    """As many characters from the front as fit."""
    used = end = 0
    for match in _CHARACTER.finditer(text):
        used += size(match.group())
        if used > limit:
            break
        end = match.end()
    if end:
        return text[:end]
    while size(text[: end + 1]) <= limit:
        end += 1
    return text[: max(end, 1)]


def _best_break(head: str) -> int:
    """Where to cut in ``head``: not in its first half, where little would be left."""
    for mark in _BREAKS:
        at = head.rfind(mark)
        if at >= len(head) // 2:
            return at + len(mark)
    return len(head)


def shorten(text: str, limit: int, *, size: Callable[[str], int] = len) -> str:
    """``text``, with an ellipsis in the place of what does not fit."""
    if size(text) <= limit:
        return text
    return _head(text, limit - size("…"), size).rstrip() + "…"
