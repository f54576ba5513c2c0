"""Business hours as people write them into a field: ``09:00-12:00, 13:00-18:00``. Pure."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Sequence

from ticketing.hours import DAY, Span

_TIME = r"(\d{1,2})(?::(\d{2}))?"
_SPAN = re.compile(rf"{_TIME}\s*[-–—~]\s*{_TIME}")  # dashes as people type them
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def parse(text: str, *, weekday: int) -> list[Span]:
    """The spans of a weekday, in order; one that ends before it begins ends on the next day.

    Raises ``ValueError`` for what is no list of spans.
    """
    found = []
    for part in re.split(r"[,\n;]", text):
        if not part.strip():
            continue
        match = _SPAN.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"these are no hours: {part!r}")
        opens, closes = _minutes(match[1], match[2]), _minutes(match[3], match[4])
        if opens == DAY:
            raise ValueError("a day begins at 00:00")
        found.append(Span(weekday, opens, closes if closes > opens else closes + DAY))
    found.sort(key=lambda one: one.opens)
    if any(one.closes > after.opens for one, after in itertools.pairwise(found)):
        raise ValueError("two of these hours are at the same time")
    return found


def write(spans: Sequence[Span], *, weekday: int) -> str:
    """The spans of that weekday in the same notation."""
    return ", ".join(
        f"{_clock(one.opens)}-{_clock(one.closes if one.closes <= DAY else one.closes - DAY)}"
        for one in sorted(spans, key=lambda one: one.opens)
        if one.weekday == weekday
    )


def days(text: str) -> list[dt.date]:
    """Dates such as ``2026-12-31``, apart by anything. Raises ``ValueError`` for other words."""
    left = _DAY.sub("", text)
    if left.strip(" \t\r\n,;"):
        raise ValueError("these are no dates")
    return sorted({dt.date.fromisoformat(one) for one in _DAY.findall(text)})


def _minutes(hour: str, minute: str | None) -> int:
    made = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or made > DAY:
        raise ValueError("a day has 24 hours of 60 minutes")
    return made


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
