"""Saved questions: kept once, judged, and compared before something is published."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, regressions
from knowledge_base.errors import Invalid, NotFound
from knowledge_base.search import Index


def publish(session: Session, id: str, title: str, *questions: str) -> None:
    articles.create(
        session, id=id, locale="ko", title=title, questions=questions, body=title, author="지수"
    )
    articles.publish(session, id=id, locale="ko", author="지수")


@pytest.fixture
def shop(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    with sessions.begin() as session:
        publish(session, "parking", "주차장 안내", "주차장 있어요?", "주차 요금이 얼마예요?")
        publish(session, "refund", "환불 기간", "환불은 언제 되나요?", "환불 며칠 걸려요?")
    return sessions


def save(session: Session, question: str, article: str | None, locale: str = "ko") -> int:
    return regressions.save(
        session, question=question, locale=locale, article=article, author="지수"
    ).id


def test_a_question_is_kept_once_with_the_article_said_last(shop: sessionmaker[Session]) -> None:
    with shop.begin() as session:
        first = save(session, " 주차장  있어요? ", "refund")
        assert save(session, "주차장 있어요?", "parking") == first
        save(session, "화성에 배달돼요?", None)
    with shop.begin() as session:
        assert regressions.rows(session) == [
            {"question": "화성에 배달돼요?", "article": None, "locale": "ko"},
            {"question": "주차장 있어요?", "article": "parking", "locale": "ko"},
        ]
        regressions.remove(session, first)
        with pytest.raises(NotFound):
            regressions.remove(session, first)


@pytest.mark.parametrize(
    ("question", "article", "locale", "field"),
    [
        ("  ", "parking", "ko", "question"),
        ("가" * 501, "parking", "ko", "question"),
        ("주차?", "nowhere", "ko", "article"),
        ("주차?", "parking", "fr", "locale"),
    ],
)
def test_what_is_not_saved(
    shop: sessionmaker[Session], question: str, article: str, locale: str, field: str
) -> None:
    with shop() as session, pytest.raises(Invalid) as refused:
        save(session, question, article, locale)
    assert refused.value.field == field


def test_what_a_change_would_break_is_seen_before(shop: sessionmaker[Session]) -> None:
    with shop.begin() as session:
        save(session, "주차장 있어요?", "parking")
        save(session, "환불은 언제 되나요?", "refund")
        save(session, "화성에 배달돼요?", None)
        questions = regressions.saved(session)
    index = Index(shop)
    before = regressions.run(index, questions)
    assert [one.level for one in before] == ["answered"] * 3
    taken = index.rehearse({("parking", "ko"): None})
    after = regressions.run(taken, questions)
    ((was, now),) = regressions.broken(before, after)
    assert (was.saved.article, was.level, now.level) == ("parking", "answered", "missed")
    assert regressions.broken(after, before) == []
    # Customers still get what is published.
    assert [one.level for one in regressions.run(index, questions)] == ["answered"] * 3


def test_what_was_found_counts_for_the_same_question_alone() -> None:
    asked = [regressions.Saved(n, f"질문 {n}", "ko", "parking") for n in (1, 2)]
    found = {one.id: regressions.Result(one, "answered", "answer", "parking", 1.0) for one in asked}
    changed = regressions.Saved(2, "질문 2", "ko", None)
    assert regressions.known(found, [asked[0], changed]) == {1: found[1]}
    assert regressions.known(found, asked) == found
