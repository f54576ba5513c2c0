"""Many questions one after another: the model reads the next ones together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import evaluate as module
from knowledge_base import importing, reading
from knowledge_base.answers import AHEAD, Outcome, answer, in_turn
from knowledge_base.embedding import PASS_CACHE, BilingualEncoder
from knowledge_base.evaluate import evaluate
from knowledge_base.inference import Pass
from knowledge_base.search import Index
from tests.knowledge_base.conftest import WordEncoder, empty
from tests.knowledge_base.test_answers import SAMPLE

ASKED = [
    ("How long does delivery take?", "en"),
    ("배송 얼마나 걸려요?", "ko"),
    ("hi", "en"),
    ("When does my refnd arrive?", "en"),
    ("My order arrived today. The bag is broken, can I exchange it?", "en"),
    ("How long does delivery take?", "en"),
    ("do you ship abroad", "ko"),
    ("", "ko"),
]


class Reader(BilingualEncoder):
    """The encoder, which tells what its English model read, by pass."""

    def __init__(self) -> None:
        super().__init__()
        self._english._load()
        self.read: list[list[str]] = []
        passed = self._english._passed
        assert passed is not None

        def told(texts: Sequence[str]) -> list[Pass]:
            self.read.append([*texts])
            return passed(texts)

        self._english._passed = told

    def forget(self) -> None:
        """Be as if nothing had been read."""
        self.read.clear()
        self._english._queries.clear()
        self._english._passes.clear()


@pytest.fixture(scope="module")
def shop(engine: Engine) -> sessionmaker[Session]:
    empty(engine)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        importing.import_rows(session, reading.read(SAMPLE), author="test")
    return sessions


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.fixture(scope="module")
def index(shop: sessionmaker[Session], reader: Reader) -> Index:
    made = Index(shop, reader, poll_seconds=3600)
    made.refresh()
    return made


@pytest.fixture(autouse=True)
def _unread(index: Index, reader: Reader) -> None:
    reader.forget()


def test_questions_in_turn_are_read_together_and_answered_as_alone(
    index: Index, reader: Reader
) -> None:
    found: list[Outcome] = []
    for number, (question, locale) in enumerate(in_turn(index, ASKED, lambda one: one)):
        if number == 0:
            (together,) = reader.read
            assert together == [
                "How long does delivery take?",
                "When does my refnd arrive?",
                "When does my refund arrive?",
                "My order arrived today. The bag is broken, can I exchange it?",
                "do you ship abroad",
            ], "each once, as it was typed and mended, and no small talk"
        found.append(answer(index, question, locale=locale))
    again = {one for texts in reader.read[1:] for one in texts} & {*together}
    assert not again
    reader.forget()
    assert found == [answer(index, question, locale=locale) for question, locale in ASKED]


def test_no_more_are_read_than_are_kept(index: Index, reader: Reader) -> None:
    many = [(f"where is order {number}?", "en") for number in range(AHEAD * 2 + 1)]
    asked = in_turn(index, many, lambda one: one)
    first = next(asked)
    assert len(reader.read) == 1 and len(reader.read[0]) == AHEAD < PASS_CACHE
    assert [first, *asked] == many
    assert len(reader.read) == 3
    assert not [*in_turn(index, [], lambda one: one)]


def test_without_vectors_nothing_is_read(shop: sessionmaker[Session]) -> None:
    index = Index(shop, poll_seconds=3600)
    assert [*in_turn(index, ASKED, lambda one: one)] == ASKED
    encoder = WordEncoder(languages=frozenset())
    assert [*in_turn(Index(shop, encoder, poll_seconds=3600), ASKED, lambda one: one)] == ASKED


def test_several_processes_read_together_and_find_what_one_finds(
    index: Index, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    right = ("delivery-time", "delivery-time", None, "refund-when", None, None, None, None)
    rows = [
        {"question": question, "article": article, "locale": locale}
        for (question, locale), article in zip(ASKED, right, strict=True)
    ] * 20
    alone = evaluate(index, rows)
    monkeypatch.setattr(module, "TOLD_S", 0.0)
    with caplog.at_level("INFO", "knowledge_base"):
        beside = evaluate(index, rows, processes=2)
    assert caplog.messages[0] == "1 of 160 questions are asked"
    assert caplog.messages[-1] == "60 of 60 questions are ranked"
    took = dict.fromkeys(("p50_ms", "p95_ms", "questions_per_s"), 0)
    assert {**alone, **took} == {**beside, **took} and alone["correct"] > 0
