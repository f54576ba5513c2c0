"""Pictures for articles, sent from the editor."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from connectors import pictures as checked
from connectors.web.console import frame, uploads
from connectors.web.console.article_words import reason_in
from connectors.web.console.frame import ConsoleRoute, Here
from connectors.web.console.uploads import Uploader
from connectors.web.problems import Problem
from knowledge_base import pictures
from ticketing.file_types import clean_name

router = APIRouter(prefix="/articles/pictures", route_class=ConsoleRoute)


@router.post("")
async def send(request: Request, here: Here, me: Uploader) -> Response:
    """Keep a picture; the answer is what the article shows it by."""
    async with uploads.form(request, here) as form:
        file = uploads.sent(form, "file")
        name, content = clean_name(file.filename or ""), await file.read()
    try:
        kind = checked.media_type(name, content)
    except ValueError as error:
        raise Problem(422, "error.picture", reason=reason_in(str(error), me.lang)) from None

    def act(session: Session) -> str:
        made = pictures.add(
            session, name=name, media_type=kind, content=content, author=me.agent.name
        )
        return pictures.address(made)

    address = await here.store.run(act)
    words = "".join(" " if c in "[]\\`*_<>!" else c for c in name.rpartition(".")[0]).strip()
    return JSONResponse(
        {"address": address, "markdown": f"![{words}]({address})"}, headers=frame.HEADERS
    )
