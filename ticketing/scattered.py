"""Where else a person is: all that names them and is not their record, history or orders.

For :mod:`ticketing.erasure`. A table that comes to hold anything of a customer belongs here; a test
fills them all and looks into every column of the database afterwards.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Delete, Update, delete, or_, select, text, update
from sqlalchemy.orm import Session

from ticketing import spelling
from ticketing.models import (
    ChatSession,
    Claim,
    CodeRequest,
    Consent,
    Contact,
    Conversation,
    Csat,
    CustomerImport,
    CustomerLink,
    Erasure,
    LinkCode,
    LinkRefusal,
    Nps,
    Purchase,
    Recovery,
    Ticket,
    TicketLink,
    TicketThread,
)

# Jobs of one piece; orders that are looked for among the rows of files.
JOBS, ORDERS = 20_000, 1000
_LOCK = text("""SELECT key FROM lane WHERE key = ANY(:keys) ORDER BY key COLLATE "C" FOR UPDATE""")
# Each has an index of its own.
_PENDING = text("DELETE FROM job WHERE lane = ANY(:keys) AND state = 'pending'")
_DEAD = text("DELETE FROM job WHERE lane = ANY(:keys) AND state = 'dead'")
_LANES = text("DELETE FROM lane WHERE key = ANY(:keys)")
_NEWEST = text("SELECT COALESCE(max(id), 0) FROM job")
_NEXT = text(
    """SELECT max(id) FROM (
         SELECT id FROM job WHERE id > :after AND id <= :until ORDER BY id LIMIT :limit) piece"""
)
# A job names whom it is about by a lane, an address, or, anywhere in it, a customer's or a survey's
# id, a ticket's code or the thread that it is shown in. What came of a thing done in Slack has the
# number of its job. What customers wrote themselves is in none: a job has the number of its line.
NAMES = "T-[2-9A-HJKMNP-Z]{6}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{9,}[.][0-9]{6}"
_JOBS = text(
    f"""WITH gone AS (
         DELETE FROM job WHERE id > :after AND id <= :to AND (
           lane = ANY(:lanes) OR payload->>'identity' = ANY(:identities)
           OR EXISTS (SELECT FROM regexp_matches(
                        concat_ws(' ', lane, dedup, payload::text), '{NAMES}', 'g') named
                       WHERE named[1] = ANY(:words)))
         RETURNING id, kind, lane),
       alone AS (
         DELETE FROM lane USING gone
          WHERE lane.key = gone.lane AND lane.key LIKE 'once:%' RETURNING key)
       SELECT id FROM gone WHERE kind = 'slack.event'"""
)
_CHILDREN = text(
    """DELETE FROM job WHERE id > :after AND id <= :to
        AND kind LIKE 'slack.%' AND split_part(dedup, ':', 1) = ANY(:parents)"""
)
_ROWS = text("DELETE FROM customer_import_row WHERE cells ?| :words OR key = ANY(:words)")
_MAILED = text("DELETE FROM job WHERE kind = 'mail.code' AND dedup = ANY(:ids)")
_REFUSED = text(
    """DELETE FROM job WHERE kind = 'mail.code' AND error IS NOT NULL
        AND EXISTS (SELECT FROM unnest(CAST(:emails AS text[])) email
                     WHERE position(lower(email) IN lower(error)) > 0)"""
)


def lock(session: Session, keys: Sequence[str]) -> None:
    """Hold those of these lanes that are there, in the order in which everybody locks several."""
    session.execute(_LOCK, {"keys": list(keys)})


def drop_lanes(session: Session, keys: Sequence[str]) -> None:
    """What waits in these lanes is never done, and who works there meets no fence of theirs."""
    for statement in (_PENDING, _DEAD, _LANES):
        session.execute(statement, {"keys": list(keys)})


def newest_job(session: Session) -> int:
    """The last job that may be about somebody who is erased now."""
    return int(session.execute(_NEWEST).scalar_one())


def names(session: Session, people: Sequence[uuid.UUID]) -> list[str]:
    """What a job calls these people by: their ids, their tickets', surveys' and threads'."""
    tickets = select(Ticket.id).where(Ticket.customer_id.in_(people))
    codes = session.scalars(select(Ticket.code).where(Ticket.customer_id.in_(people)))
    threads = session.scalars(
        select(TicketThread.thread).where(TicketThread.ticket_id.in_(tickets))
    )
    surveys = [
        *session.scalars(select(Csat.id).where(Csat.customer_id.in_(people))),
        *session.scalars(select(Nps.id).where(Nps.customer_id.in_(people))),
    ]
    return [*map(str, people), *codes, *threads, *map(str, surveys)]


