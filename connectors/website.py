"""Articles from the web: one page, or all pages of a sitemap."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

from connectors.fetching import MAX_PAGE, Fetcher, Page, Unfetchable
from connectors.page_pictures import PagePictures
from knowledge_base import exporting
from knowledge_base.content import MAX_ID, Content, check
from knowledge_base.errors import Invalid
from knowledge_base.pages import joined, to_row
from knowledge_base.reading import Row

PAGES = 500
SITEMAPS = 20
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_HTML = ("text/html", "application/xhtml+xml")

Progress = Callable[[int, int], None]


def is_address(text: str) -> bool:
    """Whether this is an address on the web rather than a path."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text.strip()) is not None


def read(
    url: str,
    *,
    fetcher: Fetcher,
    folder: Path,
    progress: Progress = lambda done, total: None,
) -> list[Row]:
    """The page at ``url``, or the pages of the sitemap there; each that fails with its reason.

    Their pictures are written into ``folder``, which the rows need until they are imported.
    Raises :class:`Invalid` if ``url`` itself may not or cannot be fetched, or is neither.
    """
    try:
        first = fetcher.get(url)
        named = _sitemap(first, fetcher)
    except Unfetchable as error:
        raise Invalid("url", str(error)) from None
    shown = PagePictures(fetcher, folder)
    if named is None:
        return [_row(url, first, shown)]
    pages = named[:PAGES]
    rows: list[Row] = []
    for done, address in enumerate(pages):
        progress(done, len(pages))
        try:
            if urlsplit(address).hostname != urlsplit(first.url).hostname:
                raise Unfetchable("is on another server than the sitemap")
            rows.append(_row(address, fetcher.get(address), shown))
        except Unfetchable as error:
            rows.append(Row(address, problem=str(error)))
    progress(len(pages), len(pages))
    if len(named) > PAGES:
        rows.append(Row(url, problem=f"names {len(named):,} pages; the first {PAGES} were read"))
    return _apart(rows)


def _apart(rows: Sequence[Row]) -> list[Row]:
    """The same rows with ids of their own: addresses that end alike would be one article."""
    seen: Counter[tuple[str, str]] = Counter()
    made = []
    for row in rows:
        values = dict(row.values)
        key = (values.get("id", ""), values.get("locale", ""))
        seen[key] += 1
        if seen[key] > 1:
            values["id"] = f"{key[0][: MAX_ID - 5]}-{seen[key]}"
        made.append(replace(row, values=values))
    return made


def packed(rows: Iterable[Row]) -> bytes:
    """What was read as a zip file, as :mod:`knowledge_base.reading` takes it."""
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        files: dict[str, Path] = {}
        for number, row in enumerate(rows, start=1):
            content = Content(questions=(), tags=(), **row.values)
            # Numbered, because an id may be longer than the name of a file.
            name = f"{number:03} {content.id[:40]}.md"
            archive.writestr(name, exporting.to_markdown(exporting.Exported(content)))
            files |= row.pictures
        for name, file in files.items():
            archive.write(file, name)
    return made.getvalue()


def _row(url: str, page: Page, pictures: PagePictures) -> Row:
    if page.media_type not in _HTML:
        return Row(url, problem=f"is no web page but {page.media_type[:60] or 'of no kind'}")
    values = to_row(_text(page), page.url)
    if not values["body"]:
        return Row(url, problem="has no text")
    values["body"], shown = pictures.of(values["body"])
    try:
        check(**values)
    except Invalid as error:  # what cannot be an article does not stand in the way of the others
        return Row(url, problem=str(error))
    return Row(url, values, pictures=shown)


def _text(page: Page) -> str:
    named = _CHARSET.search(page.content[:4096])
    declared = named[1].decode("ascii") if named else ""
    for charset in (page.charset, declared, "utf-8", "cp949"):
        # Korean pages that say EUC-KR mean what Windows made of it.
        used = "cp949" if charset.lower() in ("euc-kr", "ks_c_5601-1987", "ksc5601") else charset
        try:
            return page.content.decode(used or "utf-8")
        except (LookupError, UnicodeDecodeError):
            continue
    return page.content.decode("utf-8", "replace")


def _sitemap(page: Page, fetcher: Fetcher) -> list[str] | None:
    """The addresses in a sitemap and in those it names; ``None`` for what is none."""
    found = _locations(page)
    if found is None:
        return None
    nested, addresses = found
    for one in nested[:SITEMAPS]:
        if urlsplit(one).hostname == urlsplit(page.url).hostname:
            inner = _locations(fetcher.get(one))
            addresses += inner[1] if inner else []
    if not addresses:
        raise Unfetchable("the sitemap names no page")
    return list(dict.fromkeys(addresses))


def _locations(page: Page) -> tuple[list[str], list[str]] | None:
    """The sitemaps and the pages that a sitemap names."""
    content = _unpacked(page.content)
    head = content[:2000].lstrip(b"\xef\xbb\xbf \r\n\t")
    if page.media_type in _HTML or not head.startswith(b"<"):
        return None
    # Entities are how a small file becomes a large one; a sitemap has no use for them.
    if b"<!DOCTYPE" in content.upper() or b"<!ENTITY" in content.upper():
        raise Unfetchable("the sitemap declares entities")
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, LookupError, ValueError):
        return None
    kind = root.tag.rpartition("}")[2]
    if kind not in ("sitemapindex", "urlset"):
        return None
    named = [
        address
        for entry in root
        for loc in entry
        if loc.tag.rpartition("}")[2] == "loc" and (said := (loc.text or "").strip())
        if (address := joined(page.url, said))
    ]
    return (named, []) if kind == "sitemapindex" else ([], named)


def _unpacked(content: bytes) -> bytes:
    """What a gzip file holds, as large sitemaps are; anything else as it is.

    Raises :class:`Unfetchable` if it is broken or holds more than a page may: a few kilobytes can
    unpack to gigabytes.
    """
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(BytesIO(content)) as packed:
            made = packed.read(MAX_PAGE + 1)
    except (OSError, EOFError, zlib.error):
        raise Unfetchable("cannot be unpacked") from None
    if len(made) > MAX_PAGE:
        raise Unfetchable(f"unpacks to more than {MAX_PAGE // 2**20} MiB")
    return made
