"""Charts as SVG, drawn by a template: here is only where things stand. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 190, 58, 24, 12


@dataclasses.dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a column: where it is, which ``group`` it is of, and what is said of it."""

    x: float
    y: float
    width: float
    height: float
    group: int
    title: str


@dataclasses.dataclass(frozen=True, slots=True)
class Chart:
    """Columns with an axis: ``ticks`` are ``(y, number)``, ``labels`` ``(x, words)``."""

    width: int
    height: int
    left: int
    bars: Sequence[Bar]
    ticks: Sequence[tuple[float, int]]
    labels: Sequence[tuple[float, str]]


def columns(
    slots: Sequence[tuple[str, Mapping[str, int]]], groups: Mapping[str, str], *, labels: int = 12
) -> Chart:
    """Stacked columns: for each slot, in words, how many each group has. ``groups``: their names.

    At most ``labels`` slots are named under the axis, as evenly as can be.
    """
    top = _round(max((sum(counts.values()) for _, counts in slots), default=0))
    plot = HEIGHT - TOP - BOTTOM
    step = (WIDTH - LEFT) / max(1, len(slots))
    bars, under = [], []
    every = -(-len(slots) // labels) or 1
    for number, (words, counts) in enumerate(slots):
        x, y = LEFT + number * step, float(HEIGHT - BOTTOM)
        for place, group in enumerate(groups):
            count = counts.get(group, 0)
            if not count:
                continue
            height = plot * count / top
            y -= height
            title = f"{words} · {groups[group]} {count:,}"
            bars.append(
                Bar(_r(x + step * 0.12), _r(y), _r(step * 0.76), _r(height), place % 6, title)
            )
        if number % every == 0:
            under.append((_r(x + step / 2), words))
    ticks = [(_r(HEIGHT - BOTTOM - plot * part / 2), top * part // 2) for part in range(3)]
    return Chart(WIDTH, HEIGHT, LEFT, bars, ticks, under)


def strip(shares: Sequence[tuple[float, str]], *, width: int = WIDTH, height: int = 26) -> Chart:
    """One bar of the whole width, in percentages."""
    x, bars = 0.0, []
    for number, (percent, title) in enumerate(shares):
        wide = width * percent / 100
        if wide:
            bars.append(Bar(_r(x), 0, _r(wide), height, number % 6, title))
        x += wide
    return Chart(width, height, 0, bars, (), ())


def _round(most: int) -> int:
    """An even number of one or two leading digits that nothing is higher than."""
    size: int = 10 ** max(0, len(str(most)) - 2)
    made = -(-most // size) * size
    return max(2, made + made % 2)


def _r(number: float) -> float:
    return round(number, 2)
