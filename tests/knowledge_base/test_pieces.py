"""Word pieces: kept in a few bytes, compared where the rest of a question is alike."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, inference, pieces
from knowledge_base.embedding import (
    BilingualEncoder,
    SentenceTransformerEncoder,
    _load,
    _slow_path,
)
from knowledge_base.matching import Document, Matcher
from knowledge_base.models import Embedding
from knowledge_base.pieces import DIMENSIONS, PieceIndex, packed
from knowledge_base.search import Index
from knowledge_base.training.pieces import main as learn

# As many questions as the classifiers need, without which pieces are not compared.
CARD = {
    "card-late": (
        "When does my new card arrive?",
        "My new card has not arrived",
        "How long does a new card take?",
        "Is my new card on its way?",
        "I wait for my new card",
    ),
    "card-lost": (
        "I lost my new card",
        "My new card was stolen",
        "What if I lose my new card?",
        "Somebody took my new card",
        "I cannot find my new card",
    ),
    "card-limit": (
        "What is the limit of my new card?",
        "How much may I spend with my new card?",
        "Is there a maximum for my new card?",
        "My new card was refused, it was too much",
        "Raise the limit of my new card",
    ),
}
KOREAN = (
    "새 카드는 언제 오나요?",
    "새 카드가 안 왔어요",
    "카드 배송이 얼마나 걸려요",
    "카드 오고 있나요",
    "카드 기다려요",
)


@pytest.fixture(scope="module")
def encoder() -> BilingualEncoder:
    return BilingualEncoder()


@pytest.fixture
def cards(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Three articles in English about one thing, one of them in Korean as well."""
    with sessions.begin() as session:
        for id, texts in CARD.items():
            add(session, id, "en", texts)
        add(session, "card-late", "ko", KOREAN)
    return sessions


def add(session: Session, id: str, locale: str, texts: Sequence[str]) -> None:
    title, *questions = texts
    articles.create(
        session, id=id, locale=locale, title=title, questions=questions, body="x.", author="test"
    )
    articles.publish(session, id=id, locale=locale, author="test")


def unit(*places: int) -> pieces.Pieces:
    """A piece per place, in a direction of its own, between two marks that are like nothing."""
    rows = np.zeros((len(places) + 2, DIMENSIONS), np.float32)
    rows[0, -1], rows[-1, -2] = 1, 1
    rows[np.arange(1, len(places) + 1), places] = 1
    return packed(rows)


def test_each_piece_finds_its_like_anywhere_or_all_in_one_text() -> None:
    documents = [
        Document("apart", "en", "one two", ("three four",), ""),
        Document("none", "en", "nothing is known of it", (), ""),
        Document("together", "en", "five", ("two three",), ""),
        Document("half", "en", "two", (), ""),
    ]
    known = {
        "one two": unit(1, 2),
        "three four": unit(3, 4),
        "five": unit(5),
        "two three": unit(2, 3),
        "two": unit(2),
    }
    index = PieceIndex(documents, known)
    assert index.rows.tolist() == [0, 2, 3]
    found = index.likeness(unit(2, 3), np.array([3, 2, 0]))
    # Half of it is found by "half"; "apart" has it all, in two texts.
    assert found == pytest.approx([0.5, 1.0, (1.0 + 0.5) / 2], abs=1e-5)
    assert index.likeness(unit(2, 3), index.rows[:0]).shape == (0,)


def test_pieces_survive_a_round_trip_and_a_wrong_length_is_refused() -> None:
    some = packed(np.random.default_rng(1).standard_normal((5, DIMENSIONS)).astype(np.float32))
    assert np.array_equal(pieces.from_bytes(pieces.to_bytes(some)), some)
    with pytest.raises(ValueError, match="reshape"):
        pieces.from_bytes(b"\x01" * (DIMENSIONS + 1))


