"""Fit the coefficients of :mod:`knowledge_base.calibration` on labelled development questions.

    python -m knowledge_base.calibrate KB=QUESTIONS [KB=QUESTIONS ...] [--noise FILE ...]

``KB`` is anything ``sangdam kb import`` takes but an address or a .zip, ``QUESTIONS`` JSON lines as
for ``sangdam kb eval``; ``.gz`` is unpacked, and a pair named twice counts twice. Every question is
also asked with its article taken away, when nothing should answer it. ``--noise`` names JSON lines
whose ``q`` or ``question`` nothing answers in any KB; rows with an ``article`` are skipped. Never
give it questions that are kept for judging. What cannot be used is refused with its file and line,
and nothing is written.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base import answers, calibration, reading, text
from knowledge_base.content import LOCALES, check
from knowledge_base.embedding import Embedded, Encoder, open_encoder
from knowledge_base.errors import Invalid
from knowledge_base.matching import Document, passages
from knowledge_base.snapshot import Ranking, Snapshot
from knowledge_base.weights import WEIGHTS

SEED = 20
NOISE_PER_LANGUAGE = 300
# What customers ask, per kind of truth: with an article; labelled as answered by none; far from any
# shop; and with the article taken away, less, because many have a near twin that is no bad answer.
SHARES = {"article": 1.0, "none": 0.35, "noise": 0.10, "taken": 0.17}
FOLDS = 5
THIN = 2  # questions per article in the thin copy of a KB, for bases with little in them
DEPTH = 5  # hits of a ranking, as customers are answered from

# Features, whether the first is right, whether one offered is right, and a key of SHARES.
Example = tuple[tuple[float, ...], bool, bool, str]
Weighted = tuple[tuple[float, ...], bool, bool, float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question and the article that answers it, None if none does."""

    question: str
    article: str | None
    locale: str


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, print how good the fit is, write the coefficients."""
    parser = argparse.ArgumentParser(
        prog="python -m knowledge_base.calibrate", description="Fit the answer probabilities."
    )
    parser.add_argument("pairs", nargs="+", metavar="KB=QUESTIONS")
    parser.add_argument("--noise", action="append", default=[], metavar="FILE")
    parser.add_argument("--out", type=Path, default=calibration.COEFFICIENTS)
    options = parser.parse_args(arguments)
    try:
        fitted = calibrate(options.pairs, options.noise, open_encoder())
        written = json.dumps(fitted, indent=1) + "\n"
        options.out.write_text(written, encoding="utf-8")
    except (Invalid, OSError) as error:
        parser.error(str(error))
    print(f"wrote {options.out}")


def calibrate(pairs: Sequence[str], noise: Sequence[str], encoder: Encoder) -> dict[str, Any]:
    """What ``calibration.json`` holds, fitted on ``KB=QUESTIONS`` pairs and files of noise.

    Raises :class:`Invalid` for what cannot be used, before anything is computed where it can.
    """
    sets = [(pair, *_pair(pair)) for pair in pairs]
    foreign = [one for path in noise for one in _noise(path)]
    examples: dict[str, list[Weighted]] = {}
    for pair, documents, asked in sets:
        collected: dict[str, list[Example]] = {}
        for kind, example in collect(documents, asked, foreign, encoder):
            collected.setdefault(kind, []).append(example)
        for kind, found in sorted(collected.items()):
            examples.setdefault(kind, []).extend(weighted(found))
            name = Path(pair.partition("=")[0]).name
            print(f"{name:24} {kind:10} {len(found):6} examples", flush=True)
    if missing := set(WEIGHTS) - set(examples):
        raise Invalid("pairs", f"no questions for {', '.join(sorted(missing))}")
    models = {kind: fit(kind, found) for kind, found in sorted(examples.items())}
    return {"features": [*calibration.FEATURES], "models": models}


def _pair(pair: str) -> tuple[list[Document], list[Labelled]]:
    base, sign, questions = pair.partition("=")
    if not (base and sign and questions):
        raise Invalid("pairs", f"{pair!r} is not KB=QUESTIONS")
    documents, asked = load(base), read_questions(questions)
    known = {document.article for document in documents}
    if unknown := {one.article for one in asked if one.article} - known:
        raise Invalid("questions", f"{questions}: {min(unknown)!r} is no article of {base}")
    return documents, asked


def load(path: str) -> list[Document]:
    """The articles of a file or folder as published documents. Raises :class:`Invalid`."""
    documents = []
    for row in reading.read(path):
        if row.problem:
            raise Invalid("path", f"{path}, {row.where}: {row.problem}")
        if row.hidden:
            continue
        values = {name: row.values.get(name) or () for name in ("questions", "tags")}
        content = check(
            **{name: row.values.get(name) for name in ("id", "locale", "title", "body")}, **values
        )
        documents.append(Document.of(content))
    if not documents:
        raise Invalid("path", f"{path} holds no articles")
    return documents


def read_questions(path: str) -> list[Labelled]:
    """The labelled questions of a JSON-lines file. Raises :class:`Invalid` with the line."""
    found = []
    for where, row in _rows(path):
        question, article = row.get("question"), row.get("article", 0)
        if not isinstance(question, str) or not isinstance(article, str | None):
            raise Invalid("questions", f"{where}: a question and its article (or null) are needed")
        locale = row.get("locale") or "ko"
        if locale not in LOCALES:
            raise Invalid("questions", f"{where}: locale is {' or '.join(LOCALES)}")
        found.append(Labelled(question, article or None, locale))
    if not found:
        raise Invalid("questions", f"{path} holds no questions")
    return found


def _noise(path: str) -> Iterator[str]:
    for where, row in _rows(path):
        if row.get("article") is None:
            question = row.get("q") or row.get("question")
            if not isinstance(question, str):
                raise Invalid("noise", f"{where}: a question is needed")
            yield question


def collect(
    documents: Sequence[Document],
    questions: Sequence[Labelled],
    noise: Sequence[str],
    encoder: Encoder,
) -> Iterator[tuple[str, Example]]:
    """Rankings with their truth: ``(regime, example)``."""
    cache: dict[str, Embedded] = {}

    def encode(texts: Sequence[str]) -> None:
        new = [*dict.fromkeys(one for one in texts if one not in cache)]
        cache.update(zip(new, encoder.embed(new), strict=True))

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
    vectors = {one: found.vector for one, found in cache.items()}
    pieces = {one: found.pieces for one, found in cache.items() if found.pieces is not None}
    snapshots = [Snapshot(some, vectors, pieces=pieces) for some in (documents, thin)]
    locales = {document.locale for document in documents}
    rng = random.Random(SEED)
    asked = [(one, "article" if one.article else "none") for one in questions]
    spoken = {text.language(one.question) for one in questions}
    for language in sorted(spoken):
        foreign = [one for one in noise if text.language(one) == language]
        locale = language if language in locales else min(locales)
        for question in rng.sample(foreign, min(NOISE_PER_LANGUAGE, len(foreign))):
            asked.append((Labelled(question, None, locale), "noise"))
    prepared = [(answers.searched(one.question), one, label) for one, label in asked]
    encode([question for question, one, _ in prepared if wanted(question, one.locale)])
    for question, one, label in prepared:
        if not question:
            continue
        vector, found = cache.get(question, (None, None))
        for snapshot in snapshots:
            seen = set()
            # Without each of these too: a model that cannot be loaded, or gives no pieces, must not
            # spoil the thresholds.
            for known, some in ((vector, found), (vector, None), (None, None)):
                ranking = snapshot.rank(
                    question, known, pieces=some, locale=one.locale, limit=DEPTH + 1
                )
                if ranking.regime in seen:
                    continue
                seen.add(ranking.regime)
                if ranking.hits:
                    yield ranking.regime, _example(ranking, one.article, label)
                if one.article and (rest := _without(ranking, one.article)).hits:
                    yield ranking.regime, _example(rest, None, "taken")


def _without(ranking: Ranking, article: str) -> Ranking:
    """The same ranking as if the article were not there."""
    return replace(
        ranking, hits=tuple(hit for hit in ranking.hits if hit.document.article != article)
    )


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


def _rows(path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where each line stands, and the object on it."""
    try:
        raw = Path(path).read_bytes()
        lines = (gzip.decompress(raw) if path.endswith(".gz") else raw).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise Invalid("path", f"{path} cannot be read: {type(error).__name__}") from None
    # Not splitlines(): a question may hold one of the other separators it knows.
    for number, line in enumerate(lines.split("\n"), start=1):
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, dict):
                raise Invalid("path", f"{path}, line {number}: not a JSON object")
            yield f"{path}, line {number}", row


if __name__ == "__main__":
    main()
