"""Dead letters: jobs that were given up, and what a person does with them.

A dead letter keeps its place and its error until somebody retries or discards it; nothing removes
it by itself, except when what it was about was kept long enough (:mod:`ticketing.purging`). What
that was is for the channels to say: here it is a job like any other.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, or_, select, text
from sqlalchemy.orm import Session

from ticketing.errors import NotFound
from ticketing.models import Job

# The lane is woken whatever it does now; who works in it looks for the next job when they are
# done, and a head that waits for its retry sends the worker away again.
_WAKE = text(
    """INSERT INTO lane (key, ready_at) VALUES (:key, now())
       ON CONFLICT (key) DO UPDATE SET ready_at = now()"""
)
_AGAIN = """UPDATE job SET state = 'pending', attempts = LEAST(attempts, 1), failures = 0,
              next_at = now(), changed_at = now()
        WHERE state = 'dead'"""
_RETRY = text(f"{_AGAIN} AND id = :id RETURNING lane")
_RETRY_ALL = text(f"{_AGAIN} AND kind = ANY(:kinds) RETURNING id, lane")
_DISCARD = text(
    """UPDATE job SET state = 'discarded', changed_at = now(), discarded_by = :by
        WHERE id = :id AND state = 'dead' RETURNING id"""
)


def listing(session: Session, *, limit: int = 100) -> list[Job]:
    """The newest dead letters, newest first."""
    return list(
        session.scalars(select(Job).where(Job.state == "dead").order_by(Job.id.desc()).limit(limit))
    )


def count(session: Session) -> int:
    """How many there are."""
    return session.scalar(select(func.count()).where(Job.state == "dead")) or 0


def get(session: Session, job: int) -> Job:
    """A job that is a dead letter or was one, as long as it is kept. Raises :class:`NotFound`."""
    found = session.scalar(
        select(Job).where(Job.id == job, or_(Job.state == "dead", Job.changed_at.is_not(None)))
    )
    if found is None:
        raise NotFound(f"there is no dead letter {job}")
    return found


def retry(session: Session, job: int) -> None:
    """Give a dead letter another life, in its old place. Raises :class:`NotFound`.

    One attempt stays counted: whoever sends knows that an earlier one may have arrived.
    """
    lane = session.execute(_RETRY, {"id": job}).scalar()
    if lane is None:
        raise NotFound(f"there is no dead letter {job}")
    session.execute(_WAKE, {"key": lane})
    session.info["enqueued"] = True


def retry_all(session: Session, *, kinds: Sequence[str]) -> list[int]:
    """:func:`retry` for all of these kinds, which are returned, oldest first."""
    rows = session.execute(_RETRY_ALL, {"kinds": list(kinds)}).all()
    for lane in sorted({row.lane for row in rows}):
        session.execute(_WAKE, {"key": lane})
    session.info["enqueued"] = True
    return sorted(row.id for row in rows)


def discard(session: Session, job: int, *, by: str) -> None:
    """Give a dead letter up for good, with the name of who did. Raises :class:`NotFound`.

    The job stays for as long as a finished one: its ``dedup`` still refuses redeliveries.
    """
    if session.execute(_DISCARD, {"id": job, "by": by}).scalar() is None:
        raise NotFound(f"there is no dead letter {job}")
