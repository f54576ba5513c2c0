"""Half an hour at the target load: what counts as growing, and what the last run said.

The run itself is ``make soak``; it takes longer than all tests together.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.soak import EVERY_S, Samples, rows

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results" / "soak.jsonl"
STEADY: dict[str, Callable[[float], float]] = {
    "gateway_one_rss_mib": lambda minute: 150 + 0.1 * minute,
    "gateway_one_files": lambda minute: 70 + minute % 2,
    "postgres_rss_mib": lambda minute: 180,
    "wal_mib": lambda minute: 32,
    "oldest_pending_s": lambda minute: 0.1,
}
GROWS: dict[str, Callable[[float], float]] = {
    "gateway_one_rss_mib": lambda minute: 150 + 1.1 * minute,
    "gateway_one_files": lambda minute: 70 + 0.3 * minute,
    "postgres_rss_mib": lambda minute: 180 + 2 * minute,
    "wal_mib": lambda minute: 80 if minute > 29 else 32,
    "oldest_pending_s": lambda minute: 3 if 20 < minute < 20.2 else 0.1,
}


def half_an_hour(series: dict[str, Callable[[float], float]]) -> dict[str, bool]:
    """Whether each measure's bound is kept by these values."""
    samples = Samples()
    for number in range(int(30 * 60 / EVERY_S)):
        at = number * EVERY_S
        samples.add(at, **{name: value(at / 60) for name, value in series.items()})
    return {row["measure"]: row["kept"] for row in rows(samples)}


def last_run() -> list[dict[str, Any]]:
    kept = [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]
    return [row for row in kept if row["at"] == kept[-1]["at"]]


def test_f29_what_stays_the_same_is_kept() -> None:
    assert half_an_hour(STEADY) == dict.fromkeys(STEADY, True)


@pytest.mark.parametrize("name", sorted(GROWS))
def test_f29_what_grows_is_named(name: str) -> None:
    found = half_an_hour(STEADY | {name: GROWS[name]})
    assert found == dict.fromkeys(STEADY, True) | {name: False}


def test_f29_growing_into_the_caches_at_the_start_is_not_held_against_it() -> None:
    fills = {"gateway_one_rss_mib": lambda minute: 150 + 10 * min(minute, 4.9)}
    assert half_an_hour(STEADY | fills)["gateway_one_rss_mib"]


def test_f29_the_last_half_hour_kept_every_bound() -> None:
    found = last_run()
    assert {row["minutes"] for row in found} == {30.0}
    judged = {row["measure"]: row["kept"] for row in found if "kept" in row}
    assert {"gateway_one_files", "gateway_two_rss_mib", "wal_mib", "oldest_pending_s"} <= set(
        judged
    )
    assert [name for name, kept in judged.items() if not kept] == []
    (verdict,) = (row for row in found if row["measure"] == "verdict")
    assert (verdict["lost"], verdict["doubled"], verdict["reordered"], verdict["odd"]) == (
        0,
        0,
        0,
        [],
    )
    assert verdict["acknowledged"] >= 50 * 30 * 60
