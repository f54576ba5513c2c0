"""The customers' side: sessions, messages, the live stream. Accept, commit, then answer."""

from __future__ import annotations

import dataclasses
import json
import logging
import re
import uuid
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response, Security
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import Row
from sqlalchemy.orm import Session

from connectors import choices, desk
from connectors.channel import Inbound
from connectors.desk import linking
from connectors.identity import IdentityRefused, verify
from connectors.web import streams
from connectors.web.gateway import Gateway, gateway, ours
from connectors.web.pages import accepted_language
from connectors.web.problems import Problem
from ticketing import conversations, customers, history, readers
from ticketing.inbox import Words
from ticketing.readers import Reader

log = logging.getLogger(__name__)

TEXT_LIMIT = 4000
HEARTBEAT_S = 15.0
OWN_LINES_S = 0.25
MAX_SEQ = 2**63 - 1
PAGE = 500

Seq = Annotated[int, Query(ge=0, le=MAX_SEQ)]


async def guard_origin(request: Request) -> None:
    """Another site's page may call only if the installer listed its origin."""
    listed = (await gateway(request)).settings.origins()
    if not (ours(request) or "*" in listed or request.headers["origin"] in listed):
        raise Problem(403, "this site may not use the chat", code="origin_not_allowed")


router = APIRouter(prefix="/chat", tags=["chat"], dependencies=[Depends(guard_origin)])


@dataclasses.dataclass(frozen=True, slots=True)
class Visitor:
    """Who is behind a valid bearer token."""

    identity_id: int
    customer_id: uuid.UUID


class NewSession(BaseModel):
    """A request for a session; ``identity`` is a token signed by the shop's own site."""

    model_config = ConfigDict(extra="ignore")
    identity: str | None = None
    locale: Literal["ko", "en"] | None = None


class NewMessage(BaseModel):
    """What a customer sends: words, or the payload of a button they were shown."""

    model_config = ConfigDict(extra="forbid")
    client_id: uuid.UUID
    text: str | None = Field(default=None, max_length=TEXT_LIMIT)
    button: str | None = Field(default=None, min_length=1, max_length=500)

    @field_validator("text", "button")
    @classmethod
    def storable(cls, value: str | None) -> str | None:
        """Everything Unicode is welcome but what PostgreSQL or UTF-8 cannot hold."""
        if value is not None:
            check_text(value)
        return value


class NewComment(BaseModel):
    """The words beside a rating."""

    comment: str = Field(min_length=1, max_length=1000)

    @field_validator("comment")
    @classmethod
    def storable(cls, value: str) -> str:
        """See :class:`NewMessage`."""
        check_text(value)
        return value


class Accepted(BaseModel):
    """The receipt of a message: its place in the customer's history."""

    id: str
    seq: int


def check_text(value: str) -> None:
    """Raise ``ValueError`` for an empty text, a NUL or half a surrogate pair."""
    if not value.strip():
        raise ValueError("the text is empty")
    if "\x00" in value:
        raise ValueError("the text holds a NUL character")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in value):
        raise ValueError("the text holds half of a surrogate pair")


_customer = HTTPBearer(
    auto_error=False, scheme_name="customer", description="The token of `POST /chat/sessions`"
)


def _unknown() -> Problem:
    return Problem(
        401,
        "this chat session is not valid; start a new one",
        headers={"WWW-Authenticate": "Bearer"},
    )


async def bearer(
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_customer)],
) -> str:
    """The bearer token, valid or not. Raises :class:`Problem` 401 without one."""
    if given is None or not given.credentials.strip():
        raise _unknown()
    return given.credentials.strip()


Here = Annotated[Gateway, Depends(gateway)]
Token = Annotated[str, Depends(bearer)]


async def visitor(here: Here, token: Token) -> Visitor:
    """The customer of the bearer token. Raises :class:`Problem` 401 without a valid one."""
    found = await here.store.glance(customers.authenticate, token)
    if found is None:
        raise _unknown()
    return Visitor(identity_id=found[0], customer_id=found[1])


