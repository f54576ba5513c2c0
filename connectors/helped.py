"""What helped: per article how often it was read, answered with, and whether that was enough."""

from __future__ import annotations

import dataclasses
import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from ticketing import accesses

DAYS = (7, 30, 90)
OLD_DAYS = 180  # an article not published anew for so long, though it is asked for, is stale
VOTES = 3  # fewer votes in a period say nothing about which way they turn
COLUMNS = ("title", "views", "given", "solved", "up", "down", "published_at")
SHOWN = 200

# Answers that customers got from an article. One solved it if it was the episode's last answer,
# nobody said that it did not help, no ticket came of the episode, and it ended so.
_ANSWERS = """
    SELECT m.id, m.at, m.customer_id, m.conversation_id, m.vote,
           m.article->>'id' AS article_id, m.article->>'locale' AS locale,
           m.meta->>'question' AS question,
           c.state = 'closed' AND c.outcome = 'answered' AND m.vote IS DISTINCT FROM 'down'
           AND NOT EXISTS (SELECT FROM ticket t WHERE t.conversation_id = m.conversation_id)
           AND NOT EXISTS (SELECT FROM message later
                            WHERE later.conversation_id = m.conversation_id AND later.id > m.id
                              AND later.author = 'bot' AND later.kind = 'answer') AS solved
      FROM message m JOIN conversation c ON c.id = m.conversation_id
     WHERE m.kind = 'answer' AND m.author = 'bot' AND m.article IS NOT NULL
       AND m.at > now() - make_interval(days => :days)
"""
_TABLE = sql(
    f"""
    WITH answers AS ({_ANSWERS}),
    told AS (
      SELECT article_id, locale, count(*) AS given, count(*) FILTER (WHERE solved) AS solved,
             count(*) FILTER (WHERE vote = 'up') AS up,
             count(*) FILTER (WHERE vote = 'down') AS down
        FROM answers GROUP BY 1, 2
    ), said AS (
      SELECT article_id, locale,
             count(*) FILTER (WHERE helpful AND recent) AS up,
             count(*) FILTER (WHERE NOT helpful AND recent) AS down,
             count(*) FILTER (WHERE helpful AND NOT recent) AS up_before,
             count(*) FILTER (WHERE NOT helpful AND NOT recent) AS down_before
        FROM (SELECT *, at > now() - make_interval(days => :days) AS recent FROM kb_vote) vote
       GROUP BY 1, 2
    ), seen AS (
      SELECT article_id, locale, sum(views) AS views FROM kb_article_view
       WHERE day > CAST(now() AT TIME ZONE :zone AS date) - :days GROUP BY 1, 2
    ), published AS (
      SELECT a.id, a.locale, a.title, a.tags, max(r.at) AS published_at
        FROM kb_article a
        JOIN kb_revision r ON r.article_id = a.id AND r.locale = a.locale
         AND r.revision = a.published_revision
       WHERE a.state = 'published' GROUP BY a.id, a.locale
    )
    SELECT p.id, p.locale, p.title, p.published_at,
           COALESCE(seen.views, 0)::int AS views, COALESCE(told.given, 0)::int AS given,
           COALESCE(told.solved, 0)::int AS solved,
           (COALESCE(told.up, 0) + COALESCE(said.up, 0))::int AS up,
           (COALESCE(told.down, 0) + COALESCE(said.down, 0))::int AS down,
           COALESCE(said.up_before >= said.down_before, true) AS liked_before,
           p.published_at < now() - make_interval(days => :old) AS is_old
      FROM published p
      LEFT JOIN told ON told.article_id = p.id AND told.locale = p.locale
      LEFT JOIN said ON said.article_id = p.id AND said.locale = p.locale
      LEFT JOIN seen ON seen.article_id = p.id AND seen.locale = p.locale
    """
)
_WHICH = {"given": "true", "solved": "solved", "up": "vote = 'up'", "down": "vote = 'down'"}


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One published article in one language; numbers of the period.

    ``up`` and ``down`` are votes under the bot's answers and in the help centre. ``stale`` says
    why somebody should look at it: ``old`` (long unchanged and asked for), ``turning`` (it was
    liked and is not any more), or nothing.
    """

    id: str
    locale: str
    title: str
    published_at: dt.datetime
    views: int
    given: int
    solved: int
    up: int
    down: int
    stale: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Told:
    """One answer that a customer got: their question, the line, and the vote under it."""

    line: int
    at: dt.datetime
    customer: uuid.UUID
    question: str
    vote: str | None
    solved: bool


def table(
    session: Session,
    *,
    days: int,
    order: str = "given",
    falling: bool = True,
    locale: str = "ko",
) -> list[Row]:
    """Every published article with its numbers of the last ``days``, by one of :data:`COLUMNS`;
    of equals those in the language ``locale`` first."""
    given = {"days": days, "old": OLD_DAYS, "zone": accesses.zone(session)}
    found = [_row(one) for one in session.execute(_TABLE, given)]
    found.sort(key=lambda row: (row.locale != locale, row.title, row.id))
    if order in COLUMNS:
        found.sort(key=lambda row: getattr(row, order), reverse=falling)
    return found


def _row(one: Any) -> Row:
    asked = bool(one.views or one.given)
    turning = one.up + one.down >= VOTES and one.down >= one.up and one.liked_before
    reasons = (("old", one.is_old and asked), ("turning", turning))
    return Row(
        one.id, one.locale, one.title, one.published_at, one.views, one.given, one.solved,
        one.up, one.down, tuple(name for name, is_so in reasons if is_so),
    )  # fmt: skip


def behind(
    session: Session, *, id: str, locale: str, days: int, which: str = "given"
) -> Sequence[Told]:
    """The answers behind a number, the newest first, at most :data:`SHOWN`."""
    rows = session.execute(
        sql(
            f"SELECT * FROM ({_ANSWERS} AND m.article->>'id' = :id"
            f" AND m.article->>'locale' = :locale) answers"
            f" WHERE {_WHICH[which]} ORDER BY id DESC LIMIT :limit"
        ),
        {"id": id, "locale": locale, "days": days, "limit": SHOWN},
    )
    return [
        Told(one.id, one.at, one.customer_id, one.question or "", one.vote, one.solved)
        for one in rows
    ]


def votes_read(session: Session, *, id: str, locale: str, days: int) -> tuple[int, int]:
    """Votes in the help centre alone: helpful, and not."""
    row = session.execute(
        sql(
            "SELECT count(*) FILTER (WHERE helpful), count(*) FILTER (WHERE NOT helpful)"
            " FROM kb_vote WHERE article_id = :id AND locale = :locale"
            " AND at > now() - make_interval(days => :days)"
        ),
        {"id": id, "locale": locale, "days": days},
    ).one()
    return int(row[0]), int(row[1])
