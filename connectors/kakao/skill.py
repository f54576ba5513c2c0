"""``POST /kakao/skill``: accept, commit, wait a while for the answer, and answer within 5 s."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from connectors.desk import linking
from connectors.kakao import fetching, payload
from connectors.kakao.answer import Answer, answer, later, notice
from connectors.kakao.fetching import Accepted, State
from connectors.live import Hub
from connectors.store import Store
from connectors.web.problems import Problem
from connectors.worker import Handler, Settle
from ticketing import customers, lanes
from ticketing.lanes import Work

log = logging.getLogger(__name__)

HEADER = "x-sangdam-secret"
# The platform waits 5 s, the way there and back included. What is accepted as late as this is told
# that its answer takes a while.
ACCEPT_S = 4.0
WAIT_S = 3.3
LAST_S = 4.4
LOOK_S = 0.25
CALLBACK = "kakao.callback"
# The callback URL lives for a minute.
CALLBACK_S = 50.0
CALLBACK_HOST = ".kakao.com"


class Kakao:
    """The skill server of one gateway."""

    def __init__(
        self, store: Store, hub: Hub, *, secret: str, public_url: str, production: bool
    ) -> None:
        self._store = store
        self._hub = hub
        self._secret = secret
        self._public_url = public_url
        self._production = production
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(5.0), follow_redirects=False)

    def handlers(self) -> dict[str, Handler]:
        """What the worker does for KakaoTalk, by kind of job."""
        return {CALLBACK: self._call_back}

    async def close(self) -> None:
        """End its connections."""
        await self._http.aclose()

    def router(self) -> APIRouter:
        """The route."""
        made = APIRouter(tags=["kakao"])

        @made.post(
            "/kakao/skill",
            responses={400: {}, 401: {}, 503: {}},
            summary="The skill of a KakaoTalk channel's chatbot",
        )
        async def skill(request: Request) -> Response:
            began = time.monotonic()
            self._verify(request)
            try:
                asked = payload.read(await request.body())
            except payload.NotASkill as error:
                raise Problem(400, f"this is not a skill payload: {error}") from None
            answered = await self._answer(asked, began)
            if await request.is_disconnected():  # too late: nobody sees it, so it is given again
                answered.background = None
            return answered

        return made

    def _verify(self, request: Request) -> None:
        """401 unless the request brings the secret, in our header or as a bearer token."""
        given = request.headers.get(HEADER, "")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not given:
            given = token.strip() if scheme.lower() == "bearer" else scheme
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            raise Problem(401, f"the secret in the header {HEADER} is missing or wrong")

    async def _answer(self, asked: payload.Request, began: float) -> Response:
        try:
            async with asyncio.timeout(ACCEPT_S):
                accepted = await self._store.run(fetching.accept, asked)
        except TimeoutError:
            raise Problem(503, "try again shortly", headers={"Retry-After": "1"}) from None
        # From here on it is kept, so that there is an answer whatever happens.
        state: State | None = None
        try:
            async with asyncio.timeout(began + LAST_S - time.monotonic()):
                state = await self._wait(accepted, until=began + WAIT_S)
                if state.busy and not state.waiting:
                    return await self._slow(asked, accepted, state)
                made, confirm = await self._store.run(self._take, asked, accepted, state)
        except Exception as error:  # the customer is told so, and asks again
            log.warning("an answer for KakaoTalk is late: %s", type(error).__name__)
            log.debug("a request of KakaoTalk", exc_info=error)
            return JSONResponse(notice("slow", state.locale if state else asked.locale))
        return JSONResponse(made.body, background=confirm)

    async def _wait(self, accepted: Accepted, *, until: float) -> State:
        """Until all that this customer said is answered, at the latest until then.

        And until it is known of the answers before whether they went out, so that none is shown
        behind a later one.
        """
        people = await self._store.glance(_people, accepted.customer_id)
        with self._hub.subscribe(*people) as news:
            while True:
                now = await self._store.glance(
                    fetching.state, accepted.identity_id, accepted.customer_id
                )
                left = until - time.monotonic()
                if not (now.busy or now.unsure) or left <= 0 or self._hub.closing:
                    return now
                await news.wait(min(left, LOOK_S))

    async def _slow(self, asked: payload.Request, accepted: Accepted, state: State) -> Response:
        """Say that it takes a while; with a callback URL the answer follows by itself."""
        url = asked.callback_url
        if url is None or not self._may_call(url):
            return JSONResponse(notice("slow", state.locale))
        await self._store.run(_promise, asked, accepted, url)
        return JSONResponse(later(state.locale))

    def _may_call(self, url: str) -> bool:
        """The platform's own hosts alone, where real customers are."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return False
        if not self._production:
            return parts.scheme in ("http", "https") and bool(host)
        return parts.scheme == "https" and f".{host}".endswith(CALLBACK_HOST)

    def _take(
        self, session: Session, asked: payload.Request, accepted: Accepted, state: State
    ) -> tuple[Answer, BackgroundTask | None]:
        """The answer, and what is to be done once it went out."""
        fetching.hold(session, asked)
        known = {"public_url": self._public_url}
        who, name = accepted.identity_id, accepted.external_id
        lines = fetching.given(session, who, name, **known) if accepted.again else []
        given = len(lines)
        had = {one.line.seq for one in lines}
        lines += [one for one in fetching.waiting(session, who, **known) if one.line.seq not in had]
        with_person = state.holder in ("queued", "agent")
        web_url = self._web_url(session, accepted) if with_person else None
        if not lines and not asked.fetch and with_person:
            body = notice("with_person", state.locale, web_url=web_url)
            return Answer(body, [], more=False), None
        made = answer(lines, locale=state.locale, web_url=web_url, fetching=with_person)
        if not made.parts:
            return made, None
        fetching.give(session, who, name, made.parts[given:], confirmed=False)

        async def went_out() -> None:
            await self._store.run(fetching.confirm, made.parts)

        return made, BackgroundTask(went_out)

    def _web_url(self, session: Session, accepted: Accepted) -> str | None:
        """Where this customer goes on in a browser, with the same history."""
        if not self._public_url:
            return None
        code = linking.new_code(session, customer_id=accepted.customer_id)
        return f"{self._public_url}/?continue={code}"

    async def _call_back(self, work: Work) -> Settle:
        """Give the answer to the callback URL: once, and before it ends.

        Whether it may have been used is written down before. Who dies in between leaves the lines
        to be fetched: the customer may see them twice, and never not at all.
        """
        facts = work.payload
        if facts.get("used"):
            return _nothing
        accepted = Accepted(
            facts["identity"], uuid.UUID(facts["customer"]), facts["external_id"], again=False
        )
        left = facts["until"] - await self._store.glance(_now)
        if left <= 0:
            return _nothing
        state = await self._wait(accepted, until=time.monotonic() + left)
        lines = await self._store.read(
            fetching.waiting, accepted.identity_id, public_url=self._public_url
        )
        with_person = state.holder in ("queued", "agent")
        if lines:
            web_url = await self._store.run(self._web_url, accepted) if with_person else None
            made = answer(lines, locale=state.locale, web_url=web_url, fetching=with_person)
        else:
            made = Answer(notice("slow", state.locale), [], more=False)
        await self._store.run(lanes.remember, work, {"used": True})
        if not await self._post(facts["url"], made.body):
            return _nothing

        def settle(session: Session) -> None:
            fetching.give(
                session, accepted.identity_id, accepted.external_id, made.parts, confirmed=True
            )

        return settle

    async def _post(self, url: str, body: dict[str, Any]) -> bool:
        """Whether the platform took it. Its URL is a key, and stays out of the log."""
        try:
            got = await self._http.post(url, json=body)
            status = got.json().get("status") if got.is_success else str(got.status_code)
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError) as error:
            log.warning("a callback of KakaoTalk failed: %s", type(error).__name__)
            return False
        if status not in ("SUCCESS", None):
            log.warning("a callback of KakaoTalk was refused")
            return False
        return True


def _promise(session: Session, asked: payload.Request, accepted: Accepted, url: str) -> None:
    address = asked.address
    lanes.enqueue(
        session,
        lane=fetching.lane(address.account, address.external_id),
        kind=CALLBACK,
        dedup=hashlib.sha256(url.encode()).hexdigest(),
        payload={
            "url": url,
            "identity": accepted.identity_id,
            "customer": str(accepted.customer_id),
            "external_id": accepted.external_id,
            "until": _now(session) + CALLBACK_S,
        },
    )


def _now(session: Session) -> float:
    """The database's time, in seconds."""
    return float(session.execute(select(func.extract("epoch", func.now()))).scalar_one())


def _people(session: Session, customer_id: uuid.UUID) -> list[str]:
    return [str(one) for one in session.scalars(customers.members(customer_id))]


def _nothing(session: Session) -> None:
    """What waits is fetched with the customer's next message."""
