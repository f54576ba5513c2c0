"""How long things are kept: what an administrator set, and what went on which day because of it.

Nothing goes by itself until somebody says after how many days. What goes then, and what never
does, is in :mod:`ticketing.purging`.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from ticketing import accesses, teams
from ticketing.errors import Invalid, NotFound
from ticketing.models import Purge, Retention
from ticketing.record import Author

# The least days of each kind. Figures reach back 90 days, and count lines of conversations. Korean
# rules ask for a year of the access log, and for two from 50,000 people on or for sensitive data.
LEAST = {"conversations": 90, "accesses": 365}
MOST = 36500


def keep(session: Session, kind: str, *, days: int | None, by: Author) -> Retention:
    """Let a kind of thing go after so many days, or never again; who said so stays.

    Raises :class:`NotFound` for no such kind and :class:`Invalid` for days that are too few.
    """
    check(kind, days)
    known = in_force(session, kind)
    if known is not None and known.days == days:
        return known
    made = Retention(
        kind=kind, days=days, by_name=by.name, agent_id=by.agent_id, source=by.source
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def check(kind: str, days: int | None) -> None:
    """Raises what :func:`keep` does."""
    if kind not in LEAST:
        raise NotFound("nothing of this kind goes after a time")
    if days is not None and days < LEAST[kind]:
        raise Invalid("days", "few", f"are at least {LEAST[kind]}")
    if days is not None and days > MOST:
        raise Invalid("days", "many", f"are at most {MOST}")


def in_force(session: Session, kind: str) -> Retention | None:
    """What was said last; ``None``: nobody has said anything, and nothing goes."""
    return session.scalar(
        select(Retention).where(Retention.kind == kind).order_by(Retention.id.desc()).limit(1)
    )


def changes(session: Session, *, limit: int = 200) -> list[Retention]:
    """What was said, the newest first."""
    return list(session.scalars(select(Retention).order_by(Retention.id.desc()).limit(limit)))


# --- what goes on a day -----------------------------------------------------------------------


def begin(session: Session) -> list[int]:
    """Purges of today that nobody has begun; each is found once, by whoever commits first."""
    day = teams.now(session).astimezone(ZoneInfo(accesses.zone(session))).date()
    begun = []
    for kind in LEAST:
        rule = in_force(session, kind)
        if rule is None or rule.days is None:
            continue
        mine = (Purge.retention_id == rule.id) & (Purge.day == day)
        # Asked first, because an insert that is refused takes a number nevertheless.
        if session.scalar(select(Purge.id).where(mine)) is not None:
            continue
        made = session.scalar(
            insert(Purge)
            .values(retention_id=rule.id, day=day)
            .on_conflict_do_nothing()
            .returning(Purge.id)
        )
        begun += [] if made is None else [made]
    return begun


def get(session: Session, purge_id: int, *, lock: bool = False) -> Purge:
    """One purge; locked, so that two who go on with it take turns. Raises :class:`NotFound`."""
    found = session.get(Purge, purge_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound("there is no such purge")
    return found


def holds(session: Session, purge: Purge) -> bool:
    """Whether what it is done for was not taken back, or set otherwise, meanwhile."""
    now = in_force(session, purge.retention.kind)
    return now is not None and now.id == purge.retention_id


def count(session: Session, purge: Purge, gone: Mapping[str, int]) -> None:
    """So many more went."""
    known = purge.counts
    purge.counts = known | {what: known.get(what, 0) + n for what, n in gone.items()}
    session.flush()


def finish(session: Session, purge: Purge) -> None:
    """All that was to go is gone."""
    purge.finished_at = func.clock_timestamp()
    session.flush()


def reports(session: Session, *, limit: int = 60) -> list[Purge]:
    """What went on which day, the newest first."""
    return list(
        session.scalars(
            select(Purge)
            .order_by(Purge.id.desc())
            .options(joinedload(Purge.retention))
            .limit(limit)
        )
    )
