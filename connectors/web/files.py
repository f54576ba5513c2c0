"""Files of customers and agents: sent once, kept, and given only to those of the conversation.

A file comes as the body of its request, so that it can be counted while it arrives and waits on
the disk until it is whole. What goes out is a download, unless it is a picture we checked; no
script runs in either.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import AsyncIterator
from typing import IO, Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Header, Request, Response, Security
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.orm import Session

from connectors import desk
from connectors.channel import Inbound
from connectors.web import auth
from connectors.web.api import by_token
from connectors.web.chat import Accepted, Here, Who, guard_origin
from connectors.web.problems import Problem
from ticketing import accesses, agents, attachments
from ticketing.errors import Refused
from ticketing.file_types import PICTURES
from ticketing.models import Attachment
from ticketing.record import Author

IN_MEMORY = 256 * 1024
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD = {"requestBody": {"required": True, "content": {"application/octet-stream": _BINARY}}}
_DOWNLOAD: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"*/*": _BINARY}},
    304: {"description": "The same as the one you have"},
}

router = APIRouter()
_agent = HTTPBearer(
    auto_error=False, scheme_name="agent", description="The token of `sangdam token create`"
)
ClientId = Annotated[uuid.UUID, Header(description="the same again is the same file")]
FileName = Annotated[
    str, Header(min_length=1, max_length=2000, description="percent-encoded UTF-8")
]


@router.post(
    "/chat/files",
    status_code=202,
    tags=["chat"],
    dependencies=[Depends(guard_origin)],
    openapi_extra=_UPLOAD,
)
async def send(
    here: Here, who: Who, request: Request, client_id: ClientId, file_name: FileName
) -> Accepted:
    """Accept a file of at most 10 MiB as a message. 202 comes after the commit."""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        async for part in request.stream():
            spool.write(part)
        receipt = await here.store.run(
            accept,
            who=who,
            client_id=client_id,
            name=unquote(file_name),
            spool=spool,
            allowed=here.settings.messages_per_minute,
        )
    return Accepted(id=str(receipt.seq), seq=receipt.seq)


def accept(
    session: Session,
    *,
    who: Who,
    client_id: uuid.UUID,
    name: str,
    spool: IO[bytes],
    allowed: int = 0,
) -> desk.Receipt:
    """Look at the file and receive it. Raises :class:`Problem` 422 with why it is not taken."""
    spool.seek(0)
    try:
        file = attachments.examine(name, spool.read())
    except Refused as error:
        raise Problem(422, str(error), code="file_not_accepted") from None
    try:
        attachments.check_room(session, customer_id=who.customer_id, size=len(file.content))
    except Refused as error:
        raise Problem(422, str(error), code="too_many_files") from None
    return desk.receive_from_web(
        session,
        customer_id=who.customer_id,
        identity_id=who.identity_id,
        inbound=Inbound(external_id=str(client_id), files=[file]),
        allowed=allowed,
    )


@router.get(
    "/chat/files/{file}",
    tags=["chat"],
    dependencies=[Depends(guard_origin)],
    response_class=Response,
    responses=_DOWNLOAD,
)
async def of_customer(here: Here, who: Who, file: str, request: Request) -> Response:
    """A file of this customer's conversation; 404 for every other one."""
    found = await here.store.read(attachments.get, file, customer_id=who.customer_id)
    return _answer(here, request, found)


async def reader(
    request: Request,
    here: Here,
    given: Annotated[HTTPAuthorizationCredentials | None, Security(_agent)],
) -> Author:
    """An agent by their API token, or by the session of the console."""
    token = request.cookies.get(auth.COOKIE, "")
    if given is not None or not token:
        return await by_token(request, await auth.api_agent(here, given))
    agent = await here.store.read(agents.authenticate, token, kind="session", used=False)
    if agent is None:
        raise Problem(401, "sign in to the console first")
    return Author(name=agent.name, agent_id=agent.id, source="console", place=auth.place(request))


@router.get("/api/files/{file}", tags=["agents"], response_class=Response, responses=_DOWNLOAD)
async def of_anyone(
    here: Here, by: Annotated[Author, Depends(reader)], file: str, request: Request
) -> Response:
    """A file of any conversation, for agents."""

    def read(session: Session) -> Attachment:
        found = attachments.get(session, file)
        accesses.opened(session, found.customer_id, by=by)
        return found

    return _answer(here, request, await here.store.read(read))


def _answer(here: Here, request: Request, file: Attachment) -> Response:
    headers = {
        "Content-Disposition": disposition(file),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        # Kept by the reader's own browser, and asked for each time whether they still may.
        "Cache-Control": "private, no-cache",
        "ETag": f'"{file.sha256.hex()}"',
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(file.size)
    return StreamingResponse(_pieces(here, file), media_type=file.media_type, headers=headers)


async def _pieces(here: Here, file: Attachment) -> AsyncIterator[bytes]:
    """A reader who never reads holds one piece in memory."""
    for start in range(0, file.size, attachments.PIECE):
        yield await here.store.read(attachments.piece, file.id, start=start)


def disposition(file: Attachment) -> str:
    """Shown only if it is a picture that was checked; else saved under its name."""
    how = "inline" if file.media_type in PICTURES else "attachment"
    plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._- " else "_" for c in file.name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
