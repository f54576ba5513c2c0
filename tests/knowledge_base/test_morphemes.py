"""Our own Korean encoder: one space with English, and the shop's questions however they are put."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from knowledge_base import text
from knowledge_base.calibrate import load
from knowledge_base.embedding import OWN_MODEL, BilingualEncoder, Encoder, open_encoder
from knowledge_base.matching import passages
from knowledge_base.snapshot import Snapshot

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def encoder() -> BilingualEncoder:
    return BilingualEncoder()


@pytest.fixture(scope="module")
def korean(encoder: BilingualEncoder) -> Snapshot:
    """The sample shop's Korean articles with their vectors."""
    documents = [one for one in load(str(ROOT / "knowledge_base/sample")) if one.locale == "ko"]
    pieces = [piece for one in documents for piece in (*one.short_texts, *passages(one))]
    pieces = [piece for piece in pieces if text.has_hangul(piece)]
    return Snapshot(documents, dict(zip(pieces, encoder.encode(pieces), strict=True)))


def test_both_languages_share_one_space(encoder: BilingualEncoder) -> None:
    assert isinstance(encoder, Encoder) and encoder.languages == {"ko", "en"}
    korean = encoder.encode(["환불은 언제 되나요?", "비밀번호를 잊어버렸어요", "배송이 늦어요"])
    english = encoder.encode(
        ["When do I get my refund?", "I forgot my password", "The delivery is late"]
    )
    assert korean.shape == english.shape == (3, encoder.dimensions)
    assert np.allclose(np.linalg.norm(korean, axis=1), 1, atol=1e-5)
    similar = korean @ english.T
    assert similar.argmax(axis=0).tolist() == similar.argmax(axis=1).tolist() == [0, 1, 2]


def test_texts_of_both_languages_keep_their_order(encoder: BilingualEncoder) -> None:
    mixed = ["환불 언제 돼요", "refund", "iPhone 케이스 환불"]
    together = encoder.encode(mixed)
    for row, one in zip(together, mixed, strict=True):
        assert float(row @ encoder.encode([one], query=True)[0]) > 0.999


def test_a_text_of_nothing_known_has_no_direction(encoder: BilingualEncoder) -> None:
    assert np.isfinite(encoder.encode(["ㅋ뷁궳", ""])).all()


def test_the_name_changes_with_the_weights() -> None:
    assert open_encoder().name.startswith("all-MiniLM-L6-v2+ko-")
    assert open_encoder("somewhere/else").name == "somewhere/else"
    size = sum(one.stat().st_size for one in OWN_MODEL.iterdir())
    assert size < 40 * 1024**2


def spaceless(question: str) -> str:
    return question.replace(" ", "")


def typo(question: str) -> str:
    """One syllable of the longest word loses its final consonant or gets one."""
    word = max(question.split(), key=len)
    at = question.index(word) + len(word) // 2
    code = ord(question[at]) - 0xAC00
    if not 0 <= code < 11172:
        return question
    changed = chr(0xAC00 + (code // 28 * 28 if code % 28 else code + 4))
    return question[:at] + changed + question[at + 1 :]


def complaint(question: str) -> str:
    return f"안녕하세요, 진짜 너무 답답해서 글 남깁니다. {question} 빨리 답변 부탁드려요."


def casual(question: str) -> str:
    for polite, plain in (("인가요", "이야"), ("나요", "나"), ("어요", "어"), ("세요", "줘")):
        question = question.replace(polite, plain)
    return question.replace("습니까", "니")


@pytest.mark.parametrize(
    ("perturb", "least"),
    [(spaceless, 0.97), (typo, 0.93), (complaint, 0.90), (casual, 0.97)],
)
def test_the_same_article_however_the_shops_questions_are_put(
    encoder: BilingualEncoder, korean: Snapshot, perturb: object, least: float
) -> None:
    assert callable(perturb)
    known = [(question, one.article) for one in korean.documents for question in one.questions]
    known = random.Random(3).sample(known, 120)
    found = 0
    for question, article in known:
        asked = perturb(question)
        vector = encoder.encode([asked], query=True)[0]
        found += korean.rank(asked, vector, locale="ko").hits[0].document.article == article
    assert found / len(known) >= least


def test_questions_that_no_article_holds_find_their_article(
    encoder: BilingualEncoder, korean: Snapshot
) -> None:
    lines = (ROOT / "benchmarks/shop/test.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["article"] and row["locale"] == "ko"]
    right = 0
    for row in rows:
        vector = encoder.encode([row["question"]], query=True)[0]
        hits = korean.rank(row["question"], vector, locale="ko").hits
        right += hits[0].document.article == row["article"]
    assert right / len(rows) >= 0.92
