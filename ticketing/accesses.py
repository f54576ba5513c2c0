"""Who looked at whose data, when and from where: opened, found in a list, taken along as a file.

A look is written down in the statement before its answer is given, so nothing is shown that is not
kept. The same look again within ten minutes is the same one: a page that follows what happens is
fetched anew with every message. What was searched for is not kept, because it is mostly a name, a
number or an address, and would stay when its owner is erased; whom it showed is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection, Sequence
from typing import Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticketing import customers, erasure, hours, teams
from ticketing.models import Access
from ticketing.record import Author

What = Literal["opened", "listed", "searched", "downloaded"]
AGAIN = dt.timedelta(minutes=10)
_EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_SPAN = func.date_bin(AGAIN, func.clock_timestamp(), _EPOCH)


def opened(
    session: Session,
    customer_id: uuid.UUID,
    *,
    by: Author,
    beside: Collection[uuid.UUID] = (),
) -> None:
    """Somebody's record, history, ticket, order or file is shown, with that of all they are.

    ``beside``: others whom it names, because they may be the same person or have a linked ticket.
    """
    people = sorted(session.scalars(customers.members(customer_id))) or [customer_id]
    others = sorted(set(beside) - set(people))
    _keep(session, "opened", [*people, *others], by=by, customer_id=customer_id)


def found(session: Session, people: Collection[uuid.UUID], *, by: Author) -> None:
    """People are shown who were looked for, or who are behind a number."""
    _keep(session, "searched", sorted(set(people)), by=by)


def listed(session: Session, people: Collection[uuid.UUID], *, by: Author) -> None:
    """Whoever is on a list is shown. It changes with all that happens: who was on one within these
    ten minutes was seen, and who comes to it meanwhile is kept apart."""
    seen = select(func.unnest(Access.people)).where(
        Access.at >= select(_SPAN).scalar_subquery(),  # asked once, so that an index can be used
        Access.agent_id == by.agent_id,
        Access.what == "listed",
        Access.source == by.source,
        Access.place == by.place,
    )
    fresh = set(people).difference(session.scalars(seen))
    if fresh:
        _keep(session, "listed", sorted(fresh), by=by)


def _keep(
    session: Session,
    what: What,
    people: Sequence[uuid.UUID],
    *,
    by: Author,
    customer_id: uuid.UUID | None = None,
) -> None:
    shown = b"".join(one.bytes for one in people)
    session.execute(
        insert(Access)
        .values(
            what=what,
            customer_id=customer_id,
            people=people,
            rows=1 if customer_id else len(people),
            by_name=by.name,
            agent_id=by.agent_id,
            source=by.source,
            place=by.place,
            whom=uuid.UUID(bytes=hashlib.blake2b(shown, digest_size=16).digest()),
            span=_SPAN,
        )
        .on_conflict_do_nothing()
    )


def chosen(
    session: Session,
    *,
    what: What | None = None,
    agent_id: int | None = None,
    customer_id: uuid.UUID | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    before: int | None = None,
) -> Select[Access]:
    """Looks, the newest first: of an agent, at a customer, on days of the first team's time zone
    (``until`` is one of them), or older than another."""
    found = select(Access).order_by(Access.at.desc(), Access.id.desc())
    local = ZoneInfo(zone(session))
    if what is not None:
        found = found.where(Access.what == what)
    if agent_id is not None:
        found = found.where(Access.agent_id == agent_id)
    if customer_id is not None:
        found = found.where(Access.people.overlap(_people(session, customer_id)))
    if since is not None:
        found = found.where(Access.at >= dt.datetime.combine(since, dt.time(), local))
    if until is not None:
        after = until + dt.timedelta(days=1)
        found = found.where(Access.at < dt.datetime.combine(after, dt.time(), local))
    if before is not None:
        then = select(Access.at).where(Access.id == before).scalar_subquery()
        found = found.where(tuple_(Access.at, Access.id) < tuple_(then, before))
    return found


def zone(session: Session) -> str:
    """The time zone of days."""
    team = teams.first(session)
    return hours.ZONE if team is None else team.zone


def viewers(
    session: Session, customer_id: uuid.UUID, *, but: int, limit: int = 3
) -> list[tuple[str, dt.datetime]]:
    """Which agents but one opened somebody last, and when each did."""
    last, people = func.max(Access.at), _people(session, customer_id)
    rows = session.execute(
        select(Access.by_name, last)
        .where(
            Access.people.overlap(people),
            Access.customer_id.in_(people),
            Access.what == "opened",
            Access.agent_id != but,
        )
        .group_by(Access.by_name)
        .order_by(last.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def _people(session: Session, customer_id: uuid.UUID) -> list[uuid.UUID]:
    """All this customer is, or was until they were erased."""
    gone = erasure.find(session, customer_id)
    people = gone.customers if gone else session.scalars(customers.members(customer_id)).all()
    return [*people] or [customer_id]
