"""What all pages of the console share: who is signed in, how a page is made, how it refuses."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import Depends, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from sqlalchemy.orm import Session

from connectors.agent_lines import of_line
from connectors.web import auth, problems
from connectors.web.console import times, words
from connectors.web.console.addresses import linked
from connectors.web.console.refusals import explain
from connectors.web.gateway import Gateway, gateway, ours
from connectors.web.pages import page_language, templates
from connectors.web.problems import Problem
from knowledge_base.errors import KnowledgeBaseError
from ticketing import agents, dead_letters, recovery, routing, tickets
from ticketing.db import DATABASE_ERRORS
from ticketing.errors import Refused
from ticketing.models import Agent, Customer, Ticket
from ticketing.record import Author

LANG_COOKIE = "sangdam_lang"
ZONE_COOKIE = "sangdam_zone"
# Set by our own script; another site cannot send it without asking us first.
SCRIPT_HEADER = "x-console"
# What it says when an open page asks by itself, because something happened.
NEWS = "news"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Here = Annotated[Gateway, Depends(gateway)]
Read = Callable[[Session], dict[str, Any]]


@dataclasses.dataclass(frozen=True, slots=True)
class Viewer:
    """The agent in front of the page, their session, language, time zone and network address."""

    agent: Agent
    token: str
    lang: str
    zone: dt.tzinfo
    place: str

    @property
    def curates(self) -> bool:
        """Whether they may change articles, and look after what failed."""
        return self.agent.role in ("admin", "lead")

    @property
    def author(self) -> Author:
        """They, as the one who looks at or changes something."""
        return Author(
            name=self.agent.name, agent_id=self.agent.id, source="console", place=self.place
        )


class NotSignedIn(Exception):
    """Sign in first."""


def language(request: Request) -> str:
    """``?lang=``, else what was chosen before, else what the browser prefers."""
    if request.query_params.get("lang") not in words.LANGUAGES:
        chosen = request.cookies.get(LANG_COOKIE)
        if chosen in words.LANGUAGES:
            return str(chosen)
    return page_language(request)


def zone(request: Request) -> dt.tzinfo:
    """The browser's time zone, as our script told; the server's own until then."""
    try:
        return ZoneInfo(request.cookies.get(ZONE_COOKIE, "").replace("%2F", "/"))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        local = dt.datetime.now().astimezone().tzinfo
        assert local is not None
        return local


async def viewer(request: Request, here: Here) -> Viewer:
    """Who is signed in; the session is looked up in the database every time."""
    token = request.cookies.get(auth.COOKIE, "")
    agent = None
    if token:
        used = not _by_itself(request)
        agent = await here.store.read(agents.authenticate, token, kind="session", used=used)
    if agent is None:
        raise NotSignedIn
    lang, local = language(request), zone(request)
    return Viewer(agent=agent, token=token, lang=lang, zone=local, place=auth.place(request))


Me = Annotated[Viewer, Depends(viewer)]


def _by_itself(request: Request) -> bool:
    """Whether an open page asks for what is new, whoever is in front of it."""
    listens = request.headers.get("accept") == "text/event-stream"
    return listens or request.headers.get(SCRIPT_HEADER) == NEWS


def same_origin(request: Request) -> None:
    """403 for a form that another site sends."""
    if not ours(request):
        raise Problem(403, "this form was sent by another site", code="stale_form")


async def form_sender(
    request: Request, here: Here, me: Me, csrf: Annotated[str, Form()] = ""
) -> Viewer:
    """Who sends a form that this console made for them."""
    same_origin(request)
    auth.check_csrf(here, request, csrf)
    return me


Sender = Annotated[Viewer, Depends(form_sender)]


async def form_curator(me: Sender) -> Viewer:
    """A sender who may change articles."""
    auth.admin_only(me.agent)
    return me


Curator = Annotated[Viewer, Depends(form_curator)]


def by_script(request: Request) -> bool:
    """Whether our script asks, and not a person's browser by itself."""
    return SCRIPT_HEADER in request.headers


# --- pages ------------------------------------------------------------------------------------


def label(customer: Customer, lang: str) -> str:
    """The person's name; visitors without one get a short, stable tag."""
    return customer.root.name or customer.name or alone(customer.root, lang)


def alone(customer: Customer, lang: str) -> str:
    """What this customer is called without those who are the same person."""
    return customer.name or words.say("visitor", lang, tag=str(customer.id)[:4].upper())


async def show(
    request: Request,
    here: Gateway,
    me: Viewer,
    name: str,
    read: Read,
    *,
    parts: Sequence[str] = (),
    status: int = 200,
) -> Response:
    """The page ``name`` with what ``read`` finds; its live ``parts`` alone for our script.

    Reading and rendering happen in a thread, so that a long page delays nobody's message.
    """
    alone = by_script(request) and request.method == "GET"

    def work(session: Session) -> dict[str, str]:
        values = {**common(request, here, me.lang, me), **read(session)}
        values["counts"] = tickets.counts(session, agent_id=me.agent.id)
        slack = in_slack(here, me)
        values["duty_states"] = ("auto", "on", "off") if slack else ("on", "off")
        values["duty"] = _duty(session, me, slack=slack)
        values["recoveries"] = recovery.counts(session)
        values["dead"] = dead_letters.count(session) if me.curates else 0
        if alone:
            return {part: render(f"parts/{part}", values) for part in (*parts, "nav")}
        return {"page": render(name, values)}

    found = await here.store.read(work)
    if alone:
        return JSONResponse(found, headers=HEADERS)
    return html(request, found["page"], status)


