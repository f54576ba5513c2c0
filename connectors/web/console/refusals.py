"""Every refusal in the agent's language, with the status and the stable code of the API."""

from __future__ import annotations

from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError

from connectors.web.console.words import WORDS, known, refusal, say
from connectors.web.problems import Problem
from knowledge_base import errors as kb
from ticketing.db import held
from ticketing.errors import Conflict, Invalid, NotFound, Refused

Explained = tuple[int, str, str, dict[str, object]]


def explain(error: Exception, lang: str) -> Explained:
    """``(status, code, words, more)``; what has no words of its own says so in general."""
    if isinstance(error, Problem):
        return _problem(error, lang)
    if isinstance(error, kb.KnowledgeBaseError):
        return _knowledge(error, lang)
    if isinstance(error, NotFound):
        return 404, "not_found", say("error.404", lang), {}
    if isinstance(error, Conflict):
        return _conflict(error, lang)
    if isinstance(error, Invalid):
        field = known(f"record.{error.field}", lang, error.field.removeprefix("custom."))
        why = known(f"why.{error.code}", lang, "")
        text = f"{field}: {why}" if why else say("error.record", lang, field=field)
        return 422, "invalid", text, {"field": error.field}
    # A value that PostgreSQL cannot hold, such as NUL, is what was sent and not a fault of ours.
    if isinstance(error, Refused | RequestValidationError | DataError):
        return 422, "invalid", say("error.422", lang), {}
    if held(error):
        return 503, "busy", say("error.busy", lang), {}
    return 503, "unavailable", say("error.503", lang), {}


def _problem(error: Problem, lang: str) -> Explained:
    if error.code == "stale_form":
        return 403, error.code, say("error.stale", lang), {}
    if error.status == 429:
        wait = int((error.headers or {}).get("Retry-After", "60"))
        minutes = max(1, -(-wait // 60))
        return 429, error.code, say("login.too_many", lang, minutes=minutes), {}
    if error.detail in WORDS:  # raised by the console itself
        text = say(error.detail, lang, **error.extra)
    else:
        text = known(f"error.{error.status}", lang, error.detail)
    return error.status, error.code, text, dict(error.extra)


def _conflict(error: Conflict, lang: str) -> Explained:
    """What was first, by its reason; one that has no words of its own names no thing at all."""
    key = f"conflict.{error.reason}"
    if key not in WORDS:
        key = "error.meanwhile"
    more: dict[str, object] = {"winner": error.winner} if error.winner else {}
    if error.reason == "name_taken":
        more["field"] = "name"
    return 409, "conflict", say(key, lang, winner=error.winner or ""), more


def _knowledge(error: kb.KnowledgeBaseError, lang: str) -> Explained:
    if isinstance(error, kb.Invalid):
        field = known(f"article.{error.field}", lang, error.field)
        text = say("error.field", lang, field=field, reason=refusal(error.reason, lang))
        return 422, "invalid", text, {"field": error.field}
    if isinstance(error, kb.Conflict):
        key = "error.taken" if isinstance(error, kb.Taken) else "error.meanwhile"
        return 409, "conflict", say(key, lang), {}
    return 404, "not_found", say("error.404", lang), {}
