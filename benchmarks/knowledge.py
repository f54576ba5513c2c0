"""The knowledge base alone: what an answer costs a processor, in one thread."""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import psutil
from numpy.typing import NDArray
from sqlalchemy.orm import Session, sessionmaker

from benchmarks import parts
from benchmarks.figures import Figures, percentile
from ticketing.db import connect, embedded, session_factory
from ticketing.embedded import postmaster

if TYPE_CHECKING:
    from knowledge_base.answers import Search
    from knowledge_base.matching import Document
    from knowledge_base.snapshot import Ranking, Snapshot

PROCESSES, ROUNDS = 2, 20


def knowledge(figures: Figures) -> None:
    """The sample shop, then bases of ten thousand and a hundred thousand texts."""
    from knowledge_base.models import Base

    asked = parts.questions(parts.ROOT / "benchmarks" / "shop" / "test.jsonl")
    with tempfile.TemporaryDirectory(prefix="sangdam-bench-") as folder:
        Path(folder).chmod(0o755)
        with embedded(Path(folder)) as url:
            engine = connect(url, pool_size=2)
            Base.metadata.create_all(engine)
            server = postmaster(Path(folder) / "postgres")
            assert server is not None
            shop(figures, asked, session_factory(engine))
            for articles in (1_000, 10_000):
                scale(figures, articles, asked, session_factory(engine), server)
                english(figures, articles, asked)
            engine.dispose()


def shop(figures: Figures, asked: Sequence[str], sessions: sessionmaker[Session]) -> None:
    """Ask every question of the shop's evaluation file, on the sample articles."""
    from knowledge_base import importing, reading
    from knowledge_base.answers import answer
    from knowledge_base.embedding import open_encoder
    from knowledge_base.search import Index
    from knowledge_base.text import has_hangul

    with sessions.begin() as session:
        rows = reading.read(parts.ROOT / "knowledge_base" / "sample")
        importing.import_rows(session, rows, author="benchmark")
    index = Index(sessions, open_encoder())
    answer(index, "처음 묻는 말", locale="ko")
    answer(index, "the first question of all", locale="en")
    for locale, wanted in (("ko", True), ("en", False)):
        mine = [question for question in asked if has_hangul(question) == wanted]
        seconds = []
        for question in mine:
            began = time.thread_time()
            answer(index, question, locale=locale)
            seconds.append(time.thread_time() - began)
        rate = len(mine) / sum(seconds)
        figures.add("knowledge", f"{locale}.answers_per_core_s", rate, "/s")
        for share in (0.5, 0.95):
            took = percentile(seconds, share) * 1000
            figures.add("knowledge", f"{locale}.p{share * 100:.0f}", took, "ms")


