"""Numbers and addresses that a customer is recognised by are no part of the question."""

from __future__ import annotations

import pytest

from knowledge_base.particulars import Particulars


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("환불 언제 돼요 주문번호 20231105-0001234", "환불 언제 돼요"),
        ("주문번호는 12345입니다 환불 언제", "환불 언제"),
        ("송장번호 123456789012 조회 안돼요", "조회 안돼요"),
        ("주문번호 20231105-0001234 일부만 취소돼요?", "일부만 취소돼요?"),
        ("제 연락처는 010-1234-5678 이에요", ""),
        ("이메일 kim@shop.co.kr 로 보내 주세요", "로 보내 주세요"),
        ("how do i return it order number 12345", "how do i return it"),
        ("How do I return it?\n\nOrder no: AB-12345", "How do I return it?"),
        ("my email is a.b+c@mail.example.com", ""),
        ("주문번호 12000 언제 와요", "언제 와요"),
        # What the number is of may be what is asked about.
        ("where is my order number 12345", "where is my order number"),
        ("can I cancel order #12345", "can I cancel order"),
    ],
)
def test_what_somebody_is_recognised_by_is_left_out(question: str, rest: str) -> None:
    assert Particulars().strip(question) == rest


@pytest.mark.parametrize(
    "question",
    [
        "50000원 이상이면 무료배송인가요",
        "100,000원 넘게 샀어요",
        "30000 won or $12000.50",
        "포인트 10000점, 20000포인트 있어요",
        "a bag of 10000 g",
        "키 163 몸무게 55인데 M 맞나요",
        "2023년 11월에 샀는데 12:30까지 되나요",
        "iPhone15 케이스 A4 크기",
        "주문번호 어디서 봐요",
        "i spent over 50000",
        "30000 넘게 샀는데요",
        "two\n\nlines  and   spaces",
        "",
    ],
)
def test_all_else_stays(question: str) -> None:
    assert Particulars().strip(question) == question


@pytest.mark.parametrize(
    "question",
    [
        "결제하면 오류 50012가 나와요",
        "error E-50012 at checkout",
        "1588-1234 번호 맞나요",
        "is HELP@shop.example yours",
    ],
)
def test_what_an_article_says_stays(question: str) -> None:
    published = Particulars(["오류 코드 50012", "전화 1588-1234, help@shop.example"])
    assert published.strip(question) == question
    assert published.strip(f"{question} 010-1234-5678") == question
    assert Particulars().strip(question) != question
