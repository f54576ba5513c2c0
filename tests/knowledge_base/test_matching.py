from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base import lexical, matching, text
from knowledge_base.classifier import KernelClassifier, SoftmaxClassifier
from knowledge_base.lexical import CoverageIndex, SparseIndex, counted, ngram_hashes, term_hashes
from knowledge_base.matching import Document, Matcher

_texts = st.lists(st.text(max_size=20), min_size=1, max_size=6)


@given(_texts)
def test_ngrams_of_many_texts_are_those_of_each_alone(texts: list[str]) -> None:
    together = ngram_hashes(texts, shortest=1, longest=3)
    assert len(together) == len(texts)
    for one, hashes in zip(texts, together, strict=True):
        alone = ngram_hashes([one], shortest=1, longest=3)[0]
        assert sorted(alone) == sorted(hashes)


@given(_texts)
def test_a_text_is_most_like_itself_and_cosines_stay_in_range(texts: list[str]) -> None:
    hashes = ngram_hashes(texts, shortest=1, longest=3)
    index = SparseIndex(hashes)
    similarities = index.similarities()
    for row, query in enumerate(hashes):
        scores = index.scores(counted(query))
        assert np.all((scores >= 0) & (scores <= 1 + 1e-4))
        assert np.allclose(scores, similarities[row], atol=1e-4)
        if len(query):
            assert scores[row] > 1 - 1e-4


def test_terms_drop_particles_and_endings_but_not_meaning() -> None:
    assert set(text.terms("환불은 언제 되나요?")) == set(text.terms("환불 언제 돼요"))
    assert "배송" in text.terms("배송이 안 와요")
    assert text.terms("refunds") == text.terms("refund")
    assert text.terms("the") == ("the",)


@pytest.mark.parametrize(
    ("message", "sentences"),
    [
        ("환불 되나요", ["환불 되나요"]),
        ("3.5만원 이상이면 무료배송인가요?", ["3.5만원 이상이면 무료배송인가요?"]),
        ("안녕하세요!결제가 안 돼요", ["안녕하세요!", "결제가 안 돼요"]),
        (
            "아 진짜 너무하네요 몇 번을 말해야 하나요 결제가 안 돼요",
            ["아 진짜 너무하네요", "몇 번을 말해야 하나요", "결제가 안 돼요"],
        ),
        ("Hi! I'm new\nHow do I return it?", ["Hi!", "I'm new", "How do I return it?"]),
        ("Hello there. 배송 언제 와요? ㅠㅠ", ["Hello there.", "배송 언제 와요?", "ㅠㅠ"]),
        ("?!\n...", []),
        ("", []),
    ],
)
def test_a_message_is_split_into_sentences(message: str, sentences: list[str]) -> None:
    assert text.sentences(message) == sentences
    assert not SparseIndex(term_hashes([])).scores(counted(term_hashes([("x",)])[0])).size


