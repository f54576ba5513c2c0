"""Of a long article a chat gets the passage that matters, and where the rest stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge_base import answers, calibrate, passages, rendering
from knowledge_base.embedding import OWN_MODEL, SentenceTransformerEncoder
from knowledge_base.matching import Document
from knowledge_base.matching import passages as texts_of
from knowledge_base.snapshot import Snapshot

SAMPLE = Path(__file__).parents[2] / "knowledge_base" / "sample"
FILLER = "이 안내는 자주 바뀌지 않지만, 바뀌면 먼저 적어 두니 주문하기 전에 한 번 더 읽어 주세요. "
KO = f"""# 해외 배송 안내

해외로도 보내 드려요. {FILLER * 5}

## 관세와 세금

관세와 부가세는 받는 분이 내요. {FILLER * 5}

> ## 인용 속 제목
> 이것은 제목이 아니에요.

## 걸리는 기간

일본은 3일, 미국은 7일쯤 걸려요. {FILLER * 5}

## 보낼 수 없는 물건

향수와 배터리는 비행기에 실을 수 없어요.

| 나라 | 금지 |
|---|---|
| 호주 | 가죽 제품 |
"""
EN = f"""We ship to forty countries. {"Please read all of this before you order anything. " * 8}

## Customs and taxes

Import duties are paid by the recipient. {"Your own customs office decides what they are. " * 6}

## Delivery times

