"""Who opened which article lately, so that a reload is not one more view."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import OrderedDict

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.background import BackgroundTask

from connectors.web.auth import place
from connectors.web.gateway import Gateway
from connectors.web.shelf import Entry
from knowledge_base import views

AGAIN_S = 1800.0
KEPT = 20_000


class Readers:
    """Keyed hashes of reader and article, in memory for half an hour; nothing is lost with them."""

    def __init__(self) -> None:
        self._seen: OrderedDict[bytes, float] = OrderedDict()

    def comes(self, key: bytes) -> bool:
        """Whether this is a view of its own, and not the same reader again."""
        now = time.monotonic()
        last = self._seen.pop(key, None)
        self._seen[key] = now
        while len(self._seen) > KEPT:
            self._seen.popitem(last=False)
        return last is None or now - last > AGAIN_S


def viewed(request: Request, here: Gateway, article: Entry) -> BackgroundTask | None:
    """What counts this view after the page is sent; None if it is none that counts."""
    if not views.is_reader(request.headers):
        return None
    state = request.app.state
    if not hasattr(state, "readers"):
        state.readers = Readers()
    address = place(request)
    who = "\0".join((address, request.headers.get("user-agent", ""), article.id, article.locale))
    known = hashlib.blake2b(who.encode(), key=here.secret[:64], digest_size=16).digest()
    if not state.readers.comes(known):
        return None

    async def count() -> None:
        # The page is there already; a view that cannot be written down is not worth an error.
        with contextlib.suppress(SQLAlchemyError):
            await here.store.run(views.count, id=article.id, locale=article.locale)

    return BackgroundTask(count)
