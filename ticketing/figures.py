"""What a shop asks about its day: how much came, how fast it was answered, how happy it made."""

from __future__ import annotations

import dataclasses

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

# Where the shop's day begins at midnight.
ZONE = "Asia/Seoul"


@dataclasses.dataclass(frozen=True, slots=True)
class Today:
    """Figures since midnight, but ``waiting``, which is now.

    ``first_reply_s`` is the median of first replies given today, in seconds since the ticket was
    opened; ``csat`` the average of today's ``ratings`` scores; both ``None`` when there are none.
    """

    opened: int
    resolved: int
    waiting: int
    first_reply_s: float | None
    csat: float | None
    ratings: int


_TODAY = sql(
    """WITH day AS (
         SELECT date_trunc('day', now() AT TIME ZONE :zone) AT TIME ZONE :zone AS began)
       SELECT (SELECT count(*) FROM ticket, day WHERE opened_at >= began) AS opened,
              (SELECT count(*) FROM ticket, day WHERE resolved_at >= began) AS resolved,
              (SELECT count(*) FROM ticket
                WHERE state = 'open' AND snoozed_until IS NULL) AS waiting,
              (SELECT percentile_cont(0.5) WITHIN GROUP (
                        ORDER BY EXTRACT(EPOCH FROM first_reply_at - opened_at))
                 FROM ticket, day WHERE first_reply_at >= began) AS first_reply_s,
              (SELECT avg(score) FROM csat, day WHERE rated_at >= began) AS csat,
              (SELECT count(*) FROM csat, day WHERE rated_at >= began) AS ratings"""
)


def today(session: Session, *, zone: str = ZONE) -> Today:
    """The figures of the day that it is now in ``zone``."""
    row = session.execute(_TODAY, {"zone": zone}).one()
    return Today(
        opened=int(row.opened),
        resolved=int(row.resolved),
        waiting=int(row.waiting),
        first_reply_s=None if row.first_reply_s is None else float(row.first_reply_s),
        csat=None if row.csat is None else round(float(row.csat), 1),
        ratings=int(row.ratings),
    )
