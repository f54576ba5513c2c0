"""In which language the desk answers."""

from __future__ import annotations

import pytest

from connectors.phrases import language


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("where is it", "ko", "en"),
        ("환불 please now", "en", "ko"),
        ("AS", "ko", "ko"),
        ("A/S", "ko", "ko"),
        ("how r u", "ko", "en"),
        ("hong.gildong@example.com", "ko", "ko"),
        ("https://www.haneul.example/goods/12", "ko", "ko"),
        ("my email is tom@example.com", "ko", "en"),
    ],
)
def test_an_address_says_nothing_of_the_language(text: str, default: str, expected: str) -> None:
    assert language(text, default) == expected
