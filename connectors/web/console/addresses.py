"""Addresses in what people wrote, as links."""

from __future__ import annotations

from markupsafe import Markup

from knowledge_base import addresses

_REL = 'rel="noopener noreferrer nofollow"'
_AWAY = Markup('<a href="{0}" target="_blank" ' + _REL + ">{1}</a>")
_MAIL = Markup('<a href="{0}" ' + _REL + ">{1}</a>")


def linked(text: str) -> Markup:
    """The text, escaped, with its web addresses as links that open in a new tab, and its mail
    addresses as links, too."""
    parts = [_piece(said, address) for said, address in addresses.split(text)]
    return Markup("").join(parts)


def _piece(said: str, address: str) -> Markup:
    if not address:
        return Markup.escape(said)
    return (_MAIL if address.startswith("mailto:") else _AWAY).format(address, said)
