"""A large base's vectors: compared in PostgreSQL as in memory, and in memory where it cannot."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import answers, articles, matching, vectors
from knowledge_base.evaluate import evaluate
from knowledge_base.search import Index
from tests.knowledge_base.conftest import WordEncoder

DUTIES, DAYS = "받는 분이 관세를 내요. " * 40, "일본은 3일 걸려요. " * 40
ABROAD = f"## 관세\n\n{DUTIES}\n\n## 기간\n\n{DAYS}"
KOREAN = (
    "환불은 언제 되나요?",
    "배송비 무료 기준",
    "해외 배송 기간은 며칠 걸려요?",
    "관세 누가 내요",
)
ENGLISH = "When will I get my refund?", "is wrapping free", "delivery fee", "nothing like it"


@pytest.fixture
def shop(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """A few articles in both languages, one of them long."""
    rows = (
        (
            "refund",
            "ko",
            "환불은 언제 되나요?",
            ["환불 며칠 걸려요?", "돈은 언제 받나요?"],
            "이틀.",
        ),
        ("refund", "en", "Refund time", ["When will I get my refund?"], "Two days."),
        ("fee", "ko", "배송비 안내", ["배송비 얼마예요?", "무료 배송 기준이 뭔가요?"], "3,000원."),
        ("fee", "en", "Delivery fee", ["How much is the delivery fee?"], "3,000 won."),
        ("abroad", "ko", "해외 배송", ["해외로 보내 주나요?", "외국 배송 되나요?"], ABROAD),
        ("wrap", "en", "Gift wrapping", ["Can you wrap it?", "Is wrapping free?"], "It is free."),
    )
    with sessions.begin() as session:
        for id, locale, title, questions, body in rows:
            given = {"title": title, "questions": questions, "body": body, "author": "curator"}
            articles.create(session, id=id, locale=locale, **given)
            articles.publish(session, id=id, locale=locale, author="curator")
    return sessions


def found(index: Index) -> tuple[list[object], list[float]]:
    """What every question finds, with its outcome, and all scores."""
    every: list[object] = []
    scores: list[float] = []
    for locale, questions in (("ko", KOREAN), ("en", ENGLISH)):
        for question in questions:
            ranking = index.search(question, locale=locale)
            outcome = type(answers.answer(index, question, locale=locale))
            hits = [(hit.document.article, hit.passage) for hit in ranking.hits]
            every.append((ranking.regime, outcome, hits))
            for hit in ranking.hits:
                scores += [hit.fused, hit.nearest, hit.centroid]
    return every, scores


@pytest.mark.parametrize("promising", [False, True])
def test_postgresql_finds_what_memory_finds(
    shop: sessionmaker[Session],
    encoder: WordEncoder,
    monkeypatch: pytest.MonkeyPatch,
    promising: bool,
) -> None:
    if promising:  # as in a large base, whose other articles have no vectors compared
        monkeypatch.setattr(matching, "COMPARED", 0)
        monkeypatch.setattr(matching, "CANDIDATES", 2)
    memory = Index(shop, encoder)
    every, scores = found(memory)
    assert memory._current()._matcher._store is None
    encoded = len(encoder.encoded)
    monkeypatch.setattr(vectors, "IN_MEMORY", 3)
    stored = Index(shop, encoder)
    assert found(stored) == (every, pytest.approx(scores, abs=1e-5))
    assert stored.degraded is None
    matcher = stored._current()._matcher
    assert matcher._store is not None
    assert matcher._vectors.dtype == np.int64, "no vector of a text is in this process"
    assert len(encoder.encoded) == encoded, "what was encoded once is read from kb_embedding"


def test_what_is_published_later_is_compared_there_too(
    shop: sessionmaker[Session], encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "IN_MEMORY", 3)
    index = Index(shop, encoder)
    before = index.search("쿠폰 어디에 넣어요", locale="ko").hits[0]
    assert before.document.article != "coupon"
    with shop.begin() as session:
        given = {"title": "쿠폰 쓰기", "questions": ["쿠폰 어디에 넣어요"], "body": "결제에서."}
        articles.create(session, id="coupon", locale="ko", author="curator", **given)
        articles.publish(session, id="coupon", locale="ko", author="curator")
    assert index.refresh()
    hit = index.search("쿠폰 어디에 넣어요", locale="ko").hits[0]
    assert hit.document.article == "coupon" and hit.nearest == pytest.approx(1, abs=1e-5)


def test_a_question_is_answered_by_words_while_the_database_is_away(
    shop: sessionmaker[Session], encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "IN_MEMORY", 3)
    index = Index(shop, encoder, poll_seconds=60)
    assert index.search("환불", locale="ko").regime == "dense_ko"
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    store = index._current()._matcher._store
    monkeypatch.setattr(store, "_session_factory", sessionmaker(away))
    ranking = index.search("환불은 언제 되나요?", locale="ko")
    assert ranking.regime == "words_ko" and ranking.hits[0].document.article == "refund"
    assert "cannot be read" in (index.degraded or "")
    assert index.find("abroad", locale="ko", question="관세 누가 내요") is not None


def test_several_processes_judge_as_one_does(
    shop: sessionmaker[Session], encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "IN_MEMORY", 3)
    index = Index(shop, encoder, poll_seconds=60)
    asked = {**dict.fromkeys(KOREAN, "ko"), **dict.fromkeys(ENGLISH, "en")}
    right = ("refund", "fee", "abroad", "abroad", "refund", "wrap", "fee", None)
    rows = [
        {"question": question, "article": article, "locale": locale}
        for (question, locale), article in zip(asked.items(), right, strict=True)
    ] * 20
    alone, beside = evaluate(index, rows), evaluate(index, rows, processes=2)
    took = {"p50_ms", "p95_ms", "questions_per_s"}
    assert alone["n"] == 160 and alone["top1"] > 0.5 and all(beside[one] > 0 for one in took)
    assert {**alone, **dict.fromkeys(took, 0)} == {**beside, **dict.fromkeys(took, 0)}


@pytest.fixture
def bare(engine: Engine) -> Iterator[Engine]:
    """The same database for a user who may not create anything in it."""
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS kb_pgvector CASCADE"))
        connection.execute(text("DROP EXTENSION IF EXISTS vector CASCADE"))
        connection.execute(text("CREATE ROLE reader"))
        tables = "ON ALL TABLES IN SCHEMA public TO reader"
        connection.execute(text(f"GRANT SELECT, INSERT {tables}"))
    limited = create_engine(engine.url)

    @event.listens_for(limited, "connect")
    def become(connection: object, _: object) -> None:
        connection.execute("SET ROLE reader")  # type: ignore[attr-defined]
        connection.commit()  # type: ignore[attr-defined]

    yield limited
    limited.dispose()
    with engine.begin() as connection:
        connection.execute(text("DROP OWNED BY reader"))
        connection.execute(text("DROP ROLE reader"))


@pytest.mark.parametrize("prepared", [False, True])
def test_who_may_not_install_it_uses_memory_until_it_is_prepared(
    prepared: bool,
    shop: sessionmaker[Session],
    engine: Engine,
    bare: Engine,
    encoder: WordEncoder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    every, scores = found(Index(shop, encoder))
    if prepared:  # as docs/operating.md has an administrator do
        with engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA kb_pgvector; CREATE EXTENSION vector"))
            connection.execute(text("GRANT USAGE, CREATE ON SCHEMA kb_pgvector TO reader"))
    monkeypatch.setattr(vectors, "IN_MEMORY", 3)
    index = Index(sessionmaker(bare), encoder)
    assert found(index) == (every, pytest.approx(scores, abs=1e-5))
    assert index.degraded is None
    assert (index._current()._matcher._store is not None) == prepared
