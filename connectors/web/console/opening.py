"""A ticket that an agent opens for a customer: to write first, or for somebody on the phone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy.orm import Session

from connectors import desk
from connectors.web.console import frame
from connectors.web.console.frame import ConsoleRoute, Here, Sender
from connectors.web.console.words import say
from connectors.web.problems import Problem
from ticketing import customers, tickets

router = APIRouter(prefix="/customers", route_class=ConsoleRoute)


@router.post("/{customer_id}/tickets")
async def open_ticket(
    request: Request,
    here: Here,
    me: Sender,
    customer_id: str,
    question: Annotated[str, Form(max_length=3000)] = "",
    priority: Annotated[str, Form()] = "normal",
) -> Response:
    """Open it and have it; its page is where the customer is written to."""
    if not question.strip():
        raise Problem(422, "open.empty")
    if priority not in tickets.PRIORITIES:
        raise Problem(422, "error.422")

    def act(session: Session) -> str:
        ticket = desk.open_for(
            session,
            customer_id=customers.get(session, customer_id).id,
            question=question.strip(),
            priority=priority,
            by=session.merge(me.agent),
            takes=True,
        )
        return ticket.code

    code = await here.store.run(act)
    return frame.done(
        request, f"/console/tickets/{code}", said=say("said.opened", me.lang), go=True
    )
