"""Tickets: opened once, claimed by one agent, answered, resolved, reopened."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from ticketing import conversations, front, history, sla, tags, teams, ticket_links, worth
from ticketing.customers import members
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Agent, Conversation, Message, Ticket, TicketTag, TicketThread

PRIORITIES = ("low", "normal", "high", "urgent")
# The furthest that a ticket can be put off.
SNOOZE_MOST = dt.timedelta(days=60)
# Without 0/O, 1/I/L: a code is read over the phone. 31^6 ≈ 887 million, never counted up.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_code() -> str:
    """A public ticket code such as ``T-7KQ2MX``; random, so that it tells and opens nothing."""
    return "T-" + "".join(secrets.choice(_ALPHABET) for _ in range(6))


def open_ticket(
    session: Session,
    *,
    conversation: Conversation,
    reason: str,
    question: str = "",
    tried: Sequence[dict[str, Any]] = (),
    follows: Ticket | None = None,
) -> tuple[Ticket, bool]:
    """Queue the conversation for a person: ``(ticket, whether it is new)``.

    A person has at most one open ticket; asking again returns it. A new one is linked to the one
    it ``follows``: that which is given, else the last that was resolved. The caller holds their
    lane.
    """
    ticket = current(session, customer_id=conversation.customer_id)
    if ticket is not None:
        if conversation.state == "bot":
            conversations.move(
                session, conversation, "agent" if ticket.state == "claimed" else "queued"
            )
        return ticket, False
    ticket = Ticket(
        code=new_code(),
        customer_id=conversation.customer_id,
        conversation_id=conversation.id,
        state="open",
        reason=reason,
        question=question,
        tried=list(tried),
        reopened=0,
        priority=worth.priority(session, conversation.customer_id),
        team_id=teams.for_locale(session, conversation.locale),
    )
    session.add(ticket)
    session.flush()
    session.refresh(ticket)
    sla.opened(session, ticket)
    conversations.move(session, conversation, "queued")
    tags.apply(session, ticket, conversation)
    earlier = follows or ticket_links.previous(session, ticket)
    if earlier is not None:
        ticket_links.add(session, ticket, earlier, kind="follow_up")
    return ticket, True


def reopenable(session: Session, ticket: Ticket) -> bool:
    """Whether "not solved" still reopens this ticket, as its team wants: see ``Plan.reopen``."""
    if ticket.resolved_at is None:
        return True
    return ticket.resolved_at + teams.plan(session, ticket.team_id).reopen >= teams.now(session)


def current(session: Session, *, customer_id: uuid.UUID) -> Ticket | None:
    """The person's open ticket that their words go to, if there is one."""
    return session.scalar(
        select(Ticket).where(
            Ticket.customer_id.in_(members(customer_id)),
            Ticket.state != "resolved",
            Ticket.joined_to.is_(None),
            Ticket.aside.is_(False),
        )
    )


def standing(session: Session, ticket: Ticket) -> Ticket:
    """The ticket itself, or the one that goes on for it since their customers were linked."""
    while ticket.joined_to is not None:
        ticket = session.get_one(Ticket, ticket.joined_to)
    return ticket


def tried(session: Session, *, conversation_id: int) -> list[dict[str, Any]]:
    """What the bot looked at in this episode: question, outcome, articles and scores, in order."""
    rows = session.scalars(
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.author == "bot",
            Message.kind.in_(("answer", "clarify", "unknown", "hand_off")),
        )
        .order_by(Message.id)
    )
    return [
        {
            "question": row.meta.get("question", ""),
            "outcome": row.kind,
            "articles": row.meta.get("tried", []),
            "vote": row.vote,
        }
        for row in rows
        if row.meta.get("tried") or row.kind != "hand_off"
    ]


def get(session: Session, code: str, *, for_update: bool = False) -> Ticket:
    """The ticket with this public code, in whatever case. Raises :class:`NotFound`."""
    query = select(Ticket).where(Ticket.code == code.upper())
    if for_update:
        # Rows that name the ticket may be written meanwhile (its thread, by who posts the card):
        # waiting for each other would be a deadlock.
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    # PostgreSQL refuses to compare with a NUL.
    ticket = None if "\x00" in code else session.scalar(query)
    if ticket is None:
        raise NotFound("there is no such ticket")
    return ticket


def listing(
    session: Session,
    *,
    states: Sequence[str] = (),
    customer_id: uuid.UUID | None = None,
    assignee_id: int | None = None,
    overdue: bool = False,
    tag: str = "",
    limit: int = 200,
) -> list[Ticket]:
    """The first ``limit`` of those that :func:`which` is about."""
    query = which(
        states=states, customer_id=customer_id, assignee_id=assignee_id, overdue=overdue, tag=tag
    )
    return list(session.scalars(query.limit(limit)))


