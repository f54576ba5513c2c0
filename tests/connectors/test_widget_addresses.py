"""Addresses in the chat: what the bot says and what a customer says, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from knowledge_base.addresses import split
from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window
from tests.xss import CORPUS

SAID = """주소는 https://example.com/a_(b)에서 보세요 (http://a.kr/b?c=1&d=2).
www.naver.com을 열거나 help@shop.co.kr로 써 주세요, “https://b.kr”…
javascript:alert(1) www. a@b https:// 주문 2026-1234-5678"""
LED = [
    ("https://example.com/a_(b)", "https://example.com/a_(b)"),
    ("http://a.kr/b?c=1&d=2", "http://a.kr/b?c=1&d=2"),
    ("www.naver.com", "https://www.naver.com/"),
    ("help@shop.co.kr", "mailto:help@shop.co.kr"),
    ("https://b.kr", "https://b.kr/"),
]


def told(page: Page, text: str) -> list[tuple[str, str]]:
    """Say it, wait for the bot that repeats it, and give the links of what the bot said."""
    before = page.locator(".m.bot").count()
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
    expect(page.locator(".m.bot")).to_have_count(before + 1)
    bot = page.locator(".m.bot").last.locator(".t")
    assert bot.evaluate("words => words.textContent").endswith(text.strip())
    found: list[tuple[str, str]] = bot.locator("a").evaluate_all(
        "all => all.map(one => [one.textContent, one.href])"
    )
    return [(words, href) for words, href in found]


def test_addresses_are_links_and_nothing_else_is(app: App, window: Window) -> None:
    page = window()
    page.goto(app.url)
    page.locator("#launcher").click()
    assert told(page, SAID) == LED
    for link in page.locator(".t a").all():
        expect(link).to_have_attribute("rel", "noopener noreferrer")
    mail = page.locator(".t a[href^=mailto]").last
    assert mail.get_attribute("target") is None
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / "widget-addresses-390.png")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.screenshot(path=OUTPUT / "widget-addresses-1280.png")


@pytest.mark.parametrize("at", range(0, len(CORPUS), 20))
def test_the_widget_and_the_help_centre_find_the_same(app: App, window: Window, at: int) -> None:
    page = window()
    page.goto(app.url)
    page.locator("#launcher").click()
    text = "\n".join(" ".join(one.split()) for one in CORPUS[at : at + 20])
    led = told(page, text)
    assert [words for words, _ in led] == [said for said, address in split(text) if address]
    assert all(href.startswith(("https://", "http://", "mailto:")) for _, href in led)
