"""What agents write down of a customer beside the fields: consents, complaints and their end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from sqlalchemy.orm import Session

from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Sender
from connectors.web.console.words import say
from ticketing import claims, consents, customers, history, tickets
from ticketing.errors import NotFound

router = APIRouter(prefix="/customers", route_class=ConsoleRoute)
Text = Annotated[str, Form(max_length=5000)]
ClaimId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.post("/{customer_id}/consents")
async def agree(
    request: Request,
    here: Here,
    me: Sender,
    customer_id: str,
    purpose: Text = "",
    text_version: Text = "",
    channel: Text = "",
) -> Response:
    """The customer agreed; other words for the same purpose take the place of earlier ones."""

    def act(session: Session) -> str:
        customer = customers.get(session, customer_id)
        consents.give(
            session,
            customer.id,
            purpose=purpose,
            text_version=text_version,
            channel=channel,
            by=me.author,
        )
        history.touch(session, customer.id, "state")
        return str(customer.id)

    return _done(request, await here.store.run(act), say("consent.said", me.lang))


@router.post("/{customer_id}/consents/withdraw")
async def withdraw(
    request: Request, here: Here, me: Sender, customer_id: str, purpose: Text
) -> Response:
    """The customer agrees no more."""

    def act(session: Session) -> str:
        customer = customers.get(session, customer_id)
        consents.withdraw(session, customer.id, purpose=purpose, by=me.author)
        history.touch(session, customer.id, "state")
        return str(customer.id)

    return _done(request, await here.store.run(act), say("consent.said.withdrawn", me.lang))


@router.post("/{customer_id}/claims")
async def complain(
    request: Request,
    here: Here,
    me: Sender,
    customer_id: str,
    kind: Text = "",
    text: Text = "",
    ticket: Text = "",
) -> Response:
    """Keep a complaint, of one of the customer's tickets or of none."""

    def act(session: Session) -> str:
        customer = customers.get(session, customer_id)
        about = tickets.get(session, ticket) if ticket else None
        if about is not None and about.customer.root_id != customer.root_id:
            raise NotFound("there is no such ticket")
        claims.make(session, customer.id, kind=kind, text=text, ticket=about, by=me.author)
        history.touch(session, customer.id, "state")
        return str(customer.id)

    return _done(request, await here.store.run(act), say("claim.said", me.lang))


@router.post("/{customer_id}/claims/{claim}/settle")
async def settle(
    request: Request,
    here: Here,
    me: Sender,
    customer_id: str,
    claim: ClaimId,
    settlement: Text = "",
) -> Response:
    """Say how a complaint ended, once."""

    def act(session: Session) -> str:
        customer = customers.get(session, customer_id)
        claims.settle(session, customer.id, claim, settlement=settlement, by=me.author)
        history.touch(session, customer.id, "state")
        return str(customer.id)

    return _done(request, await here.store.run(act), say("claim.said.settled", me.lang))


def _done(request: Request, customer_id: str, said: str) -> Response:
    return frame.done(request, f"/console/customers/{customer_id}", said=said)
