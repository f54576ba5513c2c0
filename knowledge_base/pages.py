"""A web page as an article: its main text as Markdown, its title, its language. Pure.

What somebody copied from a document is such a page, too, without anything around its text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from knowledge_base.content import MAX_BODY, MAX_ID
from knowledge_base.text import language

# What stands around the text of a page, and what is no text.
_SKIPPED = {
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "form", "button",
    "select", "textarea", "nav", "header", "footer", "aside", "dialog", "canvas", "video", "audio",
}  # fmt: skip
# Whoever copies one of these wants it.
_COPIED = {"form", "nav", "header", "footer", "aside", "dialog"}
_VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr", "area", "col", "embed"}
_BLOCKS = {
    "p", "div", "section", "article", "main", "ul", "ol", "li", "table", "thead", "tbody", "tr",
    "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "body",
    "figcaption", "details", "summary", "address", "hr",
}  # fmt: skip
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
# What at the beginning of a line would make a heading, a list or a rule of it.
_BEGINS = re.compile(r"^(?=(?:#{1,6}|[-+])(?:\s|$)|[-=]{3,}\s*$)|^(\d+)(?=[.)]\s)", re.MULTILINE)
# In other help centres' addresses the number is the same in every language, and the name is not.
_NUMBERED = re.compile(r"/articles/(\d+)-[^/]*$")
# What is no text, and a bracket that begins no tag. Patterns that see every letter once.
_COMMENT = re.compile(r"<!--(?:-?>|.*?(?:-->|\Z))|<!\[[^<>]*>?", re.DOTALL)
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_LOOSE = re.compile(r"<(?=[^<>]*(?:<|\Z))")
_MOST_LOOKED_AT = 100_000_000
_DEEPEST = 500
# Smaller ones are signs, and dots that count who reads.
_SMALLEST = 32
_LONGEST_ADDRESS = 2000
_ADDRESS = "/%:@!$&'*+,;=~-._?#"  # what stays in one; brackets would end it in Markdown
# A picture as it is written below, and code, in which what looks like one is none.
_PICTURE = re.compile(
    r"^(?:> )*(`{3,})$.*?^(?:> )*\1$|(!\[(?:\\.|[^\]\\])*\]\()([^()\s<>]+)(?=\))",
    re.DOTALL | re.MULTILINE,
)
_BOLD = re.compile(r"font-weight:(?:bold|[6-9]\d\d)")
_NOT_BOLD = re.compile(r"font-weight:(?:normal|[1-5]\d\d)")
# Word's lists are paragraphs with a number or a sign, which it says are not of the text.
_LIST_LEVEL = re.compile(r"mso-list:.*level(\d)")
_LIST_SIGN = "mso-list:ignore"
_APART = re.compile(r"^((?: {4})*(?:- |\d+\. ).*)\n+(?=(?: {4})*(?:- |\d+\. ))", re.MULTILINE)
_MOST_MERGED = 50
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_LANGUAGE = re.compile(r"(?:^|&)(?:lang|locale|hl)=[^&]*")


def to_row(html: str, url: str) -> dict[str, Any]:
    """What of a page goes into an article; ``body`` is empty where the page has no text."""
    page = _Page(url)
    page.feed(_tamed(html))
    page.close()
    said = (page.heading, page.said_above, page.shared, page.title)
    title = " ".join(next((one for one in said if one.strip()), "").split())
    body = page.markdown()
    lang = (page.lang or "")[:2].lower()
    return {
        "id": slug(url, title),
        "title": title[:200],
        "locale": lang if lang in ("ko", "en") else language(f"{title} {body[:500]}", "ko"),
        "body": body,
    }


def to_markdown(html: str, *, pictures: bool = False) -> str:
    """All of what was copied from a document or a page. Pictures stay behind, if not wanted: they
    are on the machine of whoever copied them, or elsewhere, where articles show none."""
    page = _Page("", copied=True, pictures=pictures)
    page.feed(_tamed(html))
    page.close()
    return _APART.sub(r"\1\n", page.markdown())


def with_pictures(body: str, address: Callable[[str], str]) -> str:
    """The body with what ``address`` says instead of each picture's address."""
    return _PICTURE.sub(lambda found: found[0] if found[1] else found[2] + address(found[3]), body)


def slug(url: str, title: str) -> str:
    """An id from the end of the address, else from the title."""
    parts = urlsplit(url)
    if numbered := _NUMBERED.search(parts.path):
        return numbered[1][:MAX_ID]
    path = re.sub(r"\.(?:x?html?|php|aspx?|jsp)$", "", unquote(parts.path).rstrip("/"))
    name = unicodedata.normalize("NFC", path.rpartition("/")[2] or title or parts.netloc)
    if query := _LANGUAGE.sub("", parts.query).lstrip("&"):
        name += f"-{unquote(query)}"
    return re.sub(r"[^\w.~-]+", "-", name.lower()).strip("-._~")[:MAX_ID].rstrip("-") or "page"


