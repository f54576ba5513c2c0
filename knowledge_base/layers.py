"""Texts laid in layers, so that each document's best one is found quickly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
T = TypeVar("T")

DEPTH = 16  # layers; what a document has beyond them lies together


class Layers:
    """Places for the texts of documents: all first ones beside each other, then all second ones...

    The documents with the most texts come first, so the best of every document is the maximum of
    a few long rows. Of ten thousand documents with ten texts each that takes 0.03 ms, where a
    maximum for each document's run of texts takes 0.2.
    """

    def __init__(self, counts: Sequence[int]) -> None:
        """``counts`` says how many texts each document has: one or more."""
        held = np.array(counts, dtype=np.int64)
        self._documents = np.argsort(-held, kind="stable")
        self._rank = np.empty_like(self._documents)
        self._rank[self._documents] = np.arange(len(held))
        # Of each layer, how many documents have a text there, and where it begins.
        layers = np.arange(min(int(held.max(initial=0)), DEPTH))
        self._sizes = len(held) - np.searchsorted(np.sort(held), layers, side="right")
        self._starts = np.cumsum(self._sizes) - self._sizes
        # Of each document with more, how much more, and where it begins.
        deep = held[self._documents] - DEPTH
        self._more = deep[deep > 0]
        self._end = int(self._sizes.sum())
        self._runs = np.cumsum(self._more) - self._more
        by_layer = [self._documents[:size] for size in self._sizes]
        self.owners: NDArray[np.int64] = np.concatenate(
            [*by_layer, np.repeat(self._documents[: len(self._more)], self._more)]
        )

    def laid(self, texts: Sequence[Sequence[T]]) -> list[T]:
        """What belongs to the texts of each document, in the order of their places."""
        laid = [
            texts[document][layer]
            for layer, size in enumerate(self._sizes)
            for document in self._documents[:size]
        ]
        for document in self._documents[: len(self._more)]:
            laid.extend(texts[document][DEPTH:])
        return laid

    def places(self, document: int) -> NDArray[np.int64]:
        """Where the texts of a document are, in their order."""
        rank = self._rank[document]
        found: NDArray[np.int64] = self._starts[rank < self._sizes] + rank
        if rank < len(self._more):
            first = self._end + self._runs[rank]
            found = np.append(found, np.arange(first, first + self._more[rank]))
        return found

    def best(self, scores: Floats) -> Floats:
        """Each document's greatest score, of one for each text."""
        found = np.zeros(len(self._documents), np.float32)
        if not len(self._sizes):
            return found
        greatest = scores[: self._sizes[0]].copy()
        for start, size in zip(self._starts[1:].tolist(), self._sizes[1:].tolist(), strict=True):
            some = greatest[:size]
            np.maximum(some, scores[start : start + size], out=some)
        if len(self._more):
            some = greatest[: len(self._more)]
            np.maximum(some, np.maximum.reduceat(scores[self._end :], self._runs), out=some)
        found[self._documents] = greatest
        return found
