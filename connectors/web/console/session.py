"""In and out of the console: the one-time link, name and password, signing out."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
from collections.abc import Callable, Iterator
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from connectors.web import auth
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Me, Sender, Viewer
from connectors.web.console.words import say
from connectors.web.gateway import Gateway
from connectors.web.problems import Problem
from ticketing import agents, routing
from ticketing.db import DATABASE_ERRORS
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Agent

# Failures in a quarter of an hour, from one address and for one name: customers see what agents are
# called, and whoever sits at one address must not be able to keep one of them out.
LIMIT, OF_A_NAME = 10, 50
WINDOW_S = 15 * 60.0

log = logging.getLogger(__name__)
router = APIRouter(route_class=ConsoleRoute)
Text = Annotated[str, Form()]


@router.get("/login")
async def login_page(
    request: Request, here: Here, next: Annotated[str, Query()] = "/console"
) -> Response:
    """Name and password; whose session has ended is told why they are asked."""
    token = request.cookies.get(auth.COOKIE, "")
    ended = bool(token) and not await here.store.read(
        agents.authenticate, token, kind="session", used=False
    )
    return _page(
        request, here, "login", next=frame.local_path(next), name="", error="", ended=ended
    )


@router.post("/login")
async def login(
    request: Request,
    here: Here,
    name: Text = "",
    password: Text = "",
    next: Text = "/console",
    csrf: Text = "",
) -> Response:
    """Begin a session; the same answer for a wrong password and for nobody of that name."""
    frame.same_origin(request)
    try:
        auth.check_csrf(here, request, csrf)
    except Problem:
        return await _again(request, here, name, frame.local_path(next))
    # As it is looked up, or one name would have as many tries as there are ways to write it.
    who = name.replace("\x00", "").strip()
    with _tried(request, auth.place(request), name=who[:80]) as passed:
        token = await here.store.run(_sign_in, name=who, password=password)
        if token is not None:
            passed()
    if token is None:
        _failed(request, await here.store.read(agents.by_name, who))
        error = say("login.wrong", frame.language(request))
        return _page(
            request, here, "login", status=401, next=frame.local_path(next), name=name, error=error
        )
    return _signed_in(request, token, frame.local_path(next))


@router.get("/welcome")
async def welcome_page(
    request: Request, here: Here, link: Annotated[str, Query()] = ""
) -> Response:
    """Asks for a password. Looking does not use the link up: mail scanners look, too."""
    return await _welcome(request, here, link)


@router.post("/welcome")
async def welcome(
    request: Request,
    here: Here,
    link: Text = "",
    name: Text = "",
    password: Text = "",
    again: Text = "",
    csrf: Text = "",
) -> Response:
    """Use the link up: keep the password and begin a session.

    Whoever comes first says what they are called; the others' administrator did.
    """
    frame.same_origin(request)
    auth.check_csrf(here, request, csrf)
    wrong = _unfit(password, again)
    if wrong:
        return await _welcome(request, here, link, name=name, wrong=wrong)
    # A hash takes memory and time that nobody has for a link that is none.
    if await here.store.read(agents.authenticate, link, kind="link") is None:
        raise Problem(410, "welcome.used")
    hashed = await asyncio.to_thread(auth.hash_password, password)

    def redeem(session: Session) -> str:
        agent = agents.redeem_link(session, link)
        if name.strip() and not agents.anyone_can_log_in(session):
            agents.rename(session, agent, name, by="console")
        return _new_password(session, agent, hashed)

    try:
        token = await here.store.run(redeem)
    except NotFound:
        raise Problem(410, "welcome.used") from None
    except Conflict:
        return await _welcome(request, here, link, name=name, wrong="error.agent.here")
    except Refused:
        return await _welcome(request, here, link, name=name, wrong="error.agent.name")
    return _signed_in(request, token, "/console")


@router.get("/password")
async def password_page(request: Request, here: Here, me: Me) -> Response:
    """My account: the password, the Slack account, signing out."""
    return await _account(request, here, me)


@router.post("/slack-code")
async def slack_code(request: Request, here: Here, me: Sender) -> Response:
    """A new one-time code with which this agent's Slack account says who it is."""
    if not here.settings.slack():
        raise Problem(404, "there is no Slack here")
    code = await here.store.run(
        lambda session: agents.slack_code(session, session.merge(me.agent), by="console")
    )
    return await _account(request, here, me, code=code)


@router.post("/password")
async def password(
    request: Request, here: Here, me: Sender, now: Text = "", password: Text = "", again: Text = ""
) -> Response:
    """Keep a new password; every other session of this agent ends."""
    wrong = _unfit(password, again)
    if not wrong:
        with _tried(request, f"password of {me.agent.id}") as passed:
            known = await here.store.read(auth.sign_in, name=me.agent.name, password=now)
            if known is not None:
                passed()
        wrong = None if known is not None else "password.wrong"
        if wrong:
            _failed(request, me.agent)
    if wrong:
        error = say(wrong, me.lang)
        return await _account(request, here, me, error=error, status=422)
    hashed = await asyncio.to_thread(auth.hash_password, password)

    def change(session: Session) -> str:
        return _new_password(session, session.merge(me.agent), hashed)

    return _signed_in(request, await here.store.run(change), "/console")


