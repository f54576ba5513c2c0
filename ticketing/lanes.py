"""The inbox and the outbox: ordered lanes, leases, fences, retries.

A lane is a key such as ``in:<customer>`` or ``out:slack:<channel>``. Its jobs are done in order,
by one worker at a time; whoever dies holding it loses it when the lease runs out, and the fence
keeps a worker that was only asleep from writing afterwards.

1. *Accept*: :func:`enqueue` takes the lane row first, then inserts the job; the caller commits and
   only then acknowledges. The row lock makes the order of ids the order of commits in a lane.
2. *Claim*: :func:`claim` leases lanes that are due, ``SKIP LOCKED``, fence + 1, and then, in a
   second statement that sees what was settled until the locks were had, starts their head jobs.
   Who accepts into empty lanes may lease them at once (:func:`ticketing.inbox.accept_free`).
3. *Work* happens outside any transaction; while it lasts, :func:`renew` keeps the lease.
4. *Settle*: :func:`hold` locks the lane and checks the fence (:func:`hold_free` those of several
   that nobody else holds), the caller writes its results, and :func:`done`, :func:`retry` or
   :func:`bury` end the job in the same transaction. The first of them can start the lane's next
   job as well, so that a busy lane is not claimed anew for each.
5. *Release* is the last statement of those, after the lock was taken: computed in one statement
   with it, a job committed meanwhile would be missed under READ COMMITTED.

What was given up is looked after by :mod:`ticketing.dead_letters`.

All times are the database's, so that a stepped clock on one machine changes nothing.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import DateTime, Row, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from ticketing.errors import LeaseLost

# A worker that lives renews its leases all the time, so that a dead one's lanes are free soon.
LEASE_S = 6.0
MAX_ATTEMPTS = 8
# So many jobs of a customer's lane its worker does in a row. Then it is anybody's: a worker that is
# behind keeps none from one that is not. Outgoing lanes stay with the worker that paces them.
IN_A_ROW = 8

Ended = Literal["failed", "cut_short", "put_off"]


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """The head job of a lane, leased to ``owner`` under ``fence``; ``before`` it, so many in a row.

    ``attempts`` counts this try; ``failures`` the earlier ones that ended in an error. Those that
    are missing between the two ended with their worker: killed, or asleep past its lease.
    """

    job: int
    lane: str
    kind: str
    payload: dict[str, Any]
    attempts: int
    failures: int
    owner: str
    fence: int
    before: int = 0


_LOCK = text(
    "INSERT INTO lane (key) VALUES (:key) ON CONFLICT (key) DO UPDATE SET key = EXCLUDED.key"
)
# A lane that waits for a retry keeps its time: a new job never overtakes the head. The job is
# inserted from the lane's row, so that the row is locked before the job gets its number.
_ENQUEUE = text(
    """WITH woken AS (
         INSERT INTO lane (key, ready_at) VALUES (:lane, now())
         ON CONFLICT (key) DO UPDATE SET ready_at = COALESCE(lane.ready_at, EXCLUDED.ready_at)
         RETURNING key)
       INSERT INTO job (lane, kind, dedup, payload, next_at)
       SELECT woken.key, :kind, :dedup, :payload, COALESCE(:due, now()) FROM woken
       ON CONFLICT (kind, dedup) DO NOTHING RETURNING id"""
).bindparams(bindparam("payload", type_=JSONB), bindparam("due", type_=DateTime(timezone=True)))
_WAITS = text(
    """SELECT EXISTS (SELECT 1 FROM job WHERE lane = :lane AND state = 'pending' AND attempts = 0
         AND kind = :kind AND payload = :payload)"""
).bindparams(bindparam("payload", type_=JSONB))
_CLAIM = text(
    """WITH due AS (
         SELECT key FROM lane
          WHERE ready_at <= now() AND (until IS NULL OR until < now())
          ORDER BY ready_at LIMIT :limit FOR UPDATE SKIP LOCKED)
       UPDATE lane SET owner = :owner, until = now() + make_interval(secs => :lease),
              fence = fence + 1
         FROM due WHERE lane.key = due.key RETURNING lane.key, lane.fence"""
)
_START = text(
    """UPDATE job SET attempts = attempts + 1
         FROM unnest(CAST(:keys AS text[])) AS taken (key), LATERAL (
           SELECT id, next_at FROM job AS head
            WHERE head.lane = taken.key AND head.state = 'pending' ORDER BY id LIMIT 1) head
        WHERE job.id = head.id AND head.next_at <= now()
       RETURNING job.id, job.lane, job.kind, job.payload, job.attempts, job.failures"""
)
# What a settling transaction holds is skipped: it is about to be released.
_RENEW = text(
    """UPDATE lane SET until = now() + make_interval(secs => :lease)
        WHERE key IN (SELECT key FROM lane
                       WHERE key = ANY(:keys) AND owner = :owner AND until > now()
                         FOR UPDATE SKIP LOCKED)"""
)
# Locked in the order of their keys, as everybody does who locks several.
_HOLD = text(
    """SELECT key, lane.fence FROM lane
         JOIN unnest(CAST(:keys AS text[]), CAST(:fences AS bigint[])) AS held (lane, fence)
           ON held.lane = key AND held.fence = lane.fence
        WHERE owner = :owner ORDER BY key COLLATE "C" FOR UPDATE OF lane"""
)
_HOLD_FREE = text(_HOLD.text + " SKIP LOCKED")
# The statement sees the jobs as they were before it, so the next ones are looked for beside them.
# Who goes on does so under a new fence: what is left of the job before must not be written twice.
_DONE = text(
    """WITH finished AS (UPDATE job SET state = 'done', error = NULL WHERE id = ANY(:ids)),
       head AS (
         SELECT ended.key, ended.lease, pending.id, pending.next_at
           FROM unnest(CAST(:keys AS text[]), CAST(:leases AS float[])) AS ended (key, lease)
           LEFT JOIN LATERAL (
             SELECT id, next_at FROM job
              WHERE job.lane = ended.key AND state = 'pending' AND id <> ALL(:ids)
              ORDER BY id LIMIT 1) pending ON true),
       started AS (
         UPDATE job SET attempts = attempts + 1 FROM head
          WHERE head.lease > 0 AND job.id = head.id AND head.next_at <= now()
         RETURNING job.id, job.lane, job.kind, job.payload, job.attempts, job.failures)
       UPDATE lane SET ready_at = head.next_at,
              owner = CASE WHEN started.id IS NOT NULL THEN owner END,
              until = CASE WHEN started.id IS NOT NULL
                           THEN now() + make_interval(secs => head.lease) END,
              fence = CASE WHEN started.id IS NOT NULL THEN fence + 1 ELSE fence END
         FROM head LEFT JOIN started ON started.lane = head.key
        WHERE lane.key = head.key
       RETURNING lane.key, lane.fence, lane.ready_at, started.*"""
)
_RETRY = text(
    """UPDATE job SET next_at = now() + make_interval(secs => :delay), error = :error,
              attempts = attempts - :given_back, failures = failures + :failed WHERE id = :id"""
)
_REMEMBER = text("UPDATE job SET payload = payload || :facts WHERE id = :id").bindparams(
    bindparam("facts", type_=JSONB)
)
_BURY = text("UPDATE job SET state = 'dead', error = :error, changed_at = now() WHERE id = :id")
_RELEASE = text(
    """UPDATE lane SET owner = NULL, until = NULL, ready_at =
         (SELECT next_at FROM job WHERE job.lane = :key AND state = 'pending' ORDER BY id LIMIT 1)
       WHERE key = :key"""
)
_SWEEP = text(
    """UPDATE lane SET ready_at = now() WHERE ready_at IS NULL AND owner IS NULL
       AND EXISTS (SELECT 1 FROM job WHERE job.lane = lane.key AND state = 'pending')"""
)
# A lane that had one job in its life goes with it.
_PRUNE = text(
    """WITH gone AS (
         DELETE FROM job WHERE id IN (
           SELECT id FROM job
            WHERE state = 'done' AND created_at < now() - make_interval(days => :days)
            ORDER BY created_at LIMIT 5000)
         RETURNING lane)
       DELETE FROM lane USING gone
        WHERE lane.key = gone.lane AND lane.key LIKE 'once:%' AND lane.owner IS NULL"""
)
_PRUNE_DISCARDED = text(
    """DELETE FROM job
        WHERE state = 'discarded' AND changed_at < now() - make_interval(days => :days)"""
)


def once(kind: str, dedup: str) -> str:
    """The key of a lane for this job alone: a timer, which holds up nothing and waits for none."""
    return f"once:{kind}:{dedup}"


def lock(session: Session, key: str) -> None:
    """Hold the lane ``key`` until the transaction ends, so that writers to it take turns."""
    session.execute(_LOCK, {"key": key})


def enqueue(
    session: Session,
    *,
    lane: str,
    kind: str,
    dedup: str,
    payload: dict[str, Any],
    due: dt.datetime | None = None,
) -> int | None:
    """Add a job to a lane; ``None`` when the same ``(kind, dedup)`` was accepted before.

    It is done at ``due``, and what is behind it in its lane not before.
    """
    session.info["enqueued"] = True
    job: int | None = session.execute(
        _ENQUEUE, {"lane": lane, "kind": kind, "dedup": dedup, "payload": payload, "due": due}
    ).scalar()
    return job


def waits(session: Session, *, lane: str, kind: str, payload: dict[str, Any]) -> bool:
    """Whether such a job is in the lane that nobody has begun yet.

    The lane is held, so that whoever begins it sees what the caller's transaction writes.
    """
    lock(session, lane)
    asked = {"lane": lane, "kind": kind, "payload": payload}
    found = bool(session.execute(_WAITS, asked).scalar())
    if found:  # a worker may have passed it by, because it was held
        session.info["enqueued"] = True
    return found


def claim(session: Session, *, owner: str, limit: int, lease_s: float = LEASE_S) -> list[Work]:
    """Lease up to ``limit`` lanes that are due and start the head job of each.

    The heads are looked for by a statement of their own: the one that locks the lanes sees the
    jobs as they were before, and would start again what was done in the moment between.
    """
    connection = session.connection()
    due = {"owner": owner, "limit": limit, "lease": lease_s}
    fences: dict[str, int] = {row.key: row.fence for row in connection.execute(_CLAIM, due)}
    if not fences:
        return []
    heads = {row.lane: row for row in connection.execute(_START, {"keys": list(fences)})}
    claimed = []
    for key, fence in fences.items():
        row = heads.get(key)
        if row is None:  # woken for nothing, or the head still waits for its retry
            connection.execute(_RELEASE, {"key": key})
            continue
        claimed.append(started(row, owner, fence))
    return claimed


def started(row: Row[Any], owner: str, fence: int, before: int = 0) -> Work:
    """The job of ``row``, started in a lane that is leased to ``owner``."""
    return Work(
        job=row.id,
        lane=row.lane,
        kind=row.kind,
        payload=row.payload,
        attempts=row.attempts,
        failures=row.failures,
        owner=owner,
        fence=fence,
        before=before,
    )


def renew(session: Session, *, owner: str, keys: Sequence[str], lease_s: float = LEASE_S) -> None:
    """Keep the lanes that ``owner`` still works in, unless their lease ran out meanwhile."""
    session.execute(_RENEW, {"owner": owner, "keys": list(keys), "lease": lease_s})


def hold(session: Session, work: Work) -> None:
    """Lock the lane for settling what its worker did in it.

    Raises :class:`LeaseLost` when somebody else took it over.
    """
    if not _held(session, _HOLD, [work]):
        raise LeaseLost(work.lane)


def hold_free(session: Session, works: Sequence[Work]) -> list[bool]:
    """Lock lanes without waiting; for each work, whether its lane is locked for it now.

    If not, it is in another's transaction or was taken over, maybe for another of these works."""
    held = _held(session, _HOLD_FREE, works)
    return [(work.lane, work.fence) in held for work in works]


