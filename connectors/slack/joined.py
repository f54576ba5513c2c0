"""Tickets that are one since their customers were linked: the way from one card to the other."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors.channel import DeliveryFailed
from connectors.slack.api import Slack
from connectors.slack.blocks import Joined
from ticketing import tickets
from ticketing.models import Ticket, TicketThread

log = logging.getLogger(__name__)

# More are not named: somebody who is five customers is a matter for the console.
NAMED = 5


def read(session: Session, ticket: Ticket, *, console: str) -> list[Joined]:
    """The ticket that goes on for this one, or those that rest for its sake, oldest first."""
    if ticket.joined_to is not None:
        found = [tickets.standing(session, ticket)]
    else:
        found = list(
            session.scalars(
                select(Ticket).where(Ticket.joined_to == ticket.id).order_by(Ticket.id).limit(NAMED)
            )
        )
    made = []
    for one in found:
        shown = session.get(TicketThread, one.id)
        made.append(
            Joined(
                code=one.code,
                goes_on=ticket.joined_to is not None,
                url=f"{console}/tickets/{one.code}" if console else "",
                place=None if shown is None else (shown.place, shown.thread),
            )
        )
    return made


async def linked(slack: Slack, joined: Sequence[Joined]) -> list[Joined]:
    """The same, with the addresses of their threads where Slack says them."""
    return [await _linked(slack, one) for one in joined]


async def _linked(slack: Slack, one: Joined) -> Joined:
    if one.place is None:
        return one
    channel, ts = one.place
    try:
        url = await slack.permalink(channel=channel, ts=ts)
    except DeliveryFailed as error:
        log.warning("a link to a joined ticket's thread is left out: %s", error)
        return one
    return dataclasses.replace(one, url=url) if url else one
