"""Fit the coefficients of :mod:`knowledge_base.calibration` on labelled development questions.

    python -m knowledge_base.calibrate KB=QUESTIONS [KB=QUESTIONS ...] [--noise FILE ...]

``KB`` is anything ``sangdam kb import`` takes, ``QUESTIONS`` JSON lines as for ``sangdam kb
eval``; ``.gz`` is unpacked, and a pair named twice counts twice. Every question is also asked with
its article taken away, when nothing should answer it. ``--noise`` names JSON lines whose ``q`` or
``question`` nothing answers in any KB; rows with an ``article`` are skipped. Never give it
questions that are kept for judging.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base import answers, calibration, reading, text
from knowledge_base.content import check
from knowledge_base.embedding import Encoder, open_encoder
from knowledge_base.matching import WEIGHTS, Document, passages
from knowledge_base.search import Ranking, Snapshot

SEED = 20
NOISE_PER_LANGUAGE = 300
# What customers ask, per kind of truth: with an article; labelled as answered by none; far from any
# shop; and with the article taken away, less, because many have a near twin that is no bad answer.
SHARES = {"article": 1.0, "none": 0.35, "noise": 0.10, "taken": 0.10}
FOLDS = 5
THIN = 2  # questions per article in the thin copy of a KB, for bases with little in them

# Features, whether the first is right, whether one offered is right, and a key of SHARES.
Example = tuple[tuple[float, ...], bool, bool, str]
Weighted = tuple[tuple[float, ...], bool, bool, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, print how good the fit is, write the coefficients."""
    parser = argparse.ArgumentParser(description="Fit the answer probabilities.")
    parser.add_argument("pairs", nargs="+", metavar="KB=QUESTIONS")
    parser.add_argument("--noise", action="append", default=[], metavar="FILE")
    parser.add_argument("--out", type=Path, default=calibration.COEFFICIENTS)
    options = parser.parse_args(arguments)
    noise = [
        str(row.get("q") or row.get("question"))
        for row in _rows(options.noise)
        if row.get("article") is None
    ]
    encoder = open_encoder()
    examples: dict[str, list[Weighted]] = {}
    for pair in options.pairs:
        base, _, questions = pair.partition("=")
        collected: dict[str, list[Example]] = {}
        for kind, example in collect(load(base), [*_rows([questions])], noise, encoder):
            collected.setdefault(kind, []).append(example)
        for kind, found in collected.items():
            examples.setdefault(kind, []).extend(weighted(found))
            print(f"{Path(base).name:24} {kind:10} {len(found):6} examples")
    models = {kind: fit(kind, found) for kind, found in sorted(examples.items())}
    if missing := set(WEIGHTS) - set(models):
        parser.error(f"no questions for {', '.join(sorted(missing))}")
    options.out.write_text(
        json.dumps({"features": calibration.FEATURES, "models": models}, indent=1) + "\n",
        encoding="utf-8",
    )
    print(f"wrote {options.out}")


def load(path: str) -> list[Document]:
    """The articles of a file or folder as published documents."""
    documents = []
    for row in reading.read(path):
        values = {name: row.values.get(name) or () for name in ("questions", "tags")}
        content = check(
            **{name: row.values.get(name) for name in ("id", "locale", "title", "body")}, **values
        )
        documents.append(Document.of(content))
    return documents


