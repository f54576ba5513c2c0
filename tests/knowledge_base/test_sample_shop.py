"""The sample shop: what is there is found or offered, what is not there is hardly ever claimed."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base import answers
from knowledge_base.answers import Answer, Clarify
from knowledge_base.calibrate import load, read_questions
from knowledge_base.embedding import Embedded, Encoder, open_encoder
from knowledge_base.matching import Document, passages
from knowledge_base.search import Snapshot

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder()


@pytest.fixture(scope="module")
def shop(encoder: Encoder) -> Snapshot:
    documents: list[Document] = load(str(ROOT / "knowledge_base" / "sample"))
    texts = [one for made in documents for one in (*made.short_texts, *passages(made))]
    known: dict[str, Embedded] = dict(zip(texts, encoder.embed(texts), strict=True))
    vectors = {one: found.vector for one, found in known.items()}
    pieces = {one: found.pieces for one, found in known.items() if found.pieces is not None}
    return Snapshot(documents, vectors, pieces=pieces)


@pytest.mark.parametrize("part", ["tune", "test"])
def test_what_is_there_is_found_or_offered_and_what_is_not_is_not_claimed(
    shop: Snapshot, encoder: Encoder, part: str
) -> None:
    found = answered_wrong = claimed = there = absent = 0
    for one in read_questions(str(ROOT / "benchmarks" / "shop" / f"{part}.jsonl")):
        outcome: answers.Outcome = answers.Unknown(())
        best = None
        if asked := answers.searched(one.question):
            (made,) = encoder.embed([asked], query=True)
            ranking = shop.rank(asked, made.vector, pieces=made.pieces, locale=one.locale)
            outcome = answers.decide(ranking)
            best = ranking.hits[0].document.article
        if one.article is None:
            absent += 1
            claimed += isinstance(outcome, Answer)
            continue
        there += 1
        offered = isinstance(outcome, Clarify) and any(
            choice.article == one.article for choice in outcome.choices
        )
        found += best == one.article or offered
        answered_wrong += isinstance(outcome, Answer) and outcome.article.article != one.article
    assert (there, absent) == (153, 70)
    assert found / there >= 0.95
    assert claimed / absent <= 0.03
    assert answered_wrong == 0


def test_what_is_nearly_sure_is_asked_for_alone(shop: Snapshot, encoder: Encoder) -> None:
    def choices(question: str, locale: str) -> list[str]:
        (made,) = encoder.embed([question], query=True)
        ranking = shop.rank(question, made.vector, pieces=made.pieces, locale=locale)
        outcome = answers.decide(ranking)
        assert isinstance(outcome, Clarify)
        return [one.article for one in outcome.choices]

    # Others are likely by one to four in a hundred.
    assert choices("we need 60 tote bags for an event, any volume discount?", "en") == [
        "order-bulk"
    ]
    assert choices("모아둔 적립금 결제할때 어디다 쓰는거에요?", "ko") == ["points-use"]
    # Of several that may be meant none is left out.
    assert {"delivery-time", "delivery-fee"} <= {
        one for question in ("배송 문의요", "배송이 궁금해요") for one in choices(question, "ko")
    }
