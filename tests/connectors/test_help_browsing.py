"""The help centre in a real browser: searching while one types, and what comes after a vote."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.connectors.conftest import App
from tests.connectors.test_help import app, publish
from tests.pages import Window

__all__ = ["app"]  # fixture


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


def test_whoever_comes_back_from_a_suggestion_finds_what_was_typed(
    app: App, window: Window
) -> None:
    page = window(390, 760)
    page.goto(f"{app.url}/help?lang=ko")
    page.locator("#q").press_sequentially("수단")
    page.locator("#q-list [role=option]").first.click()
    expect(page).to_have_url(f"{app.url}/help/refund-method?lang=ko")
    page.go_back()
    expect(page.locator("#q")).to_have_value("수단")
    page.locator("#q").click()
    expect(page.locator("#q-list [role=option]").first).to_contain_text("환불 수단")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_smallest_phone_shows_all_of_the_search(app: App, window: Window, lang: str) -> None:
    page = window(320, 640)
    page.goto(f"{app.url}/help?lang={lang}")
    expect(page.locator(".search button")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 320


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


def test_a_long_article_begins_with_where_things_are(app: App, window: Window) -> None:
    body = "".join(f"## {place} <i>{{{place}}}</i>\n\n" + "글.\n\n" * 30 for place in "가나다")
    publish(app.sessions, "long", title="긴 안내", body=f"시작\n\n{body}")
    page = window(390, 760)
    page.goto(f"{app.url}/help/refund-when?lang=ko")
    expect(page.locator(".toc")).to_have_count(0)
    page.goto(f"{app.url}/help/long?lang=ko")
    places = page.get_by_role("navigation", name="이 도움말의 내용").get_by_role("link")
    expect(places).to_have_text([f"{one} <i>{{{one}}}</i>" for one in "가나다"])
    places.last.click()
    expect(page.locator("#s3")).to_be_in_viewport()
    expect(page).to_have_url(f"{app.url}/help/long?lang=ko#s3")