def _tamed(html: str) -> str:
    """A page without what the parser would look for to the end of it, again and again.

    With a megabyte of tags that are never closed it is busy for hours, in a way that stops all of
    its process. Where there is little of that, as in ``title="a < b"``, it is left.
    """
    html = _SCRIPT.sub("", _COMMENT.sub("", html))
    loose = sum(1 for _ in _LOOSE.finditer(html))
    return _LOOSE.sub("&lt;", html) if loose * len(html) > _MOST_LOOKED_AT else html


class _Page(HTMLParser):
    """Collects Markdown lines; of everything it does not know it keeps the text."""

    def __init__(self, url: str, *, copied: bool = False, pictures: bool = True) -> None:
        super().__init__(convert_charrefs=True)
        self.url = url
        self.copied = copied
        self._pictures = pictures
        self._skipped = _SKIPPED - _COPIED if copied else _SKIPPED
        self.lang = ""
        self.title = ""
        self.heading = ""
        self.said_above = ""  # by a heading over the text, which stands in a header of its own
        self.shared = ""  # what it wants to be called elsewhere, without the site's name
        self._open: list[str] = []
        self._dressed: list[str] = []  # the mark that each open tag puts around its text
        self._marks: list[str] = []  # those that are written and not closed yet
        self._skipping: list[str] = []
        self._everything: list[str] = []
        self._main: list[str] = []
        self._text = ""
        self._lists: list[int | None] = []
        self._marker = ""
        self._links: list[str] = []
        self._cells: list[str] | None = None
        self._span = (1, 1)  # the columns and rows of the cell
        self._down: dict[int, tuple[int, str]] = {}  # by column, what goes on in so many rows
        self._rows = 0
        self._level = 1
        self._sign: str | None = None  # the number or sign of a list, while it is read

    def markdown(self) -> str:
        """The text of ``main`` or ``article`` where the page has one, else of all of it."""
        self._end_block()
        main = not self.copied and sum(map(len, self._main)) > 40
        lines = self._main if main else self._everything
        text = "\n".join(line.rstrip() for line in lines)
        text = re.sub(r"^(?:>[> ]*\n)+(?!>)", "\n", text, flags=re.MULTILINE)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag in _BLOCKS and not self._skipping and "head" not in self._open:
            self._end_block()  # of what stood before, which is not inside of this
            if tag == "p" and self._open and self._open[-1] == "p":  # it was never closed
                self._line("")
        style = re.sub(r"\s", "", given.get("style", "")).lower()
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(tag)
            self._dressed.append(_mark(tag, style))
        hidden = "hidden" in given or given.get("aria-hidden") == "true"
        if (tag in self._skipped or (hidden and tag not in _VOID)) and tag != "body":
            self._skipping.append(tag)
        if tag == "meta" and given.get("property") == "og:title":
            self.shared = given.get("content", "")
        if self._skipping or "head" in self._open:
            return
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li" and self._lists:
            number = self._lists[-1]
            self._marker = "    " * (len(self._lists) - 1) + (
                "- " if number is None else f"{number}. "
            )
            if number is not None:
                self._lists[-1] = number + 1
        elif tag in _HEADINGS:
            self._marker = "#" * max(int(tag[1]), 2) + " "
        elif tag == "tr":
            self._cells = []
        elif tag in ("td", "th"):
            self._span = (_count(given.get("colspan")), _count(given.get("rowspan")))
        elif tag == "table":
            self._rows, self._down = 0, {}
        elif level := _LIST_LEVEL.search(style):
            self._level = int(level[1])
        elif _LIST_SIGN in style:
            self._sign = ""
        elif tag == "br":
            self._text += " " if self._cells is not None else "\n" if self._code() else "  \n"
        elif tag == "a":
            address = joined(self.url, given.get("href", ""))
            usable = address.startswith(("https://", "http://", "mailto:", "tel:")) and not (
                self._code() or re.search(r"[\s()<>]", address)
            )
            self._links.append(address if usable else "")
            self._dress([])
            self._text += "[" if usable else ""
        elif tag == "img" and self._pictures:
            self._picture(given)

    def _picture(self, given: Mapping[str, str]) -> None:
        sources = [given.get(name, "") for name in ("src", "data-src", "data-original")]
        source = next((one for one in sources if one and not one.startswith("data:")), "")
        address = joined(self.url, source.strip())
        sizes = [given.get(side, "").removesuffix("px") for side in ("width", "height")]
        small = any(size.isdecimal() and int(size) <= _SMALLEST for size in sizes)
        hidden = "hidden" in given or given.get("aria-hidden") == "true"
        heading = {*self._open} & _HEADINGS
        if not source or small or hidden or heading or self._code():
            return
        if not address.startswith(("http://", "https://")) or len(address) > _LONGEST_ADDRESS:
            return
        said = _SPECIAL.sub(r"\\\1", " ".join(given.get("alt", "").split())[:200])
        self._text += f"![{said}]({quote(address, safe=_ADDRESS)})"

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        # What was left open inside of it ends with it.
        while self._open:
            closed = self._open[-1]
            self._close(closed)
            self._open.pop()
            self._dressed.pop()
            if closed == tag:
                break

    def _close(self, tag: str) -> None:
        if self._skipping:
            if self._skipping[-1] == tag:
                self._skipping.pop()
            return
        if tag == "a" and self._links:
            address = self._links.pop()
            self._dress([])
            self._text += f"]({address})" if address else ""
        elif tag in ("td", "th") and self._cells is not None:
            self._dress([])
            self._cell(self._cells, " ".join(self._text.split()).replace("|", "\\|"))
            self._text = ""
        elif tag == "tr" and self._cells is not None:
            self._go_on(self._cells)
            if self._cells:
                self._line("| " + " | ".join(self._cells) + " |")
                if not self._rows:
                    self._line("|" + "---|" * len(self._cells))
                self._rows += 1
            self._cells = None
        elif tag == "span" and self._sign is not None:
            self._list_item(self._sign)
            self._sign = None
        elif tag == "h1" and not self.heading and not self.copied:
            # The article has a title of its own, which is not said again in its text.
            self.heading, self._text, self._marker = _plain(self._text), "", ""
        if tag in _BLOCKS and self._cells is not None:
            self._text += " "  # paragraphs of one cell
        elif tag in _BLOCKS:
            self._end_block()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            if tag not in ("li", "tr", "tbody", "thead"):
                self._line("")

    def handle_data(self, data: str) -> None:
        if len(self._text) > MAX_BODY:  # which is refused in the end
            return
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data
        elif "h1" in self._open and {*self._skipping} == {"header"} and self._inside():
            self.said_above += data
        elif self._skipping or "head" in self._open:
            return
        elif self._code():
            self._text += data
        elif self._sign is not None:
            self._sign += data
        else:
            said = _SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", data))
            if said.strip():
                wanted = [] if {*self._open} & _HEADINGS else self._dressed
                said = self._dress([one for one in dict.fromkeys(wanted) if one], said)
            self._text += said.lstrip() if not self._text else said

    def _dress(self, wanted: list[str], said: str = "") -> str:
        """Close and open marks so that these are open; what is said next, which they begin.

        Only where a word is said, because a mark beside a space is none in Markdown.
        """
        same = 0
        while same < min(len(wanted), len(self._marks)) and wanted[same] == self._marks[same]:
            same += 1
        if closing := self._marks[same:]:
            text = self._text.rstrip()
            self._text = text + "".join(reversed(closing)) + self._text[len(text) :]
        self._marks = wanted
        if not (opening := wanted[same:]):
            return said
        words = said.lstrip()
        return said[: len(said) - len(words)] + "".join(opening) + words

    def _cell(self, cells: list[str], text: str) -> None:
        """One cell, which may be merged with those beside it and below it."""
        self._go_on(cells)
        wide, high = self._span
        for column in range(len(cells), len(cells) + wide):
            if high > 1:
                self._down[column] = (high - 1, text)
            cells.append(text)
            text = ""

    def _go_on(self, cells: list[str]) -> None:
        """Cells that began in a row above say the same in this one."""
        while going_on := self._down.pop(len(cells), None):
            rows, text = going_on
            if rows > 1:
                self._down[len(cells)] = (rows - 1, text)
            cells.append(text)

    def _list_item(self, sign: str) -> None:
        number = re.match(r"\s*(\d+)[.)]", sign)
        self._marker = "    " * (self._level - 1) + (f"{number[1]}. " if number else "- ")

    def _end_block(self) -> None:
        if self._cells is not None:  # a paragraph of a cell, which ends with it
            return
        code = self._code()
        self._dress([])
        said, self._text = self._text.strip("\n" if code else None), ""
        if not said.strip():
            return
        if code:
            fence = max(re.findall("`{3,}", said), default="``", key=len) + "`"
            for line in (fence, *said.split("\n"), fence):
                self._line(line)
            return
        said = _BEGINS.sub(lambda found: f"{found[1] or ''}\\", said)
        self._line(self._marker + said)
        self._marker = ""

    def _line(self, line: str) -> None:
        quoted = "> " * self._open.count("blockquote")
        line = quoted + line.replace("\n", f"\n{quoted}")
        self._everything.append(line)
        if self._inside():
            self._main.append(line)

    def _code(self) -> bool:
        return "pre" in self._open and self._cells is None

    def _inside(self) -> bool:
        return "main" in self._open or "article" in self._open


def joined(base: str, address: str) -> str:
    """Where an address on a page leads; empty for what is none, as ``http://[``."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _mark(tag: str, style: str) -> str:
    """What is around the text of a tag; editors say in its style what it is not, or is."""
    if tag in ("em", "i"):
        return "*"
    bold = tag in ("strong", "b") and not _NOT_BOLD.search(style)
    return "**" if bold or (tag == "span" and _BOLD.search(style)) else ""


def _count(said: str | None) -> int:
    # Thousands of digits are no number to Python, and four are many columns.
    return min(max(int(said[:4]), 1), _MOST_MERGED) if said and said.isdecimal() else 1


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace("**", "").strip()
