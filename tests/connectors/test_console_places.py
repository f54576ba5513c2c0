"""The console's places: beside the page, or in a bar under it on a phone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.connectors.browser import PASSWORD, link_for
from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window


def test_on_a_phone_every_place_is_within_reach(app: App, window: Window) -> None:
    desk = window(1280, 800)
    desk.goto(app.url + link_for(app, "관리하는 사람", role="admin"))
    for field in ("password", "again"):
        desk.locator(f"[name={field}]").fill(PASSWORD)
    desk.locator("form button").last.click()
    bar, more = desk.locator(".places"), desk.locator(".places .more")
    tools, people = bar.get_by_role("link", name="도구"), bar.get_by_role("link", name="상담원")
    expect(tools).to_be_visible()
    expect(more).to_be_hidden()
    OUTPUT.mkdir(exist_ok=True)
    desk.screenshot(path=OUTPUT / "console-places-1280.png")

    desk.set_viewport_size({"width": 390, "height": 844})
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")
    expect(tools).to_be_hidden()
    desk.screenshot(path=OUTPUT / "console-places-390.png")
    more.click()
    for place in (tools, people):
        expect(place).to_be_in_viewport(ratio=1)
    desk.screenshot(path=OUTPUT / "console-places-open-390.png")
    desk.keyboard.press("Escape")
    expect(tools).to_be_hidden()
    expect(more).to_be_focused()
    more.click()
    tools.click()
    expect(desk).to_have_url(re.compile(r"/console/macros"))
    expect(tools).to_be_hidden()
    expect(more).to_have_class(re.compile(r"\bhere\b"))
    desk.screenshot(path=OUTPUT / "console-places-here-390.png")

    desk.set_viewport_size({"width": 820, "height": 1180})
    expect(people).to_be_visible()
    expect(more).to_be_hidden()
    desk.screenshot(path=OUTPUT / "console-places-820.png")
