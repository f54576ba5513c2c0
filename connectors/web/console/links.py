"""Customers who are one person: how that is known, an agent's decision, and its undoing."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.desk import linking
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Sender
from connectors.web.console.words import say
from ticketing import customers, links
from ticketing.errors import NotFound
from ticketing.models import Agent, ChannelIdentity, Customer

router = APIRouter(prefix="/customers/{customer_id}/links", route_class=ConsoleRoute)
Reason = Annotated[str, Form(min_length=1, max_length=500)]


def shown(session: Session, customer: Customer) -> dict[str, Any]:
    """What the customer's page shows of links."""
    return {
        "links": [
            {
                "link": one,
                "sides": [_side(session, key) for key in (one.customer_id, one.other_id)],
                "by": _name(session, one.agent_id),
                "undone_by": _name(session, one.undone_by),
            }
            for one in links.of(session, customer.id)
        ],
        "suggestions": links.suggestions(session, customer.id),
    }


def named(shown: dict[str, Any]) -> set[uuid.UUID]:
    """Whom the page names by these, the customer among them."""
    sides = {
        key for one in shown["links"] for key in (one["link"].customer_id, one["link"].other_id)
    }
    return sides | {one.customer.id for one in shown["suggestions"]}


def _side(session: Session, customer_id: uuid.UUID) -> dict[str, Any]:
    """One of the two that are linked, with its own channels."""
    found = select(ChannelIdentity.channel).where(ChannelIdentity.customer_id == customer_id)
    channels = session.scalars(found.order_by(ChannelIdentity.id)).all()
    return {"customer": customers.get(session, customer_id), "channels": dict.fromkeys(channels)}


def _name(session: Session, agent_id: int | None) -> str:
    agent = None if agent_id is None else session.get(Agent, agent_id)
    return "" if agent is None else agent.name


@router.post("")
async def link(
    request: Request,
    here: Here,
    me: Sender,
    customer_id: str,
    other: Annotated[str, Form(min_length=1, max_length=300)],
    reason: Reason,
    chosen: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Decide that two customers are one person: this one, and who was chosen of those found.

    Or the one with this id, as which the address of their page will do.
    """

    def act(session: Session) -> str:
        one = customers.get(session, customer_id)
        typed = (chosen or other).strip().partition("?")[0].rstrip("/")
        two = customers.get(session, typed.rpartition("/")[2])
        linking.link(
            session,
            customer_id=one.id,
            other_id=two.id,
            evidence="agent",
            reason=reason,
            agent=session.merge(me.agent),
        )
        return say("said.linked", me.lang)

    said = await here.store.run(act)
    fresh = {"other": "", "reason": ""}
    return frame.done(request, f"/console/customers/{customer_id}", said=said, fields=fresh)


@router.post("/{link_id}/undo")
async def undo(
    request: Request,
    here: Here,
    me: Sender,
    customer_id: str,
    link_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
    reason: Reason,
) -> Response:
    """Take a link back, with the reason."""

    def act(session: Session) -> str:
        found = customers.get(session, customer_id)
        if link_id not in {one.id for one in links.of(session, found.id)}:
            raise NotFound("this customer has no such link")
        linking.unlink(session, link_id=link_id, reason=reason, agent=session.merge(me.agent))
        return say("said.unlinked", me.lang)

    said = await here.store.run(act)
    return frame.done(request, f"/console/customers/{customer_id}", said=said)
