"""``POST /slack/events``: everything Slack sends over HTTP, verified before Bolt sees it."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import time
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request, Response
from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.async_app import AsyncApp

from connectors.web.problems import Problem

log = logging.getLogger(__name__)

# Slack asks for this; the age is by the wall clock, as the platform's own time is.
MAX_AGE_S = 300


def router(bolt: AsyncApp, *, signing_secret: str) -> APIRouter:
    """The route, for requests signed with ``signing_secret``."""
    made = APIRouter(tags=["slack"])

    @made.post(
        "/slack/events",
        responses={400: {}, 401: {}, 413: {}, 503: {}},
        summary="Events, interactions and commands from Slack",
    )
    async def events(request: Request) -> Response:
        body = await request.body()
        verify(
            body,
            timestamp=request.headers.get("x-slack-request-timestamp", ""),
            signature=request.headers.get("x-slack-signature", ""),
            secret=signing_secret,
            now=time.time(),
        )
        check_form(body, request.headers.get("content-type", ""))
        try:
            made = to_async_bolt_request(request, body)
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
            raise Problem(400, "this is not a request as Slack makes it") from None
        answer = await bolt.async_dispatch(made)
        if answer.status == 503:
            raise Problem(503, "try again shortly", headers={"Retry-After": "1"})
        if answer.status >= 500:
            raise Problem(400, "this is not a request as Slack makes it")
        if answer.status == 404:
            log.info("ignored from Slack: a request of a kind that nothing handles")
            return Response(status_code=200)
        return to_starlette_response(answer)

    return made


def verify(body: bytes, *, timestamp: str, signature: str, secret: str, now: float) -> None:
    """401 unless the body was signed with the secret within five minutes, either way, of now."""
    if not secret:
        raise Problem(401, "requests from Slack are not set up here")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 15):
        raise Problem(401, "the request is not signed by Slack")
    message = b"v0:" + timestamp.encode() + b":" + body
    expected = "v0=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise Problem(401, "the request is not signed by Slack")
    age = now - int(timestamp)
    if abs(age) > MAX_AGE_S:
        log.warning("Slack's request is %d s old by our time: is this machine's clock right?", age)
        raise Problem(401, "the request is too old, or the clock here is wrong")


def check_form(body: bytes, content_type: str) -> None:
    """400 for what Slack never sends: other than UTF-8, other than an object with a type."""
    try:
        text = body.decode("utf-8")
        kind = content_type.partition(";")[0].strip().lower()
        if kind == "application/json" or text.startswith("{"):
            found = json.loads(text)
        else:
            form = parse_qs(text, keep_blank_values=True)
            if "payload" not in form:
                return  # a slash command, or Slack's check of the certificate
            found = json.loads(form["payload"][-1])
    except (ValueError, RecursionError):
        raise Problem(400, "the body is not as Slack makes it") from None
    if not _plausible(found):
        raise Problem(400, "the body is not as Slack makes it")


def _plausible(found: Any) -> bool:
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        return False
    if found["type"] == "block_actions":
        actions = found.get("actions")
        return isinstance(actions, list) and bool(actions) and isinstance(actions[0], dict)
    if found["type"] != "event_callback":
        return True
    event = found.get("event")
    return isinstance(event, dict) and isinstance(event.get("type"), str)
