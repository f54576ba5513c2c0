"""How fast may be sent: by all our processes to a platform, and by a visitor to all of them."""

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
_WAIT = text("SELECT visitor_wait(:address, :allowed, 0)")


def take(session: Session, key: str, *, every_s: float) -> float:
    """Take the next free moment of ``key``; the seconds until then. One every ``every_s``."""
    wait: float = session.execute(_TAKE, {"key": key, "every": every_s}).scalar_one()
    return wait


class TooFast(Exception):
    """This visitor has said as much in a minute as one may; ``wait_s`` until the next is taken."""

    def __init__(self, allowed: int, wait_s: float) -> None:
        super().__init__(f"at most {allowed} messages a minute are taken from one visitor")
        self.allowed = allowed
        self.wait_s = wait_s


def visitor(session: Session, identity_id: int, *, allowed: int) -> None:
    """Raise :class:`TooFast` if the last minute has ``allowed`` lines of this address; 0: never.

    Who holds the visitor's lane knows it for certain.
    """
    if not allowed:
        return
    asked = {"address": identity_id, "allowed": allowed}
    wait: float = session.execute(_WAIT, asked).scalar_one()
    if wait > 0:
        raise TooFast(allowed, wait)


def forget(session: Session) -> None:
    """Drop the slots that have been free for a while: whoever comes there waits for nothing."""
    session.execute(
        text("DELETE FROM send_slot WHERE free_at < clock_timestamp() - interval '1 minute'")
    )
