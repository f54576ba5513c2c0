"""Customers who are one person: linked by proof, and unlinked without a trace.

Linking moves nothing. A link is a row; customers connected by rows that were not undone have the
same root, and what is read of a person is read over all customers of that root. Of two open
episodes one goes on and the other rests (``joined_to``), and so do their tickets. Unlinking wakes
what rests, just as it was, and gives each side the lines of its own addresses.

Every function here takes one lock of the whole database: links are rare, and two at once could
close a circle.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from ticketing import conversations, customers, front, history, lanes, merges, tickets
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import (
    ChannelIdentity,
    Conversation,
    Customer,
    CustomerLink,
    Job,
    Lane,
    Message,
    Ticket,
)

_LOCK = 0x73616E67_6C696E6B  # "sanglink"


@dataclasses.dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who may be the same person: ``evidence`` of ``email``, ``phone``, ``user_key``."""

    customer: Customer
    evidence: Sequence[str]


@dataclasses.dataclass(frozen=True, slots=True)
class Apart:
    """What unlinking left: the two people, and the tickets opened for those who still wait."""

    link: CustomerLink
    people: tuple[uuid.UUID, uuid.UUID]
    opened: Sequence[Ticket]


def link(
    session: Session,
    *,
    customer_id: uuid.UUID,
    other_id: uuid.UUID,
    evidence: str,
    reason: str = "",
    agent_id: int | None = None,
) -> CustomerLink:
    """Make two customers one person. ``evidence`` is ``token``, ``code``, ``email`` or ``agent``.

    Raises :class:`Refused` for a customer and themselves, and for an agent's decision without a
    reason; :class:`Conflict` when they are one person already; :class:`NotFound`.
    """
    if customer_id == other_id:
        raise Refused("a customer cannot be linked to themselves")
    if evidence == "agent" and not reason.strip():
        raise Refused("say why these two are one person")
    take_turns(session)
    before = {customers.get(session, one).root_id for one in (customer_id, other_id)}
    if len(before) == 1:
        raise Conflict("these two are one person already", reason="one_person")
    _hold(session, before)
    made = CustomerLink(
        customer_id=customer_id,
        other_id=other_id,
        evidence=evidence,
        reason=reason.strip(),
        agent_id=agent_id,
    )
    session.add(made)
    session.flush()
    people = session.scalars(select(Customer.id).where(Customer.root_id.in_(before))).all()
    root = _root(session, people)
    _rehome(session, before, {root})
    _settle(session, people)
    _tell(session, people)
    return made


def unlink(session: Session, *, link_id: int, reason: str, agent_id: int | None = None) -> Apart:
    """Take a link back: both sides are again what they were, with what each of them said since.

    Somebody who wrote to a person meanwhile, in an episode that is the other side's, gets a ticket
    of their own. Raises :class:`Refused` without a reason, :class:`Conflict` when it was undone
    before, :class:`NotFound`.
    """
    if not reason.strip():
        raise Refused("say why these two are not one person")
    take_turns(session)
    found = session.get(CustomerLink, link_id)
    if found is None:
        raise NotFound("there is no such link")
    if found.undone_at is not None:
        raise Conflict("this link was undone already", reason="undone")
    before = customers.get(session, found.customer_id).root_id
    _hold(session, [before])
    found.undone_at, found.undone_by = func.now(), agent_id
    found.undone_reason = reason.strip()
    session.flush()
    sides = [_side(session, one) for one in (found.customer_id, found.other_id)]
    merges.undo_across(session, sides)
    roots = [_root(session, side) for side in sides]
    _hold(session, roots)
    _rehome(session, [before], roots)
    for side in sides:
        _settle(session, side)
        front.settle(session, next(iter(side)))
        _readdress(session, side)
    opened = [ticket for side in sides for ticket in _take_lines(session, side)]
    for side in sides:
        _tell(session, side)
    session.refresh(found)
    return Apart(found, (roots[0], roots[1]), opened)


def of(session: Session, customer_id: uuid.UUID) -> list[CustomerLink]:
    """All links among the customers of this person, and those undone, oldest first."""
    mine = customers.members(customer_id)
    found = select(CustomerLink).where(
        or_(CustomerLink.customer_id.in_(mine), CustomerLink.other_id.in_(mine))
    )
    return list(session.scalars(found.order_by(CustomerLink.id)))


