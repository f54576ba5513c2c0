"""Korean typed while the keyboard was set to English."""

from __future__ import annotations

import pytest

from knowledge_base.keyboard import keys, korean, syllables


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghksqnf djswp ehlskdy", "환불 언제 되나요"),
        ("qothdql djfakdPdy??", "배송비 얼마예요??"),
        ("ekfrdmf dlfrdjTek", "닭을 읽었다"),
        ("Rhc QkfFo anjdi dhkdy", "꽃 빨래 뭐야 와요"),
        ("GHKSQNF gowntpdy", "환불 해주세요"),
        ("ghksqnf", "환불"),
        ("wodlqrh djswpWma ehlfRkdyb nn", "재입고 언제쯤 될까요ㅠ ㅜㅜ"),
    ],
)
def test_keys_make_syllables(typed: str, meant: str) -> None:
    assert korean(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "refund",
        "where is my order",
        "cancel my order please",
        "to do",
        "환불",
        "12,000",
        "ghksqnf x",
    ],
)
def test_what_makes_no_korean_is_none(typed: str) -> None:
    assert korean(typed) == ""


@pytest.mark.parametrize(
    ("typed", "letters"),
    [
        ("환불 돼요?", "ㅎㅗㅏㄴㅂㅜㄹ ㄷㅗㅐㅇㅛ?"),
        ("닭을 읽었다", "ㄷㅏㄹㄱㅇㅡㄹ ㅇㅣㄹㄱㅇㅓㅆㄷㅏ"),
        ("ㅠㅠ 꽃", "ㅠㅠ ㄲㅗㅊ"),
        ("a가힣b", "aㄱㅏㅎㅣㅎb"),
        ("", ""),
    ],
)
def test_syllables_are_letters_and_back(typed: str, letters: str) -> None:
    assert keys(typed) == letters
    assert syllables(letters) == typed


def test_letters_that_make_no_syllable_stay_alone() -> None:
    assert syllables("ㅂㅅㅐㅗㅇ") == "ㅂ새ㅗㅇ"
