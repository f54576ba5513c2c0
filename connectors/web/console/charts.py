"""Charts as SVG, drawn by a template: here is only where things stand. Pure.

Across, everything is in percent of the chart, and down in pixels: so that a chart is as wide as
there is room, and its words are as large on a phone as on a desk.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

HEIGHT, BOTTOM, TOP = 194, 28, 12


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a column: where it is, which ``group`` it is of, and what is said of it.

    ``url`` is where the rows behind it are; empty where nothing leads to them.
    """

    x: float
    y: float
    width: float
    height: float
    group: int
    title: str
    url: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Chart:
    """Columns with an axis: ``ticks`` are ``(y, words)``, ``labels`` ``(x, words)``."""

    height: int
    bars: Sequence[Bar]
    ticks: Sequence[tuple[float, str]]
    labels: Sequence[tuple[float, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Point:
    """A value over time: when, in words; how much, ``None`` for nothing; and what is said of it."""

    words: str
    value: float | None
    title: str
    url: str


def over_time(
    points: Sequence[Point], *, low: float = 0, high: float, say: Callable[[float], str]
) -> Chart:
    """A column for each point; the axis goes from ``low`` to ``high``, in the words of ``say``."""
    plot = HEIGHT - TOP - BOTTOM
    step = 100 / max(1, len(points))
    bars = []
    for number, one in enumerate(points):
        if one.value is None:
            continue
        height = max(2.0, plot * (min(one.value, high) - low) / (high - low))
        x, y = number * step, HEIGHT - BOTTOM - height
        bars.append(
            Bar(_r(x + step * 0.12), _r(y), _r(step * 0.76), _r(height), 0, one.title, one.url)
        )
    marks = [(part, low + (high - low) * part / 2) for part in range(3)]
    ticks = [(_r(HEIGHT - BOTTOM - plot * part / 2), say(mark)) for part, mark in marks]
    return Chart(HEIGHT, bars, ticks, _under([one.words for one in points], step))


def _under(words: Sequence[str], step: float) -> list[tuple[float, str]]:
    """At most a dozen words under the axis, as evenly as can be."""
    every = -(-len(words) // 12) or 1
    return [
        (_r((number + 0.5) * step), one) for number, one in enumerate(words) if number % every == 0
    ]


def columns(
    slots: Sequence[tuple[str, Mapping[str, int]]],
    groups: Mapping[str, str],
    *,
    urls: Sequence[Mapping[str, str]] = (),
) -> Chart:
    """Stacked columns: for each slot, in words, how many each group has. ``groups``: their names.

    ``urls``: for each slot, where the rows of each group are.
    """
    top = _round(max((sum(counts.values()) for _, counts in slots), default=0))
    plot = HEIGHT - TOP - BOTTOM
    step = 100 / max(1, len(slots))
    bars = []
    for number, (words, counts) in enumerate(slots):
        x, y = number * step, float(HEIGHT - BOTTOM)
        leads = urls[number] if urls else {}
        for place, group in enumerate(groups):
            count = counts.get(group, 0)
            if not count:
                continue
            height = plot * count / top
            y -= height
            title = f"{words} · {groups[group]} {count:,}"
            url = leads.get(group, "")
            bars.append(
                Bar(_r(x + step * 0.12), _r(y), _r(step * 0.76), _r(height), place % 6, title, url)
            )
    ticks = [(_r(HEIGHT - BOTTOM - plot * part / 2), f"{top * part // 2:,}") for part in range(3)]
    return Chart(HEIGHT, bars, ticks, _under([words for words, _ in slots], step))


def strip(shares: Sequence[tuple[float, str, str]], *, height: int = 26) -> Chart:
    """One bar of the whole width: of each part its percentage, what is said of it, and its URL."""
    x, bars = 0.0, []
    for number, (percent, title, url) in enumerate(shares):
        if percent:
            bars.append(Bar(_r(x), 0, _r(percent), height, number % 6, title, url))
        x += percent
    return Chart(height, bars, (), ())


# Axes of durations end here, in seconds, and twice as far again after the last one.
_DURATIONS = (60, 120, 240, 600, 1200, 3600, 7200, 4 * 3600, 8 * 3600, 12 * 3600, 48 * 3600)


def longest(seconds: float) -> float:
    """Where an axis of durations ends, so that its half, too, is said in whole units."""
    made: float = next((one for one in _DURATIONS if one >= seconds), _DURATIONS[-1])
    while made < seconds:
        made *= 2
    return made


def _round(most: int) -> int:
    """An even number of one or two leading digits that nothing is higher than."""
    size: int = 10 ** max(0, len(str(most)) - 2)
    made = -(-most // size) * size
    return max(2, made + made % 2)


def _r(number: float) -> float:
    return round(number, 2)