@pytest.mark.parametrize(("bytewise", "apart", "alike"), [(False, 1, 0.9999), (True, 6, 0.998)])
def test_the_short_cut_gives_the_pieces_that_the_library_gives(
    bytewise: bool, apart: int, alike: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As bytes of pieces; those of a copy that multiplies bytes differ by a few of 127."""
    model, kept = _load(None)[0], pieces.projection()
    if not bytewise:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"architecture": "x86_64"})
    passed = inference.short_cut(model)
    assert passed is not None
    for text in ("refund?", "Where is my order, please, and who has it?"):
        ((vector, rows, spans),) = passed([text])
        ((expected, whole, places),) = _slow_path(model, [text])
        assert np.array_equal(spans, places)
        mine, theirs = (packed(one @ kept).astype(int) for one in (rows, whole))
        assert mine.shape == theirs.shape and mine.shape[1] == DIMENSIONS
        assert np.abs(mine - theirs).max() <= apart
        assert float(vector @ expected) > alike


def test_only_english_has_pieces(encoder: BilingualEncoder) -> None:
    asked = ["새 카드는 언제 와요?", "When does it arrive?", "refund 언제 돼요"]
    found = [one.pieces is not None for one in encoder.embed(asked)]
    assert found == [encoder.has_pieces(one) for one in asked] == [False, True, False]
    other = SentenceTransformerEncoder("some/other-model")
    assert not other.has_pieces("When does it arrive?")


def test_an_english_question_is_compared_by_pieces_and_a_korean_one_is_not(
    cards: sessionmaker[Session], encoder: BilingualEncoder
) -> None:
    index = Index(cards, encoder)
    english = index.search("what's the limit on my new card", locale="en")
    assert english.regime == "pieces_en+" and english.hits[0].document.article == "card-limit"
    assert english.hits[0].pieces > english.hits[1].pieces
    korean = index.search("새 카드 언제 와요", locale="ko")
    assert korean.regime == "dense_ko+" and korean.hits[0].document.article == "card-late"


def test_an_article_in_korean_alone_is_not_behind_for_its_lack_of_pieces(
    encoder: BilingualEncoder,
) -> None:
    documents = [
        Document(id, "en", CARD[id][0], CARD[id][1:], "") for id in ("card-lost", "card-limit")
    ]
    documents.append(Document("card-late", "ko", KOREAN[0], KOREAN[1:], ""))
    texts = [piece for document in documents for piece in document.short_texts]
    made = dict(zip(texts, encoder.embed(texts), strict=True))
    matcher = Matcher(
        documents,
        {one: found.vector for one, found in made.items()},
        pieces={one: found.pieces for one, found in made.items() if found.pieces is not None},
    )
    asked = "when will the new card be delivered"
    signals = matcher.signals(asked, *encoder.embed([asked], query=True)[0])
    assert signals.regime == "pieces_en+" and int(signals.fused.argmax()) == 2
    guessed = pieces.GUESSED + pieces.BY_VECTOR * signals.nearest[2]
    assert signals.pieces[2] == pytest.approx(guessed)


def test_with_few_questions_pieces_are_not_compared(encoder: BilingualEncoder) -> None:
    documents = [Document(id, "en", texts[0], texts[1:3], "") for id, texts in CARD.items()]
    made = {one: encoder.embed([one])[0] for document in documents for one in document.short_texts}
    matcher = Matcher(
        documents,
        {one: found.vector for one, found in made.items()},
        pieces={one: found.pieces for one, found in made.items() if found.pieces is not None},
    )
    asked = "is there a limit"
    assert matcher.signals(asked, *encoder.embed([asked])[0]).regime == "dense_en"


def test_pieces_are_kept_and_what_an_older_version_has_not_kept_is_made(
    cards: sessionmaker[Session], encoder: BilingualEncoder
) -> None:
    def kept(session: Session) -> int:
        return session.scalar(select(func.count()).where(of_pieces)) or 0

    of_pieces = Embedding.model == f"{encoder.name}+{pieces.name()}"
    asked = "what's the limit on my new card"
    first = Index(cards, encoder).search(asked, locale="en")
    with cards.begin() as session:
        assert kept(session) == 15  # titles and questions, the Korean ones and bodies not
        vectors = session.scalar(select(func.count()).where(Embedding.model == encoder.name))
        session.execute(delete(Embedding).where(of_pieces))
    again = Index(cards, encoder).search(asked, locale="en")
    assert [hit.pieces for hit in again.hits] == pytest.approx([hit.pieces for hit in first.hits])
    with cards() as session:
        assert kept(session) == 15
        count = select(func.count()).where(Embedding.model == encoder.name)
        assert session.scalar(count) == vectors


def test_the_components_are_those_that_the_sample_shop_gives(tmp_path: Path) -> None:
    made = tmp_path / "pieces.npz"
    learn(["--out", str(made)])
    with np.load(made) as again:
        assert np.allclose(again["components"], pieces.projection(), atol=2e-3)
