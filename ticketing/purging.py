"""What was kept long enough goes: in pieces, each a short transaction that counts what it deletes.

Of a conversation go its lines and files, the question, the comments and the drafts of its ticket
and surveys; who it was with, when, how it ended and its scores stay, and so do all figures. It goes
when it has ended and nothing that hangs on it is open: no ticket, none that is linked with it, no
complaint, no task of a bad rating. What rests because its customer was linked, or its ticket
merged, goes when the one that goes on for it does.

Whoever dies in the middle leaves some of a conversation, which is found again.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from ticketing import customers, erasure, history
from ticketing.models import (
    Access,
    Attachment,
    Conversation,
    Csat,
    Customer,
    Message,
    Nps,
    Purge,
    Recovery,
    Ticket,
)
from ticketing.scattered import NAMES

# Of one piece, each with its customers' lanes held: they wait for it.
TALKS, LETTERS, LOOKS = 50, 1000, 5000
_BEFORE = "now() - make_interval(days => CAST(:days AS int))"
_OPEN_TASK = "FROM recovery JOIN csat ON csat.id = recovery.csat_id WHERE recovery.done_at IS NULL"
_DUE = f"""
  FROM conversation AS talk
 WHERE talk.last_message_at < {_BEFORE}
   AND (talk.purged_to IS NULL OR talk.purged_to < talk.last_message_at
        OR talk.purged_to < talk.closed_at)
   AND NOT EXISTS (
     WITH RECURSIVE goes_on AS (
       SELECT talk.id, talk.joined_to, talk.state, talk.closed_at, talk.last_message_at
       UNION ALL
       SELECT other.id, other.joined_to, other.state, other.closed_at, other.last_message_at
         FROM conversation AS other JOIN goes_on ON other.id = goes_on.joined_to)
     SELECT FROM goes_on
      WHERE goes_on.last_message_at >= {_BEFORE}
         OR (goes_on.joined_to IS NULL
             AND (goes_on.state <> 'closed' OR goes_on.closed_at >= {_BEFORE}))
         OR EXISTS (SELECT {_OPEN_TASK} AND csat.conversation_id = goes_on.id)
         OR EXISTS (
           SELECT FROM ticket
            WHERE ticket.conversation_id = goes_on.id
              AND ((ticket.joined_to IS NULL
                    AND (ticket.state <> 'resolved' OR ticket.resolved_at >= {_BEFORE}))
                   OR EXISTS (SELECT {_OPEN_TASK} AND csat.ticket_id = ticket.id)
                   OR EXISTS (SELECT FROM claim
                               WHERE claim.ticket_id = ticket.id AND claim.settled_at IS NULL)
                   OR EXISTS (
                     WITH RECURSIVE linked AS (
                       SELECT other.id, other.joined_to, other.state
                         FROM ticket_link AS link JOIN ticket AS other
                             ON other.id IN (link.ticket_id, link.other_id)
                        WHERE ticket.id IN (link.ticket_id, link.other_id)
                          AND link.undone_at IS NULL
                       UNION
                       SELECT other.id, other.joined_to, other.state
                         FROM ticket AS other JOIN linked ON other.id = linked.joined_to)
                     SELECT FROM linked WHERE joined_to IS NULL AND state <> 'resolved'))))"""
_NEXT = sql(f"SELECT talk.id, talk.customer_id {_DUE} ORDER BY talk.last_message_at LIMIT :limit")
_STILL = sql(f"SELECT talk.id {_DUE} AND talk.id = ANY(:ids) ORDER BY talk.id")
_EXTENT = sql(
    f"""WITH due AS MATERIALIZED (SELECT talk.id {_DUE}),
       line AS MATERIALIZED (
         SELECT message.id FROM message JOIN due ON due.id = message.conversation_id)
       SELECT (SELECT count(*) FROM due), (SELECT count(*) FROM line),
              (SELECT count(*) FROM attachment JOIN line ON line.id = attachment.message_id)"""
)
# What was given up and is of nothing that goes on: no line that is still there, no ticket that
# waits, nobody who is talking. What a messenger brought names its customer by their address. Work
# that is of no conversation has no words, and is still to be done: an erasure, above all.
_APART = """'customer.erase', 'customers.import', 'customers.undo', 'retention.purge',
  'kb.published'"""
_LETTERS = sql(
    f"""WITH RECURSIVE waiting AS (
         SELECT ticket.id, ticket.code FROM ticket
          WHERE ticket.state <> 'resolved' AND ticket.joined_to IS NULL
         UNION SELECT part.id, part.code FROM ticket AS part
                 JOIN waiting ON waiting.id = part.joined_to),
       talking AS (
         SELECT customer.id FROM customer
          WHERE customer.root_id IN (
            SELECT whose.root_id FROM conversation JOIN customer AS whose
                ON whose.id = conversation.customer_id
             WHERE conversation.state <> 'closed' AND conversation.joined_to IS NULL)),
       named AS (
         SELECT code AS word FROM waiting
         UNION ALL SELECT thread.thread FROM ticket_thread AS thread
                     JOIN waiting ON waiting.id = thread.ticket_id
         UNION ALL SELECT talking.id::text FROM talking)
       DELETE FROM job WHERE id IN (
         SELECT job.id FROM job
          WHERE job.state = 'dead' AND COALESCE(job.changed_at, job.created_at) < {_BEFORE}
            AND job.kind NOT IN ({_APART})
            AND NOT EXISTS (SELECT FROM message
                             WHERE message.id::text = job.payload->>'message')
            AND NOT EXISTS (SELECT FROM message
                             WHERE job.kind = 'turn'
                               AND message.identity_id::text = job.payload->>'identity'
                               AND message.external_id = job.payload->>'external_id')
            AND NOT EXISTS (
              SELECT FROM regexp_matches(
                     concat_ws(' ', job.lane, job.dedup, job.payload::text), '{NAMES}', 'g') found
               WHERE found[1] IN (SELECT word FROM named))
            AND NOT EXISTS (
              SELECT FROM identity JOIN talking ON talking.id = identity.customer_id
               WHERE job.lane = concat_ws(
                       ':', identity.channel, identity.account, identity.external_id))
          ORDER BY job.id LIMIT :limit)"""
)


def extent(session: Session, kind: str, *, days: int) -> dict[str, int]:
    """How much would go at once if things of this kind went after so many days."""
    if kind == "accesses":
        found = select(func.count()).select_from(Access).where(_old(days))
        return {"looks": session.scalar(found) or 0}
    row = session.execute(_EXTENT, {"days": days}).one()
    return dict(zip(("conversations", "messages", "files"), map(int, row), strict=True))


def step(session: Session, purge: Purge) -> dict[str, int]:
    """Delete one piece and say how much of what it was; empty when nothing is left.

    The caller has the row locked.
    """
    days = purge.retention.days
    assert days is not None, "nothing goes without a number of days"
    if purge.retention.kind == "accesses":
        return _said(looks=_drop_looks(session, days))
    return _talks(session, days) or _said(letters=_drop_letters(session, days))


def _talks(session: Session, days: int) -> dict[str, int]:
    found = session.execute(_NEXT, {"days": days, "limit": TALKS}).all()
    _hold(session, [row.customer_id for row in found])
    # Somebody may have reopened one, or talked in it, until its lane was ours.
    ids = session.scalars(_STILL, {"days": days, "ids": [row.id for row in found]}).all()
    if not ids:
        return {}
    theirs = Message.conversation_id.in_(ids)
    files = erasure.drop_files(session, Attachment.message_id.in_(select(Message.id).where(theirs)))
    if files:
        return {"files": files}
    lines = erasure.drop_lines(session, theirs)
    if lines == erasure.MESSAGES:  # there may be more
        return {"messages": lines}
    _unsay(session, ids)
    for one in {row.customer_id for row in found}:
        history.touch(session, one, "linked")  # open chats and pages read anew
    return {"conversations": len(ids), **_said(messages=lines)}


def _hold(session: Session, people: Sequence[uuid.UUID]) -> None:
    """Hold their lanes, as everybody does who changes what is theirs, in the order of the keys.

    Who is being erased has none any more.
    """
    there = select(Customer.root_id).where(Customer.id.in_(people), Customer.erased_at.is_(None))
    for root in sorted(session.scalars(there.distinct()), key=customers.lane):
        customers.hold(session, root)


def _unsay(session: Session, ids: Sequence[int]) -> None:
    """What else has words of these conversations; their figures stay."""
    tickets = select(Ticket.id).where(Ticket.conversation_id.in_(ids)).scalar_subquery()
    about = or_(Csat.conversation_id.in_(ids), Csat.ticket_id.in_(tickets))
    asked = select(Csat.id).where(about).scalar_subquery()
    for statement in (
        update(Ticket).where(Ticket.conversation_id.in_(ids)).values(question="", tried=[]),
        update(Csat).where(about).values(comment=None),
        update(Nps).where(Nps.conversation_id.in_(ids)).values(comment=None),
        update(Recovery)
        .where(Recovery.csat_id.in_(asked), Recovery.done_by != "")
        .values(outcome=""),
        update(Conversation)
        .where(Conversation.id.in_(ids))
        .values(purged_to=func.greatest(Conversation.last_message_at, Conversation.closed_at)),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    session.expire_all()


def _drop_letters(session: Session, days: int) -> int:
    gone = session.execute(_LETTERS, {"days": days, "limit": LETTERS})
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _drop_looks(session: Session, days: int) -> int:
    oldest = select(Access.id).where(_old(days)).order_by(Access.at, Access.id).limit(LOOKS)
    gone = session.execute(
        delete(Access).where(Access.id.in_(oldest)).execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _old(days: int) -> Any:
    return Access.at < func.now() - func.make_interval(0, 0, 0, days)


def _said(**gone: int) -> dict[str, int]:
    return {what: n for what, n in gone.items() if n}