def _held(session: Session, statement: TextClause, works: Sequence[Work]) -> set[tuple[str, int]]:
    asked = {
        "keys": [work.lane for work in works],
        "fences": [work.fence for work in works],
        "owner": works[0].owner,
    }
    return {(row.key, row.fence) for row in session.connection().execute(statement, asked)}


def done(session: Session, *works: Work, lease_s: float = 0) -> list[Work | None]:
    """The jobs are finished; their lanes go on to the next ones.

    With ``lease_s`` their worker does so at once, which saves it a claim: the next job of each
    lane that has one due comes back, started and leased for so long; of a customer's lane up to
    :data:`IN_A_ROW` jobs.
    """
    ended = {
        "ids": [work.job for work in works],
        "keys": [work.lane for work in works],
        "leases": [0.0 if _goes_round(work) else lease_s for work in works],
    }
    session.flush()  # what was done may have changed what comes next
    rows = {row.key: row for row in session.connection().execute(_DONE, ended)}
    if any(row.id is None and row.ready_at is not None for row in rows.values()):
        session.info["enqueued"] = True
    following = [(work, rows[work.lane]) for work in works]
    return [
        None if row.id is None else started(row, work.owner, row.fence, work.before + 1)
        for work, row in following
    ]


def _goes_round(work: Work) -> bool:
    return work.lane.startswith("in:") and work.before + 1 >= IN_A_ROW


