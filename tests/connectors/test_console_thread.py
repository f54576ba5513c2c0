"""A ticket's conversation in front of an agent: it follows what is said."""

from __future__ import annotations

from playwright.sync_api import expect

from tests import files
from tests.connectors.browser import enter, waiting
from tests.connectors.conftest import App
from tests.connectors.test_files import sent
from tests.pages import OUTPUT, Window


def test_pictures_do_not_push_the_end_away(app: App, window: Window) -> None:
    app.rasa.mode = "hand_off"
    customer, code = waiting(app, "주문한 것과 다른 게 왔어요")
    for number in range(8):
        customer.say(f"{number + 1}번째 설명이에요")
    desk = window(1280, 800)
    enter(app, desk)
    desk.goto(f"{app.url}/console/tickets/{code}")
    expect(desk.locator(".msg.customer").last).to_be_in_viewport(ratio=1)
    OUTPUT.mkdir(exist_ok=True)
    for name, width, height in (("가로.png", 800, 600), ("세로.png", 450, 975)):
        sent(customer, name, files.png(width, height, 150))
        picture = desk.locator(f".picture img[alt='{name}']")
        expect(picture).to_have_js_property("naturalWidth", width)
        expect(picture).to_be_in_viewport(ratio=1)
        customer.say(f"{name} 사진을 봐 주세요")
        expect(desk.locator(".msg", has_text=f"{name} 사진을 봐 주세요")).to_be_in_viewport(ratio=1)
    desk.screenshot(path=OUTPUT / "console-picture-1280.png")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.reload()
    expect(desk.locator(".msg", has_text="세로.png 사진을 봐 주세요")).to_be_in_viewport(ratio=1)
    desk.screenshot(path=OUTPUT / "console-picture-390.png")


def test_a_notice_of_two_lines_is_centred_with_its_time_at_its_end(
    app: App, window: Window
) -> None:
    app.rasa.mode = "hand_off"
    _, code = waiting(app)
    desk = window(1280, 800)
    enter(app, desk)
    desk.goto(f"{app.url}/console/tickets/{code}")
    notice = desk.locator(".event").first
    expect(notice).to_be_visible()
    first, last, time, whole = notice.evaluate(
        """notice => {
          const range = document.createRange();
          range.selectNodeContents(notice.querySelector('p'));
          const lines = [...range.getClientRects()];
          return [lines[0], lines.at(-1), notice.querySelector('time').getBoundingClientRect(),
            notice.getBoundingClientRect()].map((box) => box.toJSON());
        }"""
    )
    assert first["bottom"] <= last["top"]
    assert abs(first["left"] - whole["left"] - (whole["right"] - first["right"])) < 2
    assert abs(last["bottom"] - time["bottom"]) < 6
    assert 0 < time["left"] - last["right"] < 16
    OUTPUT.mkdir(exist_ok=True)
    desk.screenshot(path=OUTPUT / "console-notice-1280.png")
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.screenshot(path=OUTPUT / "console-notice-390.png")
