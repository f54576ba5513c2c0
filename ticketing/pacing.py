"""How fast may be sent to a platform, over all processes that send to it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# The generic cell rate algorithm with no tolerance: each call takes the next free moment.
_TAKE = text(
    """INSERT INTO send_slot (key, free_at)
       VALUES (:key, clock_timestamp() + make_interval(secs => :every))
       ON CONFLICT (key) DO UPDATE
         SET free_at = GREATEST(send_slot.free_at, clock_timestamp())
                       + make_interval(secs => :every)
       RETURNING GREATEST(0, EXTRACT(EPOCH FROM
         free_at - make_interval(secs => :every) - clock_timestamp()))::float8"""
)


def take(session: Session, key: str, *, every_s: float) -> float:
    """Take the next free moment of ``key``; the seconds until then. One every ``every_s``."""
    wait: float = session.execute(_TAKE, {"key": key, "every": every_s}).scalar_one()
    return wait


def forget(session: Session) -> None:
    """Drop the slots that have been free for a while: whoever comes there waits for nothing."""
    session.execute(
        text("DELETE FROM send_slot WHERE free_at < clock_timestamp() - interval '1 minute'")
    )