def hanging(people: Sequence[uuid.UUID], identities: Sequence[int]) -> list[Delete | Update]:
    """Statements for all rows that hang on these people, in an order that the keys allow."""
    tickets = select(Ticket.id).where(Ticket.customer_id.in_(people)).scalar_subquery()
    talks = select(Conversation.id).where(Conversation.customer_id.in_(people)).scalar_subquery()
    theirs = or_(
        Csat.customer_id.in_(people), Csat.ticket_id.in_(tickets), Csat.conversation_id.in_(talks)
    )
    return [
        delete(ChatSession).where(ChatSession.identity_id.in_(identities)),
        delete(CodeRequest).where(CodeRequest.identity_id.in_(identities)),
        delete(LinkRefusal).where(LinkRefusal.identity_id.in_(identities)),
        delete(LinkCode).where(LinkCode.customer_id.in_(people)),
        delete(CustomerLink).where(
            or_(CustomerLink.customer_id.in_(people), CustomerLink.other_id.in_(people))
        ),
        delete(Recovery).where(Recovery.csat_id.in_(select(Csat.id).where(theirs))),
        delete(Csat).where(theirs),
        delete(Nps).where(or_(Nps.customer_id.in_(people), Nps.conversation_id.in_(talks))),
        delete(Claim).where(Claim.customer_id.in_(people)),
        update(Claim).where(Claim.ticket_id.in_(tickets)).values(ticket_id=None),
        delete(Consent).where(Consent.customer_id.in_(people)),
        delete(Contact).where(Contact.customer_id.in_(people)),
        delete(TicketThread).where(TicketThread.ticket_id.in_(tickets)),
        delete(TicketLink).where(
            or_(TicketLink.ticket_id.in_(tickets), TicketLink.other_id.in_(tickets))
        ),
        # Of two who were linked once, one may still name the other's.
        update(Ticket).where(Ticket.joined_to.in_(tickets)).values(joined_to=None),
        update(Conversation).where(Conversation.joined_to.in_(talks)).values(joined_to=None),
        update(Conversation)
        .where(Conversation.identity_id.in_(identities), Conversation.customer_id.not_in(people))
        .values(identity_id=None),
        # Their tags and promises go with them.
        delete(Ticket).where(Ticket.customer_id.in_(people)),
    ]


def forget_imports(
    session: Session,
    people: Sequence[uuid.UUID],
    known: dict[str, list[str]],
    addresses: Sequence[str],
) -> None:
    """Rows of files that are kept, and what undoing a file left of these people."""
    words = {*known["email"], *(one.lower() for one in known["email"]), *addresses}
    for phone in known["phone"]:
        national = spelling.national(phone)
        words |= {phone, national, national.replace("-", "")}
    orders = select(Purchase.number).where(Purchase.customer_id.in_(people)).limit(ORDERS)
    words |= set(session.scalars(orders))
    if words:
        session.execute(_ROWS, {"words": sorted(words)})
    named = words | {str(one) for one in people}
    batches = session.scalars(
        select(CustomerImport).where(CustomerImport.kept != []).with_for_update()
    )
    for batch in batches:
        batch.kept = [
            one for one in batch.kept if not {one.get("customer"), one.get("order")} & named
        ]
    session.flush()


def forget_mail(session: Session, identities: Sequence[int], emails: Sequence[str]) -> None:
    """Jobs of codes that these addresses asked for, or that a mail server would not take."""
    asked = session.scalars(select(CodeRequest.id).where(CodeRequest.identity_id.in_(identities)))
    session.execute(_MAILED, {"ids": [str(one) for one in asked]})
    if emails:
        session.execute(_REFUSED, {"emails": list(emails)})


def drop_jobs(session: Session, erasure: Erasure) -> bool:
    """Look at the next jobs, done and dead ones too; ``False`` when all were looked at.

    Those that are younger than the erasure are not: an address may be somebody else's by now.
    """
    left = erasure.remaining
    place = {"after": left["after"], "until": left["until"], "limit": JOBS}
    to = session.execute(_NEXT, place).scalar()
    if to is None:
        return False
    piece = {"after": left["after"], "to": to}
    asked = {name: left[name] for name in ("lanes", "identities", "words")}
    parents = [*left["parents"], *map(str, session.execute(_JOBS, asked | piece).scalars())]
    session.execute(_CHILDREN, piece | {"parents": parents})
    erasure.remaining = left | {"after": to, "parents": parents}
    session.flush()
    return True
