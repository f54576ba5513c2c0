"""All published articles against one question: several signals per article, fused by score.

Pure and in memory: no database, no model. One :class:`Matcher` is immutable after it is built,
so any number of threads may use it while the next one is being built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base import text
from knowledge_base.classifier import SoftmaxClassifier
from knowledge_base.lexical import CoverageIndex, SparseIndex, ngram_hashes, term_hashes
from knowledge_base.rendering import to_plain

Floats = NDArray[np.float32]

NGRAMS = {"shortest": 1, "longest": 3}
PASSAGE_WEIGHT = 0.85  # a passage that looks like the question says less than a question that does
MAX_PASSAGES = 20
LOG_P_FLOOR = -6.0
# With fewer questions per article a classifier learns nothing that the centroid does not know.
CLASSIFIER_QUESTIONS, CLASSIFIER_WORK = 5.0, 1_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """What is published of one article in one language."""

    article: str
    locale: str
    title: str
    questions: tuple[str, ...]
    body: str
    tags: tuple[str, ...] = ()

    @property
    def short_texts(self) -> tuple[str, ...]:
        """Title and questions, each once."""
        return tuple(dict.fromkeys((self.title, *self.questions)))


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each signal counts in the fused score."""

    terms: float
    ngrams: float
    coverage: float
    profile: float
    nearest: float = 0.0
    centroid: float = 0.0
    log_p: float = 0.0


# Fitted on the development questions, see docs/adr/0004-retrieval.md.
LEXICAL = Weights(terms=0.2, ngrams=0.6, coverage=0.3, profile=0.6)
DENSE = Weights(terms=0.2, ngrams=0.2, coverage=0.05, profile=0.0, nearest=0.6, centroid=0.5)
CLASSIFIED = Weights(terms=0.2, ngrams=0.2, coverage=0.05, profile=0.0, nearest=0.3, log_p=1.2)


@dataclass(frozen=True, slots=True)
class Signals:
    """Per document, aligned with :attr:`Matcher.documents`; cosines and shares are 0..1."""

    terms: Floats  # cosine of content terms with the most similar title or question
    ngrams: Floats  # the same of character n-grams
    coverage: Floats  # share of the question's terms that the article uses anywhere
    profile: Floats  # cosine of content terms with all titles, questions and tags together
    nearest: Floats  # cosine of vectors with the most similar title, question or passage
    centroid: Floats  # the same with the mean of title and questions
    log_p: Floats  # log-probability by the classifier, where there is one
    fused: Floats
    matched: NDArray[np.int64]  # row of the most similar short text, see Matcher.matched_text
    n_terms: int
    regime: str  # which signals took part: words, dense or classified