Who = Annotated[Visitor, Depends(visitor)]


@router.post("/sessions", status_code=201)
async def start(
    here: Here,
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_customer)],
    body: NewSession | None = None,
) -> dict[str, str]:
    """Begin as an anonymous visitor, or as whom the shop's site says somebody is.

    The token is the only key to this history. With `identity` it is the history of that person on
    all their channels, and what was said in the session of the bearer token, if one is sent along,
    becomes part of it.
    """
    locale = (body.locale if body is not None else None) or accepted_language(request)
    if body is None or body.identity is None:
        token, customer = await here.store.run(customers.start_session, locale=locale)
        return {"token": token, "customer": str(customer.id)}
    before = given.credentials.strip() if given is not None else ""
    try:
        claims = verify(body.identity, here.settings.signer())
    except IdentityRefused as refused:
        await here.store.run(linking.refuse_token, why=refused.why, before=before)
        log.warning("a signed identity was refused: %s", refused.why)
        status = 422 if refused.why == "not_set_up" else 401
        raise Problem(status, str(refused), code=f"identity_{refused.why}") from None
    token, root = await here.store.run(
        linking.sign_in, claims=claims, locale=claims.locale or locale, before=before
    )
    return {"token": token, "customer": str(root)}


@router.post("/messages", status_code=202)
async def send(here: Here, token: Token, body: NewMessage) -> Accepted:
    """Accept a message. 202 comes after the commit: from then on it cannot be lost.

    429 when a visitor says more in a minute than is taken from one; the same again after
    `Retry-After` seconds.
    """
    receipt: desk.Receipt | None
    if (body.text is None) == (body.button is None):
        raise Problem(422, "send either text or button")
    if body.text is not None and desk.plain(body.text):
        receipt = await here.receiving.do(Words(token, str(body.client_id), body.text))
        if receipt is None:
            raise _unknown()
    else:
        who = await visitor(here, token)
        receipt = await here.store.run(
            _receive, who=who, body=body, allowed=here.settings.messages_per_minute
        )
    return Accepted(id=str(receipt.seq), seq=receipt.seq)


def _receive(session: Session, *, who: Visitor, body: NewMessage, allowed: int) -> desk.Receipt:
    said = Inbound(external_id=str(body.client_id), text=body.text or "", payload=body.button)
    if body.text is not None and choices.ordinal(body.text) is not None:
        # "2번" may be one of the buttons that were just shown.
        customers.hold(session, who.customer_id)
        payload = choices.meant(
            session,
            identity_id=who.identity_id,
            customer_id=who.customer_id,
            external_id=said.external_id,
            text=said.text,
        )
        said = dataclasses.replace(said, payload=payload)
    return desk.receive_from_web(
        session,
        customer_id=who.customer_id,
        identity_id=who.identity_id,
        inbound=said,
        allowed=allowed,
    )


@router.get("/messages")
async def read(here: Here, who: Who, after: Seq = 0) -> dict[str, Any]:
    """The history after ``after``, in order, at most 500 lines; internal notes never."""
    reader = Reader(who.customer_id, after)
    lines = await here.store.read(readers.visible, reader, limit=PAGE)
    return {"messages": [show(line, here.public_url) for line in lines]}


