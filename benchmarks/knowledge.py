"""The knowledge base alone: answers a second and their latency, in one thread."""

from __future__ import annotations

import time
from pathlib import Path

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
