"""Texts in layers: every text has one place, and each document's best is found."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.layers import DEPTH, Layers


@given(st.lists(st.integers(1, DEPTH + 4), max_size=12))
def test_each_documents_best_text_is_found(counts: list[int]) -> None:
    layers = Layers(counts)
    texts = [[(document, one) for one in range(held)] for document, held in enumerate(counts)]
    laid = layers.laid(texts)
    assert sorted(laid) == [text for group in texts for text in group]
    assert [document for document, _ in laid] == layers.owners.tolist()
    for document, group in enumerate(texts):
        assert [laid[place] for place in layers.places(document)] == group

    scores = np.random.default_rng(len(laid)).random(len(laid), np.float32)
    expected = [max(scores[layers.places(document)]) for document in range(len(counts))]
    assert layers.best(scores).tolist() == expected


def test_no_documents_have_no_best() -> None:
    layers = Layers([])
    assert layers.laid([]) == [] and layers.best(np.zeros(0, np.float32)).shape == (0,)
