"""How good are the answers: labelled questions through the same code that customers reach."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from knowledge_base import answers
from knowledge_base.search import Index

RANKED = 10  # how deep mrr10 looks


def evaluate(index: Index, rows: Iterable[Mapping[str, Any]]) -> dict[str, float | int]:
    """Ask every row's ``question`` (``article`` is the right id or None, ``locale`` optional).

    Counts: ``n``, ``answered``, ``correct`` (answered with the right article), ``clarified``,
    ``clarify_contains`` (clarified with the right one among the choices), ``unknown``,
    ``false_answers`` (answered where nothing answers it). ``top1`` and ``mrr10`` (0..1) judge the
    ranking alone, over rows that have an article. ``p50_ms``, ``p95_ms`` and ``questions_per_s``
    are of one caller asking one question after another.
    """
    n = answered = correct = clarified = contains = unknown = false_answers = 0
    top1: list[bool] = []
    reciprocal: list[float] = []
    seconds: list[float] = []
    for row in rows:
        question, wanted = str(row["question"]), row["article"]
        locale = str(row.get("locale") or "ko")
        started = time.perf_counter()
        outcome = answers.answer(index, question, locale=locale)
        seconds.append(time.perf_counter() - started)
        n += 1
        if isinstance(outcome, answers.Answer):
            answered += 1
            correct += outcome.article.article == wanted
            false_answers += wanted is None
        elif isinstance(outcome, answers.Clarify):
            clarified += 1
            contains += any(choice.article == wanted for choice in outcome.choices)
        else:
            unknown += 1
        if wanted is not None:
            # Deeper than an outcome's candidates, and not part of the time of an answer.
            ranking = answers.rank(index, question, locale=locale, limit=RANKED)
            found = [hit.document.article for hit in ranking.hits] if ranking else []
            place = found.index(wanted) + 1 if wanted in found else 0
            top1.append(place == 1)
            reciprocal.append(1 / place if place else 0.0)
    milliseconds = np.array(seconds or [0.0]) * 1000
    return {
        "n": n,
        "answered": answered,
        "correct": correct,
        "clarified": clarified,
        "clarify_contains": contains,
        "unknown": unknown,
        "false_answers": false_answers,
        "top1": round(float(np.mean(top1)), 4) if top1 else 0.0,
        "mrr10": round(float(np.mean(reciprocal)), 4) if reciprocal else 0.0,
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 3),
        "p95_ms": round(float(np.percentile(milliseconds, 95)), 3),
        "questions_per_s": round(n / sum(seconds), 1) if sum(seconds) else 0.0,
    }
