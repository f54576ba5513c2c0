"""Which questions are suggested for which article, from what customers chose."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy.orm import Session

from knowledge_base import articles, suggestions
from knowledge_base.errors import Invalid, NotFound
from knowledge_base.models import UnwantedQuestion
from knowledge_base.suggestions import Chosen

NOW = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)
ONE, TWO, THREE = (uuid.UUID(int=number) for number in (1, 2, 3))


def chose(
    question: str, article: str, customer: uuid.UUID = ONE, *, line: int = 1, locale: str = "ko"
) -> Chosen:
    return Chosen(question, article, locale, customer, line, NOW)


def publish(session: Session, id: str, locale: str = "ko", **changes: object) -> None:
    fields = {"title": "배송 기간", "questions": ["며칠 걸려요?"], "body": "3일이에요."} | changes
    articles.create(session, id=id, locale=locale, author="지수", **fields)  # type: ignore[arg-type]
    articles.publish(session, id=id, locale=locale, author="지수")


def test_customers_are_counted_and_not_how_often_they_chose() -> None:
    rows = [
        chose("언제쯤 와요", "time", TWO, line=4),
        chose("언제쯤 와요?", "time", line=3),
        chose("언제쯤  와요!", "time", line=2),
        chose("???", "time", THREE, line=1),
    ]
    (found,) = suggestions.agreed(rows)
    assert (found.question, found.customers, found.latest.line) == ("언제쯤 와요", 2, 4)


def test_who_chose_twice_meant_the_last_and_who_disagrees_leaves_nothing() -> None:
    twice = [chose("언제 돼요", "refund", line=2), chose("언제 돼요", "time", line=1)]
    assert [one.latest.article for one in suggestions.agreed(twice)] == ["refund"]
    assert suggestions.agreed([*twice, chose("언제 돼요", "time", TWO)]) == []
    two_of_three = [*twice, chose("언제 돼요", "time", TWO), chose("언제 돼요", "refund", THREE)]
    (found,) = suggestions.agreed(two_of_three)
    assert (found.latest.article, found.customers) == ("refund", 2)


def test_what_is_there_or_gone_is_not_suggested(session: Session) -> None:
    publish(session, "time")
    articles.create(session, id="fee", locale="ko", title="배송비", body="3천원", author="지수")
    rows = [
        chose("언제쯤 와요", "time"),
        chose("며칠 걸려요", "time"),
        chose("배송기간", "time"),
        chose("얼마예요", "fee"),
        chose("얼마예요?", "none"),
    ]
    (found,) = suggestions.listing(session, suggestions.agreed(rows))
    assert [one.question for one in found.suggestions] == ["언제쯤 와요"]
    articles.update(session, id="time", locale="ko", questions=["언제쯤 와요?"], author="지수")
    (found,) = suggestions.listing(session, suggestions.agreed(rows))
    asked = [one.question for one in found.suggestions]
    assert asked == ["며칠 걸려요"], "what is written counts, published or not"


def test_a_question_goes_to_the_article_in_its_language(session: Session) -> None:
    publish(session, "time")
    publish(session, "fee")
    publish(session, "time", "en", title="Delivery time")
    rows = [
        chose("when will it come", "time"),
        chose("언제쯤 와요", "time", locale="en"),
        chose("is it for free", "fee", TWO),
        chose("is it for free", "fee"),
    ]
    found = suggestions.listing(session, suggestions.agreed(rows))
    assert [
        (one.article.id, one.article.locale, [each.question for each in one.suggestions])
        for one in found
    ] == [
        ("fee", "ko", ["is it for free"]),  # there is no other, and two customers want it
        ("time", "en", ["when will it come"]),
        ("time", "ko", ["언제쯤 와요"]),
    ]


def test_what_is_left_out_stays_out_of_that_article_alone(session: Session) -> None:
    publish(session, "time")
    publish(session, "fee")
    for _ in range(2):
        suggestions.leave_out(session, id="time", locale="ko", question="언제 와요?", author="지수")
    (kept,) = session.query(UnwantedQuestion).all()
    assert "언제" not in repr(vars(kept)), "a customer's words are not kept"
    found = suggestions.agreed([chose("언제  와요", "time"), chose("언제 오나요", "fee")])
    assert [one.article.id for one in suggestions.listing(session, found)] == ["fee"]
    again = suggestions.agreed([chose("언제 와요", "fee")])
    assert [one.article.id for one in suggestions.listing(session, again)] == ["fee"]
    with pytest.raises(NotFound):
        suggestions.leave_out(session, id="none", locale="ko", question="x", author="지수")
    session.delete(articles.get(session, id="time", locale="ko"))
    session.flush()
    assert session.query(UnwantedQuestion).count() == 0


def test_questions_are_added_behind_the_others_once(session: Session) -> None:
    publish(session, "time")
    article = articles.get(session, id="time", locale="ko")
    asked = ["언제쯤 와요?", "언제쯤 와요", "며칠걸려요", "배송 기간!", "늦어요"]
    made = suggestions.added(article, asked)
    assert made == ["며칠 걸려요?", "언제쯤 와요?", "늦어요"]
    with pytest.raises(Invalid):
        suggestions.added(article, ["며칠 걸려요", "…"])
