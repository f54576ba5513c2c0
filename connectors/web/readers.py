"""Who opened which article, or searched for what, lately: a reload is not one more."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from connectors import personal
from connectors.web.auth import Throttle, place
from connectors.web.gateway import Gateway
from connectors.web.problems import Problem
from connectors.web.shelf import Entry
from knowledge_base import misses, views
from ticketing import accesses

AGAIN_S = 1800.0
KEPT = 20_000
SEARCHES = 60  # in vain from one address in an hour; an office may be that address


class Readers:
    """Keyed hashes of a reader and what they read, in memory for half an hour; nothing is lost with
    them."""

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
    if not _anew(request, here, article.id, article.locale):
        return None
    return _counting(here, _count_view, id=article.id, locale=article.locale)


def missed(request: Request, here: Gateway, words: str, locale: str) -> BackgroundTask | None:
    """What counts a search that found nothing, without the personal data in it that has a form.

    So many of one address, that no program fills the list with its own.
    """
    if not _anew(request, here, "?", words, locale):
        return None
    state = request.app.state
    if not hasattr(state, "searchers"):
        state.searchers = Throttle(limit=SEARCHES, window_s=3600.0)
    throttle: Throttle = state.searchers
    try:
        throttle.begin(place(request))
    except Problem:
        return None
    said = personal.taken_out(words, locale=locale)
    return _counting(here, _count_miss, words=said, locale=locale)


def _anew(request: Request, here: Gateway, *what: str) -> bool:
    """Whether a person asks for this, and has not lately."""
    if not views.is_reader(request.headers):
        return False
    state = request.app.state
    if not hasattr(state, "readers"):
        state.readers = Readers()
    who = "\0".join((place(request), request.headers.get("user-agent", ""), *what))
    known = hashlib.blake2b(who.encode(), key=here.secret[:64], digest_size=16).digest()
    comes: bool = state.readers.comes(known)
    return comes


def _count_view(session: Session, *, id: str, locale: str) -> None:
    views.count(session, id=id, locale=locale, zone=accesses.zone(session))


def _count_miss(session: Session, *, words: str, locale: str) -> None:
    misses.count(session, words=words, locale=locale, zone=accesses.zone(session))


def _counting(here: Gateway, counts: Callable[..., None], **what: str) -> BackgroundTask:
    async def count() -> None:
        # The page is there already; what cannot be written down is not worth an error.
        with contextlib.suppress(SQLAlchemyError):
            await here.store.run(counts, **what)

    return BackgroundTask(count)
