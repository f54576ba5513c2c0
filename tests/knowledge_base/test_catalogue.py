"""Curators find articles by any part of a word, whatever particle or ending is behind it."""

from __future__ import annotations

import unicodedata

import pytest
from sqlalchemy.orm import Session, sessionmaker

from knowledge_base import articles, catalogue

SHOP = (
    ("refund-when", "환불 처리 기간", ["환불은 언제 되나요?"], "카드는 3~5일 걸려요.", ["환불"]),
    ("fee", "배송비 100%", ["배송비가 얼마예요?"], "돌려받는 금액에서 빼요. 3_000원", ["배송"]),
    ("umbrella", "우산 대여", ["우산을 빌려 주나요?"], "계산대에서 말씀해 주세요.", []),
)


@pytest.fixture(scope="module")
def shop(engine: object) -> sessionmaker[Session]:
    from tests.knowledge_base.conftest import empty

    empty(engine)  # type: ignore[arg-type]
    made = sessionmaker(engine)  # type: ignore[call-overload]
    with made.begin() as session:
        for id, title, questions, body, tags in SHOP:
            articles.create(
                session, id=id, locale="ko", title=title, questions=questions, body=body,
                tags=tags, author="a",
            )  # fmt: skip
        articles.create(
            session, id="fee", locale="en", title="Delivery fee", body="Three dollars", author="a"
        )
    return made


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("환불", ["refund-when"]),
        ("환불이", ["refund-when"]),
        ("환불을 언제", ["refund-when"]),
        ("환부", ["refund-when"]),  # not typed to its end
        ("환ㅂ", ["refund-when"]),
        (unicodedata.normalize("NFD", "환불은"), ["refund-when"]),  # as macOS writes names
        ("빌렸어요", ["umbrella"]),  # another ending of a verb that contracts
        ("돌려받나요", ["fee"]),
        ("배송비는 얼마", ["fee"]),
        ("배송비 우산", []),
        ("DELIVERY", ["fee"]),
        ("0%", ["fee"]),
        ("3_0", ["fee"]),
        ("_", ["fee"]),  # no wildcard
        ("'; --", []),
        ("refund-w", ["refund-when"]),
        ("ㅎㅂ", ["refund-when"]),  # how words begin: 초성
        ("ㄱㅅㄷ", []),  # in a text there are all of them
        ("ㅂㅅㅂ 얼마", ["fee"]),
        ("ㅇㅅㄷㅇ", ["umbrella"]),  # of two words
        ("ㅅㄷㅇ", []),  # from the middle of one
    ],
)
def test_words_are_found(shop: sessionmaker[Session], typed: str, found: list[str]) -> None:
    with shop() as session:
        assert [one.id for one in catalogue.find(session, typed)] == found


def test_no_words_is_all_of_them_and_filters_hold(shop: sessionmaker[Session]) -> None:
    with shop() as session:
        assert len(catalogue.find(session, " \0 ")) == 4
        assert [one.locale for one in catalogue.find(session, "fee")] == ["en", "ko"]
        assert [one.locale for one in catalogue.find(session, "fee", locale="en")] == ["en"]
        assert not catalogue.find(session, "환불", state="published")
        assert not catalogue.find(session, "환불", tag="배송")


def test_what_is_kept_of_a_revision_is_never_another_one(shop: sessionmaker[Session]) -> None:
    def found(text: str) -> list[str]:
        with shop() as session:
            return [one.id for one in catalogue.find(session, text)]

    def write(title: str) -> None:
        with shop.begin() as session:
            articles.create(session, id="kept", locale="ko", title=title, body="글", author="a")

    write("자전거 대여")
    assert found("자전거") == ["kept"]
    with shop.begin() as session:
        articles.update(session, id="kept", locale="ko", title="킥보드 대여", author="a")
    assert found("자전거") == [] and found("킥보드") == ["kept"]
    with shop.begin() as session:
        session.delete(articles.get(session, id="kept", locale="ko"))
    assert found("킥보드") == []
    write("휠체어 대여")  # revision 1 again, as after an import that was taken back
    assert found("자전거") == [] and found("휠체어") == ["kept"]
    with shop.begin() as session:
        session.delete(articles.get(session, id="kept", locale="ko"))


def test_who_leads_to_an_article(session: Session) -> None:
    leading = {
        "by-name": "[보기](/help/배송비)",
        "by-code": "**[보기](/help/%EB%B0%B0%EC%86%A1%EB%B9%84?lang=ko#s1)**",
        "in-a-table": '| a |\n|---|\n| [보기](</help/배송비> "제목") |',
    }
    others = {
        "배송비": "[나](/help/배송비)",
        "longer": "[보기](/help/배송비-2)",
        "code": "`[보기](/help/배송비)`",
        "elsewhere": "[보기](https://a.kr/help/배송비)",
        "gone": "[보기](/help/배송비)",
    }
    for id, body in (leading | others).items():
        articles.create(session, id=id, locale="ko", title=id, body=body, author="a")
    articles.retire(session, id="gone", locale="ko", author="a")
    assert [one.id for one in catalogue.leading_to(session, "배송비")] == sorted(leading)
