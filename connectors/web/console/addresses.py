"""Addresses in what people wrote, as links: found as the widget finds them (``widget/look.js``)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from markupsafe import Markup

# An address ends where Hangul begins, too: "https://a.kr에서".
_ADDRESS = re.compile(
    r"https?://[^\s\ufeff<>\"'`\u3000-\u9fff\uac00-\ud7af\uff00-\uffef]+", re.IGNORECASE
)
_AWAY = Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>')


def linked(text: str) -> Markup:
    """The text, escaped, with its http(s) addresses as links that open in a new tab."""
    parts: list[Markup] = []
    at = 0
    for found in _ADDRESS.finditer(text):
        address = _bare(found[0])
        if not _leads_somewhere(address):
            continue
        parts += [Markup.escape(text[at : found.start()]), _AWAY.format(address)]
        at = found.start() + len(address)
    return Markup("").join([*parts, Markup.escape(text[at:])])


def _bare(address: str) -> str:
    """Without the punctuation of the sentence, and without a bracket that opened before it."""
    address = address.rstrip(".,;:!?*_~")
    while address.endswith(")") and address.count(")") > address.count("("):
        address = address[:-1]
    return address


def _leads_somewhere(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:  # there is no such port
        return False