def which(
    *,
    states: Sequence[str] = (),
    customer_id: uuid.UUID | None = None,
    assignee_id: int | None = None,
    overdue: bool = False,
    tag: str = "",
) -> Select[Ticket]:
    """Tickets: the urgent, then those whose promise runs out first; resolved ones at the end.

    Those that were put off come behind the others that are open. ``overdue``: only those of which
    a promise is broken now, and not put off; ``tag``: only those that have it.
    """
    query = in_order()
    if states:
        query = query.where(Ticket.state.in_(states))
    if customer_id is not None:
        query = query.where(Ticket.customer_id.in_(members(customer_id)))
    else:
        query = query.where(Ticket.joined_to.is_(None))
    if assignee_id is not None:
        query = query.where(Ticket.assignee_id == assignee_id)
    if tag:
        query = query.where(Ticket.id.in_(select(TicketTag.ticket_id).where(TicketTag.tag == tag)))
    if overdue:
        query = query.where(
            Ticket.state != "resolved",
            Ticket.snoozed_until.is_(None),
            func.now() >= sla.NEXT_DUE,
        )
    return query


def counted(session: Session, found: Select[Ticket], *, limit: int) -> tuple[list[Ticket], int]:
    """The first ``limit`` of what is found, and how many there are of them."""
    rows = list(session.scalars(found.limit(limit)))
    if len(rows) < limit:
        return rows, len(rows)
    count = found.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return rows, session.scalars(count).one()


def in_order() -> Select[Ticket]:
    """All tickets, with who asks and who has them, in the order of :func:`which`."""
    return (
        select(Ticket)
        .options(joinedload(Ticket.customer), joinedload(Ticket.assignee))
        .order_by(
            Ticket.state == "resolved",
            Ticket.resolved_at.desc(),
            Ticket.snoozed_until.is_not(None),
            Ticket.priority != "urgent",
            sla.NEXT_DUE.asc().nulls_last(),
            func.array_position(list(PRIORITIES), Ticket.priority).desc(),
            Ticket.opened_at,
        )
    )


def find(session: Session, code: str) -> Ticket | None:
    """The ticket whose code somebody typed: in small letters or without its ``T-``, too."""
    bare = code.strip().upper().removeprefix("T-")
    if not bare.isalnum() or len(bare) != 6:
        return None
    return session.scalar(select(Ticket).where(Ticket.code == f"T-{bare}"))


def last_written(session: Session, found: Sequence[Ticket]) -> dict[int, dt.datetime]:
    """When the customer of each of these tickets last wrote in its episode, by ``ticket.id``."""
    rows = session.execute(
        select(Ticket.id, func.max(Message.at))
        .join(Message, Message.conversation_id == Ticket.conversation_id)
        .where(Ticket.id.in_([ticket.id for ticket in found]), Message.author == "customer")
        .group_by(Ticket.id)
    )
    return {row[0]: row[1] for row in rows}


def counts(session: Session, *, agent_id: int) -> dict[str, int]:
    """How many tickets wait, and how many this agent holds."""
    row = session.execute(
        select(
            func.count().filter(Ticket.state == "open", Ticket.snoozed_until.is_(None)),
            func.count().filter(Ticket.state == "claimed", Ticket.assignee_id == agent_id),
        ).where(Ticket.state != "resolved", Ticket.joined_to.is_(None))
    ).one()
    return {"open": int(row[0]), "mine": int(row[1])}


def claim(session: Session, ticket: Ticket, *, agent: Agent) -> bool:
    """Give the ticket to ``agent``; ``False`` if it is theirs already.

    ``ticket`` was read ``for_update``. Raises :class:`Conflict` with the winner's name when
    somebody else holds it, or when it is resolved.
    """
    if ticket.state == "claimed":
        if ticket.assignee_id == agent.id:
            return False
        winner = ticket.assignee.name if ticket.assignee else ""
        raise Conflict(f"{winner} has claimed this ticket", winner=winner, reason="claimed")
    if ticket.state == "resolved":
        raise Conflict("this ticket is resolved; the customer can reopen it", reason="resolved")
    _give(session, ticket, agent)
    return True


def assign(session: Session, ticket: Ticket, *, agent: Agent) -> bool:
    """Give the ticket to ``agent``, whoever holds it; ``False`` if it is theirs already.

    ``ticket`` was read ``for_update``. Raises :class:`Conflict` when it is resolved, and
    :class:`Refused` when ``agent`` does not work here any more.
    """
    if ticket.state == "resolved":
        raise Conflict("this ticket is resolved; it has to be reopened first", reason="resolved")
    if not agent.active:
        raise Refused(f"{agent.name} does not answer customers any more", reason="left")
    if ticket.state == "claimed" and ticket.assignee_id == agent.id:
        return False
    _give(session, ticket, agent)
    return True


def _give(session: Session, ticket: Ticket, agent: Agent) -> None:
    ticket.assignee_id = agent.id  # first: who has it is read, and what is changed written with it
    ticket.assignee = agent
    ticket.state = "claimed"
    ticket.claimed_at = func.now()
    ticket.escalated = 0
    if ticket.snoozed_until is not None:
        ticket.snoozed_until = None
        sla.woken(session, ticket)
    _hand_over(session, ticket, "agent")


