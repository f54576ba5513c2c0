"""Going on elsewhere: one-time codes for customers, links and their undoing for agents."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from connectors.desk import linking
from connectors.web.api import By, Me
from connectors.web.chat import Here, Who, guard_origin
from connectors.web.problems import Problem
from ticketing import accesses, customers, links, proofs
from ticketing.errors import NotFound
from ticketing.mailed_codes import TooMany
from ticketing.models import CustomerLink
from ticketing.record import Author

router = APIRouter(tags=["linking"])


class GivenCode(BaseModel):
    """A code that was shown on another channel, or mailed."""

    code: str = Field(min_length=1, max_length=40)


class Address(BaseModel):
    """An e-mail address that may be in a customer's record."""

    email: str = Field(min_length=3, max_length=254)


class NewLink(BaseModel):
    """Whom a customer is the same person as, and how the agent knows."""

    other: str = Field(max_length=40)
    reason: str = Field(min_length=1, max_length=500)


class Reason(BaseModel):
    """Why these two are not one person."""

    reason: str = Field(min_length=1, max_length=500)


@router.post("/chat/link-codes", status_code=201, dependencies=[Depends(guard_origin)])
async def new_code(here: Here, who: Who) -> dict[str, Any]:
    """A code, valid once and for ten minutes, with which to go on elsewhere."""
    code = await here.store.run(linking.new_code, customer_id=who.customer_id)
    kakao, bridge = here.settings.kakao_secret, here.settings.webhook_url
    return {
        "code": code,
        "valid_s": int(proofs.VALID.total_seconds()),
        "links": {name: link + code for name, link in here.continues.items()},
        # Where nothing leads to: there the customer writes the code.
        "typed": [name for name, one in (("kakao", kakao), ("bridge", bridge)) if one],
        "mail": bool(here.settings.smtp_url),
    }


@router.post("/chat/link-codes/mail", status_code=202, dependencies=[Depends(guard_origin)])
async def mail_code(here: Here, who: Who, body: Address) -> dict[str, Any]:
    """Mail a code to this address if a customer has it; the answer is the same if nobody does."""
    if not here.settings.smtp_url:
        raise Problem(404, "no codes are mailed here", code="mail_off")
    try:
        await here.store.run(linking.ask_by_mail, identity_id=who.identity_id, email=body.email)
    except TooMany:
        raise Problem(429, "too many codes were asked for", code="code_too_many") from None
    return {"valid_s": int(proofs.VALID.total_seconds())}


@router.post("/chat/link-codes/redeem", dependencies=[Depends(guard_origin)])
async def redeem(here: Here, who: Who, body: GivenCode) -> dict[str, str]:
    """Go on here with the history of whom the code was made for."""
    outcome = await here.store.run(
        linking.redeem_code,
        identity_id=who.identity_id,
        customer_id=who.customer_id,
        code=body.code,
    )
    if outcome not in ("linked", "same"):
        status = 429 if outcome == "too_many" else 422
        raise Problem(status, "this code was refused; get a new one", code=f"code_{outcome}")
    return {"outcome": outcome}


@router.get("/api/customers/{customer}/links", tags=["agents"])
async def listing(here: Here, by: By, customer: str) -> dict[str, Any]:
    """How this person's customers came to be one, what was undone, and who else they may be."""
    return await here.store.run(_show, customer, by=by)


@router.post("/api/customers/{customer}/links", status_code=201, tags=["agents"])
async def link(here: Here, me: Me, by: By, customer: str, body: NewLink) -> dict[str, Any]:
    """An agent's decision that two customers are one person, with the reason."""

    def act(session: Session) -> dict[str, Any]:
        one, other = customers.get(session, customer), customers.get(session, body.other)
        linking.link(
            session,
            customer_id=one.id,
            other_id=other.id,
            evidence="agent",
            reason=body.reason,
            agent=session.merge(me),
        )
        return _show(session, customer, by=by)

    return await here.store.run(act)


@router.post("/api/customers/{customer}/links/{link_id}/undo", tags=["agents"])
async def undo(
    here: Here, me: Me, by: By, customer: str, link_id: int, body: Reason
) -> dict[str, Any]:
    """Take a link back: both are again what they were, with what each said meanwhile."""

    def act(session: Session) -> dict[str, Any]:
        found = customers.get(session, customer)
        if link_id not in {one.id for one in links.of(session, found.id)}:
            raise NotFound("this customer has no such link")
        linking.unlink(session, link_id=link_id, reason=body.reason, agent=session.merge(me))
        return _show(session, customer, by=by)

    return await here.store.run(act)


def _show(session: Session, customer: str, *, by: Author) -> dict[str, Any]:
    found = customers.get(session, customer)
    linked, others = links.of(session, found.id), links.suggestions(session, found.id)
    beside = {key for one in linked for key in (one.customer_id, one.other_id)}
    beside |= {one.customer.id for one in others}
    accesses.opened(session, found.id, by=by, beside=beside)
    return {
        "customer": str(found.root_id),
        "links": [_link(one) for one in linked],
        "suggestions": [
            {
                "customer": {"id": str(one.customer.id), "name": customers.label(one.customer)},
                "evidence": [*one.evidence],
            }
            for one in others
        ],
        "refusals": [
            {"evidence": one.evidence, "why": one.why, "at": one.at.isoformat()}
            for one in proofs.refusals(session, found.id)
        ],
    }


def _link(one: CustomerLink) -> dict[str, Any]:
    return {
        "id": one.id,
        "customers": [str(one.customer_id), str(one.other_id)],
        "evidence": one.evidence,
        "reason": one.reason,
        "at": one.at.isoformat(),
        "undone_at": None if one.undone_at is None else one.undone_at.isoformat(),
        "undone_reason": one.undone_reason,
    }
