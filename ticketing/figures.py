"""What a shop asks about its days: how much came, how fast it was answered, how happy it made.

Every figure is a count or a spread over rows of one *kind* (:data:`KINDS`), and those rows can be
listed: both are made of the same statement, so they cannot disagree. What each kind and each
outcome is, ``docs/figures.md`` says.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from ticketing import teams

# Where the shop's day begins at midnight, as long as there is no team.
ZONE = "Asia/Seoul"
PERIODS = {"today": 1, "7": 7, "30": 30, "90": 90}
# What a chart of a period counts by; weeks begin on Mondays.
STEPS = {"today": "hour", "7": "day", "30": "day", "90": "week"}
_LASTS = {"hour": dt.timedelta(hours=1), "day": dt.timedelta(days=1), "week": dt.timedelta(days=7)}
# Exclusive, and every episode has one: see `_EPISODES`.
OUTCOMES = ("helped", "answered", "resolved", "abandoned", "open")


@dataclasses.dataclass(frozen=True, slots=True)
class Period:
    """Whole days of the shop up to now: from ``began`` until before ``ended``."""

    key: str
    zone: str
    began: dt.datetime
    ended: dt.datetime

    @property
    def step(self) -> str:
        """What a chart counts by: one of :data:`STEPS`."""
        return STEPS[self.key]

    @property
    def lasts(self) -> dt.timedelta:
        """How long a step is."""
        return _LASTS[self.step]

    def part(self, slot: dt.datetime) -> Period:
        """What of it is in the step that begins at ``slot``, as the clocks there show it."""
        zone = ZoneInfo(self.zone)
        first, last = (at.astimezone(zone).replace(tzinfo=None) for at in (self.began, self.ended))
        if not first - self.lasts < slot < last:
            return dataclasses.replace(self, ended=self.began)
        began, ended = (at.replace(tzinfo=zone) for at in (slot, slot + self.lasts))
        return dataclasses.replace(self, began=max(self.began, began), ended=min(self.ended, ended))


@dataclasses.dataclass(frozen=True, slots=True)
class Spread:
    """How many rows there are and their middle: ``median`` and ``p90``, ``None`` for no rows."""

    count: int
    median: float | None
    p90: float | None
    average: float | None


@dataclasses.dataclass(frozen=True, slots=True)
class Share:
    """One of exclusive groups: its ``percent`` adds up to 100.0 with the others'."""

    key: str
    count: int
    percent: float


# --- the rows -------------------------------------------------------------------------------------
# Each kind has the columns at, customer_id, ticket, channel, agent, article, word, value, text.
# Where an address is not known it is the web's: that is where people come without one.

_CHANNEL = "COALESCE(address.channel, 'web')"
_MESSAGES = f"""
  SELECT message.at, message.customer_id, NULL::text AS ticket, {_CHANNEL} AS channel,
         NULL::text AS agent, NULL::text AS article, message.kind AS word,
         NULL::double precision AS value, message.text
    FROM message LEFT JOIN identity AS address ON address.id = message.identity_id
   WHERE message.author = 'customer' AND message.kind <> 'edit'
     AND message.at >= :began AND message.at < :ended"""
_EPISODES = f"""
  SELECT conversation.opened_at AS at, conversation.customer_id,
         (SELECT code FROM ticket WHERE ticket.conversation_id = conversation.id
           ORDER BY ticket.id LIMIT 1) AS ticket,
         {_CHANNEL} AS channel, NULL::text AS agent, NULL::text AS article,
         CASE WHEN conversation.state <> 'closed' THEN 'open'
              WHEN conversation.outcome = 'handed_off' THEN 'resolved'
              WHEN conversation.outcome = 'abandoned' THEN 'abandoned'
              WHEN EXISTS (SELECT FROM message WHERE message.conversation_id = conversation.id
                              AND message.vote = 'up') THEN 'helped'
              ELSE 'answered' END AS word,
         NULL::double precision AS value,
         (SELECT message.text FROM message WHERE message.conversation_id = conversation.id
             AND message.author = 'customer' ORDER BY message.id LIMIT 1) AS text
    FROM conversation LEFT JOIN identity AS address ON address.id = conversation.identity_id
   WHERE conversation.joined_to IS NULL
     AND conversation.opened_at >= :began AND conversation.opened_at < :ended"""


