"""Files between Slack and us. The bot token goes to Slack's own host of files and nowhere else.

An event names addresses, and whoever can make one up must not learn the token: the address is
checked before anything is asked there, and no redirect to another host is followed.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
from collections.abc import Sequence
from typing import Any

import aiohttp
from yarl import URL

from connectors.channel import DeliveryFailed
from ticketing import attachments
from ticketing.attachments import File
from ticketing.errors import Refused
from ticketing.file_types import clean_name

log = logging.getLogger(__name__)

HOST = URL("https://files.slack.com")
TIMEOUT_S = 30.0
REDIRECTS = 3
# After this many failed tries the words go without the file.
PATIENCE = 3
_ID = re.compile(r"[\w-]{1,60}", re.ASCII)
_PIECE = 65_536


class NotPassed(Exception):
    """A file that cannot be passed on; ``args[0]`` is the name of a reason in ``hints``."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fetched:
    """The files of one message: those we have, and of the others ``(name, reason)``."""

    files: Sequence[File] = ()
    failed: Sequence[tuple[str, str]] = ()


def listed(found: object) -> list[dict[str, Any]]:
    """What a job keeps of a message's files: which they are, what they are called, where. Pure.

    More than one message of ours may have are kept without an address: they only get a reason.
    """
    kept: list[dict[str, Any]] = []
    for entry in found if isinstance(found, list) else []:
        if not isinstance(entry, dict):
            continue
        number, url = entry.get("id"), entry.get("url_private_download") or entry.get("url_private")
        usable = isinstance(number, str) and _ID.fullmatch(number)
        size = entry.get("size")
        kept.append(
            {
                "id": number if usable else "",
                "name": clean_name(_text(entry.get("name") or entry.get("title"))),
                "type": _text(entry.get("mimetype"))[:100],
                "size": size if isinstance(size, int) and 0 <= size < 2**53 else 0,
                "url": _text(url)[:2000] if usable and len(kept) < attachments.A_MESSAGE else "",
            }
        )
    return kept[: 2 * attachments.A_MESSAGE]


def host_of(api_url: str) -> URL:
    """Where files are, for the workspace behind ``api_url``: Slack's, or that of a stand-in."""
    api = URL(api_url)
    inside = api.host is not None and (api.host == "slack.com" or api.host.endswith(".slack.com"))
    return HOST if inside else api.origin()


class Files:
    """Brings files from Slack and takes files there."""

    def __init__(self, *, token: str, api_url: str) -> None:
        self._token = token
        self._host = host_of(api_url)

    async def fetch(self, files: Sequence[dict[str, Any]], *, patient: bool) -> Fetched:
        """Download what a message has. Raises :class:`DeliveryFailed` while ``patient``.

        Whatever cannot be passed on is in the result, with a reason for the one who sent it.
        """
        got: list[File] = []
        failed: list[tuple[str, str]] = []
        for place, file in enumerate(files):
            try:
                if place >= attachments.A_MESSAGE:
                    raise NotPassed("too_many")
                got.append(await self._fetch(file))
            except NotPassed as error:
                failed.append((str(file["name"]), str(error)))
            except DeliveryFailed as error:
                if patient:
                    raise
                log.warning("a file of Slack is given up: %s", error)
                failed.append((str(file["name"]), "not_fetched"))
        return Fetched(got, failed)

    async def _fetch(self, file: dict[str, Any]) -> File:
        if file["size"] > attachments.LIMIT:
            raise NotPassed("too_large")
        content = await self.download(str(file["url"]))
        try:
            return await asyncio.to_thread(attachments.examine, str(file["name"]), content)
        except Refused:
            raise NotPassed("not_accepted") from None

    async def download(self, address: str) -> bytes:
        """The content at an address that Slack told us.

        Raises :class:`NotPassed` for an address elsewhere, for what is too large and for what is
        no file; :class:`DeliveryFailed` when trying again may help.
        """
        url = self._own(address)
        try:
            async with self._session() as http:
                for _ in range(REDIRECTS + 1):
                    async with http.get(
                        url,
                        headers={
                            "Authorization": f"Bearer {self._token}",
                            "Accept-Encoding": "identity",  # its size is the one we count
                        },
                        allow_redirects=False,
                    ) as answer:
                        if answer.status in (301, 302, 303, 307, 308):
                            # Without the right to read files, Slack sends us to its login page.
                            url = self._own(str(url.join(URL(answer.headers["Location"]))))
                            continue
                        return await _content(answer)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise DeliveryFailed(f"a file of Slack: {type(error).__name__}") from None
        except (KeyError, ValueError):  # a redirect to nowhere
            raise NotPassed("not_fetched") from None
        raise NotPassed("not_fetched")

    async def upload(self, address: str, content: bytes) -> None:
        """Take a file to the address that Slack gave us for it; the token is not needed there."""
        try:
            url = self._own(address)
        except NotPassed:
            raise DeliveryFailed("Slack's address for a file is none of its own") from None
        try:
            async with (
                self._session() as http,
                http.post(url, data=content, allow_redirects=False) as answer,
            ):
                if answer.status == 429:
                    raise DeliveryFailed("a file for Slack: 429", retry_after=_wait(answer))
                if answer.status != 200:
                    raise DeliveryFailed(f"a file for Slack: {answer.status}")
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise DeliveryFailed(f"a file for Slack: {type(error).__name__}") from None

    def _own(self, address: str) -> URL:
        """The address, read once by the same reader that connects, if it is on Slack's host."""
        try:
            url = URL(address)
            own = url.is_absolute() and url.origin() == self._host and url.user is None
        except ValueError:
            own = False
        if not own:
            raise NotPassed("elsewhere")
        return url

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S), auto_decompress=False
        )


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status == 429:
        raise DeliveryFailed("a file of Slack: 429", retry_after=_wait(answer))
    if answer.status >= 500:
        raise DeliveryFailed(f"a file of Slack: {answer.status}")
    if answer.status != 200 or answer.content_type == "text/html":
        log.warning("Slack shows a page for a file: has the app the scope files:read?")
        raise NotPassed("not_fetched")
    content = bytearray()
    async for part in answer.content.iter_chunked(_PIECE):
        content += part
        if len(content) > attachments.LIMIT:
            raise NotPassed("too_large")
    return bytes(content)


def _wait(answer: aiohttp.ClientResponse) -> float:
    try:
        return min(300.0, max(1.0, float(answer.headers["Retry-After"])))
    except (KeyError, ValueError):
        return 30.0


def _text(value: object) -> str:
    """As the database can hold it."""
    words = value if isinstance(value, str) else ""
    return words.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
