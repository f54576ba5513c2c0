"""Texts that other help centres and shops export as HTML, in the cells of a table. Pure."""

from __future__ import annotations

import re

from knowledge_base import pages

_BLOCK = re.compile(r"</(?:p|div|ul|ol|li|table|h[1-6]|blockquote)\s*>", re.IGNORECASE)
_LINE = re.compile(r"<br\s*/?>\n?", re.IGNORECASE)
_INLINE = re.compile(r"</(?:b|strong|i|em|u|a|span|font)\s*>", re.IGNORECASE)
# What somebody writes who writes Markdown, and means a tag as it stands there.
_MARKDOWN = re.compile(r"`|\*\*|\]\(|^\s*(?:#{1,6} |\|)", re.MULTILINE)


def to_markdown(text: str) -> str:
    """A text with tags as Markdown, and any other as it is. Whatever looks like Markdown is."""
    blocks = _BLOCK.search(text)
    if _MARKDOWN.search(text) or not (blocks or _LINE.search(text) or _INLINE.search(text)):
        return text
    if not blocks:  # lines are what they are, as well
        text = _LINE.sub("\n", text.replace("\r\n", "\n")).replace("\n", "<br>")
    return re.sub(r"[ \u00a0]+\n", "\n", pages.to_markdown(text, pictures=True))