def scale(
    figures: Figures,
    articles: int,
    asked: Sequence[str],
    sessions: sessionmaker[Session],
    server: psutil.Process,
) -> None:
    """Answers from a large base: ten Korean texts an article, made of the words that are asked.

    Its vectors are random, because only how many there are costs time; the questions' are real.
    They are compared in memory and by pgvector. Times are the processor's, of this process and of
    the database: others use the cores of a shared machine, too.
    """
    from knowledge_base import answers, text
    from knowledge_base.embedding import OWN_MODEL, Embedded, SentenceTransformerEncoder
    from knowledge_base.snapshot import Snapshot
    from knowledge_base.vectors import StoredVectors, open_store, read, write

    noise = np.random.default_rng(1)
    korean = [part for one in asked if text.has_hangul(one) and (part := answers.searched(one))]
    documents = made_of(korean, articles, locale="ko")
    texts = [*dict.fromkeys(one for document in documents for one in document.short_texts)]
    encoder = SentenceTransformerEncoder(str(OWN_MODEL))
    encoder.encode(["처음"])
    name = f"{articles * 10}_texts"
    # What was asked before is analysed again, once for encoder and search, as a new question is.
    text.analysed.cache_clear()
    text.terms.cache_clear()
    began = time.thread_time()
    encoded = {one: encoder.encode([one], query=True)[0] for one in korean}
    encoding = (time.thread_time() - began) / len(korean) * 1000
    figures.add("knowledge", f"{name}.encoder", encoding, "ms")

    with sessions() as session:
        for start in range(0, len(texts), 1000):
            rows = unit_vectors(noise, texts[start : start + 1000], encoder.dimensions)
            write(session, "bench", rows)
        session.commit()
    stored = open_store(sessions, "bench")
    assert stored is not None, "the embedded server has pgvector"
    began = time.monotonic()
    stored.number(texts)
    figures.add("knowledge", f"{name}.pgvector.filled", time.monotonic() - began, "s")
    with sessions() as session:
        kept = read(session, "bench", texts)

    def measured(kind: str, held: dict[str, NDArray[np.float32]] | StoredVectors) -> list[str]:
        resident, began = psutil.Process().memory_info().rss, time.process_time()
        # Word by word: analysing this many texts would take longer than all the rest.
        with patch("knowledge_base.text.terms_of_all", _word_by_word):
            snapshot = Snapshot(documents, held)
        figures.add("knowledge", f"{kind}.build", time.process_time() - began, "s")
        grown = (psutil.Process().memory_info().rss - resident) / 2**20
        figures.add("knowledge", f"{kind}.memory", grown, "MiB")

        def search(asked: Sequence[str], *, within: str | None = None) -> list[Ranking]:
            new = {one: encoder.encode([one])[0] for one in asked if one not in encoded}
            known = encoded | new
            return snapshot.rank_all([(one, Embedded(known[one])) for one in asked], locale="ko")

        def encoded_anew(asked: Sequence[str], *, within: str | None = None) -> list[Ranking]:
            made = [(one, encoder.embed([one])[0]) for one in asked]
            return snapshot.rank_all(made, locale="ko")

        for question in korean:
            # Titles of what is found are analysed now; where articles are read, they are already.
            ask(snapshot, question, search)
        seconds, found, before = [], [], used(server)
        for question in korean:
            began = time.thread_time()
            found.append(ask(snapshot, question, search))
            seconds.append(time.thread_time() - began)
        there = (used(server) - before) / len(korean)
        each = [(one + there) * 1000 + encoding for one in seconds]
        goal = "goal: 500 a core" if kind == "10000_texts" else ""
        rate = 1000 / (sum(each) / len(each))
        figures.add("knowledge", f"{kind}.answers_per_core_s", rate, "/s", goal=goal)
        figures.add("knowledge", f"{kind}.p50", percentile(each, 0.5), "ms")
        goal = "goal: under 10" if kind == "100000_texts" else ""
        figures.add("knowledge", f"{kind}.p95", percentile(each, 0.95), "ms", goal=goal)
        if kind == "10000_texts":
            answered = one_by_one(snapshot, encoded_anew)
            together(figures, f"{kind}.two_processes_per_s", answered, korean)
        return found

    memory = measured(name, kept)
    kept.clear()
    there = measured(f"{name}.pgvector", stored)
    same = sum(one == other for one, other in zip(memory, there, strict=True)) / len(memory)
    figures.add("knowledge", f"{name}.pgvector.same", same * 100, "%")


def together(
    figures: Figures,
    figure: str,
    answered: Callable[[Sequence[str]], None],
    questions: Sequence[str],
) -> None:
    """Questions a second of two processes at once, by the clock on the wall.

    Each question is new to the caches, as it is read, encoded and answered: it ends in other signs
    each time. What is published is known to them, as it is where it is served.
    """
    endings = ["".join(signs) for size in (1, 2, 3) for signs in product(".!~", repeat=size)]
    assert len(endings) >= ROUNDS
    forking = multiprocessing.get_context("fork")
    ready = forking.Barrier(PROCESSES + 1)

    asked = [question + ending for ending in endings[:ROUNDS] for question in questions]

    def work() -> None:
        ready.wait()
        answered(asked)

    workers = [forking.Process(target=work) for _ in range(PROCESSES)]
    for worker in workers:
        worker.start()
    ready.wait()
    began = time.monotonic()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    rate = PROCESSES * len(asked) / (time.monotonic() - began)
    figures.add("knowledge", figure, rate, "/s", goal="goal: 1,000")


def one_by_one(snapshot: Snapshot, search: Search) -> Callable[[Sequence[str]], None]:
    """Answers questions as customers ask them."""

    def answered(questions: Sequence[str]) -> None:
        for question in questions:
            ask(snapshot, question, search)

    return answered


