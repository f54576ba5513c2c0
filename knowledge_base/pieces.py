"""Late interaction: a question's word pieces, each compared with those of titles and questions.

A text's vector is the mean of its pieces', in which one word among ten hardly shows. Here each
piece of a question looks for the piece most like it, in context (Khattab and Zaharia 2020,
"ColBERT"). Only MiniLM's pieces are good enough for that, so it is for English. What is kept of a
piece are :data:`DIMENSIONS` principal components, a byte each;
:mod:`knowledge_base.training.pieces` learns them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Pieces = NDArray[np.int8]  # a row per word piece, of length SCALE; the first and last are marks

PROJECTION = Path(__file__).with_name("pieces.npz")
DIMENSIONS = 96
SCALE = 127
# A document without pieces (it is in Korean) is taken to be as like as its vector says. Of the
# development questions' candidates, 0.19 to 0.28 + 0.64 to 0.77 times the cosine; r is 0.9.
GUESSED, BY_VECTOR = 0.24, 0.70


class Texts(Protocol):
    """What has titles and questions."""

    @property
    def short_texts(self) -> tuple[str, ...]:
        """Each once."""


@cache
def projection() -> Floats:
    """Principal components of a model's pieces: a row for each of its dimensions."""
    with np.load(PROJECTION) as kept:
        found: Floats = kept["components"].astype(np.float32)
    return found


@cache
def name() -> str:
    """Names what is kept of a text's pieces: it must not outlive the projection that made it."""
    return f"pieces-{hashlib.blake2b(PROJECTION.read_bytes(), digest_size=4).hexdigest()}"


def packed(rows: Floats) -> Pieces:
    """Projected pieces as they are kept; their lengths do not matter."""
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    whole: Pieces = np.rint(rows / lengths * SCALE).astype(np.int8)
    return whole


def to_bytes(pieces: Pieces) -> bytes:
    """How a text's pieces are stored."""
    return pieces.tobytes()


def from_bytes(stored: bytes) -> Pieces:
    """The reverse of :func:`to_bytes`; read-only."""
    return np.frombuffer(stored, np.int8).reshape(-1, DIMENSIONS)


class PieceIndex:
    """The pieces of documents' titles and questions."""

    def __init__(self, documents: Sequence[Texts], pieces: Mapping[str, Pieces]) -> None:
        """``pieces`` may lack texts, which then do not count."""
        found, counts = [], []
        for document in documents:
            some = [pieces[one] for one in document.short_texts if one in pieces]
            found.extend(some)
            counts.append(len(some))
        ends = np.cumsum([0, *(len(one) for one in found)])
        first = np.cumsum([0, *counts])  # of each document, among all texts
        self.rows = np.flatnonzero(counts)  # the documents that have pieces
        self._starts = ends[:-1]  # of each text, among all pieces
        self._texts = first[:-1], first[1:]
        self._places = ends[first[:-1]], ends[first[1:]]  # of each document, among all pieces
        self._pieces = np.concatenate([np.zeros((0, DIMENSIONS), np.int8), *found])

    def likeness(self, asked: Pieces, rows: NDArray[np.int64]) -> Floats:
        """How like a question these documents are, about 0..1; of :attr:`rows`.

        The mean of two: each piece of the question may find its like in any of the document's
        texts, or all of them in one.
        """
        if not len(rows):
            return np.zeros(0, np.float32)
        begins, ends = (one[rows] for one in self._places)
        firsts, lasts = (one[rows] for one in self._texts)
        lengths, counts = ends - begins, lasts - firsts
        spans = map(slice, begins.tolist(), ends.tolist())
        theirs = np.concatenate([self._pieces[span] for span in spans])
        # Where each text begins among these pieces, and each document among these texts.
        texts = np.concatenate([*map(np.arange, firsts.tolist(), lasts.tolist())])
        starts = self._starts[texts] - np.repeat(begins - np.cumsum(lengths) + lengths, counts)
        documents = np.cumsum(counts) - counts
        question = (asked[1:-1] if len(asked) > 2 else asked).astype(np.float32) / SCALE**2
        similar = theirs.astype(np.float32) @ question.T
        by_text = np.maximum.reduceat(similar, starts)
        anywhere = np.maximum.reduceat(by_text, documents).mean(axis=1)
        in_one = np.maximum.reduceat(by_text.mean(axis=1), documents)
        result: Floats = (anywhere + in_one) / 2
        return result