def test_the_classifiers_learn_what_sets_articles_apart() -> None:
    rng = np.random.default_rng(1)
    centres = rng.standard_normal((5, 32)).astype(np.float32)
    labels = np.repeat(np.arange(5), 12)
    vectors = (centres[labels] + 0.8 * rng.standard_normal((60, 32))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    linear = SoftmaxClassifier.fit(
        vectors, labels, classes=5, start=np.zeros((5, 32), np.float32), steps=60
    )
    kernel = KernelClassifier.fit(vectors @ vectors.T, labels, classes=5)
    fresh = (centres + 0.5 * rng.standard_normal((5, 32))).astype(np.float32)
    for label, vector in enumerate(fresh / np.linalg.norm(fresh, axis=1, keepdims=True)):
        for log_p in (linear.log_p(vector), kernel.log_p(vectors @ vector)):
            assert int(log_p.argmax()) == label
            assert abs(float(np.exp(log_p).sum()) - 1) < 1e-4


def test_a_matcher_that_was_trained_before_keeps_what_it_learned() -> None:
    rng = np.random.default_rng(2)
    documents = [
        Document(f"a{n}", "en", f"title {n}", tuple(f"question {n} {k}" for k in range(6)), "body")
        for n in range(6)
    ]
    vectors = {
        piece: rng.standard_normal(16).astype(np.float32)
        for document in documents
        for piece in document.short_texts
    }
    first = Matcher(documents[:5], vectors)
    second = Matcher(documents, vectors, previous=first)
    asked = vectors["question 5 3"]
    assert second.signals("question 5 3", asked).regime == "dense_en+"
    assert int(second.signals("zzz", asked).log_p.argmax()) == 5


def test_in_a_large_base_the_promising_articles_are_compared_exactly() -> None:
    noise = np.random.default_rng(7)
    documents, vectors = [], {}
    for number in range(500):
        questions = tuple(f"topic{number} way{way}" for way in range(8))
        documents.append(Document(f"a{number}", "en", f"topic{number}", questions, "x."))
        centre = noise.standard_normal(32)
        for piece in documents[-1].short_texts:
            one = (centre + 0.5 * noise.standard_normal(32)).astype(np.float32)
            vectors[piece] = one / np.linalg.norm(one)
    matcher = Matcher(documents, vectors)
    assert len(vectors) > matching.COMPARED
    for number in (3, 250, 499):
        vector = vectors[f"topic{number} way5"]
        exact = [max(float(vectors[one] @ vector) for one in d.short_texts) for d in documents]
        found = matcher.signals("something else", vector)
        assert int(found.fused.argmax()) == number == int(np.argmax(exact))
        compared = np.flatnonzero(found.nearest)
        assert len(compared) == matching.CANDIDATES
        assert np.allclose(found.nearest[compared], np.array(exact)[compared], atol=1e-5)


def test_words_of_a_large_base_are_summed_up_as_those_of_a_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    texts = [(f"term{number % 7}", f"term{number % 11}", f"own{number}") for number in range(500)]
    hashes = term_hashes(texts)
    asked = counted(term_hashes([("term1", "term2", "term2", "own9", "nobody's")])[0])
    for index in (SparseIndex(hashes), CoverageIndex(hashes)):
        small = index.scores(asked)
        monkeypatch.setattr(lexical, "MANY", 0)
        large = index.scores(asked)
        monkeypatch.undo()
        assert small.max() > 0.3 and large.dtype == small.dtype
        np.testing.assert_allclose(large, small, atol=1e-6)
    unknown = counted(term_hashes([("nobody's",)])[0])
    assert not SparseIndex(hashes).scores(unknown).any()
    small = SparseIndex(hashes).scores(asked)
    monkeypatch.setattr(lexical, "LARGE", 500)
    for share in (0.1, 0.0):  # the columns of some terms, and of all
        monkeypatch.setattr(lexical, "COMMON", share)
        np.testing.assert_allclose(SparseIndex(hashes).scores(asked), small, atol=1e-6)


def test_several_questions_are_compared_with_the_means_as_one_is() -> None:
    """One article has no vector."""
    noise = np.random.default_rng(3)
    documents = [Document(f"a{n}", "en", f"title {n}", (), "Body.") for n in range(20)]
    vectors = {
        document.title: (row / np.linalg.norm(row)).astype(np.float32)
        for document, row in zip(documents, noise.standard_normal((20, 8)), strict=True)
        if document.article != "a7"
    }
    matcher = Matcher(documents, vectors)
    asked = [vectors["title 3"], vectors["title 19"]]
    found = matcher.centroids(asked)
    assert found.shape == (2, 20) and not found[:, 7].any()
    for row, vector in zip(found, asked, strict=True):
        alone = matcher.signals("words", vector)
        assert np.array_equal(alone.centroid, row)
        assert np.array_equal(matcher.signals("words", vector, centroid=row).fused, alone.fused)
    assert matcher.centroids([]).shape == (0, 20)