def english(figures: Figures, articles: int, asked: Sequence[str]) -> None:
    """English answers from a large base in memory, made like the Korean one of :func:`scale`.

    The model's time counts. The word pieces of 300 texts are dealt to all others.
    """
    from knowledge_base import answers, text
    from knowledge_base.embedding import open_encoder
    from knowledge_base.search import Index
    from knowledge_base.snapshot import Snapshot

    questions = [one for one in asked if not text.has_hangul(one) and answers.searched(one)]
    documents = made_of(questions, articles, locale="en")
    texts = [*dict.fromkeys(one for document in documents for one in document.short_texts)]
    encoder = open_encoder()
    dealt = [one.pieces for one in encoder.embed(texts[:300])]
    pieces = {
        one: some for number, one in enumerate(texts) if (some := dealt[number % 300]) is not None
    }
    vectors = unit_vectors(np.random.default_rng(1), texts, encoder.dimensions)
    snapshot = Snapshot(documents, vectors, pieces=pieces)

    def search(asked: Sequence[str], *, within: str | None = None) -> list[Ranking]:
        # As Index.search_all, without a database.
        made = [
            (one, encoder.embed_part(one, of=within) if within else encoder.embed([one])[0])
            for one in asked
        ]
        return snapshot.rank_all(made, locale="en")

    seconds = []
    for question in (*questions, *questions):
        text.terms.cache_clear()
        began = time.thread_time()
        ask(snapshot, question, search)
        seconds.append(time.thread_time() - began)
    # The first round was to warm up.
    each = [one * 1000 for one in seconds[len(questions) :]]
    kind = f"en.{articles * 10}_texts"
    rate = 1000 / (sum(each) / len(each))
    figures.add("knowledge", f"{kind}.answers_per_core_s", rate, "/s")
    figures.add("knowledge", f"{kind}.p50", percentile(each, 0.5), "ms")
    goal = "goal: under 10" if articles == 10_000 else ""
    figures.add("knowledge", f"{kind}.p95", percentile(each, 0.95), "ms", goal=goal)
    if articles == 1_000:
        answered = one_by_one(snapshot, search)
        together(figures, f"{kind}.two_processes_per_s", answered, questions)
        index = Index(no_sessions, encoder, poll_seconds=float("inf"))
        index._snapshot = snapshot

        def at_once(questions: Sequence[str]) -> None:
            for question in answers.in_turn(index, questions, lambda one: (one, "en")):
                answers.answer(index, question, locale="en")

        together(figures, f"{kind}.two_processes_at_once_per_s", at_once, questions)


def no_sessions() -> Session:
    """Of an index of which nothing is in a database."""
    raise LookupError


def made_of(questions: Sequence[str], articles: int, *, locale: str) -> list[Document]:
    """So many articles of ten texts, made of the words of these questions."""
    from knowledge_base.matching import Document

    chance = random.Random(1)
    words = sorted({word for one in questions for word in one.split()})

    def made() -> str:
        return " ".join(chance.choices(words, k=6))

    return [
        Document(str(number), locale, made(), tuple(made() for _ in range(9)), f"{made()}.")
        for number in range(articles)
    ]


def unit_vectors(
    noise: np.random.Generator, texts: Sequence[str], dimensions: int
) -> dict[str, NDArray[np.float32]]:
    """A random vector for each text."""
    rows = noise.standard_normal((len(texts), dimensions), dtype=np.float32)
    return dict(zip(texts, rows / np.linalg.norm(rows, axis=1, keepdims=True), strict=True))


def ask(snapshot: Snapshot, question: str, search: Search) -> str:
    """The outcome of a question and the articles behind it, to compare."""
    from knowledge_base import answers

    outcome = answers.decide(
        answers.surest(question, snapshot.spelling.corrected(question), search)
    )
    return f"{type(outcome).__name__} {[one.article for one in outcome.candidates]}"


def _word_by_word(normalised: Sequence[str]) -> list[tuple[str, ...]]:
    from knowledge_base.text import terms

    return [tuple(term for word in line.split() for term in terms(word)) for line in normalised]


def used(server: psutil.Process) -> float:
    """Processor seconds of the database's processes until now."""
    times = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))
