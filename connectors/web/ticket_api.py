"""Tickets merged, split, linked and tagged by programs: as agents do in the console."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from connectors.desk import merging, relating, tagging
from connectors.web import api
from connectors.web.api import By, Here, Me

router = APIRouter(prefix="/api/tickets/{code}", tags=["agents"])
LinkId = Annotated[int, Path(ge=1, le=2**63 - 1, description="`id` of one of the ticket's links")]
Code = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00]*$")]


class Into(BaseModel):
    """The ticket that goes on; both are of one person."""

    model_config = ConfigDict(extra="forbid")
    into: Code


class At(BaseModel):
    """Where to split: `seq` of a message of the customer in this ticket, but its first."""

    model_config = ConfigDict(extra="forbid")
    seq: int = Field(ge=1, le=2**63 - 1)


class Other(BaseModel):
    """A ticket that has to do with this one."""

    model_config = ConfigDict(extra="forbid")
    ticket: Code


class Tag(BaseModel):
    """A tag; it is kept in small letters, without `#`."""

    model_config = ConfigDict(extra="forbid")
    tag: str = Field(min_length=1, max_length=200)


@router.post("/merge")
async def merge(here: Here, me: Me, by: By, code: str, body: Into) -> dict[str, Any]:
    """Make this ticket a part of another one of the same person. Answers with that one."""

    def act(session: Session) -> dict[str, Any]:
        agent = session.merge(me)
        kept = merging.merge(session, code=code, into=body.into, agent=agent)
        return api.full(session, kept.code, by=by)

    return await here.store.run(act)


@router.post("/split", status_code=201)
async def split(here: Here, me: Me, by: By, code: str, body: At) -> dict[str, Any]:
    """Make a second ticket of a message and what came after it. Answers with the new one."""

    def act(session: Session) -> dict[str, Any]:
        agent = session.merge(me)
        made = merging.split(session, code=code, seq=body.seq, agent=agent)
        return api.full(session, made.code, by=by)

    return await here.store.run(act)


@router.post("/links/{link}/undo")
async def undo(here: Here, me: Me, by: By, code: str, link: LinkId) -> dict[str, Any]:
    """Take the last merge or split back. Answers with the ticket to look at then."""

    def act(session: Session) -> dict[str, Any]:
        agent = session.merge(me)
        kept = merging.undo(session, code=code, link_id=link, agent=agent)
        return api.full(session, kept.code, by=by)

    return await here.store.run(act)


@router.post("/links", status_code=201)
async def relate(here: Here, me: Me, by: By, code: str, body: Other) -> dict[str, Any]:
    """Link a ticket, of whichever customer, that has to do with this one."""

    def act(session: Session) -> dict[str, Any]:
        relating.relate(session, code=code, other=body.ticket, agent=session.merge(me))
        return api.full(session, code, by=by)

    return await here.store.run(act)


@router.delete("/links/{link}")
async def unrelate(here: Here, me: Me, by: By, code: str, link: LinkId) -> dict[str, Any]:
    """Take such a link away, or that to an earlier ticket. A merge or split is undone instead."""

    def act(session: Session) -> dict[str, Any]:
        relating.unrelate(session, code=code, link_id=link, agent=session.merge(me))
        return api.full(session, code, by=by)

    return await here.store.run(act)


@router.post("/front")
async def front(here: Here, me: Me, by: By, code: str) -> dict[str, Any]:
    """From now on what the customer writes goes to this one of their open tickets."""

    def act(session: Session) -> dict[str, Any]:
        merging.bring_forward(session, code=code)
        return api.full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tags")
async def tag(here: Here, me: Me, by: By, code: str, body: Tag) -> dict[str, Any]:
    """Put a tag on the ticket. Again: the same answer, and nothing else happens."""

    def act(session: Session) -> dict[str, Any]:
        tagging.tag(session, code=code, tag=body.tag, agent=session.merge(me))
        return api.full(session, code, by=by)

    return await here.store.run(act)


@router.post("/tags/remove")
async def untag(here: Here, me: Me, by: By, code: str, body: Tag) -> dict[str, Any]:
    """Take a tag off, whoever or whatever put it there. Again: the same answer."""

    def act(session: Session) -> dict[str, Any]:
        tagging.untag(session, code=code, tag=body.tag)
        return api.full(session, code, by=by)

    return await here.store.run(act)