def _tickets(at: str, where: str, value: str = "NULL::double precision") -> str:
    return f"""
  SELECT {at} AS at, ticket.customer_id, ticket.code AS ticket, {_CHANNEL} AS channel,
         agent.name AS agent, NULL::text AS article, ticket.state AS word, {value} AS value,
         ticket.question AS text
    FROM ticket JOIN conversation ON conversation.id = ticket.conversation_id
    LEFT JOIN identity AS address ON address.id = conversation.identity_id
    LEFT JOIN agent ON agent.id = ticket.assignee_id
   WHERE ticket.joined_to IS NULL AND {where}"""


def _within(column: str) -> str:
    return f"{column} >= :began AND {column} < :ended"


def _since(column: str) -> str:
    return f"EXTRACT(EPOCH FROM {column} - ticket.opened_at)::double precision"


_CSAT = f"""
  SELECT csat.rated_at AS at, csat.customer_id, ticket.code AS ticket, {_CHANNEL} AS channel,
         CASE csat.answered_by->>'kind' WHEN 'bot' THEN '' ELSE csat.answered_by->>'name' END
           AS agent,
         COALESCE(csat.answered_by->'article'->>'title',
           (SELECT message.article->>'title' FROM message
             WHERE message.conversation_id = conversation.id AND message.author = 'agent'
               AND message.article IS NOT NULL ORDER BY message.id DESC LIMIT 1)) AS article,
         csat.score::text AS word, csat.score::double precision AS value, csat.comment AS text
    FROM csat LEFT JOIN ticket ON ticket.id = csat.ticket_id
    JOIN conversation ON conversation.id = COALESCE(csat.conversation_id, ticket.conversation_id)
    LEFT JOIN identity AS address ON address.id = conversation.identity_id
   WHERE {_within("csat.rated_at")}"""
_NPS = f"""
  SELECT nps.rated_at AS at, nps.customer_id, last.code AS ticket, {_CHANNEL} AS channel,
         last.name AS agent,
         (SELECT message.article->>'title' FROM message
           WHERE message.conversation_id = conversation.id AND message.article IS NOT NULL
           ORDER BY message.id DESC LIMIT 1) AS article,
         CASE WHEN nps.score >= 9 THEN 'promoter' WHEN nps.score <= 6 THEN 'detractor'
              ELSE 'passive' END AS word,
         nps.score::double precision AS value, nps.comment AS text
    FROM nps JOIN conversation ON conversation.id = nps.conversation_id
    LEFT JOIN identity AS address ON address.id = conversation.identity_id
    LEFT JOIN LATERAL (
      SELECT ticket.code, agent.name FROM ticket LEFT JOIN agent ON agent.id = ticket.assignee_id
       WHERE ticket.conversation_id = conversation.id ORDER BY ticket.id DESC LIMIT 1) AS last
      ON true
   WHERE {_within("nps.rated_at")}"""

KINDS: dict[str, str] = {
    "messages": _MESSAGES,
    "episodes": _EPISODES,
    "opened": _tickets("ticket.opened_at", _within("ticket.opened_at")),
    "first": _tickets(
        "ticket.first_reply_at", _within("ticket.first_reply_at"), _since("ticket.first_reply_at")
    ),
    "resolved": _tickets(
        "ticket.resolved_at", _within("ticket.resolved_at"), _since("ticket.resolved_at")
    ),
    # Not of the period: who waits at this moment.
    "waiting": _tickets(
        "ticket.opened_at",
        "ticket.state = 'open' AND ticket.snoozed_until IS NULL",
        "EXTRACT(EPOCH FROM now() - ticket.queued_at)::double precision",
    ),
    "csat": _CSAT,
    "nps": _NPS,
}
# Limits of the bars that show how long answers took, in seconds.
BUCKETS = (60, 300, 900, 3600, 4 * 3600, 24 * 3600)
_TOOK = f"width_bucket(value, ARRAY[{', '.join(map(str, BUCKETS))}]::double precision[])"
# By what the rows of a kind can be told apart.
COLUMNS = ("channel", "agent", "article", "word")
# What rows can be chosen by: that, and the number of one of :data:`BUCKETS`, or one more for those
# that took longer.
_CHOICES = {
    **{name: f"{name} = :{name}" for name in COLUMNS},
    "took": f"{_TOOK} = CAST(:took AS int)",
}


