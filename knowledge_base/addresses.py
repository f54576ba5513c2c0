"""Web and mail addresses as people write them into a text. Pure.

The chat widget has the same rules in ``look.js``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

# A link ends where Hangul begins, which is a particle: "https://a.kr에서", and so do signs of
# East Asia and quotation marks. A word before it is none of it, but of Latin letters.
_FOUND = re.compile(
    r"(?<![a-z0-9@._/:+-])(?:"
    r"(?P<web>(?:https?://(?=[a-z0-9])|www\.(?=[a-z0-9-]{1,63}\.[a-z]))"
    r"[^\s\ufeff<>\"'`\u1100-\u11ff\u2000-\u206f\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]{1,2000})"
    r"|(?P<mail>[a-z0-9][a-z0-9._%+-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24}(?![a-z0-9]))"
    r")",
    re.IGNORECASE,
)
_BEHIND = ".,;:!?*_~|·"
_BRACKETS = {")": "(", "]": "[", "}": "{"}


def split(text: str) -> Iterator[tuple[str, str]]:
    """The text in pieces, each with where it leads; empty for what is no address.

    Signs behind an address, and a bracket that was opened before it, are not of it.
    """
    at = 0
    for found in _FOUND.finditer(text):
        said = found[0] if found["mail"] else _trimmed(found[0])
        address = f"mailto:{said}" if found["mail"] else _web(said)
        if not address:
            continue
        if found.start() > at:
            yield text[at : found.start()], ""
        yield said, address
        at = found.start() + len(said)
    if at < len(text):
        yield text[at:], ""


def _trimmed(said: str) -> str:
    while (last := said[-1]) in _BEHIND or said.count(last) > said.count(_BRACKETS.get(last, last)):
        said = said[:-1]
    return said


def _web(said: str) -> str:
    address = f"https://{said}" if said[:4].lower() == "www." else said
    try:
        parts = urlsplit(address)
        return address if parts.hostname and parts.port != 0 else ""
    except ValueError:  # there is no such port
        return ""
