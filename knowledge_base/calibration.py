"""Signals of a ranking to probabilities, and probabilities to the outcome of least cost.

The coefficients are fitted by :mod:`knowledge_base.calibrate` on labelled development questions
and committed beside this file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from knowledge_base.snapshot import Ranking
from knowledge_base.weights import WEIGHTS

COEFFICIENTS = Path(__file__).with_name("calibration.json")
FEATURES = (
    "fused",
    "gap",
    "gap3",
    "terms",
    "ngrams",
    "coverage",
    "profile",
    "nearest",
    "centroid",
    "words_p",
    "p",
    "pieces",
    "fused_squared",
    "short",
    "long",
)

# What an outcome costs a customer, in units of one wrong answer.
WRONG_ANSWER = 1.0
CLARIFY = 0.09  # one more step, even if the right choice is offered
WRONG_CLARIFY = 0.09
MISSED = 0.36  # an article would have answered, but a person had to

OFFERED = 3  # choices of a clarification
Kind = Literal["answer", "clarify", "unknown"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """Probabilities for a ranking and what to do."""

    p_first: float  # that the first hit answers the question
    p_offered: float  # that one of the first three does
    scores: tuple[float, ...]  # per hit, 0..1, falling
    outcome: Kind


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression over :data:`FEATURES`."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: Sequence[float]) -> float:
        """0..1."""
        z = self.bias + sum(w * x for w, x in zip(self.weights, features, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def features(ranking: Ranking) -> tuple[float, ...]:
    """The numbers of a non-empty ranking that its probabilities are made of."""
    hits = ranking.hits
    first = hits[0]
    second = hits[1].fused if len(hits) > 1 else 0.0
    fourth = hits[3].fused if len(hits) > 3 else 0.0
    return (
        first.fused,
        min(first.fused - second, 0.5),
        min(first.fused - fourth, 0.5),
        first.terms,
        first.ngrams,
        first.coverage,
        first.profile,
        first.nearest,
        first.centroid,
        math.exp(first.words_log_p),
        math.exp(first.log_p),
        first.pieces,
        first.fused**2,
        1.0 if len(ranking.terms) <= 1 else 0.0,
        math.log1p(len(ranking.terms)),
    )


def judge(ranking: Ranking) -> Judgement:
    """Probabilities and the cheapest outcome of a non-empty ranking."""
    models = _models()
    first, offered = models[ranking.regime]
    x = features(ranking)
    p_first = first.probability(x)
    p_offered = max(p_first, offered.probability(x))
    return Judgement(
        p_first=p_first,
        p_offered=p_offered,
        scores=_shares(ranking, p_first, p_offered),
        outcome=cheapest(p_first, p_offered),
    )


def cheapest(p_first: float, p_offered: float) -> Kind:
    """The outcome of least expected cost."""
    costs: dict[Kind, float] = {
        "answer": (1 - p_first) * WRONG_ANSWER,
        "clarify": CLARIFY + (1 - p_offered) * WRONG_CLARIFY,
        "unknown": p_offered * MISSED,
    }
    return min(costs, key=lambda kind: costs[kind])


def _shares(ranking: Ranking, p_first: float, p_offered: float) -> tuple[float, ...]:
    """The second and later hits share what is left, closer ones more; never above the first."""
    rest = [math.exp((hit.fused - ranking.hits[0].fused) * 8) for hit in ranking.hits[1:]]
    total = sum(rest) or 1.0
    left = p_offered - p_first
    return (p_first, *(min(p_first, left * share / total) for share in rest))


def read(stored: Mapping[str, Any]) -> dict[str, tuple[Logistic, Logistic]]:
    """By regime, the regressions for "the first is right" and "one offered is right".

    Raises :class:`ValueError` if ``stored``, the content of ``calibration.json``, was fitted for
    other features or regimes.
    """
    fits = tuple(stored["features"]) == FEATURES and set(stored["models"]) == set(WEIGHTS)
    pairs = {
        name: tuple(Logistic(one["bias"], tuple(one["weights"])) for one in pair)
        for name, pair in stored["models"].items()
    }
    if not fits or any(
        [len(one.weights) for one in pair] != [len(FEATURES)] * 2 for pair in pairs.values()
    ):
        raise ValueError(
            f"{COEFFICIENTS.name} was fitted for other features: "
            "run python -m knowledge_base.calibrate again"
        )
    return {name: (first, second) for name, (first, second) in pairs.items()}


@cache
def _models() -> dict[str, tuple[Logistic, Logistic]]:
    return read(json.loads(COEFFICIENTS.read_text(encoding="utf-8")))
