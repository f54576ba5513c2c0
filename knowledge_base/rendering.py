"""Markdown to safe HTML, and to plain text for chats that show no markup."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, list_block
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline, emphasis, strikethrough
from markdown_it.token import Token

from knowledge_base import addresses
from knowledge_base.pictures import USED
from knowledge_base.text import has_hangul

_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "img",
    "li", "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start"},
    "td": {"align"},
    "th": {"align"},
}
_IDS = {f"h{level}": {"id"} for level in range(1, 7)}
# Where the text goes on in a new line, as whoever wrote it saw it, customers see a new line, too.
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
_markdown.enable(["table", "strikethrough"])
# What is indented was indented to look so, in Word or 한글; code has lines of ``` around it.
_markdown.disable("code")
# What a link may lead to. Scripts, data and files are none of these.
_SCHEMES = ("https://", "http://", "mailto:", "tel:")
# Other articles, as an article may name them.
_ARTICLE = re.compile(r"/help/[^\s/\\]+")
# The first numbers of a date as Korean has it: "2026. 3. 1.", "2026. 3월", "10. 1.(수)".
_DATE = re.compile(r"(?:19|20)\d\d\.|\d{1,4}\.[ \t]+\d{1,2}\.(?!\d)")
_GAP = re.compile(r"\s+")


def _emphasis(state: StateInline, silent: bool) -> bool:
    """Stars are marks also between a sign and a Korean letter: ``**50%**가``, ``그는**(주)**를``.

    By CommonMark they are not, as if the particle were another word (commonmark-spec #650). And one
    star within a word begins nothing: 10*20*30cm would lose its stars in a chat, and be 102030cm.
    """
    start, known = state.pos, len(state.delimiters)
    if not emphasis.tokenize(state, silent):
        return False
    before = state.src[start - 1] if start else " "
    after = state.src[state.pos] if state.pos < state.posMax else " "
    for mark in state.delimiters[known:] if state.src[start] == "*" else ():
        mark.close = mark.close or (has_hangul(after) and not before.isspace())
        mark.open = mark.open or (has_hangul(before) and not after.isspace())
    if len(state.delimiters) == known + 1 and before.isalnum() and after.isalnum():
        mark = state.delimiters[-1]
        mark.open = False
        begun = any(one.open and one.length == 1 for one in state.delimiters[:known])
        mark.close = mark.close and begun and not (before + after).isdecimal()
    return True


def _strikethrough(state: StateInline, silent: bool) -> bool:
    """Waves between numbers are from one to the other: 3~~5일."""
    start, known = state.pos, len(state.delimiters)
    if not strikethrough.tokenize(state, silent):
        return False
    around = state.src[start - 1 : start] + state.src[state.pos : state.pos + 1]
    for mark in state.delimiters[known:] if start and len(around) == 2 else ():
        mark.open = mark.open and not around.isdecimal()
    return True


_markdown.inline.ruler.at("emphasis", _emphasis)
_markdown.inline.ruler.at("strikethrough", _strikethrough)


def _list(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """A date begins no list: "2026. 3. 1.부터" would be the 2026th item, and in a chat not even
    that."""
    line = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]]
    return _DATE.match(line) is None and list_block(state, first, end, silent)


_markdown.block.ruler.at("list", _list, {"alt": ["paragraph", "reference", "blockquote"]})


def _link_addresses(state: StateCore) -> None:
    """What is written as an address is a link, outside of links and code; a link that leads nowhere
    is words."""
    for token in state.tokens:
        if token.type != "inline" or not token.children:
            continue
        made: list[Token] = []
        target: str | None = None  # of the link that is open
        for child in token.children:
            if child.type == "link_open":
                target = _target(str(child.attrGet("href") or ""))
                child.attrSet("href", target)
            if child.type == "text" and target is None:
                made += _with_links(child)
            elif target != "" or child.type not in ("link_open", "link_close"):
                made.append(child)
            if child.type == "link_close":
                target = None
        token.children = made


def _target(address: str) -> str:
    """Where a link leads: also ``[words](www.naver.com)`` and ``[words](help@a.kr)``, as who is no
    programmer writes them. Empty where it may not lead."""
    if address.lower().startswith(_SCHEMES) or _ARTICLE.fullmatch(address):
        return address
    found = [one for _, one in addresses.split(address)]
    return _markdown.normalizeLink(found[0]) if len(found) == 1 and found[0] else ""


def _with_links(text: Token) -> list[Token]:
    made: list[Token] = []
    for said, address in addresses.split(text.content):
        words = Token("text", "", 0, content=said, level=text.level)
        target = _markdown.normalizeLink(address) if address else ""
        if target and _markdown.validateLink(target):
            opening = Token("link_open", "a", 1, {"href": target}, markup="linkify", info="auto")
            made += [opening, words, Token("link_close", "a", -1, markup="linkify", info="auto")]
        else:
            made.append(words)
    return made


_markdown.core.ruler.push("addresses", _link_addresses)


def _picture(
    renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: Any, env: Any
) -> str:
    """Our own pictures are shown; one from elsewhere would tell its owner who reads what, so it
    becomes a link, or words where it is not even that."""
    token = tokens[idx]
    source, words = str(token.attrGet("src") or ""), token.content
    if USED.fullmatch(source):
        title = token.attrGet("title")
        more = f' title="{escapeHtml(str(title))}"' if title else ""
        return f'<img src="{escapeHtml(source)}" alt="{escapeHtml(words)}"{more} loading="lazy">'
    if source.lower().startswith(("https://", "http://")):
        return f'<a href="{escapeHtml(source)}">{escapeHtml(words or source)}</a>'
    return escapeHtml(words)


_markdown.add_render_rule("image", _picture)


def _attribute(tag: str, name: str, value: str) -> str | None:
    # nh3 checks schemes, but lets relative addresses through; from an article they lead nowhere
    # good: on the customer's page they would be resolved against the shop's own site.
    if (tag, name) == ("img", "src") and not USED.fullmatch(value):
        return None
    away = value.lower().startswith(_SCHEMES)
    if (tag, name) == ("a", "href") and not (away or _ARTICLE.fullmatch(value)):
        return None
    return value


def parse(markdown: str) -> list[Token]:
    """A text as articles are read, see markdown-it's documentation."""
    return _markdown.parse(markdown)


def anchor(number: int) -> str:
    """The id of the ``number``-th heading of an article, counted from 1, on its page."""
    return f"s{number}"


def to_html(markdown: str, *, anchors: bool = False) -> str:
    """HTML that cannot run anything, link anywhere but to web, mail and telephone addresses and
    other articles, or load anything but our own pictures. Raw HTML in the Markdown is shown as
    text. With ``anchors`` it is for a page that shows one article: headings have the ids that
    :func:`anchor` gives, and none is of the first level, which the article's title is."""
    tokens = parse(markdown)
    if anchors:
        for token in tokens:
            token.tag = "h2" if token.tag == "h1" else token.tag
        opened = (token for token in tokens if token.type == "heading_open" and token.level == 0)
        for number, token in enumerate(opened, start=1):
            token.attrSet("id", anchor(number))
    html: str = _markdown.renderer.render(tokens, _markdown.options, {})
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES | (_IDS if anchors else {}),
        attribute_filter=_attribute,
        url_schemes={"https", "http", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    )


@lru_cache(maxsize=20_000)
def to_plain(markdown: str, *, pictures: bool = False) -> str:
    """Text without markup: lines as they are written, paragraphs with an empty line between, list
    items after ``• ``, ordered ones after their number, table cells joined by `` | ``, a link's
    address after its words when it is another text.

    Struck words are left out, and pictures: what they are called is often a file's name, and
    nothing that was said. With ``pictures`` it stays, to be found.
    """
    return "\n\n".join(block.text for block in blocks(markdown, pictures=pictures))


def linked(markdown: str) -> set[str]:
    """The ids of the articles that a text leads to."""
    inside = [child for token in parse(markdown) for child in token.children or ()]
    addresses = [str(one.attrGet("href")) for one in inside if one.type == "link_open"]
    found = [re.split(r"[?#]", one)[0] for one in addresses if _ARTICLE.fullmatch(one)]
    return {unquote(one.removeprefix("/help/")) for one in found}


@lru_cache(maxsize=20_000)
def has_pictures(markdown: str) -> bool:
    """Whether there is something to see that the plain text leaves out."""
    return "![" in markdown and any(
        child.type == "image" for token in parse(markdown) for child in token.children or ()
    )


class Block:
    """One paragraph, list, table or heading of an article as plain text.

    A heading has the id that :func:`to_html` gives it with ``anchors``.
    """

    __slots__ = ("anchor", "is_table", "text")

    def __init__(self, text: str, *, anchor: str = "", is_table: bool = False) -> None:
        self.text, self.anchor, self.is_table = text, anchor, is_table

    @property
    def is_heading(self) -> bool:
        return bool(self.anchor)


def blocks(markdown: str, *, pictures: bool = False) -> list[Block]:
    """The top-level blocks in order, as plain text, see :func:`to_plain`."""
    found: list[Block] = []
    lines: list[str] = []
    lists: list[int | None] = []  # per open list: the next number, or None for bullets
    marker = ""
    cells: list[str] = []
    in_cell = False
    heading, headings = "", 0
    for token in parse(markdown):
        kind = token.type
        if kind in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrs.get("start", 1)) if kind[0] == "o" else None)
        elif kind in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif kind == "list_item_open":
            number = lists[-1]
            marker = "• " if number is None else f"{number}. "
            if number is not None:
                lists[-1] = number + 1
        elif kind == "list_item_close":
            marker = ""  # of an item without words
        elif kind == "heading_open" and token.level == 0:
            headings += 1
            heading = anchor(headings)
        elif kind in ("td_open", "th_open"):
            in_cell = True
        elif kind in ("td_close", "th_close"):
            in_cell = False
        elif kind == "tr_close":
            if any(cells):
                lines.append(" | ".join(cells))
            cells = []
        elif kind == "inline":
            piece = _inline(token.children or (), pictures=pictures).strip()
            if in_cell:
                cells.append(piece)
            elif piece:
                indent = "  " * (len(lists) - 1) if lists else ""
                lines.append(f"{indent}{marker}{piece}")
                marker = ""
        elif kind in ("fence", "code_block"):
            lines.append(token.content.rstrip())
        if token.level == 0 and token.nesting <= 0:
            if lines:
                table = kind == "table_close"
                found.append(Block("\n".join(lines), anchor=heading, is_table=table))
            lines, heading = [], ""
    return found


def _inline(tokens: Sequence[Token], *, pictures: bool) -> str:
    parts: list[str] = []
    target, since = "", 0
    left_out = False
    struck = 0
    for token in tokens:
        if token.type in ("s_open", "s_close"):
            # What no longer holds would be said as if it did: "5,000원 3,000원".
            struck += token.nesting
            left_out = True
        elif struck:
            continue
        elif token.type in ("text", "code_inline", "html_inline"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "image":
            left_out = left_out or not pictures
            parts.append(token.content if pictures else "")
        elif token.type == "link_open":
            # What was an address without being made a link says where it leads.
            target = "" if token.markup == "linkify" else str(token.attrs.get("href", ""))
            since = len(parts)
        elif token.type == "link_close":
            words = "".join(parts[since:])
            address = target.removeprefix("mailto:").removeprefix("tel:")
            if target.startswith(_SCHEMES) and address not in words:
                parts.append(f" ({address})" if words.strip() else address)
    said = "".join(parts)
    # Where a picture or struck words stood remain neither two spaces nor an empty line.
    return _GAP.sub(lambda gap: "\n" if "\n" in gap[0] else " ", said) if left_out else said