def retry(
    session: Session, work: Work, *, delay_s: float, error: str, ended: Ended = "failed"
) -> None:
    """Do the job again after ``delay_s`` seconds; those behind it wait, so order is kept.

    ``ended`` says how this try did: it ``failed``; it was ``cut_short`` and counts like one whose
    worker was killed; or it was ``put_off``, because a platform asked us to wait, and is no try.
    """
    session.execute(
        _RETRY,
        {
            "id": work.job,
            "delay": delay_s,
            "error": error[:2000],
            "given_back": int(ended == "put_off"),
            "failed": int(ended == "failed"),
        },
    )
    session.execute(_RELEASE, {"key": work.lane})


def remember(session: Session, work: Work, facts: dict[str, Any]) -> None:
    """Write down for the next try what this one found out, in the job's payload.

    Raises :class:`LeaseLost` when somebody else has taken the lane over.
    """
    hold(session, work)
    session.execute(_REMEMBER, {"id": work.job, "facts": facts})


def bury(session: Session, work: Work, *, error: str) -> None:
    """Make the job a dead letter, with its error, and let the ones behind it go on."""
    session.execute(_BURY, {"id": work.job, "error": error[:2000]})
    session.execute(_RELEASE, {"key": work.lane})


def release(session: Session, owner: str) -> int:
    """Give back every lane of ``owner`` unworked: a graceful stop wastes no lease time."""
    keys = session.execute(
        text("SELECT key FROM lane WHERE owner = :owner FOR UPDATE"), {"owner": owner}
    ).scalars()
    count = 0
    for key in keys.all():
        session.execute(_RELEASE, {"key": key})
        count += 1
    return count


