"""What a channel is: one verb, ``send``. What comes in and goes out, without any I/O."""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol


@dataclasses.dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a customer did: wrote ``text`` or pressed the button with ``payload``."""

    external_id: str
    text: str = ""
    payload: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to send to a place outside; ``key`` is the same on every try."""

    key: str
    kind: str
    payload: dict[str, Any]
    attempts: int


class DeliveryFailed(Exception):
    """The platform did not take it.

    ``permanent``: trying again cannot help. ``retry_after``: seconds the platform asks us to wait.
    """

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class Channel(Protocol):
    """A way out to a platform."""

    async def send(self, outgoing: Outgoing) -> dict[str, Any]:
        """Deliver, and return what the platform calls it. Raises :class:`DeliveryFailed`."""
        ...