Japan takes three days and the United States seven. {"Holidays may add some days. " * 6}
"""


def shop() -> list[Document]:
    return [
        Document(
            "overseas", "ko", "해외 배송 안내", ("해외 배송 되나요?", "해외로 보내 주세요"), KO
        ),
        Document("overseas", "en", "Shipping abroad", ("Do you ship abroad?",), EN),
        Document("parking", "ko", "주차장", ("주차 되나요?",), "매장 옆에 있어요."),
    ]


def test_passages_are_what_stands_under_a_heading() -> None:
    found = passages.of(KO)
    assert [(one.heading, one.anchor) for one in found][:2] == [("", ""), ("관세와 세금", "s2")]
    assert {one.heading: one.anchor for one in found}["보낼 수 없는 물건"] == "s4"
    assert (
        found[0].text.startswith("해외로도") and found[-1].text == "나라 | 금지\n호주 | 가죽 제품"
    )
    assert texts_of(shop()[0]) == [one.whole for one in found]
    assert passages.of("짧은 글이에요.\n\n## 제목\n\n더 있어요.") == ()


def test_headings_have_the_anchors_on_the_page_and_nowhere_else() -> None:
    html = rendering.to_html(KO, anchors=True)
    named = dict(re.findall(r'<h\d id="(s\d)">([^<]*)</h\d>', html))
    assert named["s2"] == "관세와 세금" and named["s4"] == "보낼 수 없는 물건"
    for one in passages.of(KO):
        assert not one.anchor or named[one.anchor] == one.heading
    assert " id=" not in rendering.to_html(KO)
    assert "<h2" not in rendering.to_html('<h2 id="vote">x</h2>', anchors=True)


@pytest.mark.parametrize("dense", [True, False], ids=["by vectors", "by words"])
@pytest.mark.parametrize(
    ("question", "locale", "anchor", "said"),
    [
        ("해외 배송 관세는 누가 내요?", "ko", "s2", "받는 분이 내요"),
        ("해외 배송 되나요? 기간은 얼마나 걸려요", "ko", "s3", "일본은 3일"),
        ("해외로 배터리 보낼 수 있나요?", "ko", "s4", "향수와 배터리"),
        ("Do you ship abroad, and who pays import duties?", "en", "s1", "Import duties"),
        ("해외 배송 되나요?", "ko", "", "해외로도 보내"),
    ],
)
def test_the_passage_that_a_question_is_about(
    question: str, locale: str, anchor: str, said: str, dense: bool
) -> None:
    documents = shop()
    vectors, vector = {}, None
    if dense and locale == "ko":
        encoder = SentenceTransformerEncoder(str(OWN_MODEL))
        every = [one for document in documents[::2] for one in document.short_texts]
        every += [one for document in documents[::2] for one in texts_of(document)]
        vectors = dict(zip(every, encoder.encode(every), strict=True))
        vector = encoder.encode([question], query=True)[0]
    found = Snapshot(documents, vectors).rank(question, vector, locale=locale).hits[0]
    parts = passages.of(found.document.body)
    assert found.document.article == "overseas" and parts[found.passage].anchor == anchor
    assert said in parts[found.passage].text


def test_what_a_chat_gets_has_the_heading_and_is_not_too_long() -> None:
    snapshot = Snapshot([Document("a", "ko", "안내", ("안내 좀요",), f"## 하나\n\n{FILLER * 40}")])
    hit = snapshot.rank("안내 좀요", locale="ko").hits[0]
    best = answers.Candidate("a", "ko", "안내", 1.0)
    told = answers.told(best, hit.document, hit.passage)
    assert told.anchor == "" and len(told.text) <= passages.LONG + 2 and told.text.endswith("…")
    long = Document("b", "ko", "안내", (), KO)
    found = answers.told(best, long, 1)
    assert found.text.startswith("해외로도 보내 드려요.") and found.anchor == "s2"
    assert (
        "\n\n관세와 세금\n\n관세와 부가세" in found.text and len(found.text) <= passages.LONG + 20
    )
    # Where both would be too much, it is what was asked for.
    much = Document(
        "d", "ko", "안내", (), f"{FILLER * 8}\n\n## 관세\n\n받는 분이 내요. {FILLER * 7}"
    )
    assert answers.told(best, much, 1).text.startswith("관세\n\n받는 분이 내요.")
    assert answers.told(best, shop()[2], 0) == answers.Answer(best, "매장 옆에 있어요.", ())
    short = Document("c", "ko", "안내", (), "# 안내\n\n짧은 글이에요.\n\n## 제목\n\n더 있어요.")
    assert answers.told(best, short, 0).text == "짧은 글이에요.\n\n제목\n\n더 있어요."


@pytest.fixture(scope="module")
def sample() -> Iterator[tuple[Snapshot, SentenceTransformerEncoder]]:
    """The sample shop's Korean articles."""
    documents = [one for one in calibrate.load(str(SAMPLE)) if one.locale == "ko"]
    every = [text for one in documents for text in (*one.short_texts, *texts_of(one))]
    encoder = SentenceTransformerEncoder(str(OWN_MODEL))
    yield Snapshot(documents, dict(zip(every, encoder.encode(every), strict=True))), encoder


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("세일 상품도 반품 가능한가요", "세일 상품도 위에 해당하지 않으면 반품할 수 있어요"),
        ("쿠폰 두 장 같이 쓸 수 있어?", "한 장만 쓸 수 있어요"),
        ("쿠폰이 적용이 안 돼요", "최소 주문 금액을 확인해"),
        ("이미 발송됐는데 받을 곳을 바꿀 수 있나요?", "택배 기사님께 말씀해"),
        ("가죽 가방이 비에 젖었어요", "그늘에서 하루 말려요"),
        ("무통장 입금자명이 달라요", "이름이 달라도 돼요"),
        ("꼬리표를 뗐는데 반품돼요?", "꼬리표를 뗀 상품"),
    ],
)
def test_a_short_article_in_sections_is_told_with_the_one_that_is_asked_for(
    sample: tuple[Snapshot, SentenceTransformerEncoder], question: str, said: str
) -> None:
    snapshot, encoder = sample
    ranking = snapshot.rank(question, encoder.encode([question], query=True)[0], locale="ko")
    told = answers.decide(ranking)
    assert isinstance(told, answers.Answer) and said in told.text
    parts = passages.of(ranking.hits[0].document.body)
    assert told.text.startswith(parts[0].text)
    told_all = all(part.text in told.text for part in parts)
    assert told.anchor == (None if told_all else parts[ranking.hits[0].passage].anchor)
