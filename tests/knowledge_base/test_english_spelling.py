"""Slips of the finger in English words are mended, and what is no slip is left alone."""

from __future__ import annotations

import pytest

from knowledge_base.spelling import Spelling
from knowledge_base.spelling.english import english

SHOP = Spelling(
    [
        "How do I return an item?",
        "What are points?",
        "Deliveries to islands",
        "Hanbok care",
        "My refund",
        "환불",
    ]
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how do I reutrn it", "how do I return it"),
        ("can I pay with poitns?", "can I pay with points?"),
        ("my pacage, please", "my package, please"),
        ("do you ship to isllands", "do you ship to islands"),
        ("hanbpk in the wash", "hanbok in the wash"),
        ("Where is my ordder and my refumd", "Where is my order and my refund"),
        ("howdo I return it", "how do I return it"),
        ("Whereis my refund", "where is my refund"),
        ("can i geta giftcard fromyou", "can i get a gift card from you"),
        ("care of myhanbok", "care of my hanbok"),
    ],
)
def test_a_slip_is_mended(typed: str, meant: str) -> None:
    assert SHOP.corrected(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "Why cant I return it? I dont know whats wrong",
        "returning returned refunds packages",
        "mail jonh@exampel.com or see shpo.example.com/retrun",
        "order AB-1234x, size XXLL5",
        "someone's country's mother-in-lwa",
        "teh fo adn",
        "xqzvwk pneumonoultramicroscopicsilicovolcanoconiosis",
        "환불 refumd 언제 돼요",
        "",
    ],
)
def test_what_is_no_slip_stays(typed: str) -> None:
    assert SHOP.corrected(typed) == typed


def test_at_most_a_few_words_of_a_message_are_mended() -> None:
    assert SHOP.corrected("poitns " * 8).split() == ["points"] * 5 + ["poitns"] * 3


def test_common_words_come_first() -> None:
    assert english()["with"] < english()["customer"]
    assert "the" not in english() and "##ing" not in english()
