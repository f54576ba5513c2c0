"""Tickets that a ticket has to do with: shown, added, taken away."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Request, Response
from sqlalchemy.orm import Session

from connectors.desk import relating
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Sender
from connectors.web.console.words import say
from connectors.web.problems import Problem
from ticketing import ticket_links, tickets
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Ticket

router = APIRouter(prefix="/tickets/{code}/links", route_class=ConsoleRoute)


def shown(session: Session, ticket: Ticket) -> dict[str, Any]:
    """What the ticket's page shows of links."""
    return {
        "linked": ticket_links.of(session, ticket),
        "removable": ticket_links.REMOVABLE,
    }


@router.post("")
async def add(
    request: Request,
    here: Here,
    me: Sender,
    code: str,
    other: Annotated[str, Form(min_length=1, max_length=300)],
    chosen: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Link another ticket: the one that was chosen of those found, or the one with this code.

    Its page's address will do as its code.
    """

    def act(session: Session) -> None:
        two = typed(session, chosen or other)
        try:
            relating.relate(session, code=code, other=two.code, agent=session.merge(me.agent))
        except Conflict:
            raise Problem(409, "error.linked_already") from None
        except NotFound:
            raise
        except Refused:
            raise Problem(422, "error.link_itself") from None

    await here.store.run(act)
    return frame.done(
        request,
        f"/console/tickets/{code}",
        said=say("said.related", me.lang),
        fields={"other": ""},
    )


@router.post("/{link_id}/remove")
async def remove(
    request: Request,
    here: Here,
    me: Sender,
    code: str,
    link_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
) -> Response:
    """Take a link away."""

    def act(session: Session) -> None:
        relating.unrelate(session, code=code, link_id=link_id, agent=session.merge(me.agent))

    await here.store.run(act)
    return frame.done(request, f"/console/tickets/{code}", said=say("said.unrelated", me.lang))


def typed(session: Session, text: str) -> Ticket:
    """The ticket of a code or address that somebody typed. Raises :class:`Problem`."""
    found = tickets.find(session, text.strip().partition("?")[0].rstrip("/").rpartition("/")[2])
    if found is None:
        raise Problem(404, "error.no_ticket")
    return found
