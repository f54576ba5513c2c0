"""The channel ``webhook``: any other messenger, bridged by a program that speaks signed JSON.

What is said to a customer is posted to the configured URL and nowhere else; what customers say
comes to ``POST /channels/webhook``. Both are signed with HMAC-SHA256 over the time and the body.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Sequence
from typing import Any, Literal

import httpx
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from connectors import choices, desk
from connectors.channel import Address, DeliveryFailed, Inbound, Outgoing
from connectors.desk import linking
from connectors.store import Store
from connectors.web.files import disposition
from connectors.web.problems import Problem
from ticketing import attachments, customers, history
from ticketing.errors import NotFound
from ticketing.models import Attachment, Message

CHANNEL = "webhook"
FILES = "/channels/webhook/files/"
TIMESTAMP = "sangdam-timestamp"
SIGNATURE = "sangdam-signature"
MAX_AGE_S = 300
TIMEOUT_S = 8.0
# Answers that may be another the next time; every other refusal is final.
_LATER = {408, 425, 429}


class Said(BaseModel):
    """What a customer did: ``text``, or the payload of a ``button`` they were shown."""

    model_config = ConfigDict(extra="ignore")
    id: str = Field(min_length=1, max_length=200)
    user: str = Field(min_length=1, max_length=200)
    account: str = Field(default="", max_length=200)
    name: str | None = Field(default=None, max_length=200)
    locale: Literal["ko", "en"] = "ko"
    text: str = Field(default="", max_length=4000)
    button: str | None = Field(default=None, min_length=1, max_length=500)


class Webhook:
    """The bridge of one gateway."""

    def __init__(self, store: Store, *, url: str, secret: str) -> None:
        self._store = store
        self._url = url
        self._secret = secret
        self._http = httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False)

    async def close(self) -> None:
        """End its connections."""
        await self._http.aclose()

    async def send(self, address: Address, line: Outgoing) -> Sequence[str]:
        """Post the line; the ids the bridge gives its messages, if it tells them.

        A line that is tried again has the same ``Idempotency-Key``.
        """
        body = json.dumps(_shown(address, line), ensure_ascii=False).encode()
        now = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"sangdam-{line.seq}",
            TIMESTAMP: now,
            SIGNATURE: sign(self._secret, now, body),
        }
        try:
            got = await self._http.post(self._url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryFailed(f"the bridge: {type(error).__name__}") from error
        if got.is_success:
            return _ids(got)
        said = f"the bridge answered {got.status_code}"
        if got.status_code in _LATER:
            raise DeliveryFailed(said, retry_after=_retry_after(got))
        raise DeliveryFailed(said, permanent=got.status_code < 500)

    def router(self) -> APIRouter:
        """The route for what customers say."""
        made = APIRouter(tags=["webhook"])

        @made.post(
            "/channels/webhook",
            status_code=202,
            responses={400: {}, 401: {}, 409: {}, 422: {}},
            summary="What a customer of a bridged messenger says",
        )
        async def inbound(request: Request) -> dict[str, Any]:
            body = await request.body()
            self._verify(request, body)
            return {"seq": await self._store.run(_accept, _read(body))}

        @made.get(
            FILES + "{file}",
            response_class=Response,
            responses={401: {}, 404: {}},
            summary="A file of a line that was sent to the bridge",
        )
        async def fetch(request: Request, file: str) -> Response:
            self._verify(request, request.url.path.encode())
            found, content = await self._store.read(_sent, file)
            headers = {
                "Content-Disposition": disposition(found),
                "X-Content-Type-Options": "nosniff",
            }
            return Response(content, media_type=found.media_type, headers=headers)

        return made

    def _verify(self, request: Request, signed: bytes) -> None:
        verify(
            signed,
            timestamp=request.headers.get(TIMESTAMP, ""),
            signature=request.headers.get(SIGNATURE, ""),
            secret=self._secret,
            now=time.time(),
        )


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256, in hex, of the Unix time, a dot and the body."""
    message = timestamp.encode() + b"." + body
    return "v1=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def verify(body: bytes, *, timestamp: str, signature: str, secret: str, now: float) -> None:
    """401 unless the body was signed with the secret within five minutes, either way, of now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 15):
        raise Problem(401, f"the header {TIMESTAMP} is missing or no Unix time")
    expected = sign(secret, timestamp, body)
    if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
        raise Problem(401, f"the header {SIGNATURE} does not fit the body")
    if abs(now - int(timestamp)) > MAX_AGE_S:
        raise Problem(401, "the request is too old, or one of the two clocks is wrong")


def _read(body: bytes) -> Said:
    try:
        said = Said.model_validate(json.loads(body))
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, item["loc"])) or "body" for item in error.errors())
        raise Problem(422, f"wrong or missing: {fields}") from None
    except (ValueError, RecursionError):
        raise Problem(400, "the body is not JSON") from None
    for value in (said.id, said.user, said.account, said.name or "", said.text, said.button or ""):
        if "\x00" in value or any(0xD800 <= ord(one) <= 0xDFFF for one in value):
            raise Problem(422, "a text holds NUL or half of a surrogate pair")
    if bool(said.text.strip()) == (said.button is not None):
        raise Problem(422, "send either text or button")
    return said


def _accept(session: Session, said: Said) -> int:
    """Keep what they said; the place of its line. The same id again is the same line."""
    identity_id, customer_id = customers.identify(
        session,
        channel=CHANNEL,
        account=said.account,
        external_id=said.user,
        name=said.name,
        locale=said.locale,
    )
    customers.hold(session, customer_id)
    payload = said.button
    if payload is None:
        if linking.given(session, identity_id=identity_id, customer_id=customer_id, text=said.text):
            return 0
        payload = choices.meant(
            session,
            identity_id=identity_id,
            customer_id=customer_id,
            external_id=said.id,
            text=said.text,
        )
    inbound = Inbound(external_id=said.id, text=said.text, payload=payload)
    receipt = desk.receive(
        session, customer_id=customer_id, identity_id=identity_id, inbound=inbound
    )
    return receipt.seq


def _sent(session: Session, file: str) -> tuple[Attachment, bytes]:
    """A file that was sent to the bridge, and its content. Raises :class:`NotFound` for others."""
    found = attachments.get(session, file)
    line = session.get_one(Message, found.message_id)
    theirs = history.channel(session, line) == CHANNEL and line.author != "customer"
    if not theirs or line.internal or line.meta.get("changed") == "deleted":
        raise NotFound("there is no such file")
    return found, attachments.content(session, found.id)


def _shown(address: Address, line: Outgoing) -> dict[str, Any]:
    return {
        "id": line.seq,
        "to": {"account": address.account, "user": address.external_id},
        "author": line.author,
        "author_name": line.author_name,
        "kind": line.kind,
        "locale": line.locale,
        "text": line.text,
        "buttons": list(line.buttons),
        # For a messenger without buttons: what to show below the text.
        "choices": choices.listed(line.buttons),
        "article": line.article,
        "attachments": [one | {"path": FILES + str(one["id"])} for one in line.attachments],
    }


def _ids(got: httpx.Response) -> list[str]:
    """``{"ids": […]}`` of the answer; a bridge need not tell any."""
    try:
        ids = got.json()["ids"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [str(one)[:200] for one in ids[:10]] if isinstance(ids, list) else []


def _retry_after(got: httpx.Response) -> float:
    given = got.headers.get("retry-after", "")
    return min(float(given), 3600.0) if given.isascii() and given.isdigit() else 5.0
