"""What the encoder learns from: aligned Korean and English sentences, and Korean paraphrases."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KORSTS, TATOEBA = "korsts_train", "tatoeba_koen"
SHARES = {KORSTS: 0.25, TATOEBA: 0.25}  # of a batch
GROUPS = "stylekqc_train"  # takes what is left of every batch


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything read from the folder."""

    aligned: dict[str, list[tuple[str, str]]]  # by data set: Korean, English
    groups: list[tuple[list[str], list[str]]]  # ways to say one thing, in Korean and in English

    def korean(self) -> list[str]:
        """All Korean texts, each once."""
        pairs = (ko for found in self.aligned.values() for ko, _ in found)
        groups = (ko for korean, _ in self.groups for ko in korean)
        return [*dict.fromkeys((*pairs, *groups))]

    def english(self) -> list[str]:
        """All English texts, each once."""
        pairs = (en for found in self.aligned.values() for _, en in found)
        return [*dict.fromkeys((*pairs, *(en for _, texts in self.groups for en in texts)))]


def read(folder: Path) -> Corpus:
    """Read the data sets named in the README from ``<folder>/<name>.jsonl.gz``."""
    korsts = [
        (row[f"ko{side}"], row[f"en{side}"]) for row in _rows(folder, KORSTS) for side in (1, 2)
    ]
    return Corpus(
        aligned={
            KORSTS: korsts,
            TATOEBA: [(row["ko"], row["en"]) for row in _rows(folder, TATOEBA)],
        },
        groups=[(row["ko"], row["en"]) for row in _rows(folder, GROUPS)],
    )


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
