"""Tickets of one person merged into one, and split into two; both are taken back as they were.

Merging is what linking customers does to two open tickets (:mod:`ticketing.links`): the one and
its episode rest (``joined_to``), the other goes on for both. Splitting makes a second ticket that
is open *aside*: agents work on it, while what the customer writes goes to the one in front. There
is one in front among a person's open tickets; when it is resolved, the oldest one aside takes its
place (:mod:`ticketing.front`). The caller holds the person's lane, as in all functions here.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from ticketing import conversations, front, history, sla, tags, teams, ticket_links, tickets
from ticketing.errors import Conflict, NotFound
from ticketing.models import Agent, Conversation, Csat, Message, Ticket, TicketLink

# What a ticket that was resolved gets back when it is taken out of the talk again.
_TICKET = (
    "state", "assignee_id", "claimed_at", "resolved_at", "queued_at", "waiting_since",
    "escalated", "promised_at", "offered_to_id", "offered_why", "snoozed_until", "reopened",
)  # fmt: skip
_EPISODE = ("state", "outcome", "closed_at", "identity_id", "last_message_at")


def merge(session: Session, ticket: Ticket, into: Ticket, *, agent: Agent) -> TicketLink:
    """From now on ``ticket`` is a part of ``into``, which is open again if ``ticket`` was open.

    Raises :class:`Conflict` whose ``reason`` says why not: ``itself``, ``not_one_person`` (their
    customers are to be linked first), ``at_rest`` (one is a part of another ticket already).
    """
    if ticket.id == into.id:
        raise Conflict("a ticket cannot be merged into itself", reason="itself")
    if ticket.customer.root_id != into.customer.root_id:
        raise Conflict(
            "these tickets are of two customers: link the customers first, if they are one person",
            reason="not_one_person",
        )
    if ticket.joined_to is not None or into.joined_to is not None:
        raise Conflict("one of these is a part of another ticket", reason="at_rest")
    made = ticket_links.add(session, ticket, into, kind="merged", agent=agent)
    episode, onto = ticket.conversation, into.conversation
    made.before = {
        "ticket": {"aside": ticket.aside},
        "into": _kept(into, _TICKET) | {"aside": into.aside},
        "episode": _kept(onto, _EPISODE),
        "seq": session.scalar(
            select(func.max(Message.id)).where(Message.conversation_id == onto.id)
        )
        or 0,
    }
    _rest(ticket, into.id)
    _rest(episode, onto.id)
    session.flush()
    if ticket.state != "resolved":
        if into.state == "resolved":
            _go_on(session, ticket, into)
        if into.aside and not ticket.aside:
            front.put(into, aside=False)
        onto.identity_id = episode.identity_id or onto.identity_id
    session.flush()
    front.settle(session, ticket.customer_id)
    _told(session, ticket, into)
    return made


def _go_on(session: Session, ticket: Ticket, into: Ticket) -> None:
    """A resolved ticket is open again, because an open one became a part of it."""
    front.put(into, aside=ticket.aside)
    into.state, into.resolved_at = ticket.state, None
    if ticket.state == "claimed":
        into.assignee_id, into.assignee = ticket.assignee_id, ticket.assignee
        into.claimed_at = ticket.claimed_at
    into.snoozed_until = ticket.snoozed_until
    into.reopened += 1
    into.queued_at, into.escalated, into.promised_at = ticket.queued_at, 0, ticket.promised_at
    session.flush()
    sla.opened(session, into)
    state = "agent" if into.state == "claimed" else "queued"
    conversations.move(session, into.conversation, state)


def undo(session: Session, link: TicketLink, *, agent: Agent | None = None) -> Ticket:
    """Take a merge back: both tickets are what they were, with what was said since.

    What was said since belongs to the one that was open. Raises :class:`Conflict` with the reason
    ``later`` when one of the two was merged or split after this, which is to be undone first, and
    :class:`NotFound` when the merge does not stand.
    """
    if link.kind != "merged" or link.undone_at is not None:
        raise NotFound("this merge does not stand")
    _only_last(session, link)
    ticket, into = link.ticket, link.other
    episode, onto = ticket.conversation, into.conversation
    before = link.before
    went_on = before["into"]["state"] == "resolved" and ticket.state != "resolved"
    # Neither is in front, until it is settled who is: at no moment are there two.
    for one in (ticket, into):
        if one.state != "resolved":
            front.put(one, aside=True)
    session.flush()
    if went_on:
        if _move_lines(session, onto, episode, since=before["seq"] + 1):
            episode.last_message_at = onto.last_message_at
        episode.identity_id = onto.identity_id
        _restore(session, into, onto, before)
    _rest(ticket, None)
    _rest(episode, None)
    session.flush()
    ticket_links.end(session, link, agent=agent)
    ahead = ticket if not before["ticket"]["aside"] else into
    front.settle(session, ticket.customer_id, first=ahead)
    _told(session, ticket, into)
    return ticket


def _restore(session: Session, into: Ticket, onto: Conversation, before: dict[str, Any]) -> None:
    """The ticket is resolved again, as it was."""
    sla.resolved(session, into)
    _put(into, before["into"])
    _put(onto, before["episode"])
    front.put(into, aside=before["into"]["aside"])
    # A question of the time in between keeps its number.
    asked = select(func.max(Csat.resolution)).where(Csat.ticket_id == into.id)
    into.reopened = max(into.reopened, session.scalar(asked) or 0)
    onto.version += 1
    session.flush()
    session.expire(into, ["assignee", "offered_to"])


def undo_across(session: Session, sides: Collection[Collection[uuid.UUID]]) -> None:
    """Take back what ties tickets of these sides together, who are not one person any more."""
    side_of = {person: number for number, side in enumerate(sides) for person in side}
    found = session.scalars(
        select(TicketLink)
        .join(Ticket, Ticket.id == TicketLink.ticket_id)
        .where(
            Ticket.customer_id.in_(side_of),
            TicketLink.kind == "merged",
            TicketLink.undone_at.is_(None),
        )
        .order_by(TicketLink.id)
    ).all()
    across = [
        one.id
        for one in found
        if side_of.get(one.ticket.customer_id) != side_of.get(one.other.customer_id)
    ]
    for one in reversed(found):
        if across and one.id >= across[0]:
            undo(session, one)


# --- splitting ------------------------------------------------------------------------------------


def split(session: Session, ticket: Ticket, *, seq: int, agent: Agent) -> Ticket:
    """A second ticket, open aside, of the lines from ``seq`` on.

    Raises :class:`Conflict` whose ``reason`` says why not: ``resolved``, ``at_rest``, ``first``
    (nothing of the customer's would be left), ``not_theirs`` (no line of this ticket, or none of
    the customer's).
    """
    if ticket.state == "resolved":
        raise Conflict("a resolved ticket is not split; reopen it first", reason="resolved")
    if ticket.joined_to is not None:
        raise Conflict("it is a part of another ticket", reason="at_rest")
    line = session.get(Message, seq)
    old = ticket.conversation
    if line is None or line.conversation_id != old.id or line.author != "customer":
        raise Conflict("choose a message of the customer in this ticket", reason="not_theirs")
    earlier = select(func.min(Message.id)).where(
        Message.conversation_id == old.id, Message.author == "customer"
    )
    if session.scalar(earlier) == seq:
        raise Conflict("nothing would be left of this ticket", reason="first")
    new = Conversation(
        customer_id=old.customer_id, locale=old.locale, state="queued", version=0, aside=True,
        identity_id=old.identity_id, opened_at=line.at, last_message_at=old.last_message_at,
    )  # fmt: skip
    session.add(new)
    session.flush()
    _move_lines(session, old, new, since=seq)
    left = select(func.max(Message.at)).where(Message.conversation_id == old.id)
    old.last_message_at = session.execute(left).scalar_one()
    made = Ticket(
        code=tickets.new_code(), customer_id=ticket.customer_id, conversation_id=new.id,
        state="open", reason="split", question=line.text, tried=[], reopened=0, aside=True,
        team_id=teams.for_locale(session, new.locale), priority=ticket.priority,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.refresh(made)
    sla.opened(session, made)
    tags.apply(session, made, new)
    link = ticket_links.add(session, made, ticket, kind="split", agent=agent)
    link.before = {"seq": seq}
    session.flush()
    _told(session, ticket, made)
    return made


def undo_split(session: Session, link: TicketLink, *, agent: Agent) -> Ticket:
    """Take a split back: its lines are again where they were, and the second ticket rests.

    Raises :class:`Conflict` with the reason ``later`` as :func:`undo` does, or ``resolved`` when
    the first ticket is not open any more; :class:`NotFound` when the split does not stand.
    """
    if link.kind != "split" or link.undone_at is not None:
        raise NotFound("this split does not stand")
    _only_last(session, link)
    made, ticket = link.ticket, link.other
    if ticket.state == "resolved":
        raise Conflict("the first ticket is resolved; reopen it first", reason="resolved")
    was_front = not made.aside and made.state != "resolved"
    old, new = ticket.conversation, made.conversation
    newest = select(Message.conversation_id).where(Message.conversation_id.in_((old.id, new.id)))
    if session.scalar(newest.order_by(Message.id.desc()).limit(1)) == new.id:
        old.last_message_at = new.last_message_at
    _move_lines(session, new, old, since=0)
    _rest(made, ticket.id)
    _rest(made.conversation, ticket.conversation_id)
    session.flush()
    ticket_links.end(session, link, agent=agent)
    front.settle(session, ticket.customer_id, first=ticket if was_front else None)
    _told(session, ticket, made)
    return ticket


def bring_forward(session: Session, ticket: Ticket) -> bool:
    """What the customer writes goes to this one from now on; ``False`` if it does already."""
    if ticket.state == "resolved" or ticket.joined_to is not None or not ticket.aside:
        return False
    ahead = tickets.current(session, customer_id=ticket.customer_id)
    if ahead is not None:
        ticket.conversation.identity_id = ahead.conversation.identity_id
        front.put(ahead, aside=True)
        session.flush()
    front.settle(session, ticket.customer_id, first=ticket)
    return True


def _move_lines(session: Session, old: Conversation, new: Conversation, *, since: int) -> int:
    """Lines from ``since`` on belong to another episode of the same person; how many they are."""
    moved = session.scalars(
        update(Message)
        .where(Message.conversation_id == old.id, Message.id >= since)
        .values(conversation_id=new.id)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).all()
    old.version += 1
    new.version += 1
    session.flush()
    return len(moved)


def _only_last(session: Session, link: TicketLink) -> None:
    both = (link.ticket_id, link.other_id)
    later = session.scalar(
        select(TicketLink.id).where(
            TicketLink.kind.in_(("merged", "split")),
            TicketLink.undone_at.is_(None),
            TicketLink.id > link.id,
            or_(TicketLink.ticket_id.in_(both), TicketLink.other_id.in_(both)),
        )
    )
    if later is not None:
        raise Conflict("one of the two was merged or split after this: undo that", reason="later")


def _rest(one: Conversation | Ticket, for_the_sake_of: int | None) -> None:
    one.joined_to = for_the_sake_of
    one.version += 1


def _kept(row: Ticket | Conversation, columns: Collection[str]) -> dict[str, Any]:
    values = {column: getattr(row, column) for column in columns}
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in values.items()
    }


def _put(row: Ticket | Conversation, kept: dict[str, Any]) -> None:
    for name, value in kept.items():
        if name == "aside":
            continue
        time = name.endswith(("_at", "_until", "_since")) and value is not None
        setattr(row, name, dt.datetime.fromisoformat(value) if time else value)


def _told(session: Session, *both: Ticket) -> None:
    for ticket in both:
        history.touch(session, ticket.customer_id, "state")
