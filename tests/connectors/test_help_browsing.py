"""The help centre in a real browser: searching while one types, and what comes after a vote."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.connectors.conftest import App
from tests.connectors.test_elsewhere import Window, chromium, window
from tests.connectors.test_help import app

__all__ = ["app", "chromium", "window"]  # fixtures


@pytest.mark.parametrize("path", ["/help?lang=ko", "/help/refund-method?lang=ko"])
def test_no_letter_of_a_syllable_is_searched_for(app: App, window: Window, path: str) -> None:
    """On every page, an article's too: many visitors come to one from elsewhere."""
    page = window(390, 760)
    asked: list[str] = []

    def note(url: str) -> None:
        if "/help/suggest/" in url:
            asked.extend(parse_qs(urlsplit(url).query)["q"])

    page.on("request", lambda request: note(request.url))
    page.clock.install()
    page.goto(app.url + path)
    page.locator("#q").click()
    typing = page.context.new_cdp_session(page)
    for letters in ("ㅎ", "화", "환", "환ㅂ", "환부", "환불"):
        place = {"selectionStart": len(letters), "selectionEnd": len(letters)}
        typing.send("Input.imeSetComposition", {"text": letters, **place})
        page.clock.run_for(300)
    typing.send("Input.insertText", {"text": "환불"})
    page.clock.run_for(300)
    expect(page.locator("#q-list [role=option]").first).to_contain_text("환불")
    assert asked == ["환불"]
    page.locator("#q").press("Enter")
    expect(page).to_have_title("‘환불’에 대한 도움말 · 도움말 센터")


def test_whoever_was_not_helped_is_offered_the_chat_there(app: App, window: Window) -> None:
    page = window(390, 760)
    page.goto(f"{app.url}/help/refund-method?lang=ko")
    chat = page.locator(".vote [data-chat]")
    expect(chat).to_be_hidden()
    page.locator(".vote [value=yes]").click()
    expect(page.locator(".vote [role=status]")).not_to_be_empty()
    expect(chat).to_be_hidden()
    page.locator(".vote [value=no]").click()
    chat.click()
    expect(page.locator("#text")).to_be_visible()
