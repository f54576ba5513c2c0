"""Server-sent events: an answer that goes on until one side leaves."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator

from fastapi.responses import StreamingResponse

from ticketing.db import DATABASE_ERRORS

log = logging.getLogger(__name__)


def events(source: AsyncGenerator[str]) -> StreamingResponse:
    """The response that sends ``source``, event by event, and ends when the database does.

    It has begun, so it can say nothing of that; browsers come back by themselves.
    """
    return StreamingResponse(
        _until_lost(source),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _until_lost(source: AsyncGenerator[str]) -> AsyncIterator[str]:
    async with contextlib.aclosing(source):
        try:
            async for event in source:
                yield event
        except DATABASE_ERRORS as error:
            log.info("a stream ends with the database: %s", type(error).__name__)