def period(session: Session, key: str) -> Period:
    """The last days in the first team's time zone; ``key`` is one of :data:`PERIODS`."""
    team = teams.first(session)
    zone = ZONE if team is None else team.zone
    # Not now(): a row of this very transaction belongs in.
    now: dt.datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() - dt.timedelta(days=PERIODS[key] - 1)
    began = dt.datetime.combine(day, dt.time(), ZoneInfo(zone))
    return Period(key, zone, began, now + dt.timedelta(milliseconds=1))


def count(session: Session, kind: str, span: Period, **chosen: str | None) -> int:
    """How many rows there are."""
    return int(_run(session, "SELECT count(*) FROM", kind, span, chosen)[0][0])


def spread(session: Session, kind: str, span: Period, **chosen: str | None) -> Spread:
    """Median, 90th percentile and average of the rows' values."""
    return Spread(*_run(session, f"SELECT {_SPREAD} FROM", kind, span, chosen)[0])


_SPREAD = (
    "count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY value), "
    "percentile_cont(0.9) WITHIN GROUP (ORDER BY value), avg(value)"
)


def summary(
    session: Session, kind: str, span: Period, columns: Sequence[str]
) -> dict[str, dict[str, Spread]]:
    """The same for all rows (``[""][""]``), and for each channel, agent, article or word.

    The rows are read once. Groups stand with most rows first; rows without one, such as tickets
    that nobody has, are in none.
    """
    assert set(columns) <= set(COLUMNS)
    chosen = ", ".join(columns)
    sets = ", ".join(f"({column})" for column in columns)
    found = _run(
        session,
        f"SELECT {_SPREAD}, grouping({chosen}), {chosen} FROM",
        kind,
        span,
        {},
        tail=f" GROUP BY GROUPING SETS ((), {sets}) ORDER BY 1 DESC, {chosen}",
    )
    made: dict[str, dict[str, Spread]] = {column: {} for column in ("", *columns)}
    for row in found:
        # A bit for each column, the last one's the lowest; 0 where it is grouped by.
        here = [c for n, c in enumerate(reversed(columns)) if not row[4] >> n & 1]
        column = here[0] if here else ""
        value = "" if not here else row[5 + list(columns).index(column)]
        if value is not None:
            made[column][value] = Spread(*row[:4])
    return made


def counts(session: Session, kind: str, span: Period, column: str) -> dict[str, int]:
    """How many rows each channel, agent, article or word has, most first."""
    assert column in COLUMNS
    tail = " GROUP BY 1 ORDER BY 2 DESC, 1"
    found = _run(session, f"SELECT {column}, count(*) FROM", kind, span, {}, tail=tail)
    return {row[0]: int(row[1]) for row in found if row[0] is not None}


def series(session: Session, kind: str, span: Period) -> list[tuple[dt.datetime, dict[str, int]]]:
    """Rows by channel for each step of the period, the empty ones included, in order."""
    head = f"SELECT {_STEP}, channel, count(*) FROM"
    slots = _slots(span)
    made: list[dict[str, int]] = [{} for _ in slots]
    for step, channel, number in _run(session, head, kind, span, {}, tail=" GROUP BY 1, 2"):
        made[step - 1][channel] = int(number)
    return list(zip(slots, made, strict=True))


# Which step of the period a row is in, from 1. Their beginnings are compared with, because to have
# every row's time of a zone cut costs several times as much.
_STEP = "width_bucket(at, CAST(:steps AS timestamptz[]))"


def trend(session: Session, kind: str, span: Period) -> list[tuple[dt.datetime, Spread]]:
    """The same as :func:`spread` for each step of the period, the empty ones included, in order."""
    head = f"SELECT {_STEP}, {_SPREAD} FROM"
    found = _run(session, head, kind, span, {}, tail=" GROUP BY 1")
    known = {row[0]: Spread(*row[1:]) for row in found}
    none = Spread(0, None, None, None)
    return [(slot, known.get(step, none)) for step, slot in enumerate(_slots(span), 1)]