@router.get("/stream")
async def stream(
    here: Here,
    who: Who,
    after: Seq = 0,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """The same lines as server-sent events, from ``after`` on, without gap."""
    if last_event_id is not None and re.fullmatch("[0-9]{1,19}", last_event_id):
        after = max(after, min(int(last_event_id), MAX_SEQ))
    return streams.events(_events(here, who, after))


@router.post("/typing", status_code=204)
async def typing(here: Here, who: Who) -> Response:
    """The customer is typing; shown to the agent who holds the ticket."""
    here.hub.signal([str(who.customer_id)], "typing:customer")
    return Response(status_code=204)


@router.post("/ratings/{survey}/comment", status_code=204)
async def comment(here: Here, who: Who, survey: str, body: NewComment) -> Response:
    """Words to go with a rating, once. The same words again: the same answer."""
    await here.store.run(
        desk.comment, customer_id=who.customer_id, survey_id=survey, text=body.comment
    )
    return Response(status_code=204)


def article_link(article: dict[str, Any] | None, public_url: str) -> dict[str, Any] | None:
    """The article an answer is from, as customers may open it; ``more`` if they only saw a part."""
    if article is None:
        return None
    url = f"{public_url}/help/{article['id']}?lang={article['locale']}"
    shown = {"id": article["id"], "title": article["title"], "url": url}
    if (anchor := article.get("anchor")) is not None:
        shown |= {"url": f"{url}#{anchor}" if anchor else url, "more": True}
    return shown


def show(line: Row[Any], public_url: str) -> dict[str, Any]:
    """A line as customers and programs read it."""
    shown: dict[str, Any] = {
        "id": str(line.id),
        "seq": line.id,
        "author": line.author,
        "author_name": line.author_name,
        "kind": line.kind,
        "text": line.text,
        "buttons": line.buttons,
        "article": article_link(line.article, public_url),
        "attachments": line.meta.get("attachments", []),
        "at": line.at.isoformat(),
    }
    if line.author == "customer" and line.external_id is not None:
        shown["client_id"] = line.external_id
    if line.vote is not None:
        shown["vote"] = line.vote
    if "changed" in line.meta:
        shown["changed"] = line.meta["changed"]
    if line.kind == history.EDIT:
        shown["of"] = str(line.meta["of"])
    if "survey" in line.meta:
        shown["survey"] = line.meta["survey"]
    return shown


def _people(session: Session, customer_id: uuid.UUID) -> list[str]:
    """The topics of one person: all customers they are."""
    return sorted(str(one) for one in session.scalars(customers.members(customer_id)))


def _state(session: Session, customer_id: uuid.UUID) -> dict[str, Any]:
    found = conversations.holder(session, customer_id=customer_id)
    return {"holder": found.state, "agent": found.agent, "ticket": found.ticket}


async def _events(here: Gateway, who: Visitor, after: int) -> AsyncGenerator[str]:
    """Read, then wait for a wake-up, then read again; the hub sees to it that none is lost."""
    state: dict[str, Any] = {}
    signals = {"news", "state"}
    people = await here.store.glance(_people, who.customer_id)
    with here.hub.subscribe(*people) as subscription:
        yield ": connected\n\n"
        if people != await here.store.glance(_people, who.customer_id):
            return  # linked in this very moment; the browser comes back at once
        while not here.hub.closing:
            more = "news" in signals
            while more:
                lines = await here.streaming.do(Reader(who.customer_id, after))
                for line in lines:
                    after = line.id
                    yield f"id: {line.id}\ndata: {_json(show(line, here.public_url))}\n\n"
                more = len(lines) == readers.STREAM_PAGE
            if "state" in signals:
                now = await here.store.glance(_state, who.customer_id)
                if now != state:
                    state = now
                    yield f"event: state\ndata: {_json(state)}\n\n"
            signals = await subscription.wait(HEARTBEAT_S)
            if "linked" in signals:  # there is more to read now, or less: all of it, from the start
                yield "event: reset\ndata: {}\n\n"
                return
            if signals and "news" not in signals:
                for author in ("bot", "agent"):
                    if f"typing:{author}" in signals:
                        yield f"event: typing\ndata: {_json({'author': author})}\n\n"
                if "own" in signals:
                    # Mostly the answer follows at once, and one read serves for both.
                    signals |= {"news", *await subscription.wait(OWN_LINES_S)}
            if not signals:
                yield ": still here\n\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
