"""An agent leaves: what they had in hand is everybody's again, and their customers are told."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import outside
from connectors.desk import queue
from connectors.desk.agent import locked
from connectors.desk.lines import system_line
from connectors.phrases import say
from connectors.worker import Handler, Settle
from ticketing import agents, conversations, lanes, recovery, tickets
from ticketing.errors import NotFound
from ticketing.lanes import Work
from ticketing.models import Agent, Ticket

HAND_BACK = "agent.left"


def leave(session: Session, agent: Agent, *, by: str) -> int:
    """Nothing lets the agent in any more, and each of their tickets goes back to the queue.

    The tickets follow a moment later, each in its customer's own turn; those that were offered to
    them are offered to somebody else. Returns how many they had. Raises as
    :func:`ticketing.agents.leave` does.
    """
    if not agents.leave(session, agent, by=by):
        return 0
    recovery.pass_on(session, agent)
    theirs = (Ticket.assignee_id == agent.id) & (Ticket.state == "claimed")
    offered = (Ticket.offered_to_id == agent.id) & (Ticket.state == "open")
    found = session.execute(
        select(Ticket.code, Ticket.version, Ticket.state)
        .where(theirs | offered)
        .order_by(Ticket.id)
    ).all()
    for code, version, _ in found:
        dedup = f"{code}:{agent.id}:{version}"
        lanes.enqueue(
            session,
            lane=lanes.once(HAND_BACK, dedup),
            kind=HAND_BACK,
            dedup=dedup,
            payload={"ticket": code, "agent": agent.id},
        )
    return sum(state == "claimed" for _, _, state in found)


def handlers() -> dict[str, Handler]:
    """By kind of job."""
    return {HAND_BACK: _hand_back}


async def _hand_back(work: Work) -> Settle:
    def settle(session: Session) -> None:
        try:
            ticket = locked(session, work.payload["ticket"])
        except NotFound:
            return
        gone = work.payload["agent"]
        if ticket.state == "open" and ticket.offered_to_id == gone:
            ticket.offered_to_id = ticket.offered_to = None
            ticket.offered_why = ""
            outside.changed(session, ticket)
            queue.entered(session, ticket)
        agent = ticket.assignee
        if ticket.state != "claimed" or agent is None or agent.id != gone:
            return  # somebody was faster
        tickets.release(session, ticket)
        if ticket.snoozed_until is None:
            conversation = conversations.get(session, ticket.conversation_id)
            words = say("handed_back", conversation.locale, agent=agent.name, code=ticket.code)
            system_line(session, conversation, words)
        outside.happened(session, ticket, "left", agent=agent.name, broadcast=True)
        queue.entered(session, ticket)

    return settle
