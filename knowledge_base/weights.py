"""How much each signal of :mod:`knowledge_base.matching` counts in the fused score."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weights:
    """The fused score is the sum of the signals, each times this."""

    terms: float
    ngrams: float
    coverage: float = 0.0
    profile: float = 0.0
    words_log_p: float = 0.0
    nearest: float = 0.0
    centroid: float = 0.0
    log_p: float = 0.0
    pieces: float = 0.0


# By regime: which signals took part (words; dense, with vectors; pieces, with word pieces as well),
# in which language it was asked, with "+" for the classifiers, which need several questions per
# article. Set by hand and measured on the development questions (docs/adr/0004-retrieval.md); what
# knowledge_base.calibrate fits are the probabilities.
WEIGHTS = {
    "words_ko": Weights(terms=0.2, ngrams=0.6, coverage=0.3, profile=0.6),
    "words_ko+": Weights(terms=0.2, ngrams=0.6, coverage=0.3, profile=0.6, words_log_p=1.2),
    "words_en": Weights(terms=0.2, ngrams=0.6, coverage=0.3, profile=0.6),
    "words_en+": Weights(terms=0.2, ngrams=0.6, coverage=0.3, profile=0.6, words_log_p=1.2),
    "dense_ko": Weights(
        terms=0.2, ngrams=0.4, coverage=0.15, profile=0.2, nearest=0.6, centroid=0.3
    ),
    "dense_ko+": Weights(
        terms=0.2, ngrams=0.4, coverage=0.15, profile=0.2, nearest=0.3, words_log_p=0.6, log_p=0.6
    ),
    "dense_en": Weights(terms=0.2, ngrams=0.2, coverage=0.05, nearest=0.6, centroid=0.5),
    "dense_en+": Weights(
        terms=0.2, ngrams=0.2, coverage=0.05, nearest=0.3, words_log_p=0.3, log_p=1.2
    ),
    "pieces_en+": Weights(
        terms=0.2, ngrams=0.2, coverage=0.05, nearest=0.3, words_log_p=0.3, log_p=1.2, pieces=2.0
    ),
}
