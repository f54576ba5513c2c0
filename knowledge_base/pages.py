"""A web page as an article: its main text as Markdown, its title, its language. Pure."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from knowledge_base.content import MAX_ID
from knowledge_base.text import language

# What stands around the text of a page, and what is no text.
_SKIPPED = {
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "form", "button",
    "select", "textarea", "nav", "header", "footer", "aside", "dialog", "canvas", "video", "audio",
}  # fmt: skip
_VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr", "area", "col", "embed"}
_BLOCKS = {
    "p", "div", "section", "article", "main", "ul", "ol", "li", "table", "thead", "tbody", "tr",
    "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "figure", "body",
    "figcaption", "details", "summary", "address", "hr",
}  # fmt: skip
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")


def to_row(html: str, url: str) -> dict[str, Any]:
    """What of a page goes into an article; ``body`` is empty where the page has no text."""
    page = _Page(url)
    page.feed(html)
    page.close()
    title = " ".join((page.heading or page.title).split())
    body = page.markdown()
    said = (page.lang or "")[:2].lower()
    return {
        "id": slug(url, title),
        "title": title[:200],
        "locale": said if said in ("ko", "en") else language(f"{title} {body[:500]}", "ko"),
        "body": body,
    }


def slug(url: str, title: str) -> str:
    """An id from the end of the address, else from the title."""
    parts = urlsplit(url)
    path = re.sub(r"\.(?:x?html?|php|aspx?|jsp)$", "", unquote(parts.path).rstrip("/"))
    name = unicodedata.normalize("NFC", path.rpartition("/")[2] or title or parts.netloc)
    if parts.query:
        name += f"-{unquote(parts.query)}"
    return re.sub(r"[^\w.~-]+", "-", name.lower()).strip("-._~")[:MAX_ID].rstrip("-") or "page"


class _Page(HTMLParser):
    """Collects Markdown lines; of everything it does not know it keeps the text."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.url = url
        self.lang = ""
        self.title = ""
        self.heading = ""
        self._open: list[str] = []
        self._skipping: list[str] = []
        self._everything: list[str] = []
        self._main: list[str] = []
        self._text = ""
        self._lists: list[int | None] = []
        self._marker = ""
        self._links: list[str] = []
        self._cells: list[str] | None = None
        self._rows = 0

    def markdown(self) -> str:
        """The text of ``main`` or ``article`` where the page has one, else of all of it."""
        self._end_block()
        lines = self._main if sum(map(len, self._main)) > 40 else self._everything
        text = "\n".join(line.rstrip() for line in lines)
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.lang = given.get("lang", "")
        if tag not in _VOID:
            self._open.append(tag)
        hidden = "hidden" in given or given.get("aria-hidden") == "true"
        if (tag in _SKIPPED or (hidden and tag not in _VOID)) and tag != "body":
            self._skipping.append(tag)
        if self._skipping or "head" in self._open:
            return
        if tag in _BLOCKS:
            self._end_block()
        if tag in ("ul", "ol"):
            self._lists.append(1 if tag == "ol" else None)
        elif tag == "li" and self._lists:
            number = self._lists[-1]
            self._marker = "  " * (len(self._lists) - 1) + (
                "- " if number is None else f"{number}. "
            )
            if number is not None:
                self._lists[-1] = number + 1
        elif tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            self._marker = "#" * max(int(tag[1]), 2) + " "
        elif tag == "blockquote":
            self._marker = "> "
        elif tag == "tr":
            self._cells = []
        elif tag == "table":
            self._rows = 0
        elif tag == "br":
            self._text += "  \n" if self._cells is None else " "
        elif tag == "a":
            address = urljoin(self.url, given.get("href", ""))
            usable = address.startswith(("https://", "mailto:")) and not re.search(
                r"[\s()<>]", address
            )
            self._links.append(address if usable else "")
            self._text += "[" if usable else ""
        elif tag in ("strong", "b"):
            self._mark("**")
        elif tag in ("em", "i"):
            self._mark("*")

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            return
        # What was left open inside of it ends with it.
        while self._open:
            closed = self._open.pop()
            self._close(closed)
            if closed == tag:
                break

    def _close(self, tag: str) -> None:
        if self._skipping:
            if self._skipping[-1] == tag:
                self._skipping.pop()
            return
        if tag == "a" and self._links:
            address = self._links.pop()
            self._text += f"]({address})" if address else ""
        elif tag in ("strong", "b"):
            self._mark("**")
        elif tag in ("em", "i"):
            self._mark("*")
        elif tag in ("td", "th") and self._cells is not None:
            self._cells.append(" ".join(self._text.split()).replace("|", "\\|"))
            self._text = ""
        elif tag == "tr" and self._cells is not None:
            if self._cells:
                self._line("| " + " | ".join(self._cells) + " |")
                if not self._rows:
                    self._line("|" + "---|" * len(self._cells))
                self._rows += 1
            self._cells = None
        elif tag == "h1" and not self.heading:
            # The article has a title of its own, which is not said again in its text.
            self.heading, self._text, self._marker = _plain(self._text), "", ""
        if tag in _BLOCKS and self._cells is None:
            self._end_block()
            if tag in ("ul", "ol") and self._lists:
                self._lists.pop()
            if tag not in ("li", "tr", "tbody", "thead"):
                self._line("")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data
        elif not self._skipping and "head" not in self._open:
            said = _SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", data))
            self._text += said.lstrip() if not self._text else said

    def _mark(self, mark: str) -> None:
        # A mark beside a space is none in Markdown; two that meet around nothing vanish.
        if self._text.endswith(mark):
            self._text = self._text[: -len(mark)]
        elif mark:
            self._text += mark

    def _end_block(self) -> None:
        said, self._text = self._text.strip(), ""
        if said and self._cells is None:
            self._line(self._marker + said)
            self._marker = ""

    def _line(self, line: str) -> None:
        self._everything.append(line)
        if "main" in self._open or "article" in self._open:
            self._main.append(line)


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace("**", "").strip()
