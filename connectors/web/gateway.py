"""The parts of one running gateway, for the routes that need them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from fastapi import Request
from sqlalchemy import Row

from connectors.desk import Receipt
from connectors.live import Hub
from connectors.rasa import Rasa
from connectors.settings import Settings
from connectors.store import Gathering, Store
from connectors.web.knowledge import Knowledge
from ticketing.inbox import Words
from ticketing.readers import Reader


@dataclasses.dataclass(frozen=True, slots=True)
class Gateway:
    """Everything a request may use. Built once, by the composition root."""

    settings: Settings
    store: Store
    hub: Hub
    rasa: Rasa
    knowledge: Knowledge
    secret: bytes
    public_url: str
    worker_runs: Callable[[], bool]
    # Where a customer goes on elsewhere with a one-time code, which is put behind it, by channel.
    continues: dict[str, str]
    # Plain words of customers in the web, which share transactions.
    receiving: Gathering[Words, Receipt | None]
    # The next lines for open streams, which share looks.
    streaming: Gathering[Reader, Sequence[Row[Any]]]


async def gateway(request: Request) -> Gateway:
    """The gateway this request runs in."""
    found: Gateway = request.app.state.gateway
    return found


def ours(request: Request) -> bool:
    """Whether a page of ours asks, or no page at all.

    Known by the address that was asked, or by the one that customers reach: a proxy in front may
    have another in ``Host``.
    """
    origin = request.headers.get("origin")
    if origin is None or origin.partition("://")[2] == request.headers.get("host"):
        return True
    here: Gateway = request.app.state.gateway
    return origin == "/".join(here.public_url.split("/")[:3]) != ""
