"""Business hours: when a team answers, and how long something takes in its time. Pure.

A day may have several spans, and a span may run past midnight; it belongs to the day on which it
begins, so that a holiday closes what would begin on it and nothing else. Times of day are those
of the team's time zone; instants that come in and go out are aware.

Public holidays, substitute ones included, are those of the ``holidays`` package
(https://holidays.readthedocs.io).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import holidays
from holidays.registry import EntityLoader

ZONE = "Asia/Seoul"
COUNTRY = "KR"
DAY = 24 * 60
# How far ahead an opening is looked for: longer than that, a team has none.
HORIZON = dt.timedelta(days=400)


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """Open on ``weekday`` (Monday is 0) from minute ``opens`` of the day until ``closes``.

    ``closes`` beyond 1,440 is on the day after; a span is at most a day long.
    """

    weekday: int
    opens: int
    closes: int

    def __post_init__(self) -> None:
        """Raises ``ValueError`` for what is no such span."""
        if not (0 <= self.weekday <= 6 and 0 <= self.opens < DAY):
            raise ValueError("a span begins within a day of the week")
        if not self.opens < self.closes <= self.opens + DAY:
            raise ValueError("a span ends after it begins, and lasts a day at most")


@dataclasses.dataclass(frozen=True, slots=True)
class Hours:
    """When a team answers. Without any span nobody has said, and it counts as always open.

    ``country`` is whose public holidays are days off (ISO 3166, such as ``KR``), empty for none;
    ``days_off`` are further ones.
    """

    spans: tuple[Span, ...] = ()
    zone: str = ZONE
    country: str = COUNTRY
    days_off: frozenset[dt.date] = frozenset()

    @property
    def always(self) -> bool:
        """Whether there are no hours to keep."""
        return not self.spans


WEEKDAYS = tuple(Span(day, 9 * 60, 18 * 60) for day in range(5))


@functools.cache
def countries() -> list[str]:
    """The countries whose public holidays are known."""
    # `holidays.list_supported_countries` reads all of them first, which takes seconds.
    return sorted(set(EntityLoader.get_country_codes(include_aliases=False)))


@functools.lru_cache(maxsize=64)
def public_holidays(country: str, year: int) -> dict[dt.date, str]:
    """The public holidays of a year, by date, as they are called there."""
    if not country:
        return {}
    # In the country's own language, not in that of this machine.
    language = holidays.country_holidays(country).default_language
    return dict(holidays.country_holidays(country, years=year, language=language).items())


def day_off(hours: Hours, day: dt.date) -> bool:
    """Whether nothing begins on that day."""
    return day in hours.days_off or day in public_holidays(hours.country, day.year)


def is_open(hours: Hours, at: dt.datetime) -> bool:
    """Whether the team answers at this instant; a span's end is no part of it."""
    return next_open(hours, at) == at


def next_open(hours: Hours, at: dt.datetime) -> dt.datetime | None:
    """``at`` if the team answers then, else the instant from which it does; ``None``: never."""
    if hours.always:
        return at
    for opens, _ in _openings(hours, at):
        return max(at, opens)
    return None


def next_close(hours: Hours, at: dt.datetime) -> dt.datetime | None:
    """The end of the opening that ``at`` is in, or of the next one; ``None``: there is none."""
    if hours.always:
        return None
    for _, closes in _openings(hours, at):
        return closes
    return None


def add(hours: Hours, start: dt.datetime, span: dt.timedelta) -> dt.datetime | None:
    """The first instant by which ``span`` of business time has passed since ``start``.

    ``None`` when it never does: the team does not open often enough within :data:`HORIZON`.
    """
    if hours.always or span <= dt.timedelta(0):
        return start + max(span, dt.timedelta(0))
    left = span
    for opens, closes in _openings(hours, start):
        begins = max(start, opens)
        if closes - begins >= left:
            return begins + left
        left -= closes - begins
    return None


def between(hours: Hours, start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """How much business time there is from ``start`` to ``end``; zero if that is earlier."""
    if hours.always:
        return max(end - start, dt.timedelta(0))
    passed = dt.timedelta(0)
    for opens, closes in _openings(hours, start):
        if opens >= end:
            break
        passed += min(closes, end) - max(opens, start)
    return max(passed, dt.timedelta(0))


def _openings(hours: Hours, after: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Times in which the team is open and that end after ``after``: in order, without overlaps."""
    open_from: dt.datetime | None = None
    open_until = after
    zone = ZoneInfo(hours.zone)
    # A span may have begun the day before, and zones are up to a day apart.
    first = after.astimezone(zone).date() - dt.timedelta(days=2)
    for number in range(HORIZON.days):
        for opens, closes in _of_day(hours, zone, first + dt.timedelta(days=number)):
            if open_from is not None and opens <= open_until:
                open_until = max(open_until, closes)
                continue
            if open_from is not None and open_until > after:
                yield open_from, open_until
            open_from, open_until = opens, closes
    if open_from is not None and open_until > after:
        yield open_from, open_until


def _of_day(hours: Hours, zone: ZoneInfo, day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
    spans = _by_weekday(hours.spans)[day.weekday()]
    if not spans or day_off(hours, day):
        return []
    return [(_instant(zone, day, opens), _instant(zone, day, closes)) for opens, closes in spans]


@functools.lru_cache(maxsize=256)
def _by_weekday(spans: tuple[Span, ...]) -> tuple[tuple[tuple[int, int], ...], ...]:
    return tuple(
        tuple(sorted((span.opens, span.closes) for span in spans if span.weekday == day))
        for day in range(7)
    )


def _instant(zone: ZoneInfo, day: dt.date, minutes: int) -> dt.datetime:
    """When the clocks there show this; of two such instants, in autumn, the first."""
    naive = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    return naive.replace(tzinfo=zone).astimezone(dt.UTC)
