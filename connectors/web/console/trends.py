"""How times and ratings went over a period: a chart, and the same as a table."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from connectors.web.console import charts
from connectors.web.console.words import say
from ticketing import figures
from ticketing.figures import Period, Spread

KINDS = ("first", "resolved", "csat")


@dataclasses.dataclass(frozen=True, slots=True)
class Trend:
    """A chart and its rows: ``(when in words, the step's numbers, where its rows are)``."""

    chart: charts.Chart
    rows: Sequence[tuple[str, Spread, str]]


def slot(at: dt.datetime, span: Period) -> str:
    """An hour of the day, a day, or a week by its Monday, as an axis names it."""
    return f"{at:%H:%M}" if span.step == "hour" else f"{at.month}/{at.day}"


def named(at: dt.datetime, span: Period, lang: str) -> str:
    """The same as a heading names it."""
    return say(f"fig.step.{span.step}", lang, day=f"{at:%Y-%m-%d}", time=f"{at:%H:%M}")


def trend(
    session: Session,
    kind: str,
    span: Period,
    *,
    lang: str,
    lasts: Callable[[float | None], str],
    url: Callable[[dt.datetime], str],
) -> Trend:
    """Medians of the durations ``first`` and ``resolved``, averages of the scores of ``csat``."""
    points, rows = [], []
    for at, one in figures.trend(session, kind, span):
        words, leads = slot(at, span), url(at)
        value = one.average if kind == "csat" else one.median
        told = "–" if value is None else f"{value:.1f}" if kind == "csat" else lasts(value)
        number = say("fig.rows", lang, n=f"{one.count:,}")
        points.append(charts.Point(words, value, f"{words} · {told} · {number}", leads))
        if one.count:
            rows.append((words, one, leads))
    if kind == "csat":
        chart = charts.over_time(points, low=1, high=5, say=lambda mark: f"{mark:g}★")
    else:
        high = charts.longest(max((one.value or 0 for one in points), default=0))
        chart = charts.over_time(points, high=high, say=lambda mark: lasts(mark) if mark else "0")
    return Trend(chart, rows)