def collect(
    documents: Sequence[Document],
    questions: Sequence[dict[str, Any]],
    noise: Sequence[str],
    encoder: Encoder,
) -> Iterator[tuple[str, Example]]:
    """Rankings with their truth: ``(regime, example)``."""
    cache: dict[str, NDArray[np.float32]] = {}

    def encode(texts: Sequence[str]) -> None:
        new = [*dict.fromkeys(one for one in texts if one not in cache)]
        cache.update(zip(new, encoder.encode(new), strict=True))

    def wanted(piece: str, locale: str) -> bool:
        return text.language(piece, default=locale) in encoder.languages

    encode(
        [
            piece
            for document in documents
            for piece in (*document.short_texts, *passages(document))
            if wanted(piece, document.locale)
        ]
    )
    thin = [replace(one, questions=one.questions[:THIN]) for one in documents]
    snapshots = [Snapshot(documents, cache), Snapshot(thin, cache)]
    locales = {document.locale for document in documents}
    rng = random.Random(SEED)
    asked = [
        (
            str(row["question"]),
            row["article"],
            str(row["locale"]),
            "article" if row["article"] else "none",
        )
        for row in questions
    ]
    spoken = {text.language(question) for question, *_ in asked}
    for language in sorted(spoken):
        foreign = [one for one in noise if text.language(one) == language]
        for question in rng.sample(foreign, min(NOISE_PER_LANGUAGE, len(foreign))):
            locale = language if language in locales else min(locales)
            asked.append((question, None, locale, "noise"))
    prepared = [(answers.searched(question), *rest) for question, *rest in asked]
    encode([question for question, _, locale, _ in prepared if wanted(question, locale)])
    for question, article, locale, label in prepared:
        if not question:
            continue
        vector = cache.get(question)
        for snapshot in snapshots:
            # Without its vector too: a model that cannot be loaded must not spoil the thresholds.
            for known in (vector, None) if vector is not None else (None,):
                for truth in (label, "taken") if article else (label,):
                    exclude = (article,) if truth == "taken" else ()
                    ranking = snapshot.rank(question, known, locale=locale, exclude=exclude)
                    if ranking.hits:
                        wanted_id = article if truth == "article" else None
                        yield ranking.regime, _example(ranking, wanted_id, truth)


def _example(ranking: Ranking, article: str | None, truth: str) -> Example:
    offered = [hit.document.article for hit in ranking.hits[: calibration.OFFERED]]
    return calibration.features(ranking), offered[0] == article, article in offered, truth


def weighted(examples: Sequence[Example]) -> Iterator[Weighted]:
    """One data set's examples with weights: every set counts the same, however large it is."""
    counts = Counter(example[3] for example in examples)
    total = sum(SHARES[truth] for truth in counts)
    for x, first, offered, truth in examples:
        yield x, first, offered, 1000 * SHARES[truth] / total / counts[truth]


def fit(kind: str, examples: Sequence[Weighted]) -> list[dict[str, Any]]:
    """Two logistic regressions: the first is right, one of the offered is right."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss, roc_auc_score
    from sklearn.model_selection import cross_val_predict

    x = np.array([example[0] for example in examples])
    weights = np.array([example[3] for example in examples])
    mean, spread = x.mean(axis=0), x.std(axis=0) + 1e-6
    fitted = []
    for column, meaning in ((1, "first is right"), (2, "one offered is right")):
        y = np.array([example[column] for example in examples])
        model = LogisticRegression(C=0.1, max_iter=2000)
        z = (x - mean) / spread
        unseen = cross_val_predict(
            model, z, y, cv=FOLDS, method="predict_proba", params={"sample_weight": weights}
        )[:, 1]
        model.fit(z, y, sample_weight=weights)
        area = roc_auc_score(y, unseen, sample_weight=weights)
        loss = log_loss(y, unseen, sample_weight=weights)
        print(f"{kind:10} {meaning:22} n {len(y):6} AUC {area:.3f} log loss {loss:.3f}")
        slope = model.coef_[0] / spread
        fitted.append(
            {
                "bias": round(float(model.intercept_[0] - slope @ mean), 4),
                "weights": [round(float(one), 4) for one in slope],
            }
        )
    return fitted


def _rows(paths: Sequence[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        raw = Path(path).read_bytes()
        text_of = gzip.decompress(raw) if path.endswith(".gz") else raw
        for line in text_of.decode().split("\n"):
            if line.strip():
                yield json.loads(line)


if __name__ == "__main__":
    main()
