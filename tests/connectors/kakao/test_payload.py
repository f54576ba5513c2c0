"""Skill payloads of the shapes the open builder sends, and what is read in them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.kakao import answer, payload
from tests.fakes.kakao import check, replies, skill_payload

SHAPES = Path(__file__).parents[2] / "payloads" / "kakao"


@pytest.mark.parametrize(
    ("shape", "text", "pressed", "callback"),
    [
        ("utterance", "배송비가 얼마예요?", None, None),
        ("quick_reply", "상담원 연결", "/human", None),
        ("callback", "오래 걸리는 질문", None, "https://bot-api.kakao.com/callback/5f1d1a2b"),
        ("skill_test", "발화 내용", None, None),
    ],
)
def test_every_shape_is_read(
    shape: str, text: str, pressed: str | None, callback: str | None
) -> None:
    read = payload.read((SHAPES / f"{shape}.json").read_bytes())
    assert (read.text, read.payload, read.callback_url) == (text, pressed, callback)
    assert read.address.channel == "kakao" and read.address.external_id and not read.fetch


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize("key", ["slow", "nothing_new", "with_person"])
def test_what_we_say_ourselves_can_be_shown_and_its_button_is_understood(
    key: str, locale: str
) -> None:
    made = answer.notice(key, locale, web_url="https://help.example.com/?continue=ABC")
    check(made)
    (button,) = replies(made)
    asked = skill_payload(button["messageText"], user="u", lang=locale)
    assert payload.read(json.dumps(asked).encode()).fetch