def sweep(session: Session, *, keep_days: int = 30) -> int:
    """Wake lanes that have work but no wake-up time, drop old finished jobs; how many were woken.

    Finished jobs are kept for ``keep_days`` because their ``dedup`` still refuses redeliveries;
    discarded ones from the day they were discarded, because they say who did it.
    """
    woken = session.execute(_SWEEP).rowcount  # type: ignore[attr-defined]
    session.execute(_PRUNE, {"days": keep_days})
    session.execute(_PRUNE_DISCARDED, {"days": keep_days})
    return int(woken)


def depth(session: Session) -> dict[str, float]:
    """For the metrics: how much is where, and the age in seconds of the oldest job that waits.

    ``pending`` jobs could be done; ``timers`` wait for a time of their own, which is no backlog;
    ``retrying`` is how many of the pending wait after a failed try; ``dead`` ones were given up.
    Lanes are ``due`` when a worker could take them now and ``leased`` while one works in them. A
    retried dead letter is as old as its retry, and a timer as old as its time.
    """
    row = session.execute(
        text(
            """SELECT count(*) FILTER (WHERE NOT timer) AS pending,
                      count(*) FILTER (WHERE timer) AS timers,
                      count(*) FILTER (WHERE error IS NOT NULL AND next_at > now()) AS retrying,
                      COALESCE(EXTRACT(EPOCH FROM now() - min(COALESCE(changed_at,
                        CASE WHEN error IS NULL THEN next_at ELSE created_at END))
                        FILTER (WHERE NOT timer)), 0) AS oldest_pending_s,
                      (SELECT count(*) FROM job WHERE state = 'dead') AS dead,
                      (SELECT count(*) FROM lane
                        WHERE ready_at <= now() AND (until IS NULL OR until < now())) AS due,
                      (SELECT count(*) FROM lane
                        WHERE ready_at IS NOT NULL AND until >= now()) AS leased
                 FROM job, LATERAL (SELECT error IS NULL AND next_at > now() AS timer) AS kind
                WHERE state = 'pending'"""
        )
    ).one()
    return {name: float(value) for name, value in row._mapping.items()}
