"""Fetch a page that somebody named, and nothing inside of this network.

Whoever may name an address could otherwise make this server talk to what only it can reach:
databases, cloud metadata, the console of a router. So the name is looked up once, every address
it has is checked, and the connection goes to the address that was checked: a name that answers
differently a moment later changes nothing. Redirects are new fetches with the same checks.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

import certifi
import httpcore

from knowledge_base.pages import joined

REDIRECTS = 5
TIMEOUT_S = 15.0
MAX_PAGE = 5 * 1024 * 1024
_AGENT = "Sangdam-Import/1.0"
# IPv6 ranges that carry an IPv4 address somewhere inside, which is where they lead.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# No part of the internet, though some versions of the library take all or some of it for one:
# protocols of the network itself, relays to IPv6, examples, and sites' own addresses of old.
_INSIDE = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "fec0::/10"))
)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Sequence[str]]


class Unfetchable(Exception):
    """A page that may not or could not be fetched; its text says why and may be shown."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came, and from where after redirects."""

    url: str
    media_type: str
    charset: str
    content: bytes


def is_public(address: str) -> bool:
    """Whether an IP address is somewhere on the internet, and not in here."""
    try:
        found: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        # IPv4-compatible addresses (::10.0.0.1) are no global ones.
    if any(found in network for network in _INSIDE):
        return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def resolve(host: str, port: int) -> Sequence[str]:
    """All addresses of a name, as the system looks them up."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class _Timed(httpcore.NetworkStream):
    """A connection on which nothing goes on longer than its page may take.

    The timeout of a read begins anew with every byte, of which a server can send one now and then.
    """

    def __init__(self, inner: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._inner = inner
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._left())
        return _Timed(inner, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Checked(httpcore.NetworkBackend):
    """Connects to nothing but addresses that were checked, until ``deadline``."""

    def __init__(self, look_up: Resolve, allowed: Callable[[str], bool]) -> None:
        self._look_up = look_up
        self._allowed = allowed
        self._inner = httpcore.SyncBackend()
        self.deadline = 0.0

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Unfetchable("the page took too long")
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            addresses = self._look_up(host, port)
        except (OSError, UnicodeError):
            raise Unfetchable("the name of the server is not known") from None
        if not addresses or not all(map(self._allowed, addresses)):
            raise Unfetchable("the address is inside of a private network")
        last: Exception = httpcore.ConnectError()
        for address in addresses:  # a machine without IPv6 gets such addresses all the same
            try:
                connection = self._inner.connect_tcp(
                    address, port, timeout=self._left(), socket_options=socket_options
                )
                return _Timed(connection, self._left)
            except httpcore.ConnectError as error:
                last = error
        raise last

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise Unfetchable("only http and https are fetched")


class Fetcher:
    """Fetches pages; ``look_up`` and ``allowed`` are how names become addresses that may be used.

    Use it in a ``with`` block, in one thread; it keeps connections open between pages of one
    server.
    """

    def __init__(
        self, *, look_up: Resolve = resolve, allowed: Callable[[str], bool] = is_public
    ) -> None:
        context = ssl.create_default_context(cafile=certifi.where())
        self._network = _Checked(look_up, allowed)
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, network_backend=self._network, max_connections=4
        )

    def __enter__(self) -> Fetcher:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.close()

    def get(self, url: str, *, limit: int = MAX_PAGE, timeout_s: float = TIMEOUT_S) -> Page:
        """One page, within ``timeout_s`` seconds and ``limit`` bytes for all of its redirects.

        Raises :class:`Unfetchable`.
        """
        self._network.deadline = time.monotonic() + timeout_s
        for _ in range(REDIRECTS + 1):
            found = self._once(url, limit)
            if isinstance(found, Page):
                return found
            url = found
        raise Unfetchable(f"it redirects more than {REDIRECTS} times")

    def _once(self, url: str, limit: int) -> Page | str:
        target = _target(url)
        headers: list[tuple[bytes | str, bytes | str]] = [
            ("Host", target.netloc),
            ("User-Agent", _AGENT),
            ("Accept", "text/html, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1"),
            # What is compressed could unpack to anything.
            ("Accept-Encoding", "identity"),
        ]
        try:
            with self._pool.stream("GET", target.geturl(), headers=headers) as answer:
                given = {
                    name.decode("latin-1").lower(): value.decode("latin-1")
                    for name, value in answer.headers
                }
                if answer.status in (301, 302, 303, 307, 308) and "location" in given:
                    return joined(url, given["location"])
                if answer.status != 200:
                    raise Unfetchable(f"the server answered {answer.status}")
                if given.get("content-encoding", "identity") != "identity":
                    raise Unfetchable("the server sent a compressed page that was not asked for")
                content = _whole(answer.iter_stream(), limit)
        except httpcore.TimeoutException:
            raise Unfetchable("the page took too long") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unfetchable(f"the server could not be reached: {type(error).__name__}") from None
        except (httpcore.UnsupportedProtocol, ssl.SSLError, UnicodeError, ValueError):
            raise Unfetchable("the address cannot be used") from None
        kind, _, rest = given.get("content-type", "").partition(";")
        charset = rest.partition("charset=")[2].strip(" \"'").lower()
        return Page(url, kind.strip().lower(), charset, content)


def _target(url: str) -> SplitResult:
    """The parts of an address that may be fetched, with an encoded path."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise Unfetchable("the address cannot be used") from None
    if parts.scheme not in ("http", "https"):
        raise Unfetchable("only http and https are fetched")
    if not parts.hostname or parts.username is not None or parts.password is not None:
        raise Unfetchable("the address cannot be used")
    host = parts.hostname
    if ":" not in host:
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise Unfetchable("the name of the server is not known") from None
    else:
        host = f"[{host}]"
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="=&%/?:@!$'()*+,;~-._")
    netloc = host if port is None else f"{host}:{port}"
    return parts._replace(netloc=netloc, path=path, query=query, fragment="")


def _whole(pieces: Iterable[bytes], limit: int) -> bytes:
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > limit:
            raise Unfetchable(f"the page has more than {limit // 1024 // 1024} MiB")
    return bytes(found)
