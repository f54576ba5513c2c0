"""What an article says, sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, sentences
from knowledge_base.embedding import EncoderUnavailable
from knowledge_base.matching import Document
from knowledge_base.search import Index
from tests.knowledge_base.conftest import WordEncoder

BODY = """환불은 결제하신 방법으로 돌려드려요. 영업일로 계산해요.
반품하신 상품이 물류센터에 도착하면 하루나 이틀 안에 살펴봐요. 이상이 없으면 바로 환불을 시작해요.
시작하면 문자로 알려 드려요. 문자가 없으면 마이페이지에서 어디까지 왔는지 볼 수 있어요.

## 결제 수단별 기간

| 수단 | 기간 |
|---|---|
| 카드 | 영업일 3~5일 |
| 포인트 | 바로 |

## 늦어질 때

- 카드사에 먼저 확인해 주세요.
- 그래도 없으면 주문번호와 함께 채팅으로 알려 주세요. 상담원이 확인하고 답을 드려요.
"""


def document(body: str = BODY) -> Document:
    return Document("refund-when", "ko", "환불 처리 기간", ("환불 언제 돼요?",), body)


def test_a_title_a_question_and_every_sentence_heading_and_row_is_compared() -> None:
    said = sentences.of(document())
    assert [one.text for one in said if one.passage is None] == [
        "환불 처리 기간",
        "환불 언제 돼요?",
    ]
    told = [one.text for one in said if one.told]
    assert "환불은 결제하신 방법으로 돌려드려요." in told
    assert "카드 | 영업일 3~5일" in told and "카드사에 먼저 확인해 주세요." in told
    headings = [one.text for one in said if one.passage is not None and not one.told]
    assert headings == ["결제 수단별 기간"]  # "늦어질 때" is too short to say anything
    short = sentences.of(document("## 결제 수단별 기간\n\n카드는 영업일 3~5일이 걸려요."))
    assert [(one.text, one.told) for one in short if one.passage == 0] == [
        ("결제 수단별 기간", False),
        ("카드는 영업일 3~5일이 걸려요.", True),
    ]
    assert [one.passage for one in said if one.text.startswith(("환불은", "카드사"))] == [0, 2]


def test_of_a_long_article_the_beginning_is_compared() -> None:
    said = sentences.of(document("이 문장은 여러 번 나와요. " * 500))
    assert len(said) == sentences.MOST
    assert [one.text for one in sentences.of(document(""))] == [
        "환불 처리 기간",
        "환불 언제 돼요?",
    ]


@pytest.fixture
def shop(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    contents = (
        ("refund-when", "환불 처리 기간", BODY),
        ("parking", "주차 안내", "건물 뒤에 세울 수 있어요. 두 시간은 무료예요."),
    )
    with sessions.begin() as session:
        for id, title, body in contents:
            articles.create(
                session,
                id=id,
                locale="ko",
                title=title,
                questions=[f"{title} 알려 주세요"],
                body=body,
                author="curator",
            )
            articles.publish(session, id=id, locale="ko", author="curator")
    return sessions


def test_the_nearest_sentence_is_found(shop: sessionmaker[Session]) -> None:
    index = Index(shop, WordEncoder())
    near = index.near("refund-when", locale="ko", question="카드사에 확인했어요")
    assert near is not None and near.sentence.text == "카드사에 먼저 확인해 주세요."
    assert near.sentence.passage == 2 and near.likeness >= near.closeness > 0
    same = index.near("refund-when", locale="ko", question="환불 처리 기간")
    assert same is not None and same.likeness == pytest.approx(1)
    assert same.sentence.told and same.closeness < same.likeness
    far = index.near("parking", locale="ko", question="카드사에 확인했어요")
    assert far is not None and far.document.article == "parking"
    assert index.near("nothing", locale="ko", question="카드사") is None


def test_without_vectors_nothing_is_near(shop: sessionmaker[Session]) -> None:
    assert Index(shop).near("parking", locale="ko", question="주차 안내") is None


def test_with_a_model_that_went_away_nothing_is_near(shop: sessionmaker[Session]) -> None:
    class Leaving(WordEncoder):
        gone = False

        def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
            if self.gone:
                raise EncoderUnavailable("the model's files are gone")
            return super().encode(texts, query=query)

    encoder = Leaving()
    index = Index(shop, encoder)
    index.refresh()
    encoder.gone = True
    assert index.near("parking", locale="ko", question="주차 안내") is None
    assert index.degraded == "the model's files are gone"
