"""All published articles against one question: several signals per article, fused by score.

Pure and in memory: no database, no model; only the vectors of a large base are a
:class:`VectorStore`. One :class:`Matcher` is immutable after it is built, so any number of threads
may use it while the next one is being built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge_base import passages as parts_of
from knowledge_base import text
from knowledge_base.centroids import Centroids
from knowledge_base.classifier import START, KernelClassifier, SoftmaxClassifier
from knowledge_base.content import Content
from knowledge_base.layers import Layers
from knowledge_base.lexical import (
    CoverageIndex,
    SparseIndex,
    counted,
    ngram_hashes,
    term_hashes,
)
from knowledge_base.pieces import BY_VECTOR, GUESSED, PieceIndex, Pieces
from knowledge_base.rendering import to_plain
from knowledge_base.weights import WEIGHTS

Floats = NDArray[np.float32]

NGRAMS = {"shortest": 1, "longest": 3}
PASSAGE_WEIGHT = 0.85  # a passage that looks like the question says less than a question that does
MAX_PASSAGES = 20
MAX_BODY = 8000  # characters of a body whose words count
LOG_P_FLOOR = -6.0
NGRAM_KERNEL = 0.8  # of character n-grams against terms, in the classifier over words
# With fewer questions per article a classifier learns nothing that the centroid does not know.
CLASSIFIER_QUESTIONS = 5.0
# Texts times articles; beyond it training would take longer than a publication may.
CLASSIFIER_WORK, KERNEL_WORK, KERNEL_TEXTS = 4_000_000, 400_000, 2500
# With more vectors than this, only those of the articles that words and centroids put first are
# compared one by one: all of 10,000 cost more than the rest of a question together. Of 599
# questions to 877 articles all had the same first three articles as with all compared.
COMPARED = 4096
CANDIDATES = 64
# Documents that everything else puts first, of those with word pieces, which are compared. The
# development questions had the same first article with 16 and with all.
REFINED = 8
STEPS, WARM_STEPS = 60, 15


@dataclass(frozen=True, slots=True)
class Document:
    """What is published of one article in one language."""

    article: str
    locale: str
    title: str
    questions: tuple[str, ...]
    body: str
    tags: tuple[str, ...] = ()

    @classmethod
    def of(cls, content: Content) -> Document:
        """What would be published if this were."""
        return cls(
            article=content.id,
            locale=content.locale,
            title=content.title,
            questions=content.questions,
            body=content.body,
            tags=content.tags,
        )

    @property
    def short_texts(self) -> tuple[str, ...]:
        """Title and questions, each once."""
        return tuple(dict.fromkeys((self.title, *self.questions)))


@dataclass(frozen=True, slots=True)
class Signals:
    """Per document, aligned with :attr:`Matcher.documents`; cosines and shares are 0..1."""

    terms: Floats  # cosine of content terms with the most similar title or question
    ngrams: Floats  # the same of character n-grams
    coverage: Floats  # share of the question's terms that the article uses anywhere
    profile: Floats  # cosine of content terms with all titles, questions and tags together
    nearest: Floats  # cosine of vectors with the most similar title, question or passage
    centroid: Floats  # the same with the mean of title and questions
    words_log_p: Floats  # log-probability by the classifier over words
    log_p: Floats  # log-probability by the classifier over vectors
    pieces: Floats  # likeness of word pieces; guessed but for the first
    fused: Floats
    by_text: Floats  # words' similarity to every title, question and tag line
    question: tuple[str, ...]  # its content terms
    regime: str  # a key of WEIGHTS


class VectorStore(Protocol):
    """Vectors that are not in memory but compared where they are."""

    @property
    def numbers(self) -> Mapping[str, int]:
        """Every text that has a vector, and its number, which is more than 0."""

    def means(self, groups: Sequence[Sequence[str]]) -> Sequence[Floats]:
        """The mean vector of each group of texts that have one."""

    def cosines(self, vector: Floats, numbers: NDArray[np.int64]) -> Floats:
        """Cosine of a unit vector with those of these numbers; 0 for a number that is none."""


class Matcher:
    """An index over documents. ``vectors`` may lack texts: those are found by words alone.

    ``pieces`` are those of titles and questions, and may lack some, too.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        vectors: Mapping[str, Floats] | VectorStore | None = None,
        *,
        pieces: Mapping[str, Pieces] | None = None,
        previous: Matcher | None = None,
    ) -> None:
        self.documents = tuple(documents)
        # Tags are one more way of asking, for those who type a word or two.
        texts = [
            [*document.short_texts, " ".join(document.tags)][: None if document.tags else -1]
            for document in documents
        ]
        self._layers = Layers([len(pieces) for pieces in texts])
        self._texts = self._layers.laid(texts)
        normal = [text.normalise(short) for short in self._texts]
        term_lists = text.terms_of_all(normal)
        self._terms = SparseIndex(term_hashes(term_lists))
        self._ngrams = SparseIndex(ngram_hashes(normal, **NGRAMS))
        profiles: list[list[str]] = [[] for _ in documents]
        for owner, found in zip(self._layers.owners, term_lists, strict=True):
            profiles[owner].extend(found)
        self._words_classifier = self._train_on_words()
        self._profile = SparseIndex(term_hashes(profiles))
        bags = [
            {*profile, *text.prefixes(text.normalise(_searched(document), length=MAX_BODY))}
            for profile, document in zip(profiles, documents, strict=True)
        ]
        self._coverage = CoverageIndex(term_hashes([[*bag] for bag in bags]))
        self._load_vectors(vectors, previous)
        # Where articles have two questions each, comparing pieces was worse than not to.
        self._pieces = PieceIndex(documents, pieces) if pieces and self._classifier else None

    def _train_on_words(self) -> KernelClassifier | None:
        samples, classes = len(self._texts), len(self.documents)
        if samples > KERNEL_TEXTS or not _worth_training(samples, classes, KERNEL_WORK):
            return None
        kernel = self._terms.similarities() + NGRAM_KERNEL * self._ngrams.similarities()
        return KernelClassifier.fit(kernel, self._layers.owners, classes=classes)

    def _load_vectors(
        self, vectors: Mapping[str, Floats] | VectorStore | None, previous: Matcher | None
    ) -> None:
        # A text's vector, or its number where vectors are compared elsewhere.
        known: Mapping[str, Any]
        self._store: VectorStore | None = None
        if vectors is None or isinstance(vectors, Mapping):
            known = vectors or {}
        else:
            self._store, known = vectors, vectors.numbers
        rows, owners, weights = [], [], []
        means: dict[int, list[Any]] = {}
        self._passages: dict[int, NDArray[Any]] = {}
        for row, document in enumerate(self.documents):
            for piece in document.short_texts:
                if (vector := known.get(piece)) is not None:
                    rows.append(vector)
                    owners.append(row)
                    weights.append(1.0)
                    means.setdefault(row, []).append(piece if self._store else vector)
            found = [known.get(piece) for piece in passages(document)]
            for vector in found:
                if vector is not None:
                    rows.append(vector)
                    owners.append(row)
                    weights.append(PASSAGE_WEIGHT)
            if parts_of.of(document.body) and (some := [one for one in found if one is not None]):
                nothing = np.zeros_like(some[0])  # no text has the number 0
                self._passages[row] = np.stack([nothing if one is None else one for one in found])
        self.has_vectors = bool(rows)
        self._classifier: SoftmaxClassifier | None = None
        if not rows:
            return
        self._vectors = np.stack(rows)  # or their numbers
        self._vector_weights = np.array(weights, dtype=np.float32)
        # Documents without a vector have no segment of their own here.
        owner = np.array(owners, dtype=np.int64)
        self._segments = np.flatnonzero(np.diff(owner, prepend=-1))
        self._segment_owner = owner[self._segments]
        self._centroid_owner = np.array(sorted(means), dtype=np.int64)
        # An article in two languages is one answer, and its languages share the space.
        ids = [self.documents[row].article for row in self._centroid_owner]
        self._classes = [*dict.fromkeys(ids)]
        numbers = {article: number for number, article in enumerate(self._classes)}
        self._class_of = np.array([numbers[article] for article in ids], dtype=np.int64)
        groups = [means[row] for row in self._centroid_owner]
        if self._store:
            centroids = np.stack(self._store.means(groups))
        else:
            centroids = np.stack([np.mean(group, axis=0) for group in groups])
        norms = np.linalg.norm(centroids, axis=1, keepdims=True)
        self._centroids = Centroids(centroids / np.maximum(norms, 1e-9))
        short = self._vector_weights == 1.0
        worth = _worth_training(int(short.sum()), len(self._classes), CLASSIFIER_WORK)
        if worth and not self._store:
            start, steps = self._start(previous)
            self._classifier = SoftmaxClassifier.fit(
                self._vectors[short],
                self._class_of[np.searchsorted(self._centroid_owner, owner[short])],
                classes=len(self._classes),
                start=start,
                steps=steps,
            )

    def _start(self, previous: Matcher | None) -> tuple[Floats, int]:
        """Where to begin training, and for how long: little is new after one publication."""
        start = np.zeros((len(self._classes), self._centroids.rows.shape[1]), np.float32)
        np.add.at(start, self._class_of, self._centroids.rows)
        start *= START / np.maximum(np.linalg.norm(start, axis=1, keepdims=True), 1e-9)
        if previous is None or previous._classifier is None:
            return start, STEPS
        known = {article: number for number, article in enumerate(previous._classes)}
        weights = previous._classifier.weights
        found = 0
        for number, article in enumerate(self._classes):
            if (old := known.get(article)) is not None and weights.shape[1] == start.shape[1]:
                start[number] = weights[old]
                found += 1
        return start, WARM_STEPS if found > 0.8 * len(start) else STEPS

    def centroids(self, vectors: Sequence[Floats]) -> Floats:
        """Cosine of each vector with the mean of each document's titles and questions.

        A row for each vector; several at once take less time than one after the other.
        """
        found = np.zeros((len(vectors), len(self.documents)), np.float32)
        if self.has_vectors:
            found[:, self._centroid_owner] = self._centroids.cosines(vectors)
        return found

    def signals(
        self,
        question: str,
        vector: Floats | None = None,
        pieces: Pieces | None = None,
        *,
        centroid: Floats | None = None,
    ) -> Signals:
        """Compare a question (any text) with every document.

        ``vector`` is its embedding, ``pieces`` are those of a question without Hangul, and
        ``centroid`` is its row of :meth:`centroids`, if that is known already.
        """
        normal = text.normalise(question)
        found = text.terms(normal)
        asked = counted(term_hashes([found])[0])
        by_terms = self._terms.scores(asked)
        by_ngrams = self._ngrams.scores(counted(ngram_hashes([normal], **NGRAMS)[0]))
        terms, ngrams = self._layers.best(by_terms), self._layers.best(by_ngrams)
        coverage, profile = self._coverage.scores(asked), self._profile.scores(asked)
        size = len(self.documents)
        nearest = np.zeros(size, np.float32)
        log_p = np.full(size, LOG_P_FLOOR, np.float32)
        words_log_p = log_p.copy()
        language = "ko" if text.has_hangul(normal) else "en"
        kind, trained = "words", False
        if self._words_classifier is not None and len(found):
            trained = True
            likely = self._words_classifier.log_p(by_terms + NGRAM_KERNEL * by_ngrams)
            words_log_p = np.maximum(likely, LOG_P_FLOOR)
        if vector is not None and self.has_vectors:
            kind, trained = "dense", self._classifier is not None
            if centroid is None:
                (centroid,) = self.centroids([vector])
            promising = terms + ngrams + coverage + profile + 2 * centroid
            self._compare(vector, promising, nearest)
            if self._classifier is not None:
                likely = self._classifier.log_p(vector)[self._class_of]
                log_p[self._centroid_owner] = np.maximum(likely, LOG_P_FLOOR)
            if pieces is not None and self._pieces is not None and language == "en":
                kind = "pieces"
        if centroid is None:
            centroid = np.zeros(size, np.float32)
        regime = f"{kind}_{language}{'+' if trained else ''}"
        weights = WEIGHTS[regime]
        fused = (
            weights.terms * terms
            + weights.ngrams * ngrams
            + weights.coverage * coverage
            + weights.profile * profile
            + weights.nearest * nearest
            + weights.centroid * centroid
            + weights.words_log_p * (words_log_p / -LOG_P_FLOOR + 1)
            + weights.log_p * (log_p / -LOG_P_FLOOR + 1)
        ).astype(np.float32)
        by_pieces = np.zeros(size, np.float32)
        if kind == "pieces" and pieces is not None and self._pieces is not None:
            by_pieces = _refined(self._pieces, pieces, fused, nearest)
            fused += weights.pieces * by_pieces
        return Signals(
            terms=terms,
            ngrams=ngrams,
            coverage=coverage,
            profile=profile,
            nearest=nearest,
            centroid=centroid,
            words_log_p=words_log_p,
            log_p=log_p,
            pieces=by_pieces,
            fused=fused,
            by_text=by_terms + by_ngrams,
            question=found,
            regime=regime,
        )

    def _compare(self, vector: Floats, promising: Floats, nearest: Floats) -> None:
        """Fill in ``nearest``; in a large base only for the most ``promising`` documents."""
        if len(self._vectors) <= COMPARED or len(self._segment_owner) <= CANDIDATES:
            similar = self._cosines(vector, self._vectors) * self._vector_weights
            nearest[self._segment_owner] = np.maximum.reduceat(similar, self._segments)
            return
        order = np.argpartition(-promising[self._segment_owner], CANDIDATES)
        chosen = np.sort(order[:CANDIDATES])
        ends = np.append(self._segments[1:], len(self._vectors))
        lengths = ends[chosen] - self._segments[chosen]
        starts = np.cumsum(lengths) - lengths
        rows = np.repeat(self._segments[chosen] - starts, lengths) + np.arange(lengths.sum())
        chosen_vectors = np.take(self._vectors, rows, axis=0)  # a third quicker than [rows]
        similar = self._cosines(vector, chosen_vectors) * self._vector_weights[rows]
        nearest[self._segment_owner[chosen]] = np.maximum.reduceat(similar, starts)

    def _cosines(self, vector: Floats, rows: NDArray[Any]) -> Floats:
        if self._store:
            return self._store.cosines(vector, rows)
        result: Floats = rows @ vector
        return result

    def matched_text(self, signals: Signals, row: int) -> str:
        """The title or question of document ``row`` that is most like the question, by words."""
        places = self._layers.places(row)
        return self._texts[int(places[signals.by_text[places].argmax()])]

    def passage(self, row: int, terms: Sequence[str], vector: Floats | None) -> int:
        """Which of document ``row``'s :mod:`passages <knowledge_base.passages>` a question with
        these terms and this vector is about; 0 where there is only one."""
        document = self.documents[row]
        parts = parts_of.of(document.body)[:MAX_PASSAGES]
        if len(parts) < 2:
            return 0
        known = self._passages.get(row) if vector is not None else None
        cosines = None if known is None or vector is None else self._cosines(vector, known)
        return parts_of.best(parts, terms, title=document.title, cosines=cosines)

    def shares(self, terms: Sequence[str]) -> list[float]:
        """How much of a question each of its terms says, 0..1; the rarer, the more."""
        return [float(one) for one in self._coverage.shares(term_hashes([terms])[0])]


def _refined(index: PieceIndex, asked: Pieces, fused: Floats, nearest: Floats) -> Floats:
    """The likeness of word pieces: of the first by ``fused``, and a guess for all others."""
    likeness: Floats = GUESSED + BY_VECTOR * nearest
    first = index.rows[np.argsort(-fused[index.rows], kind="stable")[:REFINED]]
    likeness[first] = index.likeness(asked, first)
    return likeness


def _worth_training(samples: int, classes: int, most: int) -> bool:
    return samples >= CLASSIFIER_QUESTIONS * classes > 0 and samples * classes <= most


def passages(document: Document) -> list[str]:
    """The body as plain text in passages of a few sentences, under their headings if it is long."""
    parts = parts_of.of(document.body)
    whole = [part.whole for part in parts] or text.passages(_searched(document))
    return [*whole][:MAX_PASSAGES]


def _searched(document: Document) -> str:
    return to_plain(document.body, pictures=True)
