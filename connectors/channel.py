"""What passes between a channel and the desk: what comes in, and why a delivery failed."""

from __future__ import annotations

import dataclasses

from ticketing.attachments import File

# Channels on which what the customer has got can still be changed; on others it is corrected.
CHANGEABLE = {"web"}


@dataclasses.dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a customer did: wrote ``text``, sent ``file`` or pressed the button ``payload``."""

    external_id: str
    text: str = ""
    payload: str | None = None
    file: File | None = None


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
