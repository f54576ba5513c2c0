"""Customers who only name what it is about are asked which article they mean."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from knowledge_base import answers, calibration, topics
from knowledge_base.answers import Answer, Clarify, Outcome, Unknown
from knowledge_base.calibrate import load
from knowledge_base.embedding import OWN_MODEL, SentenceTransformerEncoder
from knowledge_base.snapshot import Snapshot
from knowledge_base.text import normalise, terms
from tests.product import ROOT

Ask = Callable[..., Outcome]


@pytest.fixture(scope="module", params=["by vectors", "by words"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """The sample shop in Korean, with its vectors and without."""
    documents = load(str(ROOT / "knowledge_base/sample/ko"))
    encoder = SentenceTransformerEncoder(str(OWN_MODEL))
    dense = request.param == "by vectors"
    texts = [one for document in documents for one in document.short_texts] if dense else []
    snapshot = Snapshot(documents, dict(zip(texts, encoder.encode(texts), strict=True)))

    def ask(question: str, exclude: frozenset[str] = frozenset()) -> Outcome:
        asked = answers.searched(question)
        vector = encoder.encode([asked], query=True)[0] if dense else None
        return answers.decide(snapshot.rank(asked, vector, locale="ko", exclude=exclude))

    return ask


def offered(outcome: Outcome, topic: str) -> bool:
    """Whether only articles of the topic can be chosen, or the best one of it answers."""
    if isinstance(outcome, Answer):
        return outcome.article.article.startswith(topic)
    return isinstance(outcome, Clarify) and outcome.choices[0].article.startswith(topic)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("환불 문의요", "refund"),
        ("환불 관련해서요", "refund"),
        ("환불해달라고요", "refund"),
        ("환불 좀요 제발", "refund"),
        ("실례지만 환불 규정에 대해 여쭤봐도 될까요", "refund"),
        ("환불", "refund"),
        ("배송 문의", "delivery"),
        ("배송요", "delivery"),
        ("배송이 궁금해요", "delivery"),
        ("안녕하세요 배송 때문에 연락드렸어요", "delivery"),
        ("교환이요", "exchange"),
        ("교환요", "exchange"),
        ("취소", "order-cancel"),
        ("취소건으로 문의 남겨요", "order-cancel"),
        ("반품 문의드려도 될까요", "return"),
        ("결제 문의요", "payment"),
        ("주문 관련 질문이 있어요", "order"),
        ("매장 안내 부탁드려요", "store"),
        ("쿠폰요", "coupon"),
    ],
)
def test_a_topic_alone_is_asked_back_or_answered(ask: Ask, question: str, topic: str) -> None:
    assert offered(ask(question), topic)


def test_a_bare_topic_of_several_articles_is_never_answered_with_one(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "WRONG_ANSWER", 0.0)  # so everything would be answered
    for topic in ("환불", "회원", "배송 문의요", "결제 관련해서요", "교환", "취소"):
        outcome = ask(topic)
        assert isinstance(outcome, Clarify), topic
        assert 2 <= len(outcome.choices) <= 3, topic
    # One article only, one of just this name, and one for what is asked are answered.
    for question, article in (
        ("쿠폰 문의요", "coupon-use"),
        ("주문 취소", "order-cancel"),
        ("교환 어떻게 해요", "exchange-how"),
    ):
        outcome = ask(question)
        assert isinstance(outcome, Answer) and outcome.article.article == article, question


def test_an_english_word_with_several_articles_is_asked_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calibration, "WRONG_ANSWER", 0.0)
    snapshot = Snapshot(load(str(ROOT / "knowledge_base/sample/en")))
    for question in ("refund", "a question about delivery", "cancel"):
        outcome = answers.decide(snapshot.rank(question, locale="en"))
        assert isinstance(outcome, Clarify) == (question != "cancel"), question


@pytest.mark.parametrize("question", ["피자요", "주식 관련해서요"])
def test_what_the_shop_has_no_article_about_stays_unknown(ask: Ask, question: str) -> None:
    assert isinstance(ask(question), Unknown)


def test_articles_that_were_turned_down_are_not_offered_again(ask: Ask) -> None:
    first = ask("배송 문의")
    assert isinstance(first, Clarify) and len(first.choices) == 3
    seen = frozenset(one.article for one in first.choices)
    second = ask("배송 문의", seen)
    assert isinstance(second, Clarify) and not seen & {one.article for one in second.choices}


def test_in_english_too() -> None:
    snapshot = Snapshot(load(str(ROOT / "knowledge_base/sample/en")))
    for question, topic in (
        ("refund question", "refund"),
        ("i have a question about my order", "order"),
        ("help with returns", "return"),
        ("delivery inquiry", "delivery"),
    ):
        assert offered(answers.decide(snapshot.rank(question, locale="en")), topic), question


def test_who_asks_something_names_no_mere_topic() -> None:
    def named(question: str) -> tuple[str, ...]:
        return topics.named(terms(normalise(question)))

    assert named("배송 문의요") == ("배송",) == named("배송요")
    assert named("제주도 배송은 며칠이나 걸리나요") == ()
    assert named("i have a question about my delivery") == terms("delivery")
    assert named("궁금한 게 있어요") == ()


def test_how_and_what_ask_something_of_a_topic() -> None:
    for question, bare in (
        ("반품 문의요", True),
        ("반품 어떻게 해요", False),
        ("반품은 어떻게 하나요", False),
        ("카드 결제가 안돼요", False),
        ("로그인을 못 해요", False),
        ("가방 안에 대해 궁금해요", True),
        ("refund please", True),
        ("can i get a refund", False),
    ):
        found = terms(normalise(question))
        assert topics.named(found) and topics.is_bare(question, found) is bare, question
        assert topics.is_topic(question, found) is bare, question
