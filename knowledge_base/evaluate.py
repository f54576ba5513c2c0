"""How good are the answers: labelled questions through the same code that customers reach."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from knowledge_base import answers
from knowledge_base.search import Index

RANKED = 10  # how deep mrr10 looks
ALONE = 1000  # questions, if there are more, of which each is timed with nothing beside it
TOLD_S = 3.0  # between two words on how far it is
FIRST = ("처음 드리는 질문", "the first question of all")

log = logging.getLogger(__name__)

Row = Mapping[str, Any]
_forked_index: Index


def evaluate(index: Index, rows: Iterable[Row], *, processes: int = 1) -> dict[str, float | int]:
    """Ask every row's ``question`` (``article`` is the right id or None, ``locale`` optional).

    Counts: ``n``, ``answered``, ``correct`` (answered with the right article), ``clarified``,
    ``clarify_contains`` (clarified with the right one among the choices), ``unknown``,
    ``false_answers`` (answered where nothing answers it). ``top1`` and ``mrr10`` (0..1) judge the
    ranking alone, over rows that have an article. ``p50_ms`` and ``p95_ms`` are of one caller who
    asks one question after another; ``questions_per_s`` of all rows at once, in as many
    ``processes``. More than one are forked off: no other thread may use the index then.
    """
    rows = list(rows)
    for first in FIRST:  # waits until models are loaded
        answers.answer(index, first, locale="ko")
    with _callers(index, processes) as ask:
        began = time.perf_counter()
        asked = ask(_answer, rows, "asked")
        took = time.perf_counter() - began
        places = ask(_place, [row for row in rows if row["article"] is not None], "ranked")
    seconds = [one for _, one in asked]
    if processes > 1:
        # This process has not seen any of them yet, and nobody else asks now.
        seconds = [_answer(index, row)[1] for row in rows[:: -(-len(rows) // ALONE) or 1]]
    answered = correct = clarified = contains = unknown = false_answers = 0
    for row, (outcome, _) in zip(rows, asked, strict=True):
        wanted = row["article"]
        if isinstance(outcome, answers.Answer):
            answered += 1
            correct += outcome.article.article == wanted
            false_answers += wanted is None
        elif isinstance(outcome, answers.Clarify):
            clarified += 1
            contains += any(choice.article == wanted for choice in outcome.choices)
        else:
            unknown += 1
    milliseconds = np.array(seconds or [0.0]) * 1000
    return {
        "n": len(rows),
        "answered": answered,
        "correct": correct,
        "clarified": clarified,
        "clarify_contains": contains,
        "unknown": unknown,
        "false_answers": false_answers,
        "top1": round(float(np.mean([one == 1 for one in places])), 4) if places else 0.0,
        "mrr10": round(float(np.mean([1 / one if one else 0 for one in places])), 4)
        if places
        else 0.0,
        "p50_ms": round(float(np.percentile(milliseconds, 50)), 3),
        "p95_ms": round(float(np.percentile(milliseconds, 95)), 3),
        "questions_per_s": round(len(rows) / took, 1) if rows else 0.0,
    }


def _answer(index: Index, row: Row) -> tuple[answers.Outcome, float]:
    """What a customer would get, and the seconds that it took."""
    question, locale = str(row["question"]), _locale(row)
    began = time.perf_counter()
    outcome = answers.answer(index, question, locale=locale)
    return outcome, time.perf_counter() - began


def _place(index: Index, row: Row) -> int:
    """Where the right article stands, from 1 on; 0 if it is not found. Deeper than an outcome's
    candidates, and not part of the time of an answer."""
    question, locale = str(row["question"]), _locale(row)
    ranking = answers.rank(index, question, locale=locale, limit=RANKED)
    found = [hit.document.article for hit in ranking.hits] if ranking else []
    return found.index(row["article"]) + 1 if row["article"] in found else 0


def _locale(row: Row) -> str:
    return str(row.get("locale") or "ko")


Wanted = Callable[[Index, Row], Any]
Asking = Callable[[Wanted, list[Row], str], list[Any]]


@contextmanager
def _callers(index: Index, processes: int) -> Iterator[Asking]:
    """Something that asks of every row what is wanted, in this process or in so many others."""
    if processes == 1:
        # Each is timed.
        yield lambda wanted, rows, done: _told((wanted(index, row) for row in rows), rows, done)
        return
    # What is in memory is there in all of them without being read again.
    forking = multiprocessing.get_context("fork")
    with forking.Pool(processes, _forked, [index]) as pool:

        def ask(wanted: Wanted, rows: list[Row], done: str) -> list[Any]:
            size = min(answers.AHEAD, -(-len(rows) // processes)) or 1
            some = [rows[start : start + size] for start in range(0, len(rows), size)]
            found = pool.imap(partial(_in_fork, wanted), some)
            return _told((one for several in found for one in several), rows, done)

        yield ask


def _told(found: Iterable[Any], rows: list[Row], done: str) -> list[Any]:
    """What is found of the rows, one by one; how far that is, is logged where it takes long."""
    all_found, told_at = [], time.monotonic()
    for one in found:
        all_found.append(one)
        if time.monotonic() - told_at > TOLD_S:
            told_at = time.monotonic()
            log.info("%d of %d questions are %s", len(all_found), len(rows), done)
    return all_found


def _forked(index: Index) -> None:
    global _forked_index
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who began it ends it
    index.forked()
    _forked_index = index


def _in_fork(wanted: Wanted, rows: list[Row]) -> list[Any]:
    coming = answers.in_turn(_forked_index, rows, lambda row: (str(row["question"]), _locale(row)))
    return [wanted(_forked_index, row) for row in coming]
