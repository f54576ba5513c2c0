"""Learn what is kept of a word piece: the principal components of the packaged model's pieces.

    python -m knowledge_base.training.pieces [ARTICLES] [--out FILE]

``ARTICLES`` is anything ``sangdam kb import`` takes but an address or a .zip, the sample shop
without it; only texts without Hangul count. The same texts give the same components.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge_base import pieces, text
from knowledge_base.calibrate import load
from knowledge_base.embedding import SentenceTransformerEncoder
from knowledge_base.matching import passages

SAMPLE = Path(__file__).parents[1] / "sample"


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, print how much is kept, write."""
    parser = argparse.ArgumentParser(
        prog="python -m knowledge_base.training.pieces",
        description="Learn the principal components of word pieces.",
    )
    parser.add_argument("articles", nargs="?", default=str(SAMPLE))
    parser.add_argument("--out", type=Path, default=pieces.PROJECTION)
    options = parser.parse_args(arguments)
    encoder = SentenceTransformerEncoder()
    rows = np.concatenate(
        [
            encoder.raw_pieces(one)
            for document in load(options.articles)
            for one in (*document.short_texts, *passages(document))
            if not text.has_hangul(one)
        ]
    )
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    values, vectors = np.linalg.eigh(rows.T.astype(np.float64) @ rows)
    best = vectors[:, ::-1][:, : pieces.DIMENSIONS]
    # The sign of a component means nothing; the same one everywhere.
    best *= np.sign(best[np.abs(best).argmax(axis=0), np.arange(best.shape[1])])
    share = values[::-1][: pieces.DIMENSIONS].sum() / values.sum()
    np.savez(options.out, components=best.astype(np.float16))
    print(f"{len(rows)} pieces, {share:.1%} kept, wrote {options.out}")


if __name__ == "__main__":
    main()
