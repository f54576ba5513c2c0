"""Pictures in the chat: whole, as small ones and when they are opened."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.connectors.conftest import App
from tests.files import png
from tests.pages import OUTPUT, Window


def size(picture: Locator) -> tuple[float, float]:
    """Its width and height, once it is there."""
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_attribute("style", re.compile("width"))
    box = picture.bounding_box()
    assert box is not None
    return box["width"], box["height"]


def test_a_tall_picture_is_seen_whole(app: App, window: Window) -> None:
    page = window()
    page.goto(f"{app.url}/help?lang=ko")
    phone = page.screenshot()  # as tall as what people send of their phones
    page.goto(app.url)
    page.locator("#launcher").click()
    page.locator("#clip").wait_for()
    with page.expect_file_chooser() as chooser:
        page.locator("#clip").click()
    sent = [("화면.png", phone), ("넓은.png", png(900, 300)), ("긴.png", png(60, 2000))]
    chooser.value.set_files(
        [{"name": name, "mimeType": "image/png", "buffer": content} for name, content in sent]
    )
    page.locator("#send").click()
    pictures = page.locator(".picture")
    expect(pictures).to_have_count(3)

    width, height = size(pictures.first)
    assert height == 200 and abs(width / height - 390 / 760) < 0.02
    fit = "one => getComputedStyle(one.querySelector('canvas')).objectFit"
    assert size(pictures.nth(1)) == (270, 200) and pictures.nth(1).evaluate(fit) == "contain"
    # Of one that would be a line, the beginning.
    assert size(pictures.last) == (84, 200) and pictures.last.evaluate(fit) == "cover"
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / "widget-pictures-390.png")

    with page.expect_popup() as opened:
        pictures.first.click()
    shown = opened.value.locator("img")
    assert shown.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [390, 760]
    opened.value.screenshot(path=OUTPUT / "widget-picture-opened-390.png")
    page.set_viewport_size({"width": 1280, "height": 800})
    pictures.first.scroll_into_view_if_needed()
    page.screenshot(path=OUTPUT / "widget-pictures-1280.png")
