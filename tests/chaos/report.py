"""One row per fault: printed, and kept as JSON lines."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
from collections.abc import Sequence
from typing import Any

from benchmarks.figures import RESULTS, commit, percentile
from tests.chaos.checker import Verdict

HEAD = (
    f"{'fault':32} {'faults':>6} {'acked':>7} {'lost':>5} {'doubled':>7} {'reordered':>9} "
    f"{'copies':>6} {'first answer p50/max':>20} {'longest wait':>12}"
)


@dataclasses.dataclass
class Row:
    """What one fault did. Times are seconds; ``skipped`` says why it could not be done here."""

    fault: str
    faults: int = 0
    verdict: Verdict = dataclasses.field(default_factory=Verdict)
    first_answers: Sequence[float] = ()
    longest: float = 0.0
    dead: int = 0
    # Results that came after the lease was lost, and were not written.
    refused: int = 0
    problems: list[str] = dataclasses.field(default_factory=list)
    notes: list[str] = dataclasses.field(default_factory=list)
    skipped: str = ""

    @property
    def passed(self) -> bool:
        """Nothing lost, doubled, reordered or leaked, and nothing else odd."""
        return self.verdict.clean() and not self.problems

    def show(self) -> str:
        """One line for a person."""
        if self.skipped:
            return f"{self.fault:32} not done: {self.skipped}"
        v = self.verdict
        first = "-"
        if self.first_answers:
            middle = percentile(self.first_answers, 0.5)
            first = f"{middle:.2f}/{max(self.first_answers):.2f} s"
        return (
            f"{self.fault:32} {self.faults:6} {v.acknowledged:7} {v.lost:5} {v.doubled:7} "
            f"{v.reordered:9} {v.extra_copies + v.shown_again:6} {first:>20} {self.longest:10.1f} s"
        )

    def remarks(self) -> list[str]:
        """What was found and what is worth knowing, indented under the line."""
        found = [f"    FOUND {text}" for text in (*self.verdict.findings, *self.problems)]
        notes = [*self.notes]
        if self.dead:
            notes.append(f"{self.dead} dead letters")
        if self.refused:
            notes.append(f"{self.refused} results of a lost lease were refused")
        return found + [f"    {text}" for text in notes]

    def json(self) -> dict[str, Any]:
        """The same for a program."""
        v = self.verdict
        firsts = self.first_answers
        return {
            "fault": self.fault,
            "faults": self.faults,
            "acknowledged": v.acknowledged,
            "lost": v.lost,
            "doubled": v.doubled,
            "reordered": v.reordered,
            "leaked": v.leaked,
            "extra_copies": v.extra_copies,
            "shown_again": v.shown_again,
            "dead_letters": self.dead,
            "refused_by_fence": self.refused,
            "first_answer_p50_s": round(percentile(firsts, 0.5), 3) if firsts else None,
            "first_answer_max_s": round(max(firsts), 3) if firsts else None,
            "longest_wait_s": round(self.longest, 3),
            "passed": self.passed,
            "problems": self.problems,
            "notes": self.notes,
            **({"skipped": self.skipped} if self.skipped else {}),
        }


def keep(name: str, objects: Sequence[dict[str, Any]], **common: Any) -> None:
    """Append one JSON object a line to ``benchmarks/results/NAME.jsonl``."""
    shared = {
        "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "cores": os.cpu_count(),
        **common,
    }
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        for made in objects:
            file.write(json.dumps({**shared, **made}, ensure_ascii=False) + "\n")


def table() -> str:
    """The last run in ``benchmarks/results/chaos.jsonl``, as the Markdown of docs/durability.md."""
    lines = (RESULTS / "chaos.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    rows = [row for row in rows if row["at"] == rows[-1]["at"]]
    made = [
        "| fault | times | acknowledged | lost | doubled | reordered | copies at Slack "
        "| shown again | first answer p50 / max | longest wait |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        first = "–"
        if row["first_answer_max_s"] is not None:
            first = f"{row['first_answer_p50_s']:.2f} / {row['first_answer_max_s']:.2f} s"
        counts = ("faults", "acknowledged", "lost", "doubled", "reordered", "extra_copies")
        numbers = [*(row[name] for name in counts), row.get("shown_again", 0)]
        cells = [f"`{row['fault']}`", *(f"{number:,}" for number in numbers), first]
        made.append("| " + " | ".join([*cells, f"{row['longest_wait_s']:.1f} s"]) + " |")
    return "\n".join(made)


if __name__ == "__main__":
    print(table())