def suggestions(session: Session, customer_id: uuid.UUID) -> list[Suggestion]:
    """People who may be this one, with the evidence; nobody is linked by it.

    The same e-mail address or phone number that the shop signed, or the same user key of a
    messenger at another account of ours. What somebody typed is no evidence.
    """
    mine, theirs = aliased(ChannelIdentity), aliased(ChannelIdentity)
    pairs = [
        ("email", _letters(mine, "email") == _letters(theirs, "email")),
        ("phone", _digits(mine, "phone") == _digits(theirs, "phone")),
        (
            "user_key",
            (mine.channel == theirs.channel)
            & (mine.channel != "web")
            & or_(
                mine.external_id == theirs.external_id,
                mine.claims["user_key"].astext == theirs.claims["user_key"].astext,
            ),
        ),
    ]
    people = list(session.scalars(customers.members(customer_id)))
    found: dict[uuid.UUID, set[str]] = {}
    for evidence, same in pairs:
        rows = session.scalars(
            select(Customer.root_id)
            .join(theirs, theirs.customer_id == Customer.id)
            .join(mine, same)
            .where(mine.customer_id.in_(people), theirs.customer_id.not_in(people))
        )
        for root in rows:
            found.setdefault(root, set()).add(evidence)
    return [
        Suggestion(customers.get(session, root), sorted(evidence))
        for root, evidence in sorted(found.items())
    ]


def _letters(identity: type[ChannelIdentity], claim: str) -> ColumnElement[str]:
    return func.lower(identity.claims[claim].astext)


def _digits(identity: type[ChannelIdentity], claim: str) -> ColumnElement[str]:
    """A number as it is dialled at home: +82 10 … is 010 …."""
    digits = func.regexp_replace(identity.claims[claim].astext, "[^0-9]", "", "g")
    return func.regexp_replace(digits, "^(00)?820?", "0")


