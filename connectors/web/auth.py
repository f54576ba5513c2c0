"""Who an agent is: API tokens for programs, a session cookie for the console.

The token is checked in the database on every request, so a disabled agent is out at once.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import secrets
import time
from collections import deque
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from fastapi import Depends, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from connectors.web.gateway import Gateway, gateway
from connectors.web.problems import Problem
from ticketing import agents
from ticketing.models import Agent

COOKIE = "sangdam_session"
PASSWORD_MIN = 10
_hasher = PasswordHasher()


@functools.cache
def _nobody() -> str:
    """Checked when there is no such agent, so that the answer takes the same time."""
    return _hasher.hash(secrets.token_hex())


_agent = HTTPBearer(
    auto_error=False, scheme_name="agent", description="The token of `sangdam token create`"
)


async def api_agent(
    here: Annotated[Gateway, Depends(gateway)],
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_agent)],
) -> Agent:
    """The agent of a bearer token; 401 without one."""
    agent = None
    if given is not None and given.credentials.strip():
        agent = await here.store.read(agents.authenticate, given.credentials.strip(), kind="api")
    if agent is None:
        raise Problem(401, "an agent's API token is needed", headers={"WWW-Authenticate": "Bearer"})
    return agent


def place(request: Request) -> str:
    """The network address that a request came from, as a trusted proxy says if there is one.

    No address is longer, but a proxy may pass on anything.
    """
    return request.client.host[:64] if request.client is not None else ""


def admin_only(agent: Agent) -> None:
    """403 unless the agent may change the knowledge base and other agents."""
    if agent.role not in ("admin", "lead"):
        raise Problem(403, "this needs the role admin or lead")


def administrator_only(agent: Agent) -> None:
    """403 unless the agent is an administrator."""
    if agent.role != "admin":
        raise Problem(403, "this needs the role admin")


def invitation(session: Session, agent: Agent, *, base: str) -> str:
    """A one-time address below ``base`` that lets ``agent`` into the console to set a password."""
    token = agents.issue(session, agent, kind="link", life=agents.LINK_LIFE)
    return f"{base}/console/welcome?link={token}"


def hash_password(password: str) -> str:
    """Argon2id. Raises :class:`Problem` for a password that is too short."""
    if not PASSWORD_MIN <= len(password) <= 200:
        raise Problem(422, f"a password has {PASSWORD_MIN} to 200 characters")
    return _hasher.hash(password)


def sign_in(session: Session, *, name: str, password: str) -> Agent | None:
    """The agent with this name and password, or ``None``, in about the same time."""
    agent = agents.by_name(session, name)
    stored = agent.password_hash if agent is not None and agent.active else None
    try:
        _hasher.verify(stored or _nobody(), password)
    except (Argon2Error, ValueError):
        return None
    return agent if stored else None


class Throttle:
    """At most ``limit`` failures in ``window_s`` seconds for one key; kept in memory.

    A try counts from its beginning on: many at once would all find that nobody has failed yet.
    """

    def __init__(self, *, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window = window_s
        self._failures: dict[str, deque[float]] = {}

    def begin(self, *keys: str) -> None:
        """Count a try for each key. Raise 429, and count none, when one had too many lately."""
        for key in keys:
            self._check(key)
        for key in keys:
            self._failures.setdefault(key, deque(maxlen=self._limit)).append(time.monotonic())
        while len(self._failures) > 10_000:
            self._failures.pop(next(iter(self._failures)))

    def forgive(self, *keys: str) -> None:
        """The last try of each key was none of those that count."""
        for key in keys:
            if failures := self._failures.get(key):
                failures.pop()
                if not failures:
                    del self._failures[key]

    def _check(self, key: str) -> None:
        failures = self._failures.get(key)
        now = time.monotonic()
        while failures and now - failures[0] > self._window:
            failures.popleft()
        if failures and len(failures) >= self._limit:
            wait = int(self._window - (now - failures[0])) + 1
            raise Problem(
                429,
                f"too many attempts; try again in {wait} seconds",
                headers={"Retry-After": str(wait)},
            )


def csrf_token(here: Gateway, session_token: str) -> str:
    """What a console form must carry; bound to the session, worth nothing elsewhere."""
    return hmac.new(here.secret, session_token.encode(), hashlib.sha256).hexdigest()


def check_csrf(here: Gateway, request: Request, given: str) -> None:
    """403 unless the form was made by this console for this session."""
    expected = csrf_token(here, request.cookies.get(COOKIE, ""))
    if not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise Problem(403, "this form is out of date; reload the page", code="stale_form")


def set_session(response: Response, request: Request, token: str) -> None:
    """Keep the console session in a cookie that scripts and other sites cannot use."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(agents.SESSION_LIFE.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
