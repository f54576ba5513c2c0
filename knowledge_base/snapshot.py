"""What is published at one moment, ready to be searched."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from knowledge_base import articles, text
from knowledge_base.embedding import Embedded
from knowledge_base.matching import Document, Matcher, Signals
from knowledge_base.particulars import Particulars
from knowledge_base.pieces import Pieces
from knowledge_base.sentences import Near, Sentence
from knowledge_base.spelling import Spelling
from knowledge_base.vectors import StoredVectors

Floats = NDArray[np.float32]
MOST_USUAL = 0.95  # so like all articles is a question only where there is hardly more than one


@dataclass(frozen=True, slots=True)
class Hit:
    """One article (all its languages) as an answer to a question, with its signals 0..1."""

    document: Document  # the one to show: in the asked locale if the article has it
    fused: float
    terms: float
    ngrams: float
    coverage: float
    profile: float
    nearest: float
    centroid: float
    words_log_p: float
    log_p: float
    pieces: float
    matched: str  # the title or question that was most like the question, by words
    passage: int = 0  # of the best hit, if it is long: the passage that the question is about


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a search found, best first, one hit per article."""

    question: str
    hits: tuple[Hit, ...]
    language: str  # of the question's words: ko or en
    terms: tuple[str, ...]  # content terms of the question
    regime: str  # a key of weights.WEIGHTS: which signals took part
    several: tuple[Ranking, ...] = ()  # of a message that asks several things, one for each


class Snapshot:
    """Documents with everything needed to search them; immutable."""

    def __init__(
        self,
        documents: Sequence[Document],
        vectors: Mapping[str, Floats] | StoredVectors | None = None,
        *,
        pieces: Mapping[str, Pieces] | None = None,
        version: int = 0,
        previous: Snapshot | None = None,
    ) -> None:
        """``previous`` is what this one replaces: most of its training still holds."""
        self.version = version
        self.documents = documents
        trained = previous._matcher if previous else None
        self._matcher: Matcher = Matcher(documents, vectors, pieces=pieces, previous=trained)
        self._rows = {(one.article, one.locale): row for row, one in enumerate(documents)}
        self.spelling = Spelling(
            (short for one in documents for short in one.short_texts),
            (one.body for one in documents),
        )
        self.particulars = Particulars(
            said for one in documents for said in (*one.short_texts, one.body)
        )

    @property
    def has_vectors(self) -> bool:
        """Whether a question's vector is of any use."""
        return self._matcher.has_vectors

    def document(self, article: str, *, locale: str) -> Document | None:
        """An article in this locale, else in another one, else None."""
        for wanted in (locale, *articles.LOCALES):
            row = self._rows.get((article, wanted))
            if row is not None:
                return self.documents[row]
        return None

    def rank(
        self,
        question: str,
        vector: Floats | None = None,
        *,
        pieces: Pieces | None = None,
        locale: str,
        limit: int = 5,
        exclude: Collection[str] = (),
    ) -> Ranking:
        """The best articles for a question whose embedding is ``vector``, and its ``pieces``."""
        made = None if vector is None else Embedded(vector, pieces)
        return self.rank_all([(question, made)], locale=locale, limit=limit, exclude=exclude)[0]

    def rank_all(
        self,
        asked: Sequence[tuple[str, Embedded | None]],
        *,
        locale: str,
        limit: int = 5,
        exclude: Collection[str] = (),
    ) -> list[Ranking]:
        """The best articles for each of several questions with their embeddings."""
        matcher = self._matcher
        ranking = partial(self._ranking, locale=locale, limit=limit, exclude=exclude)
        centroids = iter(matcher.centroids([made.vector for _, made in asked if made]))
        return [
            ranking(matcher.signals(one, *made, centroid=next(centroids)), one, made.vector)
            if made
            else ranking(matcher.signals(one), one, None)
            for one, made in asked
        ]

    def _ranking(
        self,
        signals: Signals,
        question: str,
        vector: Floats | None,
        *,
        locale: str,
        limit: int,
        exclude: Collection[str],
    ) -> Ranking:
        # Each article has at most one row per locale, so this many rows hold enough articles.
        enough = min(len(self.documents), (limit + len(exclude)) * len(articles.LOCALES))
        best: NDArray[np.int64] = np.zeros(0, np.int64)
        if enough:
            best = np.argpartition(-signals.fused, enough - 1)[:enough]
        hits: list[Hit] = []
        seen = set(exclude)
        for row in sorted((int(one) for one in best), key=lambda one: (-signals.fused[one], one)):
            article = self.documents[row].article
            if article not in seen and len(hits) < limit:
                seen.add(article)
                shown = self._rows.get((article, locale), row)
                # Only of the best hit a passage is told.
                part = 0 if hits else self._matcher.passage(shown, signals.question, vector)
                hits.append(self._hit(signals, row, shown, part))
        return Ranking(
            question=question,
            hits=tuple(hits),
            language=text.language(question, default=locale),
            terms=signals.question,
            regime=signals.regime,
        )

    def _hit(self, signals: Signals, row: int, shown: int, passage: int) -> Hit:
        return Hit(
            document=self.documents[shown],
            fused=float(signals.fused[row]),
            terms=float(signals.terms[row]),
            ngrams=float(signals.ngrams[row]),
            coverage=float(signals.coverage[row]),
            profile=float(signals.profile[row]),
            nearest=float(signals.nearest[row]),
            centroid=float(signals.centroid[row]),
            words_log_p=float(signals.words_log_p[row]),
            log_p=float(signals.log_p[row]),
            pieces=float(signals.pieces[row]),
            matched=self._matcher.matched_text(signals, row),
            passage=passage,
        )

    def near(
        self, document: Document, said: Sequence[Sentence], vectors: Floats, vector: Floats
    ) -> Near:
        """Which of a document's sentences, with their vectors, is most like another vector."""
        usual = min(float(self._matcher.centroids([vector]).mean()), MOST_USUAL)
        likeness = (vectors @ vector - usual) / (1 - usual)
        told = [place for place, one in enumerate(said) if one.told]
        best = max(told, key=lambda place: likeness[place], default=0)
        return Near(document, float(likeness.max()), said[best], float(likeness[best]))

    def passage(self, document: Document, question: str, vector: Floats | None = None) -> int:
        """Which passage of one of its documents a question is about."""
        row = self._rows[document.article, document.locale]
        return self._matcher.passage(row, text.terms(text.normalise(question)), vector)
