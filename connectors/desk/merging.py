"""Tickets merged and split by agents, told in both conversations and on both cards."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors import outside
from connectors.desk import queue
from connectors.desk.agent import locked
from connectors.desk.lines import note_line
from connectors.desk.relating import pair
from ticketing import conversations, merges, ticket_links, tickets
from ticketing.errors import NotFound
from ticketing.models import Agent, Ticket, TicketLink


def merge(session: Session, *, code: str, into: str, agent: Agent) -> Ticket:
    """Make a ticket a part of another: what the customer writes goes to that one.

    Raises what :func:`ticketing.merges.merge` raises, and :class:`NotFound`.
    """
    one, two = pair(session, code, into)
    merges.merge(session, one, two, agent=agent)
    _note(session, one, "merged_into", agent, two)
    _note(session, two, "merged_here", agent, one)
    outside.happened(session, one, "merged", other=two.code, agent=agent.name)
    outside.changed(session, two)
    queue.attend(session, two)
    return two


def split(session: Session, *, code: str, seq: int, agent: Agent) -> Ticket:
    """A second ticket, of the customer's message ``seq`` and what came after it.

    Raises what :func:`ticketing.merges.split` raises.
    """
    ticket = locked(session, code)
    made = merges.split(session, ticket, seq=seq, agent=agent)
    _note(session, ticket, "split_off", agent, made)
    _note(session, made, "split_from", agent, ticket)
    outside.changed(session, ticket)
    outside.opened(session, made)
    queue.entered(session, made)
    return made


def undo(session: Session, *, code: str, link_id: int, agent: Agent) -> Ticket:
    """Take a merge or a split of this ticket back; the ticket to look at then.

    Raises what :func:`ticketing.merges.undo` and :func:`ticketing.merges.undo_split` raise.
    """
    link = session.get(TicketLink, link_id)
    if link is None or code not in (link.ticket.code, link.other.code):
        raise NotFound("this ticket has no such link")
    one, two = pair(session, link.ticket.code, link.other.code)
    session.refresh(link)
    split_ = link.kind == "split"
    ahead = (merges.undo_split if split_ else merges.undo)(session, link, agent=agent)
    for ticket, other in ((one, two), (two, one)):
        _note(session, ticket, "split_undone" if split_ else "merge_undone", agent, other)
    outside.happened(session, one, "rejoined" if split_ else "unmerged", other=two.code)
    outside.changed(session, two)
    for ticket in (one, two):
        queue.attend(session, ticket)
    return ahead


def bring_forward(session: Session, *, code: str) -> None:
    """What the customer writes goes to this one of their open tickets from now on."""
    ticket = locked(session, code)
    before = tickets.current(session, customer_id=ticket.customer_id)
    if merges.bring_forward(session, ticket):
        outside.changed(session, ticket)
        if before is not None:
            outside.changed(session, before)


def undoable(session: Session, ticket: Ticket) -> list[int]:
    """The links of this ticket that can be taken back: the last merge or split."""
    both = [one for one in ticket_links.of(session, ticket) if one.kind in ("merged", "split")]
    return [both[-1].id] if both else []


def _note(session: Session, ticket: Ticket, phrase: str, agent: Agent, other: Ticket) -> None:
    conversation = conversations.get(session, ticket.conversation_id)
    note_line(session, conversation, phrase, {"agent": agent.name, "code": other.code})
