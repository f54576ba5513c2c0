"""The pictures of pages that are brought in: fetched like the pages, and kept beside them."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

from connectors.fetching import Fetcher, Unfetchable
from connectors.pictures import media_type
from knowledge_base import pages, pictures

EACH = 30  # of one page
TOTAL = 64 * 1024 * 1024  # bytes of one import
TIME_S = 600.0  # of one import: a slow server can take as long for a picture as for a page
# A server that does not answer is asked no more.
FAILURES = 3


class PagePictures:
    """Fetches what pages show into a folder, each picture once for all of them."""

    def __init__(self, fetcher: Fetcher, folder: Path) -> None:
        self._fetcher = fetcher
        self._folder = folder / "pictures"
        self._left = TOTAL
        self._until = time.monotonic() + TIME_S
        self._known: dict[str, Path | None] = {}
        self._failed: Counter[str | None] = Counter()

    def of(self, body: str) -> tuple[str, dict[str, Path]]:
        """A page's body with its pictures beside it, and where they are by that address.

        One that cannot be fetched, is no picture or is too much stays where it is, which the help
        centre shows as a link if that is https, else by its description.
        """
        brought: dict[str, Path] = {}

        def address(source: str) -> str:
            file = self._fetched(source) if len(brought) < EACH else self._known.get(source)
            if file is None:
                return source
            name = f"pictures/{file.name}"
            brought[name] = file
            return name

        return pages.with_pictures(body, address), brought

    def _fetched(self, source: str) -> Path | None:
        if source not in self._known:
            self._known[source] = self._fetch(source)
        return self._known[source]

    def _fetch(self, source: str) -> Path | None:
        host = urlsplit(source).hostname
        if self._failed[host] >= FAILURES or time.monotonic() > self._until:
            return None
        try:
            content = self._fetcher.get(source, limit=min(pictures.LIMIT, self._left)).content
            kind = media_type("picture", content)
        except Unfetchable:
            self._failed[host] += 1
            return None
        except ValueError:
            return None
        self._left -= len(content)
        name = f"{hashlib.sha256(content).hexdigest()[:16]}.{pictures.ENDINGS[kind]}"
        self._folder.mkdir(exist_ok=True)
        file = self._folder / name
        file.write_bytes(content)
        return file
