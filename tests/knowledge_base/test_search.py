from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import answers, articles
from knowledge_base.embedding import EncoderUnavailable
from knowledge_base.models import Embedding
from knowledge_base.search import Index
from tests.knowledge_base.conftest import WordEncoder

KO = {
    "refund-when": ("환불은 언제 되나요?", ["환불 며칠 걸려요?", "돈은 언제 돌려받나요?"]),
    "delivery-fee": ("배송비 안내", ["배송비 얼마예요?", "무료배송 기준이 뭔가요?"]),
    "return-how": ("반품 방법", ["반품하고 싶어요", "반품 접수는 어디서 하나요?"]),
    "points-use": ("포인트 사용", ["포인트 어떻게 써요?", "적립금으로 결제되나요?"]),
}
EN = {
    "refund-when": ("Refund time", ["When will I get my refund?", "How long does a refund take?"]),
    "gift-wrap": ("Gift wrapping", ["Can you wrap it as a gift?", "Is gift wrapping free?"]),
}


def add(session: Session, id: str, locale: str, title: str, questions: Sequence[str]) -> None:
    articles.create(
        session,
        id=id,
        locale=locale,
        title=title,
        questions=questions,
        body=f"{title}.",
        author="curator",
    )
    articles.publish(session, id=id, locale=locale, author="curator")


@pytest.fixture
def shop(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    with sessions.begin() as session:
        for locale, contents in (("ko", KO), ("en", EN)):
            for id, (title, questions) in contents.items():
                add(session, id, locale, title, questions)
    return sessions


def first(index: Index, question: str, locale: str = "ko") -> str | None:
    hits = index.search(question, locale=locale).hits
    return hits[0].document.article if hits else None


def eventually(condition: Callable[[], bool], *, within: float) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.02)
    return True


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("환불은 며칠이나 걸리나요", "refund-when"),
        ("환불언제돼", "refund-when"),
        ("배송비가 얼마입니까?", "delivery-fee"),
        ("배송비얼마에요", "delivery-fee"),
        ("반품을 접수하려면 어디서 해야 하나요", "return-how"),
        ("적립금 결제", "points-use"),
        ("포인트를 어떻게 쓰나여", "points-use"),
        ("how long will the refund take", "refund-when"),
        ("do you do gift wraping", "gift-wrap"),
    ],
)
@pytest.mark.parametrize("vectors", [True, False])
def test_particles_spacing_endings_and_typos_find_the_article(
    shop: sessionmaker[Session], question: str, wanted: str, vectors: bool
) -> None:
    assert first(Index(shop, WordEncoder() if vectors else None), question) == wanted


def test_the_hit_is_shown_in_the_asked_locale_if_it_exists(shop: sessionmaker[Session]) -> None:
    index = Index(shop)
    for question, locale, shown in (
        ("환불 며칠 걸려요?", "en", "en"),
        ("How long does a refund take?", "ko", "ko"),
        ("Is gift wrapping free?", "ko", "en"),
        ("배송비 얼마예요?", "en", "ko"),
    ):
        hits = index.search(question, locale=locale).hits
        assert hits[0].document.locale == shown
        assert len({hit.document.article for hit in hits}) == len(hits)


def test_excluded_articles_are_left_out(shop: sessionmaker[Session]) -> None:
    index = Index(shop)
    hits = index.search("환불 언제", locale="ko", exclude=["refund-when"]).hits
    assert hits and all(hit.document.article != "refund-when" for hit in hits)
    assert not index.search("환불", locale="ko", exclude=[*KO, *EN]).hits


@pytest.mark.parametrize(
    "question", ["", " ", "?!", "\0", "\ud800", "🤔", "ᄒ", "ㅋㅋ", "a" * 100_000, "환불 " * 30_000]
)
def test_any_text_can_be_searched(shop: sessionmaker[Session], question: str) -> None:
    Index(shop, WordEncoder()).search(question, locale="ko")


def test_an_empty_knowledge_base_finds_nothing(sessions: sessionmaker[Session]) -> None:
    index = Index(sessions, WordEncoder())
    assert index.search("환불", locale="ko").hits == ()
    assert index.version == 0 and index.document("x", locale="ko") is None


def test_drafts_edits_and_retired_articles_are_not_seen(shop: sessionmaker[Session]) -> None:
    with shop.begin() as session:
        articles.create(
            session, id="secret", locale="ko", title="비밀 세일", body="내일", author="a"
        )
        articles.update(session, id="refund-when", locale="ko", author="a", body="바뀐 초안")
        articles.retire(session, id="gift-wrap", locale="en", author="a")
    index = Index(shop)
    seen = {(one.article, one.locale): one.body for one in index.documents}
    assert ("secret", "ko") not in seen and ("gift-wrap", "en") not in seen
    assert seen["refund-when", "ko"] == "환불은 언제 되나요?."


