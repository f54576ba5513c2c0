"""``POST /telegram/webhook``: Telegram brings its updates, committed before it is told so."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Header, Request, Response

from connectors.web.problems import Problem

log = logging.getLogger(__name__)


def router(take: Callable[[dict[str, Any]], Awaitable[None]], *, secret: str) -> APIRouter:
    """The route, for requests that bring ``secret``."""
    made = APIRouter(tags=["telegram"])

    @made.post(
        "/telegram/webhook",
        responses={400: {}, 401: {}, 413: {}, 503: {}},
        summary="Updates from Telegram",
    )
    async def webhook(
        request: Request, x_telegram_bot_api_secret_token: str = Header(default="")
    ) -> Response:
        given = x_telegram_bot_api_secret_token.encode("utf-8", "replace")
        if not secret or not hmac.compare_digest(given, secret.encode()):
            raise Problem(401, "the request does not bring the secret that Telegram was given")
        try:
            update = json.loads((await request.body()).decode("utf-8"))
        except RecursionError:
            # It would be brought again and again, and what else is said in its chat behind it.
            log.warning("ignored from Telegram: an update that is nested too deeply")
            return Response(status_code=200)
        except ValueError:
            raise Problem(400, "the body is not as Telegram makes it") from None
        if not isinstance(update, dict):
            raise Problem(400, "the body is not as Telegram makes it")
        await take(update)
        return Response(status_code=200)

    return made