def _slots(span: Period) -> list[dt.datetime]:
    """Beginnings of the steps, as the clocks there show them."""
    zone = ZoneInfo(span.zone)
    slot = span.began.astimezone(zone).replace(tzinfo=None)
    end = span.ended.astimezone(zone).replace(tzinfo=None)
    if span.step == "week":
        slot -= dt.timedelta(days=slot.weekday())
    return [slot + n * span.lasts for n in range(-(-(end - slot) // span.lasts))]


def buckets(session: Session, kind: str, span: Period) -> list[int]:
    """How many rows took up to each of :data:`BUCKETS` seconds; at the end those that took more."""
    found = _run(
        session,
        f"SELECT {_TOOK}, count(*) FROM",
        kind,
        span,
        {},
        tail=" WHERE value IS NOT NULL GROUP BY 1",
    )
    known = {int(row[0]): int(row[1]) for row in found}
    return [known.get(number, 0) for number in range(len(BUCKETS) + 1)]


def outcomes(session: Session, span: Period) -> list[Share]:
    """How the episodes that began in the period ended; the percentages add up to 100.0."""
    return shares(counts(session, "episodes", span, "word"), OUTCOMES)


def shares(found: Mapping[str, int], keys: Sequence[str]) -> list[Share]:
    """Counts as percentages with one decimal that add up to exactly 100.0, if there are any.

    Largest remainder (Hamilton's method): what rounding down leaves goes to those who lost most.
    """
    total = sum(found.get(key, 0) for key in keys)
    exact = {key: found.get(key, 0) * 1000 / total if total else 0.0 for key in keys}
    tenths = {key: int(exact[key]) for key in keys}
    left = (1000 if total else 0) - sum(tenths.values())
    for key in sorted(keys, key=lambda one: tenths[one] - exact[one])[:left]:
        tenths[key] += 1
    return [Share(key, found.get(key, 0), tenths[key] / 10) for key in keys]


def net_promoters(found: Mapping[str, int]) -> float | None:
    """Promoters less detractors in a hundred answers, −100 to 100; ``None`` without answers."""
    total = sum(found.values())
    if not total:
        return None
    return round((found.get("promoter", 0) - found.get("detractor", 0)) * 100 / total, 1)


def rows(
    session: Session, kind: str, span: Period, *, limit: int | None = None, **chosen: str | None
) -> Sequence[Any]:
    """The rows behind a figure, newest first; ``chosen``: :data:`COLUMNS`, and ``took``."""
    tail = " ORDER BY at DESC" + ("" if limit is None else f" LIMIT {int(limit)}")
    return _run(session, "SELECT * FROM", kind, span, chosen, tail=tail)


def _run(
    session: Session,
    head: str,
    kind: str,
    span: Period,
    chosen: Mapping[str, str | None],
    *,
    tail: str = "",
) -> Sequence[Any]:
    wanted = {column: value for column, value in chosen.items() if value is not None}
    where = " AND ".join(_CHOICES[column] for column in wanted)
    statement = f"{head} ({KINDS[kind]}) AS found{' WHERE ' + where if where else ''}{tail}"
    known: dict[str, Any] = {"began": span.began, "ended": span.ended, **wanted}
    if ":steps" in statement:
        zone = ZoneInfo(span.zone)
        known["steps"] = [slot.replace(tzinfo=zone) for slot in _slots(span)]
    values = {name: value for name, value in known.items() if f":{name}" in statement}
    return session.execute(sql(statement), values).all()


# --- Home in Slack --------------------------------------------------------------------------------


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


def today(session: Session) -> Today:
    """The figures of the day that it is now where the shop is."""
    span = period(session, "today")
    rated = spread(session, "csat", span)
    return Today(
        opened=count(session, "opened", span),
        resolved=count(session, "resolved", span),
        waiting=count(session, "waiting", span),
        first_reply_s=spread(session, "first", span).median,
        csat=None if rated.average is None else round(rated.average, 1),
        ratings=rated.count,
    )
