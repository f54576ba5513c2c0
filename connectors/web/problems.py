"""Errors as RFC 9457 problem documents with a stable ``code``; malformed input is never a 500."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DataError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from knowledge_base import errors as kb
from ticketing.db import DATABASE_ERRORS, held
from ticketing.errors import Conflict, Invalid, NotFound, Refused
from ticketing.pacing import TooFast

log = logging.getLogger(__name__)

_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    422: "invalid",
    429: "too_many",
    503: "unavailable",
}


_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what happened, for a person"},
        "code": {"type": "string", "description": "what happened, for a program; stable"},
    },
}
# In the API's description: what every route may answer beside its success.
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"description": about, "content": {"application/problem+json": {"schema": _SCHEMA}}}
    for status, about in (("4XX", "Refused, and why"), ("503", "Not now; try again shortly"))
}


class Problem(Exception):
    """An answer that says what happened and what to do."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: object,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or _CODES.get(status, "error")
        self.headers = headers
        self.extra = extra


def document(
    status: int,
    detail: str,
    code: str | None = None,
    headers: Mapping[str, str] | None = None,
    **extra: object,
) -> JSONResponse:
    """The problem document for one error."""
    code = code or _CODES.get(status, "error")
    return JSONResponse(
        {
            "type": f"urn:sangdam:problem:{code}",
            "title": code.replace("_", " "),
            "status": status,
            "detail": detail,
            "code": code,
            **extra,
        },
        status_code=status,
        headers=dict(headers or {}),
        media_type="application/problem+json",
    )


def install(app: FastAPI) -> None:
    """Answer every kind of error of the domain and of HTTP in the one form."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> JSONResponse:
        return document(error.status, error.detail, error.code, error.headers, **error.extra)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        return document(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(TooFast)
    async def too_fast(request: Request, error: TooFast) -> JSONResponse:
        wait = math.ceil(error.wait_s)
        detail = f"{error}; the next one in {wait} seconds"
        after = {"Retry-After": str(wait)}
        return document(429, detail, "too_many_messages", after, limit=error.allowed)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        # Never the input itself: it may hold what JSON cannot carry, or what nobody should log.
        errors = [
            {"field": ".".join(str(part) for part in item["loc"]), "message": item["msg"]}
            for item in error.errors()
        ]
        detail = "; ".join(f"{e['field']}: {e['message']}" for e in errors)
        return document(
            422,
            _printable(detail),
            errors=[{key: _printable(value) for key, value in e.items()} for e in errors],
        )

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> JSONResponse:
        if isinstance(error, NotFound):
            return document(404, str(error))
        if isinstance(error, Conflict):
            known = {"winner": error.winner, "reason": error.reason}
            extra: dict[str, object] = {key: one for key, one in known.items() if one is not None}
            return document(409, str(error), None, None, **extra)
        if isinstance(error, Invalid):
            place = {"field": _printable(error.field), "reason": error.code}
            return document(422, _printable(str(error)), None, None, **place)
        return document(422, str(error))

    @app.exception_handler(kb.KnowledgeBaseError)
    async def knowledge(request: Request, error: kb.KnowledgeBaseError) -> JSONResponse:
        if isinstance(error, kb.NotFound):
            return document(404, _printable(str(error)))
        if isinstance(error, kb.Conflict):
            current: dict[str, object] = {}
            if error.current_revision is not None:
                current["current_revision"] = error.current_revision
            return document(409, _printable(str(error)), None, None, **current)
        field: dict[str, object] = {"field": error.field} if isinstance(error, kb.Invalid) else {}
        return document(422, _printable(str(error)), None, None, **field)

    async def database(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, DataError):  # a value PostgreSQL cannot hold, such as NUL in a path
            return document(404 if request.method == "GET" else 422, "there is no such thing")
        if held(error):
            text = "somebody else is changing the same thing; nothing was done, try again shortly"
            return document(503, text, "busy", headers={"Retry-After": "1"})
        log.warning("the database is away: %s", type(error).__name__)
        return document(
            503, "the database cannot be reached; try again shortly", headers={"Retry-After": "1"}
        )

    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, database)
    app.add_middleware(_Leaving)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        return document(500, "something went wrong here; it has been logged", "internal")


class Origins(CORSMiddleware):
    """Which sites may ask; the refusal is a problem document, as any other."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """As the framework's, but for its plain text."""
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        known = self.is_allowed_origin(origin=request_headers["origin"])
        code = None if known else "origin_not_allowed"
        kept = {key: value for key, value in answer.headers.items() if key[:8] != "content-"}
        return document(answer.status_code, bytes(answer.body).decode(), code, kept)


class _Leaving:
    """Whoever still waits for an answer when the process ends is told to ask again.

    uvicorn cancels what takes longer than its grace, while the database stands still for one, and
    would say that something went wrong here.
    """

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._inner(scope, receive, sending)
        except asyncio.CancelledError:
            if begun or scope["type"] != "http":
                raise
            answer = document(
                503, "this process is stopping; try again", headers={"Retry-After": "1"}
            )
            await answer(scope, receive, send)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
