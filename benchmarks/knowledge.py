"""The knowledge base alone: answers a second and their latency, in one thread."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks import parts
from benchmarks.figures import Figures, percentile
from ticketing.db import connect, embedded, session_factory


def knowledge(figures: Figures, data_dir: Path) -> None:
    """Ask every question of the shop's evaluation file, on the sample articles."""
    from knowledge_base.answers import answer
    from knowledge_base.embedding import open_encoder
    from knowledge_base.search import Index

    with embedded(data_dir) as url:
        engine = connect(url, pool_size=2)
        index = Index(session_factory(engine), open_encoder())
        asked = parts.questions(parts.ROOT / "benchmarks" / "shop" / "test.jsonl")
        answer(index, "처음 묻는 말", locale="ko")
        answer(index, "the first question of all", locale="en")
        for locale, wanted in (("ko", True), ("en", False)):
            mine = [text for text in asked if any("가" <= c <= "힣" for c in text) == wanted]
            seconds = []
            for text in mine:
                began = time.perf_counter()
                answer(index, text, locale=locale)
                seconds.append(time.perf_counter() - began)
            figures.add("knowledge", f"{locale}.answers_per_s", len(mine) / sum(seconds), "/s")
            for share in (0.5, 0.95):
                figures.add(
                    "knowledge",
                    f"{locale}.p{share * 100:.0f}",
                    percentile(seconds, share) * 1000,
                    "ms",
                )
        engine.dispose()
    for articles in (1_000, 10_000):
        scale(figures, articles, asked)


def scale(figures: Figures, articles: int, asked: Sequence[str]) -> None:
    """Answers from a large base: ten Korean texts an article, made of the words that are asked.

    Its vectors are random, because only how many there are costs time; the questions' are real.
    """
    from knowledge_base import answers
    from knowledge_base.embedding import OWN_MODEL, SentenceTransformerEncoder
    from knowledge_base.matching import Document
    from knowledge_base.search import Snapshot

    chance, noise = random.Random(1), np.random.default_rng(1)
    korean = [text for text in asked if any("가" <= c <= "힣" for c in text)]
    words = sorted({word for text in korean for word in text.split()})

    def text() -> str:
        return " ".join(chance.choices(words, k=6))

    documents = [
        Document(str(number), "ko", text(), tuple(text() for _ in range(9)), f"{text()}.")
        for number in range(articles)
    ]
    texts = [text for document in documents for text in document.short_texts]
    vectors = noise.standard_normal((len(texts), 384), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    snapshot = Snapshot(documents, dict(zip(texts, vectors, strict=True)))
    encoder = SentenceTransformerEncoder(str(OWN_MODEL))
    encoder.encode(["처음"])
    seconds = []
    for question in korean:
        began = time.perf_counter()
        vector = encoder.encode([question], query=True)[0]
        answers.decide(snapshot.rank(question, vector, locale="ko"))
        seconds.append(time.perf_counter() - began)
    name = f"{len(texts)}_texts"
    rate = len(seconds) / sum(seconds)
    goal = "goal: 1,000" if articles == 1_000 else ""
    figures.add("knowledge", f"{name}.answers_per_s", rate, "/s", goal=goal)
    p95 = percentile(seconds, 0.95) * 1000
    figures.add("knowledge", f"{name}.p95", p95, "ms", goal="goal: under 10")
