"""Logistic regression over articles: which article are questions like this one about?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

START = 8.0  # length of a class's weights to begin with, in the direction of its centroid
RANK = 400  # dimensions that are kept of a kernel


class SoftmaxClassifier:
    """Multinomial logistic regression on unit vectors, L2-regularised."""

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self.weights, self.bias = weights, bias

    @classmethod
    def fit(
        cls,
        vectors: Floats,
        labels: NDArray[np.int64],
        *,
        classes: int,
        start: Floats,
        steps: int = 60,
        inverse_regularisation: float = 20.0,
    ) -> SoftmaxClassifier:
        """Fit by accelerated majorisation from the weights ``start``, one row per class.

        The Hessian has the fixed upper bound of Böhning (1992), one matrix for all classes; its
        inverse as preconditioner gives in 60 steps, a tenth of a second, what scikit-learn's
        solver reaches in two.
        """
        samples = len(vectors)
        design = np.hstack([vectors, np.ones((samples, 1), np.float32)])
        target = np.zeros((samples, classes), np.float32)
        target[np.arange(samples), labels] = 1
        decay = np.full((design.shape[1], 1), 1 / inverse_regularisation, np.float32)
        decay[-1] *= 1e-3  # the bias is hardly regularised
        bound = 0.5 * (design.T @ design).astype(np.float64) + np.diag(decay[:, 0])
        precondition = np.linalg.inv(bound).astype(np.float32)
        current = np.vstack([start.T, np.zeros((1, classes), np.float32)])
        ahead, momentum = current, 1.0
        for _ in range(steps):
            gradient = design.T @ (_softmax(design @ ahead) - target) + decay * ahead
            following = ahead - precondition @ gradient
            faster = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
            ahead = following + np.float32((momentum - 1) / faster) * (following - current)
            current, momentum = following, faster
        return cls(np.ascontiguousarray(current[:-1].T), current[-1].copy())

    def log_p(self, vector: Floats) -> Floats:
        """Log-probability of every class."""
        return log_softmax(self.weights @ vector + self.bias)


class KernelClassifier:
    """The same on similarities to known texts instead of vectors: kernel logistic regression."""

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self._weights, self._bias = weights, bias

    @classmethod
    def fit(
        cls, similarities: Floats, labels: NDArray[np.int64], *, classes: int
    ) -> KernelClassifier:
        """``similarities`` of all texts with each other, positive semi-definite."""
        values, directions = _leading(similarities, RANK)
        roots = np.sqrt(np.maximum(values, 1e-3)).astype(np.float32)
        vectors = directions * roots
        means = np.zeros((classes, vectors.shape[1]), np.float32)
        np.add.at(means, labels, vectors)
        start = START * means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
        linear = SoftmaxClassifier.fit(vectors, labels, classes=classes, start=start)
        folded = (directions / roots) @ linear.weights.T
        return cls(folded.astype(np.float32), linear.bias)

    def log_p(self, similarities: Floats) -> Floats:
        """Log-probability of every class, from a question's similarity to every known text."""
        return log_softmax(similarities @ self._weights + self._bias)


def _leading(matrix: Floats, rank: int) -> tuple[Floats, Floats]:
    """The largest eigenvalues and their vectors; of a large matrix by random projection
    (Halko, Martinsson and Tropp 2011), always the same ones."""
    if len(matrix) <= 1.5 * rank:
        values, directions = np.linalg.eigh(matrix)
        return values[-rank:], directions[:, -rank:]
    probe = np.random.default_rng(0).standard_normal((len(matrix), rank + 20), np.float32)
    for _ in range(2):
        probe = np.linalg.qr(matrix @ probe)[0]
    values, small = np.linalg.eigh(probe.T @ matrix @ probe)
    return values[-rank:], (probe @ small)[:, -rank:]


def log_softmax(scores: Floats) -> Floats:
    """Scores of the classes as log-probabilities."""
    scores = scores - scores.max()
    result: Floats = scores - np.log(np.exp(scores).sum())
    return result


def _softmax(scores: Floats) -> Floats:
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = scores / scores.sum(axis=1, keepdims=True)
    return result