@router.post("/logout")
async def logout(request: Request, here: Here, me: Sender) -> Response:
    """End this session, and with an agent's last one what they take."""

    def end(session: Session) -> None:
        agents.revoke(session, me.token)
        if not frame.in_slack(here, me) and not agents.in_console(session, me.agent):
            routing.gone(session, me.agent)

    await here.store.run(end)
    response = RedirectResponse("/console/login", status_code=303)
    response.delete_cookie(auth.COOKIE, path="/")
    return response


async def _welcome(
    request: Request, here: Gateway, link: str, *, name: str = "", wrong: str = ""
) -> Response:
    """The page of a link that was not used yet, again with what is ``wrong``."""

    def read(session: Session) -> tuple[str, bool] | None:
        agent = agents.authenticate(session, link, kind="link")
        return None if agent is None else (agent.name, not agents.anyone_can_log_in(session))

    found = await here.store.read(read)
    if found is None:
        raise Problem(410, "welcome.used")
    who, first = found
    error = say(wrong, frame.language(request)) if wrong else ""
    values = {"who": who, "name": (first and name) or who, "first": first, "error": error}
    return _page(request, here, "welcome", status=422 if wrong else 200, link=link, **values)


async def _account(
    request: Request,
    here: Gateway,
    me: Viewer,
    *,
    error: str = "",
    code: str = "",
    status: int = 200,
) -> Response:
    def read(session: Session) -> dict[str, object]:
        linked = agents.slack_link(session, me.agent)
        return {"error": error, "code": code, "slack": here.settings.slack(), "linked": linked}

    return await frame.show(request, here, me, "password", read, status=status)


async def _again(request: Request, here: Gateway, name: str, next: str) -> Response:
    """For a page from before another tab signed in or out: nothing that was sent is looked at.

    Who has signed in goes on. Somebody else is told who has, lest they work under that name.
    """
    lang, token = frame.language(request), request.cookies.get(auth.COOKIE, "")
    agent = await here.store.read(agents.authenticate, token, kind="session") if token else None
    if agent is not None and agent.name == name.strip():
        return RedirectResponse(next, status_code=303)
    error = say("login.other", lang, who=agent.name) if agent else say("login.stale", lang)
    return _page(request, here, "login", status=403, next=next, name=name, error=error)


def _sign_in(session: Session, *, name: str, password: str) -> str | None:
    agent = auth.sign_in(session, name=name, password=password)
    return None if agent is None else _begin(session, agent)


def _new_password(session: Session, agent: Agent, hashed: str) -> str:
    agents.set_password_hash(session, agent, hashed)
    return _begin(session, agent)


def _begin(session: Session, agent: Agent) -> str:
    return agents.issue(session, agent, kind="session", label="console", life=agents.SESSION_LIFE)


def _unfit(password: str, again: str) -> str | None:
    if not auth.PASSWORD_MIN <= len(password) <= 200:
        return "password.bad"
    return "password.differs" if password != again else None


def _signed_in(request: Request, token: str, location: str) -> Response:
    response = RedirectResponse(location, status_code=303)
    auth.set_session(response, request, token)
    return response


def _page(
    request: Request, here: Gateway, template: str, *, status: int = 200, **values: object
) -> Response:
    shared = frame.common(request, here, frame.language(request), None)
    return frame.html(request, frame.render(template, {**shared, **values}), status)


def _failed(request: Request, agent: Agent | None) -> None:
    """Say in the log from where, and for whom, a password was wrong; not what was typed."""
    try:
        # Whatever stands behind a % would be a part of it.
        place = str(ipaddress.ip_address(auth.place(request).partition("%")[0]))
    except ValueError:  # a proxy may pass on anything
        place = "an address that is none"
    whom = "nobody's name" if agent is None else f"agent {agent.id}"
    log.warning("a sign-in to the console failed, from %s, for %s", place, whom)


@contextlib.contextmanager
def _tried(request: Request, key: str, *, name: str = "") -> Iterator[Callable[[], None]]:
    """A try that counts, unless it passes or the database could not be asked."""
    places, names = _throttles(request)
    with contextlib.ExitStack() as begun:
        for throttle, one in ((names, name), (places, key)) if name else ((places, key),):
            throttle.begin(one)
            begun.callback(throttle.forgive, one)
        try:
            yield begun.close
        except DATABASE_ERRORS:
            begun.close()
            raise
        finally:
            begun.pop_all()


def _throttles(request: Request) -> tuple[auth.Throttle, auth.Throttle]:
    """This application's own: counted in memory, as long as the process lives."""
    state = request.app.state
    if not hasattr(state, "login_throttles"):
        limits = (LIMIT, OF_A_NAME)
        state.login_throttles = tuple(auth.Throttle(limit=n, window_s=WINDOW_S) for n in limits)
    found: tuple[auth.Throttle, auth.Throttle] = state.login_throttles
    return found
