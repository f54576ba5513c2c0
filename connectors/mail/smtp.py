"""The mail server: where it is, and one message handed over. Errors sorted, no retry of its own."""

from __future__ import annotations

import dataclasses
import ssl
from collections.abc import Awaitable
from email.message import EmailMessage
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import aiosmtplib

from connectors.channel import DeliveryFailed

T = TypeVar("T")
TIMEOUT_S = 6.0
# Where a password may go without encryption: nowhere but to this machine.
_HERE = ("localhost", "127.0.0.1", "::1")
_PORTS = {"smtp": 587, "smtps": 465}


@dataclasses.dataclass(frozen=True, slots=True)
class Server:
    """A mail server, from ``smtp://user:password@host:port`` or ``smtps://…``."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)

    @classmethod
    def of(cls, url: str) -> Server:
        """Raises ``ValueError`` for what is no such address, without naming it."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("a mail server is smtp://user:password@host:587 or smtps://…:465")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            tls=parts.scheme == "smtps",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    def _client(self) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.tls,
            # None: as soon as the server offers it. A password waits for it, except at home.
            start_tls=True if self._needs_tls() else None,
            timeout=TIMEOUT_S,
        )

    def _needs_tls(self) -> bool:
        return not self.tls and self.password is not None and self.host not in _HERE

    async def send(self, message: EmailMessage) -> None:
        """Hand a message over. Raises :class:`DeliveryFailed`, which never names the address."""

        async def handed() -> None:
            async with self._client() as client:
                await client.send_message(message)

        await _sorted(handed())

    async def greet(self) -> None:
        """Connect, encrypt and sign in as for a message, and leave. Raises the same."""

        async def greeted() -> None:
            async with self._client() as client:
                await client.noop()

        await _sorted(greeted())


async def _sorted(call: Awaitable[T]) -> T:
    try:
        return await call
    except aiosmtplib.SMTPAuthenticationError as error:
        raise DeliveryFailed(f"the mail server refused user or password ({error.code})") from None
    except aiosmtplib.SMTPRecipientsRefused as error:
        codes = sorted({one.code for one in error.recipients})
        permanent = bool(codes) and all(code >= 500 for code in codes)
        raise DeliveryFailed(
            f"the mail server refused the address ({codes})", permanent=permanent
        ) from None
    except aiosmtplib.SMTPResponseException as error:
        raise DeliveryFailed(
            f"the mail server answered {error.code}", permanent=error.code >= 500
        ) from None
    except ssl.SSLError as error:
        raise DeliveryFailed(f"no encryption with the mail server: {error.reason}") from None
    except (aiosmtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(f"the mail server: {type(error).__name__}") from None