class Matcher:
    """An index over documents. ``vectors`` may lack texts: those are found by words alone."""

    def __init__(
        self, documents: Sequence[Document], vectors: Mapping[str, Floats] | None = None
    ) -> None:
        self.documents = tuple(documents)
        vectors = vectors or {}
        self._texts = [short for document in documents for short in document.short_texts]
        counts = [len(document.short_texts) for document in documents]
        self._owner = np.repeat(np.arange(len(documents)), counts)
        self._starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
        normal = [text.normalise(short) for short in self._texts]
        term_lists = text.terms_of_all(normal)
        self._terms = SparseIndex(term_hashes(term_lists))
        self._ngrams = SparseIndex(ngram_hashes(normal, **NGRAMS))
        profiles: list[list[str]] = [[] for _ in documents]
        for owner, found in zip(self._owner, term_lists, strict=True):
            profiles[owner].extend(found)
        self._add_terms(profiles, [document.tags for document in documents])
        self._profile = SparseIndex(term_hashes(profiles))
        self._add_terms(profiles, [passages(document) for document in documents])
        self._coverage = CoverageIndex(term_hashes([sorted(set(bag)) for bag in profiles]))
        self._load_vectors(vectors)

    @staticmethod
    def _add_terms(bags: list[list[str]], texts: Sequence[Sequence[str]]) -> None:
        owners = [row for row, pieces in enumerate(texts) for _ in pieces]
        normal = [text.normalise(piece) for pieces in texts for piece in pieces]
        for row, found in zip(owners, text.terms_of_all(normal), strict=True):
            bags[row].extend(found)

    def _load_vectors(self, vectors: Mapping[str, Floats]) -> None:
        rows, owners, weights = [], [], []
        means: dict[int, list[Floats]] = {}
        for row, document in enumerate(self.documents):
            for piece in document.short_texts:
                if (vector := vectors.get(piece)) is not None:
                    rows.append(vector)
                    owners.append(row)
                    weights.append(1.0)
                    means.setdefault(row, []).append(vector)
            for piece in passages(document):
                if (vector := vectors.get(piece)) is not None:
                    rows.append(vector)
                    owners.append(row)
                    weights.append(PASSAGE_WEIGHT)
        self.has_vectors = bool(rows)
        self._classifier: SoftmaxClassifier | None = None
        if not rows:
            return
        self._vectors = np.stack(rows)
        self._vector_weights = np.array(weights, dtype=np.float32)
        # Documents without a vector have no segment of their own here.
        owner = np.array(owners, dtype=np.int64)
        self._segments = np.flatnonzero(np.diff(owner, prepend=-1))
        self._segment_owner = owner[self._segments]
        self._centroid_owner = np.array(sorted(means), dtype=np.int64)
        centroids = np.stack([np.mean(means[row], axis=0) for row in self._centroid_owner])
        norms = np.linalg.norm(centroids, axis=1, keepdims=True)
        self._centroids = centroids / np.maximum(norms, 1e-9)
        short = self._vector_weights == 1.0
        samples, classes = int(short.sum()), len(means)
        if samples / classes >= CLASSIFIER_QUESTIONS and samples * classes <= CLASSIFIER_WORK:
            labels = np.searchsorted(self._centroid_owner, owner[short])
            self._classifier = SoftmaxClassifier.fit(
                self._vectors[short], labels, classes=classes, centroids=self._centroids
            )

    def signals(self, question: str, vector: Floats | None = None) -> Signals:
        """Compare a question (any text) with every document; ``vector`` is its embedding."""
        normal = text.normalise(question)
        found = text.terms(normal)
        hashes = term_hashes([found])[0]
        by_terms = self._terms.scores(hashes)
        by_ngrams = self._ngrams.scores(ngram_hashes([normal], **NGRAMS)[0])
        terms, ngrams = self._best(by_terms), self._best(by_ngrams)
        coverage, profile = self._coverage.scores(hashes), self._profile.scores(hashes)
        size = len(self.documents)
        nearest, centroid = np.zeros(size, np.float32), np.zeros(size, np.float32)
        log_p = np.full(size, LOG_P_FLOOR, np.float32)
        weights, regime = LEXICAL, "words"
        if vector is not None and self.has_vectors:
            weights, regime = DENSE, "dense"
            similar = (self._vectors @ vector) * self._vector_weights
            nearest[self._segment_owner] = np.maximum.reduceat(similar, self._segments)
            centroid[self._centroid_owner] = self._centroids @ vector
            if self._classifier is not None:
                weights, regime = CLASSIFIED, "classified"
                log_p[self._centroid_owner] = np.maximum(
                    self._classifier.log_p(vector), LOG_P_FLOOR
                )
        fused = (
            weights.terms * terms
            + weights.ngrams * ngrams
            + weights.coverage * coverage
            + weights.profile * profile
            + weights.nearest * nearest
            + weights.centroid * centroid
            + weights.log_p * (log_p / -LOG_P_FLOOR + 1)
        ).astype(np.float32)
        return Signals(
            terms=terms,
            ngrams=ngrams,
            coverage=coverage,
            profile=profile,
            nearest=nearest,
            centroid=centroid,
            log_p=log_p,
            fused=fused,
            matched=self._best_row(by_terms + by_ngrams),
            n_terms=len(found),
            regime=regime,
        )

    def matched_text(self, row: int) -> str:
        """The title or question behind a row of :attr:`Signals.matched`."""
        return self._texts[row]

    def _best(self, scores: Floats) -> Floats:
        if not len(self.documents):
            return np.zeros(0, np.float32)
        best: Floats = np.maximum.reduceat(scores, self._starts)
        return best

    def _best_row(self, scores: Floats) -> NDArray[np.int64]:
        # Rows are grouped by document: the stable order puts each document's best row last.
        order = np.lexsort((scores, self._owner))
        ends = np.append(self._starts[1:], len(scores)) - 1
        return order[ends] if len(scores) else np.zeros(0, np.int64)


def passages(document: Document) -> list[str]:
    """The body as plain text in passages of a few sentences."""
    return [*text.passages(to_plain(document.body))][:MAX_PASSAGES]