@pytest.mark.parametrize("started", [True, False])
def test_a_published_article_is_found_within_two_seconds(
    shop: sessionmaker[Session], started: bool
) -> None:
    index = Index(shop, WordEncoder())
    if started:
        index.start()
    try:
        assert first(index, "주차 되나요") != "store-parking"
        with shop.begin() as session:
            add(session, "store-parking", "ko", "매장 주차", ["주차 되나요?"])
        assert eventually(lambda: first(index, "주차 되나요") == "store-parking", within=2)
        with shop.begin() as session:
            articles.retire(session, id="store-parking", locale="ko", author="a")
        assert eventually(lambda: first(index, "주차 되나요") != "store-parking", within=2)
    finally:
        index.stop()


def test_texts_are_encoded_once_for_all_processes(shop: sessionmaker[Session]) -> None:
    one, two = WordEncoder(), WordEncoder()
    Index(shop, one).refresh()
    Index(shop, two).refresh()
    assert one.encoded and not two.encoded
    with shop.begin() as session:
        assert session.scalar(select(func.count()).select_from(Embedding)) == len(one.encoded)
        add(session, "store-parking", "ko", "매장 주차", ["주차 되나요?"])
    Index(shop, two).refresh()
    assert sorted(two.encoded) == ["매장 주차", "매장 주차.", "주차 되나요?"]


def test_small_talk_finds_an_article_that_somebody_wrote_for_it(
    shop: sessionmaker[Session],
) -> None:
    index = Index(shop, WordEncoder(), poll_seconds=0)
    asked = {"thanks a lot": "en", "고마워요": "ko"}
    found = [answers.rank(index, one, locale=locale, limit=3) for one, locale in asked.items()]
    assert found == [None, None]
    with shop.begin() as session:
        add(session, "thanks", "en", "Thank you", ["thanks so much", "that helped a lot"])
        add(session, "thanks", "ko", "감사 인사", ["고마워요", "덕분에 해결됐어요"])
    index.refresh()
    for one, locale in asked.items():
        ranking = answers.rank(index, one, locale=locale, limit=3)
        assert ranking is not None and ranking.hits[0].document.article == "thanks"


def test_texts_in_a_language_the_model_does_not_know_are_not_encoded(
    shop: sessionmaker[Session],
) -> None:
    encoder = WordEncoder(languages=frozenset({"en"}))
    index = Index(shop, encoder)
    assert index.search("환불 언제 돼요", locale="ko").regime == "words_ko"
    assert index.search("refund time", locale="en").regime.startswith("dense_")
    assert not any("환불" in text for text in encoder.encoded)


class BrokenEncoder(WordEncoder):
    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        raise EncoderUnavailable("the model's files are gone")


def test_without_a_model_words_still_answer_and_the_reason_is_readable(
    shop: sessionmaker[Session],
) -> None:
    index = Index(shop, BrokenEncoder())
    assert first(index, "How long does a refund take?", "en") == "refund-when"
    assert index.degraded == "the model's files are gone"
    healthy = Index(shop, WordEncoder())
    assert first(healthy, "How long does a refund take?", "en") == "refund-when"
    assert healthy.degraded is None


class SlowEncoder(WordEncoder):
    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        if not query:
            assert self.go_on.wait(30)
        return super().encode(texts, query=query)


def test_queries_are_answered_while_a_large_import_is_encoded(
    sessions: sessionmaker[Session],
) -> None:
    encoder = SlowEncoder()
    with sessions.begin() as session:
        for n in range(40):
            add(session, f"a{n}", "ko", f"{n}번 상품 안내", [f"{n}번 상품은 뭔가요?"])
    index = Index(sessions, encoder)
    builder = threading.Thread(target=index.refresh)
    builder.start()
    try:
        assert eventually(lambda: index.version == 40, within=10)
        assert first(index, "17번 상품 안내") == "a17"
        assert index.degraded is not None and "being encoded" in index.degraded
    finally:
        encoder.go_on.set()
        builder.join(timeout=30)
    assert index.degraded is None
    assert index.search("17번 상품 안내", locale="ko").regime.startswith("dense_")


def test_many_threads_search_while_articles_are_published(shop: sessionmaker[Session]) -> None:
    index = Index(shop, WordEncoder(), poll_seconds=0.01)
    index.start()
    wrong: list[object] = []
    done = threading.Event()

    def ask() -> None:
        while not done.is_set():
            try:
                found = first(index, "환불 며칠 걸려요?")
            except Exception as error:
                found = repr(error)
            if found != "refund-when":
                wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for n in range(10):
            with shop.begin() as session:
                add(session, f"new-{n}", "ko", f"새 글 {n}", [f"새 글 {n}은 어디 있나요?"])
        assert eventually(lambda: len(index.documents) == 16, within=10)
    finally:
        done.set()
        for thread in threads:
            thread.join(timeout=30)
        index.stop()
    assert not wrong


def test_what_was_published_last_answers_while_the_database_is_away(
    shop: sessionmaker[Session],
) -> None:
    away = threading.Event()

    def factory() -> Session:
        if away.is_set():
            raise ConnectionError("the database is away")
        return shop()

    index = Index(factory, WordEncoder(), poll_seconds=0.01)
    index.start()
    try:
        away.set()
        assert eventually(lambda: index.degraded is not None, within=5)
        assert first(index, "환불 며칠 걸려요?") == "refund-when"
        away.clear()
        assert eventually(lambda: index.degraded is None, within=5)
    finally:
        index.stop()
