"""What the texts of each article mean together, compared with what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# From so many on a question waits for them to come from memory, and half as many bytes come in a
# third of the time: of 10,000 in 0.4 ms instead of 1.3, with cosines that differ by 0.00005.
LARGE = 2048
CACHED = 256  # are compared with one vector after the other while a processor's cache holds them


class Centroids:
    """Unit vectors of one length, a row each."""

    def __init__(self, rows: Floats) -> None:
        self.rows = rows
        self._halves = _halves(rows) if len(rows) >= LARGE else None

    def cosines(self, vectors: Sequence[Floats]) -> Floats:
        """Cosine of each of these unit vectors with every centroid; a row for each vector.

        Several at once wait for the centroids only once.
        """
        if self._halves is not None and len(vectors):
            import torch

            with torch.inference_mode():
                asked = torch.from_numpy(np.stack(vectors))
                found: Floats = torch.ops.quantized.linear_dynamic_fp16(asked, self._halves).numpy()
            return found
        found = np.empty((len(vectors), len(self.rows)), np.float32)
        for start in range(0, len(self.rows), CACHED):
            some = self.rows[start : start + CACHED]
            for row, vector in zip(found, vectors, strict=True):
                row[start : start + CACHED] = some @ vector
        return found


def _halves(rows: Floats) -> Any | None:
    """The same as float16, as torch multiplies them; None where it does not, as on ARM."""
    import torch

    try:
        return torch.ops.quantized.linear_prepack_fp16(torch.from_numpy(rows), None)
    except RuntimeError:
        return None
