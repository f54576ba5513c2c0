"""Customers: find one, and everything known of them on one page."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.web.console import frame, links, records, timeline
from connectors.web.console.frame import ConsoleRoute, Here, Me
from connectors.web.console.portions import Portions, going_on
from ticketing import accesses, csat, customer_search, customers, nps, surveys, tickets
from ticketing.models import ChannelIdentity, Csat, Customer, Ticket

SHOWN = 100
LINES = 1000
UNASKED = 5

router = APIRouter(prefix="/customers", route_class=ConsoleRoute)


@router.get("")
async def listing(
    request: Request,
    here: Here,
    me: Me,
    q: Annotated[str, Query(max_length=200)] = "",
    portions: Portions = 1,
) -> Response:
    """Customers by their last message, or those that match ``q``."""
    wanted = q.replace("\x00", "").strip()

    def read(session: Session) -> dict[str, Any]:
        found = customer_search.find(session, search=wanted, limit=portions * SHOWN + 1)
        ids = [customer.id for customer, _ in found]
        people = ids[: portions * SHOWN]
        if customer_search.plain(wanted):
            accesses.found(session, people, by=me.author)
        else:
            accesses.listed(session, people, by=me.author)
        known = _known(session, ids)
        rows = [
            {"customer": customer, "last": last, **known.get(customer.id, _NOTHING)}
            for customer, last in found
        ]
        return {**going_on(request, rows, portions, SHOWN), "q": wanted, "here": "customers"}

    return await frame.show(request, here, me, "customers", read, parts=("customers",))


@router.get("/{customer_id}")
async def one(
    request: Request, here: Here, me: Me, customer_id: str, line: timeline.Line = 0
) -> Response:
    """Contact, addresses, ratings, tickets and the whole history."""

    def read(session: Session) -> dict[str, Any]:
        customer = customers.get(session, customer_id)
        admin = me.agent.role == "admin"
        viewers = accesses.viewers(session, customer.id, but=me.agent.id) if admin else []
        linked = links.shown(session, customer)
        accesses.opened(session, customer.id, by=me.author, beside=links.named(linked))
        entries, cut = timeline.entries(
            session, customer_id=customer.id, zone=me.zone, back_to=line, limit=LINES
        )
        ratings = csat.ratings(session, customer_id=customer.id)
        return {
            "here": "customers",
            "customer": customer,
            "identities": customers.identities(session, customer.id),
            **records.shown(session, customer.id, lang=me.lang),
            "score": csat.score(session, customer_id=customer.id),
            "ratings": ratings,
            "recommends": nps.given(session, customer_id=customer.id),
            "unasked": surveys.skipped(session, customer_id=customer.id, limit=UNASKED),
            "chart": chart([one.score or 0 for one in reversed(ratings)]),
            "tickets": tickets.listing(session, customer_id=customer.id),
            "ongoing": tickets.current(session, customer_id=customer.id) is not None,
            "priorities": tickets.PRIORITIES[::-1],
            "entries": entries,
            "cut": cut,
            "viewers": viewers,
            **linked,
        }

    return await frame.show(request, here, me, "customer", read, parts=("record", "conversation"))


def chart(scores: Sequence[int], *, width: int = 300, height: int = 84) -> list[dict[str, Any]]:
    """Points of the ratings, oldest first, in a drawing of this size; the newest 40 of them."""
    scores = scores[-40:]
    step = (width - 24) / max(1, len(scores) - 1)
    return [
        {
            "x": round(12 + (number * step if len(scores) > 1 else (width - 24) / 2), 1),
            "y": round(height - 12 - (score - 1) * (height - 24) / 4, 1),
            "score": score,
        }
        for number, score in enumerate(scores)
    ]


_NOTHING: dict[str, Any] = {"average": None, "count": 0, "open": None, "channels": ()}


def _known(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """Ratings, open ticket and channels of many people, in three queries."""
    found = {one: dict(_NOTHING, channels=[]) for one in ids}
    rated = session.execute(
        select(Customer.root_id, func.avg(Csat.score), func.count(Csat.score))
        .join(Csat, Csat.customer_id == Customer.id)
        .where(Customer.root_id.in_(ids), Csat.score.is_not(None))
        .group_by(Customer.root_id)
    )
    for customer_id, average, count in rated:
        found[customer_id].update(average=round(float(average), 1), count=count)
    unsolved = session.execute(
        select(Customer.root_id, Ticket)
        .join(Ticket, Ticket.customer_id == Customer.id)
        .where(Customer.root_id.in_(ids), Ticket.state != "resolved", Ticket.joined_to.is_(None))
    )
    for customer_id, ticket in unsolved:
        found[customer_id]["open"] = ticket
    addresses = session.execute(
        select(Customer.root_id, ChannelIdentity.channel)
        .join(ChannelIdentity, ChannelIdentity.customer_id == Customer.id)
        .where(Customer.root_id.in_(ids), ChannelIdentity.channel != "shop")
        .distinct()
    )
    for customer_id, channel in addresses:
        found[customer_id]["channels"].append(channel)
    return found
