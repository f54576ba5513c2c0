"""What is decided about a ticket: who has it, how urgent it is, when to look at it, once more."""

from __future__ import annotations

import datetime as dt
import logging
import uuid

from sqlalchemy.orm import Session

from connectors import outside
from connectors.agent_lines import Value, moment, phrase
from connectors.desk import queue
from connectors.desk.agent import locked, mine
from connectors.desk.lines import note_line, reach, system_line
from connectors.phrases import say
from connectors.worker import Handler, Settle
from ticketing import conversations, customers, lanes, teams, tickets
from ticketing.errors import Conflict, NotFound
from ticketing.lanes import Work
from ticketing.models import Agent, Ticket

log = logging.getLogger(__name__)

WAKE = "ticket.wake"


def assign(session: Session, *, code: str, agent: Agent, by: Agent) -> Ticket:
    """Give the ticket to ``agent``: one that waits or is one's own, and a lead any.

    Who gets or loses it by a colleague's hand hears of it in Slack.

    Raises :class:`Conflict` with the holder's name when somebody else holds it.
    """
    ticket = locked(session, code)
    mine(ticket, by)
    holder = ticket.assignee if ticket.state == "claimed" else None
    if tickets.assign(session, ticket, agent=agent):
        conversation = conversations.get(session, ticket.conversation_id)
        system_line(session, conversation, say("claimed", conversation.locale, agent=agent.name))
        if by.id != agent.id:
            _noted(session, ticket, "given", by=by.name, agent=agent.name)
        told = [one.slack_user for one in (agent, holder) if one is not None and one.id != by.id]
        if told:
            facts = {"by": by.name, "agent": agent.name}
            mentions = [user for user in told if user]
            outside.happened(session, ticket, "given", mentions=mentions, **facts)
        else:
            outside.changed(session, ticket)
        queue.attend(session, ticket)
    return ticket


def release(session: Session, *, code: str, by: Agent) -> Ticket:
    """Back to the queue, for everybody: by who has it, or a lead. The customer is told.

    It is offered to somebody else. Raises :class:`Conflict` with the holder's name when somebody
    else holds it, and when it is resolved.
    """
    ticket = locked(session, code)
    mine(ticket, by)
    if ticket.state == "resolved":
        raise Conflict("this ticket is resolved; it has to be reopened first", reason="resolved")
    holder = ticket.assignee
    if not tickets.release(session, ticket) or holder is None:
        return ticket
    if ticket.snoozed_until is None:  # else nobody is looked for yet
        conversation = conversations.get(session, ticket.conversation_id)
        words = say("handed_back", conversation.locale, agent=holder.name, code=ticket.code)
        system_line(session, conversation, words)
    _noted(session, ticket, "put_back", agent=by.name)
    outside.happened(session, ticket, "released", agent=by.name, broadcast=True)
    queue.entered(session, ticket, without=holder.id)
    return ticket


def prioritise(session: Session, *, code: str, priority: str, by: Agent) -> Ticket:
    """Say how urgent it is. Any agent may: the one who sees it first."""
    ticket = locked(session, code)
    before = ticket.priority
    if tickets.prioritise(session, ticket, priority):
        was, now = phrase(f"priority_{before}"), phrase(f"priority_{priority}")
        _noted(session, ticket, "prioritised", agent=by.name, before=was, priority=now)
        outside.changed(session, ticket)
        queue.attend(session, ticket)
    return ticket


def snooze(session: Session, *, code: str, until: dt.datetime, by: Agent) -> Ticket:
    """Put the ticket off: it comes back at ``until``, or when the customer writes."""
    ticket = locked(session, code)
    mine(ticket, by)
    tickets.snooze(session, ticket, until=until)
    zone = teams.plan(session, ticket.team_id).hours.zone
    time = moment(until, zone=zone)
    _noted(session, ticket, "snoozed", agent=by.name, until=time)
    outside.changed(session, ticket)
    lanes.enqueue(
        session,
        lane=lanes.once(WAKE, f"{ticket.code}:{ticket.version}"),
        kind=WAKE,
        dedup=f"{ticket.code}:{ticket.version}",
        payload={"ticket": ticket.code, "until": until.isoformat()},
        due=until,
    )
    queue.attend(session, ticket)
    return ticket


def wake(session: Session, *, code: str, by: Agent) -> Ticket:
    """Look at it now after all."""
    ticket = locked(session, code)
    if tickets.wake(session, ticket):
        _noted(session, ticket, "woken", agent=by.name)
        outside.changed(session, ticket)
        queue.attend(session, ticket)
    return ticket


def reopen(session: Session, *, code: str, agent: Agent) -> Ticket:
    """An agent has something to add: the ticket is theirs again, and the customer is told.

    Raises :class:`Conflict` when the customer has another open ticket meanwhile.
    """
    ticket = locked(session, code)
    if tickets.reopen(session, ticket):
        tickets.assign(session, ticket, agent=agent)
        conversation = conversations.get(session, ticket.conversation_id)
        system_line(
            session,
            conversation,
            say("reopened_by", conversation.locale, agent=agent.name, code=ticket.code),
        )
        outside.changed(session, ticket)
        queue.attend(session, ticket)
    return ticket


def open_for(
    session: Session,
    *,
    customer_id: uuid.UUID,
    question: str,
    priority: str,
    by: Agent,
    follows: Ticket | None = None,
    takes: bool = False,
) -> Ticket:
    """A new ticket at an agent's word. A customer who can be reached is told, else the agents are.

    ``follows`` is the customer's earlier one that it goes on from; ``takes``: it is this agent's
    at once, and nobody else is looked for.
    Raises :class:`Conflict` when the customer has an open one, :class:`NotFound`.
    """
    customers.hold(session, customer_id)
    conversation = conversations.current(session, customer_id=customer_id)
    ticket, new = tickets.open_ticket(
        session,
        conversation=conversation,
        reason="agent_opened",
        question=question,
        follows=follows,
    )
    if not new:
        said = f"ticket {ticket.code} is open for this customer already"
        raise Conflict(said, reason="another_open", ticket=ticket.code)
    if priority != "normal":  # which is no choice, and takes nothing from a valued customer
        tickets.prioritise(session, ticket, priority)
    reached = reach(session, conversation)
    if reached:
        line = say("opened_by", conversation.locale, agent=by.name, code=ticket.code)
        system_line(session, conversation, line)
    if takes:
        tickets.assign(session, ticket, agent=by)
    outside.opened(session, ticket)
    if takes:
        queue.attend(session, ticket)
    else:
        queue.entered(session, ticket)
    if not reached:
        outside.unreachable(session, ticket)
    return ticket


def _noted(session: Session, ticket: Ticket, key: str, **values: Value) -> None:
    note_line(session, conversations.get(session, ticket.conversation_id), key, values)


def handlers() -> dict[str, Handler]:
    """What the worker does when a ticket's time has come."""
    return {WAKE: _wake}


async def _wake(work: Work) -> Settle:
    def settle(session: Session) -> None:
        try:
            ticket = locked(session, work.payload["ticket"])
        except NotFound:
            return
        until = dt.datetime.fromisoformat(work.payload["until"])
        if ticket.snoozed_until != until:
            log.info("a ticket's snooze was ended or changed before its time")
            return
        tickets.wake(session, ticket)
        outside.woke(session, ticket)
        queue.attend(session, ticket)

    return settle