def in_slack(here: Gateway, me: Viewer) -> bool:
    """Whether Slack can show if this agent is there."""
    return here.settings.slack() and me.agent.slack_user is not None


def _duty(session: Session, me: Viewer, *, slack: bool) -> str:
    """What the agent said of their duty; without Slack who says nothing is away."""
    state = routing.state(session, me.agent)
    return "off" if state == "auto" and not slack else state


def common(request: Request, here: Gateway, lang: str, me: Viewer | None) -> dict[str, Any]:
    """What every template may use."""
    local = zone(request)

    def t(key: str, **values: object) -> str:
        return words.say(key, lang, **values)

    def held_by(ticket: Ticket) -> str:
        if me is not None and ticket.assignee_id == me.agent.id:
            return t("claimed.me")
        return t("claimed.by", name=ticket.assignee.name) if ticket.assignee else ""

    return {
        "lang": lang,
        "other": "en" if lang == "ko" else "ko",
        "me": me,
        "t": t,
        "known": lambda key, fallback="": words.known(key, lang, fallback),
        "ago": lambda then: times.ago(then, lang),
        "waits": lambda since: times.waits(since, lang),
        "late": lambda due: times.apart(due, lang),
        "clock": lambda at: times.clock(at, lang, local),
        "day": lambda at: times.day(at, lang, local),
        "label": lambda customer: label(customer, lang),
        "alone": lambda customer: alone(customer, lang),
        "with_links": linked,
        "held_by": held_by,
        "told": lambda line: of_line(line.meta, lang, local) or line.text,
        "degraded": here.knowledge.degraded,
        "csrf": auth.csrf_token(here, request.cookies.get(auth.COOKIE, "")),
        "lang_url": lambda code: _with_language(request, code),
        "script_words": {key: t(key) for key in words.SCRIPT},
    }


def _with_language(request: Request, code: str) -> str:
    asked = request.url.include_query_params(lang=code)
    return f"{asked.path}?{asked.query}"


def render(name: str, values: Mapping[str, Any]) -> str:
    """The text of one of the console's templates."""
    return templates.get_template(f"console/{name}.html").render(values)


def html(request: Request, text: str, status: int = 200) -> HTMLResponse:
    """A page, with headers that let nothing foreign run; a chosen language is remembered."""
    response = HTMLResponse(text, status_code=status, headers=HEADERS)
    if request.query_params.get("lang") in words.LANGUAGES:
        response.set_cookie(
            LANG_COOKIE, request.query_params["lang"], max_age=365 * 86400, samesite="lax"
        )
    return response


def done(
    request: Request,
    location: str,
    *,
    said: str = "",
    fields: Mapping[str, str] | None = None,
    parts: Mapping[str, str] | None = None,
    go: bool = False,
) -> Response:
    """A form worked: back to ``location``; our script stays and is told what changed instead.

    ``fields`` are the form's new hidden values; ``parts`` of the page are shown this once;
    ``go``: the script leaves the page, too.
    """
    if not by_script(request):
        return RedirectResponse(location, status_code=303)
    told = {"said": said, "fields": dict(fields or {}), "parts": dict(parts or {})}
    return JSONResponse({**told, "go": location if go else None}, headers=HEADERS)


def local_path(text: str) -> str:
    """``text`` if it is a path of the console, else the console's front page."""
    here = text == "/console" or text.startswith(("/console/", "/console?"))
    return text if here and text.isprintable() and "\\" not in text else "/console"


# --- refusals ---------------------------------------------------------------------------------


def refuse(request: Request, here: Gateway, error: Exception) -> Response:
    """The answer to a request that failed: a page for a person, a problem for our script."""
    lang = language(request)
    if isinstance(error, NotSignedIn):
        if by_script(request):
            return problems.document(401, words.say("error.signed_out", lang))
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        back = f"?next={quote(wanted, safe='')}" if request.method == "GET" else ""
        return RedirectResponse(f"/console/login{back}", status_code=303)
    status, code, text, more = explain(error, lang)
    headers = getattr(error, "headers", None) or {}
    if by_script(request):
        return problems.document(status, text, code, headers, **more)
    values = {**common(request, here, lang, None), "status": status, "text": text, **more}
    response = html(request, render("error", values), status)
    response.headers.update(headers)
    return response


REFUSALS = (
    NotSignedIn, Problem, Refused, KnowledgeBaseError, RequestValidationError, *DATABASE_ERRORS,
)  # fmt: skip


class ConsoleRoute(APIRoute):
    """A route whose errors are said in words, on a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, with our way to refuse around it."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except REFUSALS as error:
                return refuse(request, request.app.state.gateway, error)

        return guarded
