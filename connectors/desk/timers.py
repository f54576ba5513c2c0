"""What the worker does when a ticket's time has come, and for one that needs somebody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy.orm import Session

from connectors import outside
from connectors.desk import queue
from connectors.desk.agent import locked
from connectors.store import Store
from connectors.worker import Handler, Settle
from ticketing import lanes, routing, sla, teams
from ticketing.errors import NotFound
from ticketing.lanes import Work
from ticketing.models import Ticket

# Who of these Slack users is active now; those of whom it does not say are left out.
Presence = Callable[[Sequence[str]], Awaitable[dict[str, bool]]]


def replanned(session: Session) -> None:
    """Other hours or goals: every open ticket is promised something else, each in its turn."""
    at = teams.now(session).isoformat()
    for code in teams.open_tickets(session):
        dedup = f"{code}:{at}"
        lanes.enqueue(
            session,
            lane=lanes.once(queue.REFIT, dedup),
            kind=queue.REFIT,
            dedup=dedup,
            payload={"ticket": code},
        )


def handlers(store: Store, presence: Presence | None) -> dict[str, Handler]:
    """By kind of job."""

    async def look(work: Work) -> Settle:
        def settle(session: Session) -> None:
            ticket = _ticket(session, work)
            if ticket is not None:
                queue.attend(session, ticket)

        return settle

    async def refit(work: Work) -> Settle:
        def settle(session: Session) -> None:
            ticket = _ticket(session, work)
            if ticket is not None:
                sla.refit(session, ticket)
                outside.changed(session, ticket)
                queue.attend(session, ticket)

        return settle

    async def route(work: Work) -> Settle:
        shown: dict[int, bool] = {}
        if presence is not None:
            asked = await store.read(routing.to_look_up)
            active = await presence([user for _, user in asked])
            shown = {agent: active[user] for agent, user in asked if user in active}

        def settle(session: Session) -> None:
            for agent, here in sorted(shown.items()):
                routing.seen(session, agent, active=here)
            ticket = _ticket(session, work)
            if ticket is not None:
                queue.give(session, ticket, without=work.payload.get("without"))

        return settle

    return {queue.LOOK: look, queue.REFIT: refit, queue.ROUTE: route}


def _ticket(session: Session, work: Work) -> Ticket | None:
    try:
        return locked(session, work.payload["ticket"])
    except NotFound:
        return None
