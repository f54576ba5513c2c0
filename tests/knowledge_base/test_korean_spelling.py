"""Slips of the finger in Korean words are mended, and what is no slip is left alone."""

from __future__ import annotations

import pytest

from knowledge_base.spelling import Spelling

SHOP = Spelling(
    [
        "배송은 언제 오나요?",
        "환불은 언제 되나요?",
        "교환 신청은 어떻게 하나요?",
        "주문을 취소하고 싶어요",
        "포인트는 언제 쌓이나요?",
        "물건 보낸 곳",
        "Where is my refund?",
    ],
    ["쿠폰은 장바구니에서 씁니다. 메세지 카드도 있어요."],
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("뱃오 언제 와요", "배송 언제 와요"),
        ("교호나 신청", "교환 신청"),
        ("환뷸 언제 되나요", "환불 언제 되나요"),
        ("주ㅁ문 취소", "주문 취소"),
        ("주문 취쇼", "주문 취소"),
        ("베송비 얼마예요??", "배송비 얼마예요??"),
        ("퐁인트 언제 쌓여요", "포인트 언제 쌓여요"),
        ("refund 언재 돼요", "refund 언제 돼요"),
        ("교환신총 하려고요", "교환신청 하려고요"),
        ("물건주믄을 하고 싶어요", "물건주문을 하고 싶어요"),
    ],
)
def test_a_slip_is_mended(typed: str, meant: str) -> None:
    assert SHOP.corrected(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "배상은 어떻게 받나요",
        "손편지같은 메세지카드도 넣어줘?",
        "불어로 상담되나요",
        "민수라고 합니다",
        "장바구니가 비었어요 ㅠㅠ",
        "ㅋㅋㅋㅋ 배송 ㅠㅠㅠ",
        "환불해쥬세요 환불할께욤",
        "환불 refumd 어디",
        "옷 기장 줄여주나요",
        "뷁 꿹 쀍",
        "",
    ],
)
def test_what_is_no_slip_stays(typed: str) -> None:
    assert SHOP.corrected(typed) == typed


def test_at_most_a_few_words_of_a_message_are_mended() -> None:
    typed, meant = "주문을 취쇼하고 싶어요.", "주문을 취소하고 싶어요."
    assert SHOP.corrected(" ".join([typed] * 8)) == " ".join([meant] * 5 + [typed] * 3)


def test_a_base_without_korean_words_mends_none() -> None:
    assert Spelling(["Where is my refund?"], []).corrected("환뷸 언제") == "환뷸 언제"


def test_what_is_endless_is_no_word() -> None:
    for endless in ("환뷸" * 500, "ㅎㅗㅏㄴㅂㅠㄹ" * 100):
        assert SHOP.corrected(endless) == endless
