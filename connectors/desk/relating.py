"""Tickets that have to do with each other: what an agent links, and takes apart again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors import outside
from connectors.desk.lines import note_line
from ticketing import conversations, customers, ticket_links, tickets
from ticketing.models import Agent, Ticket


def relate(session: Session, *, code: str, other: str, agent: Agent) -> None:
    """Link two tickets, of whichever customers; both say so.

    Raises what :func:`ticketing.ticket_links.add` raises, and :class:`NotFound`.
    """
    one, two = pair(session, code, other)
    ticket_links.add(session, one, two, kind="related", agent=agent)
    _told(session, one, two, agent, "related_to")


def unrelate(session: Session, *, code: str, link_id: int, agent: Agent) -> None:
    """Take a link away. Raises what :func:`ticketing.ticket_links.remove` raises."""
    ticket = tickets.get(session, code)
    link = ticket_links.remove(session, ticket, link_id, agent=agent)
    one, two = pair(session, link.ticket.code, link.other.code)
    _told(session, one, two, agent, "unrelated")


def pair(session: Session, code: str, other: str) -> tuple[Ticket, Ticket]:
    """Both tickets, with their persons' lanes and their rows held, always in the same order."""
    found = [tickets.get(session, one) for one in (code, other)]
    for person in sorted({ticket.customer_id for ticket in found}):
        customers.hold(session, person)
    for ticket in sorted(found, key=lambda one: one.id):
        tickets.get(session, ticket.code, for_update=True)
    return found[0], found[1]


def _told(session: Session, one: Ticket, two: Ticket, agent: Agent, phrase: str) -> None:
    for ticket, other in ((one, two), (two, one)):
        conversation = conversations.get(session, ticket.conversation_id)
        note_line(session, conversation, phrase, {"agent": agent.name, "code": other.code})
        outside.changed(session, ticket)
