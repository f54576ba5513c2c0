"""The field that customers write in."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window


def test_it_grows_with_what_is_written_and_shrinks_when_sent(app: App, window: Window) -> None:
    page = window()
    page.goto(app.url)
    page.locator("#launcher").click()
    field = page.locator("#text")

    def height() -> int:
        return field.evaluate("field => field.offsetHeight")

    assert height() == 37
    for line in range(4):
        field.press_sequentially(f"{line + 1}번째 줄")
        field.press("Shift+Enter")
    field.press_sequentially("마지막 줄")
    assert 120 < height() < 136
    assert field.evaluate("field => field.scrollHeight <= field.clientHeight")
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / "widget-field-390.png")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.screenshot(path=OUTPUT / "widget-field-1280.png")
    field.fill("한 줄\n" * 20)
    assert height() == 136
    field.press("Enter")
    expect(field).to_have_value("")
    assert height() == 37
