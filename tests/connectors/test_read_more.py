"""A part of a long article leads to the rest of it, on every channel."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from connectors.channel import Outgoing
from connectors.kakao import answer as kakao
from connectors.rasa import ArticleRef
from connectors.telegram.sending import words
from connectors.web.chat import article_link

SHOP = "https://shop.kr"


def line(article: dict[str, Any], locale: str = "ko") -> Outgoing:
    return Outgoing(
        seq=1, author="bot", author_name="", kind="answer", locale=locale, text="받는 분이 내요.",
        article=article_link(article, SHOP),
    )  # fmt: skip


PART = {"id": "overseas", "locale": "ko", "title": "해외 배송", "anchor": "s2"}


def test_the_link_leads_to_the_heading() -> None:
    url = f"{SHOP}/help/overseas?lang=ko"
    assert article_link(PART, SHOP) == {
        "id": "overseas", "title": "해외 배송", "url": f"{url}#s2", "more": True
    }  # fmt: skip
    top = article_link(PART | {"anchor": ""}, SHOP)
    assert top == {"id": "overseas", "title": "해외 배송", "url": url, "more": True}
    whole = {"id": "overseas", "locale": "ko", "title": "해외 배송"}
    assert article_link(whole, SHOP) == {"id": "overseas", "title": "해외 배송", "url": url}


def test_telegram_says_that_there_is_more() -> None:
    assert words(line(PART)).endswith(f"📄 해외 배송\n더 보기: {SHOP}/help/overseas?lang=ko#s2")
    assert "\nRead more: https" in words(line(PART | {"locale": "en"}, "en"))


def test_kakao_has_a_button_for_it() -> None:
    card = kakao._outputs(line(PART), "받는 분이 내요.", 0)[0]["textCard"]
    assert card["buttons"] == [
        {"action": "webLink", "label": "더 보기", "webLinkUrl": f"{SHOP}/help/overseas?lang=ko#s2"}
    ]


@pytest.mark.parametrize("anchor", ["s1 onclick=x", "javascript:", "s99999", "S2"])
def test_nothing_but_an_anchor_of_ours_is_taken(anchor: str) -> None:
    with pytest.raises(ValidationError):
        ArticleRef.model_validate(PART | {"anchor": anchor})
