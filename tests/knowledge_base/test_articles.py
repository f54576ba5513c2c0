from __future__ import annotations

import threading
import unicodedata
from typing import Any

import pytest
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, catalogue
from knowledge_base.errors import Conflict, Invalid, NotFound
from knowledge_base.models import Article

REFUND: dict[str, Any] = {
    "id": "refund-when",
    "locale": "ko",
    "title": "환불은 언제 되나요?",
    "questions": ["환불 언제 돼요?", "돈은 언제 돌려받나요?"],
    "body": "영업일 3일 안에 돌려드려요.",
    "tags": ["환불"],
}


def create(session: Session, **changes: Any) -> Article:
    return articles.create(session, **{**REFUND, "author": "curator", **changes})


def test_a_new_article_is_a_draft_with_one_revision(session: Session) -> None:
    create(session)
    session.commit()
    found = articles.get(session, id="refund-when", locale="ko")
    assert (found.state, found.revision, found.published_revision) == ("draft", 1, None)
    assert found.questions == REFUND["questions"]
    log = articles.revisions(session, id="refund-when", locale="ko")
    assert [(one.action, one.revision, one.author) for one in log] == [("create", 1, "curator")]
    assert articles.published_version(session) == 0


def test_hangul_in_pieces_is_kept_whole(session: Session) -> None:
    pieces: dict[str, Any] = {
        name: [unicodedata.normalize("NFD", one) for one in text]
        if isinstance(text, list)
        else unicodedata.normalize("NFD", text)
        for name, text in REFUND.items()
    }
    create(session, **pieces)
    found = articles.content_of(articles.get(session, id="refund-when", locale="ko"))
    assert found.as_json() == {name: REFUND[name] for name in found.as_json()}


def test_the_same_id_twice_in_a_locale_is_a_conflict(session: Session) -> None:
    create(session)
    with pytest.raises(Conflict):
        create(session)
    create(session, locale="en", title="When is my refund?")
    assert set(articles.versions(session, id="refund-when")) == {"ko", "en"}


def test_an_edit_makes_a_revision_and_customers_see_it_when_it_is_published(
    session: Session,
) -> None:
    create(session)
    articles.publish(session, id="refund-when", locale="ko", author="lead")
    session.commit()
    version = articles.published_version(session)
    edited = articles.update(
        session, id="refund-when", locale="ko", revision=1, author="curator", body="이틀이면 돼요."
    )
    session.commit()
    assert (edited.revision, edited.published_revision, edited.state) == (2, 1, "published")
    assert edited.has_unpublished_changes
    assert articles.published_version(session) == version
    articles.publish(session, id="refund-when", locale="ko", author="lead", revision=2)
    session.commit()
    assert not edited.has_unpublished_changes
    assert articles.published_version(session) > version
    log = articles.revisions(session, id="refund-when", locale="ko")
    assert [one.action for one in log] == ["publish", "update", "publish", "create"]
    assert log[-1].content["body"] == REFUND["body"]


def test_an_edit_of_an_old_revision_is_refused_and_says_the_current_one(session: Session) -> None:
    create(session)
    articles.update(session, id="refund-when", locale="ko", revision=1, author="a", title="환불")
    with pytest.raises(Conflict) as refused:
        articles.update(session, id="refund-when", locale="ko", revision=1, author="b", title="돈")
    assert refused.value.current_revision == 2
    assert articles.get(session, id="refund-when", locale="ko").title == "환불"
    with pytest.raises(Conflict):
        articles.publish(session, id="refund-when", locale="ko", author="b", revision=1)


def test_saving_the_same_makes_no_revision(session: Session) -> None:
    create(session)
    articles.update(session, id="refund-when", locale="ko", author="a", title=REFUND["title"])
    assert articles.get(session, id="refund-when", locale="ko").revision == 1


def test_questions_can_shrink_grow_and_change_order(session: Session) -> None:
    create(session)
    for questions in (["하나"], ["하나", "둘", "셋"], ["셋", "하나"], []):
        articles.update(session, id="refund-when", locale="ko", author="a", questions=questions)
        session.commit()
        session.expire_all()
        assert articles.get(session, id="refund-when", locale="ko").questions == questions


def test_a_retired_article_is_kept_and_can_come_back(session: Session) -> None:
    create(session)
    articles.publish(session, id="refund-when", locale="ko", author="a")
    retired = articles.retire(session, id="refund-when", locale="ko", author="a")
    session.commit()
    assert (retired.state, retired.published_revision) == ("retired", None)
    assert articles.publish(session, id="refund-when", locale="ko", author="a").state == "published"


def test_listing_filters(session: Session) -> None:
    create(session)
    create(session, id="delivery-fee", title="배송비 100%", tags=["배송"])
    create(session, id="order-how", locale="en", title="How to order", questions=["buy?"])

    def ids(**wanted: Any) -> list[str]:
        return [one.id for one in catalogue.listing(session, **wanted)]

    assert ids() == ["delivery-fee", "order-how", "refund-when"]
    assert ids(locale="en") == ["order-how"]
    assert ids(tag="배송") == ["delivery-fee"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", ""),
        ("id", "../etc"),
        ("id", "a b"),
        ("id", "-x"),
        ("id", "x" * 101),
        ("id", 7),
        ("locale", "jp"),
        ("locale", None),
        ("title", "  "),
        ("title", "x" * 201),
        ("title", "a\0b"),
        ("title", "\ud800"),
        ("body", ""),
        ("body", "x" * 100_001),
        ("body", "half \udfff pair"),
        ("questions", "not a list"),
        ("questions", ["fine", ""]),
        ("questions", ["x" * 501]),
        ("questions", [str(n) for n in range(501)]),
        ("questions", [None]),
        ("tags", ["x" * 51]),
    ],
)
def test_bad_content_is_refused_with_the_field(session: Session, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        create(session, **{field: value})
    assert refused.value.field == field
    assert catalogue.listing(session) == []


def test_unknown_articles_are_not_found(session: Session) -> None:
    for id in ("nothing", "nul\0", "' or 1=1 --"):
        with pytest.raises(NotFound):
            articles.get(session, id=id, locale="ko")
    with pytest.raises(NotFound):
        articles.publish(session, id="nothing", locale="ko", author="a")


def test_publishers_at_once_never_deadlock(sessions: sessionmaker[Session]) -> None:
    names = [f"a{n}" for n in range(6)]
    with sessions.begin() as session:
        for name in names:
            create(session, id=name)
    failures: list[Exception] = []

    def publish(order: list[str]) -> None:
        try:
            with sessions.begin() as session:
                for name in order:
                    articles.publish(session, id=name, locale="ko", author="x")
        except Exception as error:
            failures.append(error)

    orders = (names, names[::-1], names[3:] + names[:3])
    threads = [threading.Thread(target=publish, args=([*order],)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not failures
    with sessions() as session:
        assert articles.published_version(session) == 18


def test_two_editors_at_once_one_wins(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        create(session)
    first, second = sessions(), sessions()
    articles.update(first, id="refund-when", locale="ko", revision=1, author="a", title="첫째")
    outcome: list[object] = []

    def late() -> None:
        try:
            articles.update(
                second, id="refund-when", locale="ko", revision=1, author="b", title="둘째"
            )
            second.commit()
            outcome.append("saved")
        except Conflict as error:
            outcome.append(error.current_revision)

    thread = threading.Thread(target=late)
    thread.start()
    first.commit()
    thread.join(timeout=30)
    second.close()
    first.close()
    assert outcome == [2]