def release(session: Session, ticket: Ticket) -> bool:
    """Back to the queue, for everybody; ``False`` if nobody has it."""
    if ticket.state != "claimed":
        return False
    ticket.state = "open"
    ticket.assignee_id = ticket.assignee = None
    ticket.claimed_at = None
    _queue_again(ticket)
    _hand_over(session, ticket, "queued")
    return True


def _queue_again(ticket: Ticket) -> None:
    """Its time in the queue begins anew."""
    ticket.queued_at = func.now()
    ticket.escalated = 0
    ticket.promised_at = None
    ticket.offered_to_id = ticket.offered_to = None
    ticket.offered_why = ""


def prioritise(session: Session, ticket: Ticket, priority: str) -> bool:
    """Set how urgent it is, one of :data:`PRIORITIES`; ``False`` if nothing changes.

    Raises :class:`Refused` for another word, :class:`Conflict` when the ticket is resolved.
    """
    if priority not in PRIORITIES:
        raise Refused(f"a priority is one of {', '.join(PRIORITIES)}")
    if ticket.state == "resolved":
        raise Conflict("this ticket is resolved; it has to be reopened first", reason="resolved")
    changed, ticket.priority = ticket.priority != priority, priority
    if changed:
        sla.refit(session, ticket)
    return changed


def snooze(session: Session, ticket: Ticket, *, until: dt.datetime) -> None:
    """Put the ticket off until then. Who wakes it, the caller arranges.

    Raises :class:`Refused` for a time that has passed or is too far away, :class:`Conflict` when
    the ticket is resolved.
    """
    if ticket.state == "resolved":
        raise Conflict("this ticket is resolved; it has to be reopened first", reason="resolved")
    now = session.execute(select(func.now())).scalar_one()
    if not now < until <= now + SNOOZE_MOST:
        said = f"a ticket can be put off by up to {SNOOZE_MOST.days} days from now"
        raise Refused(said, reason="not_then")
    ticket.snoozed_until = until
    sla.snoozed(session, ticket)


def wake(session: Session, ticket: Ticket) -> bool:
    """End the snooze; ``False`` if there was none. Its time in the queue begins anew."""
    if ticket.snoozed_until is None:
        return False
    ticket.snoozed_until = None
    _queue_again(ticket)
    sla.woken(session, ticket)
    return True


def resolve(session: Session, ticket: Ticket) -> bool:
    """Close the ticket and its episode; ``False`` if it was resolved before."""
    if ticket.state == "resolved":
        return False
    ticket.state = "resolved"
    ticket.snoozed_until = None
    ticket.resolved_at = func.now()
    sla.resolved(session, ticket)
    _hand_over(session, ticket, "closed", outcome="handed_off")
    front.put(ticket, aside=False)
    front.settle(session, ticket.customer_id)
    return True


def reopen(session: Session, ticket: Ticket) -> bool:
    """The customer says it is not solved: back to the agent who had it, else to the queue, as when
    they do not work here any more.

    ``False`` if it is open already. Raises :class:`Conflict` when the customer meanwhile has
    another open ticket. An episode the bot began in between ends here: a person holds again.
    """
    if ticket.state != "resolved":
        return False
    other = current(session, customer_id=ticket.customer_id)
    if other is not None:
        said = f"ticket {other.code} is open for this customer already"
        raise Conflict(said, reason="another_open", ticket=other.code)
    newer = conversations.ongoing(session, customer_id=ticket.customer_id)
    if newer is not None:
        outcome = conversations.bot_outcome(session, newer.id)
        conversations.move(session, newer, "closed", outcome=outcome)
    if ticket.assignee is not None and not ticket.assignee.active:
        ticket.assignee_id = ticket.assignee = ticket.claimed_at = None
    ticket.state = "claimed" if ticket.assignee_id is not None else "open"
    ticket.resolved_at = None
    ticket.reopened += 1
    _queue_again(ticket)
    sla.opened(session, ticket)
    _hand_over(session, ticket, "agent" if ticket.state == "claimed" else "queued")
    return True


def thread(session: Session, ticket_id: int) -> TicketThread | None:
    """Where this ticket is shown outside, if it is."""
    return session.get(TicketThread, ticket_id)


def by_thread(session: Session, *, place: str, thread: str) -> Ticket | None:
    """The ticket whose card is the root of this thread, or the one that goes on for it."""
    found = session.scalar(
        select(Ticket)
        .join(TicketThread, TicketThread.ticket_id == Ticket.id)
        .where(TicketThread.place == place, TicketThread.thread == thread)
    )
    return None if found is None else standing(session, found)


def _hand_over(session: Session, ticket: Ticket, state: str, *, outcome: str | None = None) -> None:
    conversation = conversations.get(session, ticket.conversation_id, for_update=True)
    conversations.move(session, conversation, state, outcome=outcome)
    session.flush()
    history.touch(session, ticket.customer_id, "state")
