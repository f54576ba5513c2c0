"""What is searched for in vain is counted by its words, for a time, and for no longer."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from knowledge_base import forgetting, misses
from knowledge_base.models import SearchMiss


def count(session: Session, *words: str, locale: str = "ko") -> None:
    for one in words:
        misses.count(session, words=one, locale=locale)


def listed(session: Session) -> list[tuple[str, str, int]]:
    return [(one.words, one.locale, one.times) for one in misses.listing(session)]


def test_the_same_words_are_one_however_they_are_spaced(session: Session) -> None:
    count(session, "주차장", "기프트카드", "기프트 카드", "기프트카드", "Gift Card")
    count(session, "gift card", locale="en")
    assert listed(session) == [
        ("기프트카드", "ko", 3),
        ("gift card", "en", 1),
        ("gift card", "ko", 1),
        ("주차장", "ko", 1),
    ]


def test_what_are_no_words_does_not_count(session: Session) -> None:
    count(session, "", "?", "  ", "…!!", "a", "ㅋ")
    assert listed(session) == []
    count(session, "주" * 500)
    assert [len(one) for one, _, _ in listed(session)] == [misses.LONGEST]


def test_days_are_added_up_and_old_ones_go(session: Session) -> None:
    count(session, "주차 장", "주차 장")
    session.execute(text("UPDATE kb_search_miss SET day = day - 90"))
    misses.sweep(session)
    count(session, "주차장")
    (found,) = misses.listing(session)
    today = session.execute(text("SELECT CAST(now() AS date)")).scalar_one()
    assert (found.words, found.times, found.last) == ("주차장", 3, today)
    session.execute(text("UPDATE kb_search_miss SET day = day - 1"))
    assert [one.times for one in misses.listing(session)] == [1]
    misses.sweep(session)
    assert [one.words for one in session.query(SearchMiss)] == ["주차장"]


def test_days_are_those_of_a_time_zone(session: Session) -> None:
    """At no moment is it the same day in these two."""
    first, last = "Etc/GMT-14", "Etc/GMT+12"
    for zone in (first, last, first):
        misses.count(session, words="주차장", locale="ko", zone=zone)
    days = session.scalars(select(SearchMiss.day).order_by(SearchMiss.day)).all()
    assert len(days) == 2 and misses.listing(session, zone=last)[0].times == 3
    session.execute(text("UPDATE kb_search_miss SET day = day - 90"))
    assert misses.listing(session, zone=last)[0].times == 3
    assert misses.listing(session, zone=first)[0].times == 2, "in the east it is 91 days ago"
    misses.sweep(session, zone=first)
    assert len(session.scalars(select(SearchMiss.day)).all()) == 1


def test_nobody_can_fill_the_list(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(misses, "MOST_A_DAY", 3)
    count(session, "하나요", "둘이요", "셋이요", "넷이요", "하나요")
    assert listed(session) == [("하나요", "ko", 2), ("둘이요", "ko", 1), ("셋이요", "ko", 1)]


def test_what_is_dismissed_comes_back_when_it_is_searched_for_again(session: Session) -> None:
    count(session, "기프트카드", "기프트 카드", "주차장")
    misses.forget(session, words="기프트카드!", locale="ko")
    assert listed(session) == [("주차장", "ko", 1)]
    count(session, "기프트 카드")
    assert ("기프트 카드", "ko", 1) in listed(session)


def test_who_is_erased_leaves_no_search_for_their_address(session: Session) -> None:
    count(session, "mina_k@example.com 주문", "주문")
    forgetting.forget_words(session, ["MINA_K@example.com"])
    assert listed(session) == [("주문", "ko", 1)]