def take_turns(session: Session) -> None:
    """Wait until nobody else changes who is one person, and let nobody until the commit."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def _hold(session: Session, roots: Collection[uuid.UUID]) -> None:
    for key in sorted(customers.lane(root) for root in roots):
        lanes.lock(session, key)


def _side(session: Session, customer_id: uuid.UUID) -> set[uuid.UUID]:
    """The customers that the links which stand connect with this one."""
    reached = select(Customer.id).where(Customer.id == customer_id).cte("reached", recursive=True)
    one, other = CustomerLink.customer_id, CustomerLink.other_id
    step = select(func.coalesce(func.nullif(one, reached.c.id), other)).where(
        or_(one == reached.c.id, other == reached.c.id), CustomerLink.undone_at.is_(None)
    )
    return set(session.scalars(select(reached.union(step).c.id)))


def _root(session: Session, people: Collection[uuid.UUID]) -> uuid.UUID:
    """Give these customers one root: the oldest of them, of those whose name is known first."""
    root = session.execute(
        select(Customer.id)
        .where(Customer.id.in_(people))
        .order_by(Customer.name.is_(None), Customer.created_at, Customer.id)
        .limit(1)
    ).scalar_one()
    session.execute(update(Customer).where(Customer.id.in_(people)).values(root_id=root))
    return root


def _rehome(session: Session, before: Collection[uuid.UUID], after: Collection[uuid.UUID]) -> None:
    """Turns that wait go to the lane of whom they are of now; who works at one begins anew."""
    old = [customers.lane(root) for root in before]
    turns = (
        update(Job)
        .where(Job.lane.in_(old), Job.state == "pending", Job.kind == "turn")
        .where(ChannelIdentity.id == Job.payload["identity"].as_integer())
        .where(Customer.id == ChannelIdentity.customer_id)
        .values(lane=func.concat("in:", Customer.root_id))
        .execution_options(synchronize_session=False)
    )
    session.execute(turns)
    # The fence makes whoever works there now begin again; the lanes are swept to where work is.
    session.execute(
        update(Lane)
        .where(Lane.key.in_(old))
        .values(fence=Lane.fence + 1, owner=None, until=None, ready_at=func.now())
    )
    for root in after:
        session.execute(
            update(Lane)
            .where(Lane.key == customers.lane(root), Lane.owner.is_(None))
            .values(ready_at=func.now())
        )
    session.info["enqueued"] = True


def _settle(session: Session, people: Collection[uuid.UUID]) -> None:
    """Of several open episodes of one person one goes on; the others rest, and so do their tickets.

    The one that an agent has, else the one that waits for one, else the oldest. What rests for
    the sake of somebody who is not this person any more is among them again.
    """
    goes_on = aliased(Conversation)
    found = session.execute(
        select(Conversation, Ticket)
        .outerjoin(goes_on, goes_on.id == Conversation.joined_to)
        .outerjoin(
            Ticket, (Ticket.conversation_id == Conversation.id) & (Ticket.state != "resolved")
        )
        .where(
            Conversation.customer_id.in_(people),
            Conversation.state != "closed",
            Conversation.aside.is_(False),
            or_(goes_on.id.is_(None), goes_on.customer_id.not_in(people)),
        )
        .execution_options(populate_existing=True)
    ).all()
    ranked = sorted(
        ((row[0], row[1]) for row in found),
        key=lambda one: (one[1] is None, one[1] and one[1].state != "claimed", one[0].id),
    )
    if not ranked:
        return
    (stays, ticket), others = ranked[0], ranked[1:]
    if others:
        newest = max((one for one, _ in ranked), key=lambda one: one.last_message_at)
        stays.identity_id = newest.identity_id
    # The others first: at no moment has a customer two that go on.
    for conversation, other in others:
        _rest(conversation, stays.id)
        if other is not None and ticket is not None:
            _rest(other, ticket.id)
    session.flush()
    _rest(stays, None)
    if ticket is not None:
        _rest(ticket, None)
    session.flush()


def _rest(one: Conversation | Ticket, for_the_sake_of: int | None) -> None:
    if one.joined_to != for_the_sake_of:
        one.joined_to = for_the_sake_of
        one.version += 1


def _readdress(session: Session, side: Collection[uuid.UUID]) -> None:
    """Episodes of this side that talk to an address of the other come back to their own."""
    astray = session.scalars(
        select(Conversation)
        .join(ChannelIdentity, ChannelIdentity.id == Conversation.identity_id)
        .where(Conversation.customer_id.in_(side), ChannelIdentity.customer_id.not_in(side))
        .execution_options(populate_existing=True)
    ).all()
    for conversation in astray:
        conversation.identity_id = session.scalar(
            select(Message.identity_id)
            .where(Message.conversation_id == conversation.id, Message.author == "customer")
            .where(Message.customer_id.in_(side))
            .order_by(Message.id.desc())
            .limit(1)
        ) or session.scalar(
            select(func.max(ChannelIdentity.id)).where(
                ChannelIdentity.customer_id == conversation.customer_id
            )
        )
        conversation.version += 1
    session.flush()


def _take_lines(session: Session, side: Collection[uuid.UUID]) -> list[Ticket]:
    """Lines of this side's addresses in episodes of the other become part of its own episodes."""
    lent = session.execute(
        select(Message.conversation_id, func.max(Message.id))
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.customer_id.in_(side), Conversation.customer_id.not_in(side))
        .group_by(Message.conversation_id)
        .order_by(Message.conversation_id)
    ).all()
    opened = []
    for conversation_id, last in lent:
        theirs = conversations.get(session, conversation_id)
        newest = session.get_one(Message, last)
        own = _own_episode(session, theirs, newest)
        lines = (
            update(Message)
            .where(Message.conversation_id == conversation_id, Message.customer_id.in_(side))
            .values(conversation_id=own.id)
            .execution_options(synchronize_session=False)
        )
        session.execute(lines)
        waits = theirs.state in ("queued", "agent") and own.state == "bot"
        question = session.scalar(
            select(Message.text)
            .where(Message.conversation_id == own.id, Message.author == "customer")
            .where(Message.kind == "text")
            .order_by(Message.id.desc())
            .limit(1)
        )
        if waits and question is not None:
            ticket, new = tickets.open_ticket(
                session, conversation=own, reason="unlinked", question=question
            )
            opened += [ticket] if new else []
    session.flush()
    return opened


def _own_episode(session: Session, theirs: Conversation, newest: Message) -> Conversation:
    """Where this side's lines of the other's episode belong: a closed one stays closed."""
    if theirs.state != "closed":
        own = conversations.current(session, customer_id=newest.customer_id)
        own.identity_id = own.identity_id or newest.identity_id
        return own
    own = Conversation(
        customer_id=newest.customer_id,
        locale=theirs.locale,
        state="closed",
        version=0,
        outcome=theirs.outcome,
        opened_at=theirs.opened_at,
        last_message_at=newest.at,
        closed_at=theirs.closed_at,
        identity_id=newest.identity_id,
    )
    session.add(own)
    session.flush()
    return own


def _tell(session: Session, people: Collection[uuid.UUID]) -> None:
    """Open chats of these customers read everything anew."""
    for one in people:
        history.touch(session, one, "linked")
