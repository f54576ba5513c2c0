"""Who does what only one of several processes may do, such as asking Telegram for its updates.

A leader has the lease of a lane without work, ``leader:<name>``, and keeps it by asking again.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# It has no work, so that nobody claims it.
_LEAD = text(
    """INSERT INTO lane (key, owner, until)
       VALUES (:key, :owner, now() + make_interval(secs => :lease))
       ON CONFLICT (key) DO UPDATE SET owner = EXCLUDED.owner, until = EXCLUDED.until
         WHERE lane.owner = EXCLUDED.owner OR lane.until IS NULL OR lane.until < now()
       RETURNING 1"""
)
_RESIGN = text("UPDATE lane SET owner = NULL, until = NULL WHERE key = :key AND owner = :owner")


def lead(session: Session, key: str, *, owner: str, lease_s: float) -> bool:
    """Be, or stay, the one who does what ``leader:<name>`` stands for; whether that is so.

    The caller asks again well within ``lease_s`` seconds, and stops when the answer is no.
    """
    asked = {"key": key, "owner": owner, "lease": lease_s}
    return session.execute(_LEAD, asked).scalar() is not None


def resign(session: Session, key: str, *, owner: str) -> None:
    """Let somebody else lead at once."""
    session.execute(_RESIGN, {"key": key, "owner": owner})
