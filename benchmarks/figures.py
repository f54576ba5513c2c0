"""Keeping figures: one JSON object a line, and a table to read."""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of the sorted values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


class Figures:
    """The figures of one run; each is printed, and appended to its group's file, as it comes."""

    def __init__(self) -> None:
        self.all: dict[str, float] = {}
        self._common = {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "commit": commit(),
            "cores": os.cpu_count(),
        }

    def add(
        self, group: str, name: str, value: float, unit: str, *, goal: str = "", **more: Any
    ) -> None:
        """Keep one figure; ``goal`` is what it should reach, in words."""
        value = round(value, 3)
        self.all[f"{group}.{name}"] = value
        RESULTS.mkdir(exist_ok=True)
        line = {**self._common, "figure": f"{group}.{name}", "value": value, "unit": unit, **more}
        with (RESULTS / f"{group}.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        print(f"  {group:10} {name:34} {value:>10g} {unit:8} {goal}", flush=True)


def commit() -> str:
    """The checked-out commit, short."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()
