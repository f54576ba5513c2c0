"""What passes between a channel and the desk: what comes in, what goes out, why it failed."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from ticketing.attachments import File

# Channels on which what the customer has got can still be changed; on others it is corrected.
CHANGEABLE = {"web", "telegram"}


@dataclasses.dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a customer did: wrote ``text``, pressed the button ``payload``, or sent ``files``,
    with words or without."""

    external_id: str
    text: str = ""
    payload: str | None = None
    files: Sequence[File] = ()


async def _forget(sent: Sequence[str]) -> None:
    """Nobody wants to know how far it came."""


@dataclasses.dataclass(frozen=True, slots=True)
class Address:
    """Where a customer is on a channel."""

    channel: str
    account: str
    external_id: str


@dataclasses.dataclass(frozen=True, slots=True)
class Outgoing:
    """A line for a customer, as the history has it.

    ``buttons`` are ``{"title", "payload"}``; ``article`` is what the answer is from, with ``title``
    and ``url``; ``attachments`` what :func:`ticketing.attachments.kept` says of its files.
    ``changes`` names the platform's messages whose words these take the place of, or which are
    ``deleted``. ``again``: an earlier try may have arrived without our knowing. Of a line that is
    several messages there, ``sent`` are those that earlier tries got through; a channel says so
    with ``keep``.
    """

    seq: int
    author: str
    author_name: str
    kind: str
    locale: str
    text: str
    buttons: Sequence[dict[str, Any]] = ()
    article: dict[str, Any] | None = None
    attachments: Sequence[dict[str, Any]] = ()
    changes: Sequence[str] = ()
    deleted: bool = False
    again: bool = False
    sent: Sequence[str] = ()
    keep: Callable[[Sequence[str]], Awaitable[None]] = _forget


class Channel(Protocol):
    """A messenger that has to be told what is said to its customers."""

    async def send(self, address: Address, line: Outgoing) -> Sequence[str]:
        """Show the line at ``address``; what its messages are called there.

        Raises :class:`DeliveryFailed`.
        """


class DeliveryFailed(Exception):
    """The platform did not take it.

    ``permanent``: trying again cannot help. ``retry_after``: seconds the platform asks us to wait.
    ``doubtful``: it may have taken it, and there is no way to ask.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        doubtful: bool = False,
    ) -> None:
        super().__init__(message)
        self.doubtful = doubtful
        self.permanent = permanent
        self.retry_after = retry_after
