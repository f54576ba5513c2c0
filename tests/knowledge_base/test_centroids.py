"""Cosines with the centroids, however many there are and wherever torch can halve them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from knowledge_base import centroids
from knowledge_base.centroids import CACHED, LARGE, Centroids


def unit(rows: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    made = np.random.default_rng(rows).standard_normal((rows, 384)).astype(np.float32)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


@pytest.mark.parametrize("rows", [1, CACHED, CACHED * 2 + 3, LARGE + 5])
@pytest.mark.parametrize("asked", [0, 1, 4])
def test_each_vector_is_compared_with_every_centroid(rows: int, asked: int) -> None:
    these, vectors = unit(rows), unit(7)[:asked]
    found = Centroids(these).cosines([*vectors])
    assert found.shape == (asked, rows) and found.dtype == np.float32
    assert found == pytest.approx(vectors @ these.T, abs=2e-4)


def test_where_torch_cannot_halve_them_they_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.quantized, "engine", "qnnpack")  # ARM's
    these, vectors = unit(LARGE), unit(3)
    assert centroids._halves(these) is None
    found = Centroids(these).cosines([*vectors])
    assert found == pytest.approx(vectors @ these.T, abs=1e-6)
