"""What a message says is not meant."""

from __future__ import annotations

import pytest

from knowledge_base import contrasts


@pytest.mark.parametrize(
    ("message", "meant"),
    [
        ("교환 말고 환불은요?", "환불은요?"),
        ("배송 말고 교환이요", "교환이요"),
        ("교환말고 환불로 해주세요", "환불로 해주세요"),
        ("사이즈 교환 말고 환불 해 주세요", "환불 해 주세요"),
        ("환불하지 말고 교환해 주세요", "교환해 주세요"),
        ("매장에서 말고 온라인으로 샀어요", "온라인으로 샀어요"),
        (
            "어제 주문한 거 블랙말고 베이지로 바꿔주세요",
            "어제 주문한 거 베이지로 바꿔주세요",
        ),
        ("교환이 아니라 환불이요", "환불이요"),
        ("교환이 아니라 환불하고 싶어요", "환불하고 싶어요"),
        ("교환 아니고 반품인데요", "반품인데요"),
        ("카드가 아니라 계좌로 받고 싶어요", "계좌로 받고 싶어요"),
        ("not exchange, refund", "refund"),
        ("not an exchange but a refund please", "a refund please"),
        ("I don't want an exchange, I want a refund", "I want a refund"),
        ("no, i dont need a new one. i want my money back", "i want my money back"),
        ("i want a refund not an exchange", "i want a refund"),
        ("refund, not exchange", "refund"),
    ],
)
def test_what_is_not_meant_is_left_out(message: str, meant: str) -> None:
    assert contrasts.meant(message) == meant


@pytest.mark.parametrize(
    "message",
    [
        "카드 말고 다른 결제 방법 있어요?",
        "이거 말고 또 뭐가 있어요?",
        "배송 말고요",
        "말고 환불이요",
        "걱정하지 말고 빨리요",
        "회원이 아니라 조회가 안 돼요",
        "주문이 아니라고요",
        "회원이 아니라 주문할 수 없어요",
        "my order has not arrived, where is it",
        "i dont want it anymore, can i return it",
        "not working",
        "my coupon is not working, why",
        "i don't want the blue one, can i exchange it",
        "환불은요?",
        "",
        "아니라 " * 600,  # of which less is read
    ],
)
def test_what_says_nothing_else_or_why_stays(message: str) -> None:
    assert contrasts.meant(message) == message
