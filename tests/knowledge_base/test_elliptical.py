"""Questions that leave out what they are about."""

from __future__ import annotations

import pytest

from knowledge_base import clauses, elliptical, text


@pytest.mark.parametrize(
    "question",
    [
        "얼마나 걸려요?",
        "얼마나 걸려여",
        "며칠이나요?",
        "그건 무료예요?",
        "비용은요?",
        "가격은",
        "언제까지 해야 돼요?",
        "어디로 가져가면 돼요?",
        "그럼 어떻게 하면 되나요?",
        "바로 되나요?",
        "몇 시까지예요?",
        "How long does it take?",
        "and the cost?",
        "until when",
        "so how much is it",
        "What’s the price?",
        "ok is it free",
    ],
)
def test_what_asks_of_anything_says_nothing_of_its_own(question: str) -> None:
    assert elliptical.of_its_own(question) == []


@pytest.mark.parametrize(
    ("question", "own"),
    [
        ("배송비는요?", ["배송비"]),
        ("포인트는요", ["포인트"]),
        ("카드는~", ["카드"]),
        ("그럼 포인트는 어떻게 돼요?", ["포인트"]),
        ("주말에도 해요?", ["주말"]),
        ("언제 와요?", ["오"]),
        ("환불은 얼마나 걸려요?", ["환불"]),
        ("what about points?", ["points"]),
        ("how long does a refund take?", ["refund"]),
    ],
)
def test_what_a_question_is_about_is_its_own(question: str, own: list[str]) -> None:
    assert elliptical.of_its_own(question) == own


@pytest.mark.parametrize(
    "message",
    [
        "네 알겠어요",
        "감사합니다",
        "그렇군요",
        "아 그거 있어요",
        "ok thanks",
        "it is free",
        "",
        "😀",
    ],
)
def test_what_does_not_ask_is_no_question(message: str) -> None:
    assert elliptical.of_its_own(message) is None


@pytest.mark.parametrize(
    ("question", "told", "answered"),
    [
        ("얼마나 걸려요?", "영업일 3~5일 안에 돌려드려요.", True),
        ("얼마나 걸려요?", "사진을 보내 주세요.", False),
        ("얼마예요?", "왕복 배송비 6,000원이 들어요.", True),
        ("얼마예요?", "영업일 3~5일 안에 돌려드려요.", False),
        ("어디서 해요?", "마이페이지에서 해요.", True),
        ("how long does it take?", "within three business days", True),
        ("how long does it take?", "send us a photo", False),
        ("how much is it?", "It's free.", True),
        ("how much is it?", "It takes 5 days.", False),
    ],
)
def test_a_time_or_an_amount_answers_how_long_or_how_much(
    question: str, told: str, answered: bool
) -> None:
    assert elliptical.is_answered(question, told) is answered


def test_within_a_message_it_belongs_to_what_stands_before_it() -> None:
    korean = text.sentences("반품하고 싶어요. 그건 무료인가요? 포인트는 어떻게 써요? 얼마부터요?")
    assert elliptical.together(korean) == [
        "반품하고 싶어요. 그건 무료인가요?",
        "포인트는 어떻게 써요? 얼마부터요?",
    ]
    english = clauses.split("i want to return a bag how long does it take")
    assert elliptical.together(english) == ["i want to return a bag how long does it take"]
    assert elliptical.together(["얼마예요?"]) == ["얼마예요?"]
    assert elliptical.together([]) == []
