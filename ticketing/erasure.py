"""A person erased: all they are, said and bought, over all their channels, and who wanted that.

:func:`begin` is one short transaction: from its commit on nobody finds the person any more, their
browsers are signed out, their addresses are free for somebody new, and all that does not grow with
what they said is gone. The rest goes in pieces (:func:`step`), so that no transaction is long
whatever they said, and :func:`end` deletes what was left as a place to hang it on. Who dies in the
middle leaves an :class:`Erasure` that is not finished, and anybody may go on with it.

What is being done for the person meanwhile ends without effect: their lanes are gone, so a worker
meets its fence; :func:`ticketing.customers.hold` says that they are not there; and what was on its
way into the history past both is found by the pieces, or by the last look of :func:`end`.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from ticketing import customers, history, lanes, links, record, scattered
from ticketing.errors import Conflict, Erased, Invalid, NotFound
from ticketing.models import (
    Attachment,
    AttachmentContent,
    ChannelIdentity,
    Conversation,
    Csat,
    Customer,
    Erasure,
    Message,
    Nps,
    Purchase,
    Ticket,
)
from ticketing.record import Author

REASON = 200
# Rows of one piece: it takes a fraction of the time that a statement or a lock may.
MESSAGES, FILES, ORDERS = 1000, 50, 1000


def extent(session: Session, customer_id: uuid.UUID) -> dict[str, Any]:
    """How much would go, over all customers this person is."""
    people = list(session.scalars(customers.members(customer_id)))

    def count(table: Any, *conditions: ColumnElement[bool]) -> int:
        found = select(func.count()).where(table.customer_id.in_(people), *conditions)
        return session.scalar(found.select_from(table)) or 0

    channels = session.execute(
        select(ChannelIdentity.channel, func.count())
        .where(ChannelIdentity.customer_id.in_(people))
        .group_by(ChannelIdentity.channel)
        .order_by(ChannelIdentity.channel)
    )
    return {
        "customers": len(people),
        "channels": {row[0]: row[1] for row in channels},
        "messages": count(Message),
        "files": count(Attachment),
        "tickets": count(Ticket),
        "open_tickets": count(Ticket, Ticket.state != "resolved"),
        "orders": count(Purchase),
        "ratings": count(Csat, Csat.score.is_not(None)) + count(Nps, Nps.score.is_not(None)),
    }


def begin(session: Session, customer_id: uuid.UUID, *, reason: str, by: Author) -> Erasure:
    """Let nobody find this person any more; an erasure that was begun before is that one.

    Raises :class:`Invalid` for a reason that is none or that names the person, :class:`NotFound`,
    and :class:`Conflict` when they were linked or wrote from a new address in this very moment.
    """
    if (before := find(session, customer_id)) is not None:
        return before
    addresses = _addresses(session, customer_id)
    # What comes from a messenger is written by whoever holds its lane and then waits for ours.
    scattered.lock(session, [_coming(*one) for one in addresses.values()])
    links.take_turns(session)
    try:
        root = customers.hold(session, customer_id)
    except NotFound:  # somebody was faster
        if (before := find(session, customer_id)) is not None:
            return before
        raise
    if _addresses(session, customer_id) != addresses:
        raise Conflict("this person was changed in this very moment; try again", reason="changed")
    people = list(session.scalars(customers.members(root)))
    why = reason_for(session, reason, root)
    counts = extent(session, root)
    out = [_going(*one) for one in addresses.values()]
    scattered.lock(session, out)
    keys = [*(customers.lane(one) for one in people), *out]
    keys += [_coming(*one) for one in addresses.values()]
    known = _known(session, people)
    remaining = {
        "lanes": keys,
        "identities": [str(one) for one in addresses],
        "words": scattered.names(session, people),
        "parents": [],
        "after": 0,
        "until": scattered.newest_job(session),
    }
    scattered.forget_imports(session, people, known, [one[2] for one in addresses.values()])
    scattered.forget_mail(session, list(addresses), known["email"])
    scattered.drop_lanes(session, keys)
    _unhang(session, people, list(addresses))
    _empty(session, people)
    made = Erasure(
        customers=people,
        reason=why,
        by_name=by.name,
        agent_id=by.agent_id,
        source=by.source,
        counts=counts,
        remaining=remaining,
    )
    session.add(made)
    session.flush()
    session.expire_all()
    for one in people:
        history.touch(session, one, "linked")  # open chats read anew, and find nobody
        history.touch(session, one, "state")
    return made


def find(session: Session, customer_id: uuid.UUID) -> Erasure | None:
    """The erasure of the person who was this customer, if there is one."""
    return session.scalar(select(Erasure).where(Erasure.customers.contains([customer_id])))


def whom(session: Session, customer_id: str) -> uuid.UUID:
    """Whose id this is, somebody who was erased included. Raises :class:`NotFound`."""
    try:
        return customers.get(session, customer_id).id
    except Erased:
        return uuid.UUID(customer_id)
    except NotFound:
        with contextlib.suppress(ValueError):
            if find(session, uuid.UUID(customer_id)) is not None:
                return uuid.UUID(customer_id)
        raise


def get(session: Session, erasure_id: int, *, lock: bool = False) -> Erasure:
    """One erasure. Raises :class:`NotFound`."""
    found = session.get(Erasure, erasure_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound("nobody was erased under this number")
    return found


def listing(session: Session, *, limit: int = 200) -> list[Erasure]:
    """Who was erased, by whom, when and why: newest first."""
    return list(session.scalars(select(Erasure).order_by(Erasure.id.desc()).limit(limit)))


def step(session: Session, erasure: Erasure) -> bool:
    """Delete one piece of what is left; ``False`` when there is none but :func:`end`.

    The caller has the row locked, so that two who go on with it take turns.
    """
    people = erasure.customers
    return bool(
        drop_files(session, Attachment.customer_id.in_(people))
        or drop_lines(session, _lines(people))
        or _orders(session, people)
        or scattered.drop_jobs(session, erasure)
    )


def end(session: Session, erasure: Erasure) -> bool:
    """Delete the person's last rows; ``False`` if something came in between, for :func:`step`."""
    people = erasure.customers
    for key in sorted(customers.lane(one) for one in people):
        lanes.lock(session, key)
    late = select(Message.id).where(_lines(people)).limit(1)
    if session.scalar(late) is not None:
        return False
    mine = select(ChannelIdentity.id).where(ChannelIdentity.customer_id.in_(people))
    _unhang(session, people, list(session.scalars(mine)))
    scattered.drop_lanes(session, [customers.lane(one) for one in people])
    for statement in (
        delete(Conversation).where(Conversation.customer_id.in_(people)),
        delete(ChannelIdentity).where(ChannelIdentity.customer_id.in_(people)),
        # With them go their changes, consents, claims and orders.
        delete(Customer).where(Customer.id.in_(people)),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    erasure.remaining = {}
    erasure.finished_at = func.clock_timestamp()
    session.flush()
    session.expire_all()
    for one in people:
        history.touch(session, one, "state")
    return True


# --- the first transaction ------------------------------------------------------------------------


def _addresses(session: Session, customer_id: uuid.UUID) -> dict[int, tuple[str, str, str]]:
    rows = session.execute(
        select(
            ChannelIdentity.id,
            ChannelIdentity.channel,
            ChannelIdentity.account,
            ChannelIdentity.external_id,
        )
        .where(ChannelIdentity.customer_id.in_(customers.members(customer_id)))
        .order_by(ChannelIdentity.id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def _coming(channel: str, account: str, external_id: str) -> str:
    """The lane of what a messenger brings from this address."""
    return f"{channel}:{account}:{external_id}"


def _going(channel: str, account: str, external_id: str) -> str:
    """The lane of what is sent there, as :func:`ticketing.history.record` names it."""
    return f"out:{channel}:{account}:{external_id}"


def _known(session: Session, people: Sequence[uuid.UUID]) -> dict[str, list[str]]:
    """Their e-mail addresses and telephone numbers, of all who are this person."""
    rows = session.execute(select(Customer.email, Customer.phone).where(Customer.id.in_(people)))
    found: dict[str, list[str]] = {"email": [], "phone": []}
    for email, phone in rows:
        found["email"] += [email] if email else []
        found["phone"] += [phone] if phone else []
    return found


def reason_for(session: Session, reason: str, root: uuid.UUID) -> str:
    """A reason that stays when the person is gone, so it must not say whom it was about.

    Raises :class:`Invalid`.
    """
    why = " ".join(reason.split())
    if not why:
        raise Invalid("reason", "missing", "say why")
    if len(why) > REASON:
        raise Invalid("reason", "long", f"has at most {REASON} characters")
    plain = why.casefold().replace(" ", "").replace("-", "")
    for person in record.people(session, root):
        national = (person.phone or "").removeprefix("+82")
        for known in (person.name, person.email, national):
            word = (known or "").casefold().replace(" ", "").replace("-", "")
            if len(word) > 1 and word in plain:
                raise Invalid("reason", "names", "must not name the person: it is kept")
    return why


def _empty(session: Session, people: Sequence[uuid.UUID]) -> None:
    """What is left of them as a place for their history: no names, no addresses, no episode."""
    statements = (
        update(Conversation)
        .where(Conversation.customer_id.in_(people), Conversation.state != "closed")
        .values(
            state="closed",
            outcome="abandoned",
            closed_at=func.now(),
            version=Conversation.version + 1,
        ),
        update(ChannelIdentity)
        .where(ChannelIdentity.customer_id.in_(people))
        .values(account="", external_id=func.concat("erased:", ChannelIdentity.id), claims={}),
        update(Customer)
        .where(Customer.id.in_(people))
        .values(
            dict.fromkeys(
                (
                    *("name", "email", "phone", "birthday", "address"),
                    *("preferred_channel", "preferences", "tier", "owner_id"),
                )
            )
            | {"custom": {}, "erased_at": func.now()}
        ),
    )
    for statement in statements:
        session.execute(statement.execution_options(synchronize_session=False))


def _unhang(session: Session, people: Sequence[uuid.UUID], identities: Sequence[int]) -> None:
    """Delete all that hangs on them but what they said and bought; again, it finds nothing."""
    for statement in scattered.hanging(people, identities):
        session.execute(statement.execution_options(synchronize_session=False))


# --- the pieces -----------------------------------------------------------------------------------


def _lines(people: Collection[uuid.UUID]) -> ColumnElement[bool]:
    talks = select(Conversation.id).where(Conversation.customer_id.in_(people))
    return or_(Message.customer_id.in_(people), Message.conversation_id.in_(talks))


def drop_files(session: Session, which: ColumnElement[bool]) -> int:
    """Delete a piece of these files with their bytes; how many they were, 0 when none are left."""
    ids = session.scalars(select(Attachment.id).where(which).limit(FILES)).all()
    if ids:
        session.execute(delete(AttachmentContent).where(AttachmentContent.attachment_id.in_(ids)))
        session.execute(delete(Attachment).where(Attachment.id.in_(ids)))
    return len(ids)


def drop_lines(session: Session, which: ColumnElement[bool]) -> int:
    """Delete a piece of these lines with their files; how many lines, 0 when none are left."""
    ids = session.scalars(select(Message.id).where(which).limit(MESSAGES)).all()
    if not ids:
        return 0
    while drop_files(session, Attachment.message_id.in_(ids)):
        pass
    session.execute(
        delete(Message).where(Message.id.in_(ids)).execution_options(synchronize_session=False)
    )
    return len(ids)


def _orders(session: Session, people: Sequence[uuid.UUID]) -> bool:
    ids = session.scalars(
        select(Purchase.id).where(Purchase.customer_id.in_(people)).limit(ORDERS)
    ).all()
    if not ids:
        return False
    session.execute(
        delete(Purchase).where(Purchase.id.in_(ids)).execution_options(synchronize_session=False)
    )
    return True
