"""``sangdam doctor mail``: is there a mail server, and does it let us in? Nothing is sent."""

from __future__ import annotations

import asyncio
from email.utils import parseaddr

from connectors.channel import DeliveryFailed
from connectors.doctor import Finding, finding
from connectors.mail.smtp import Server
from connectors.settings import Settings


def examine(settings: Settings, *, database_url: str) -> list[Finding]:
    """Look at it; never raises for what it finds."""
    if not settings.smtp_url:
        return [finding("mail", False, "SANGDAM_SMTP_URL is empty: no codes are mailed")]
    server = Server.of(settings.smtp_url)
    place = f"{server.host}:{server.port}"
    try:
        asyncio.run(server.greet())
    except DeliveryFailed as error:
        return [finding("mail server", False, f"{place}: {error}")]
    how = "signed in" if server.user else "needs no user"
    sender = parseaddr(settings.smtp_from)[1]
    return [
        finding("mail server", True, f"{place}, {how}"),
        finding("sender", True, f"mail comes from {sender}; its domain's SPF has to allow {place}"),
    ]
