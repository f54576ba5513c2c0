"""Personal data that has a form is replaced; what everybody may read stays as it was."""

from __future__ import annotations

import pytest

from connectors import personal
from ticketing import tickets


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("010-1234-5678로 전화 주세요", "[전화번호]로 전화 주세요"),
        ("01012345678 입니다", "[전화번호] 입니다"),
        ("번호는 010 1234 5678이에요", "번호는 [전화번호]이에요"),
        ("(02) 123-4567, 031-123-4567", "[전화번호], [전화번호]"),
        ("+82 10-1234-5678", "[전화번호]"),
        ("070-1234-5678 / 0507-1234-5678", "[전화번호] / [전화번호]"),
        ("메일은kim.cs+1@shop.co.kr로요", "메일은[이메일]로요"),
        ("900101-1234567", "[주민등록번호]"),
        ("주문번호 20261124-0001 취소해 주세요", "주문번호 [주문번호] 취소해 주세요"),
        ("주문번호는 A1234예요", "주문번호는 [주문번호]예요"),
        ("송장번호: 123456789012", "송장번호: [주문번호]"),
        ("2026112400123 언제 오나요", "[번호] 언제 오나요"),
        ("ORD-20261124-77이요", "[번호]이요"),
        ("카드 1234-5678-9012-3456", "카드 [번호]"),
        ("문의해 주셔서 고마워요. (T-967GXB)", "문의해 주셔서 고마워요. ([접수번호])"),
        ("접수번호 T-234567에 적어 주신 대로", "접수번호 [접수번호]에 적어 주신 대로"),
        ("계좌 110-234-567890", "계좌 [번호]"),
    ],
)
def test_what_has_a_form_is_replaced(said: str, shown: str) -> None:
    assert personal.without(said, locale="ko") == shown


@pytest.mark.parametrize(
    "said",
    [
        "2026-11-24까지 50,000원 이상이면 무료예요",
        "고객센터 1588-1234, 평일 09:00-18:00",
        "3~5일, 1,234,567원, 10%",
        "우편번호 06236, 2시간 30분",
        "2026.11.24 ~ 2026.12.31",
        "포인트 1000000점, 키 180cm",
        "주문번호를 알려 주세요",
        "please tell us your order number",
        "T-SHIRT, t-square, LT-967GXB, T-967GXB2",
    ],
)
def test_what_is_no_personal_data_stays(said: str) -> None:
    assert personal.without(said, locale="ko") == said


def test_every_code_that_a_ticket_gets_is_replaced() -> None:
    codes = [tickets.new_code() for _ in range(200)]
    shown = personal.without(" ".join(codes), locale="en")
    assert shown == " ".join(["[ticket code]"] * len(codes))
    assert personal.placeholder(shown) == "[ticket code]", "so it is not published"


def test_in_english_and_with_names() -> None:
    said = "Hi Minji Park, order #AB-12345 goes to minji@example.com, call 010-1234-5678."
    shown = "Hi [name], order #[order number] goes to [email], call [phone number]."
    assert personal.without(said, locale="en", names=["Minji Park", None, ""]) == shown


def test_a_placeholder_that_is_left_is_found() -> None:
    assert personal.placeholder("메일은 [이메일], 전화는 [전화번호]") == "[이메일]"
    assert personal.placeholder("Call [phone number].") == "[phone number]"
    assert personal.placeholder("[이메일](mailto:help@shop.kr) [안내] 전화번호") is None
