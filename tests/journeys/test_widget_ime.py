"""What a customer types reaches the server once, whatever keyboard, connection or tab was used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, Route, expect

SENT = "**/chat/messages"

HISTORY = """async () => {
  const name = Object.keys(localStorage).find((key) => key.endsWith(':token'));
  if (!name) return [];
  const headers = { Authorization: `Bearer ${localStorage.getItem(name)}` };
  const { messages } = await (await fetch('/chat/messages?after=0', { headers })).json();
  return messages.filter((m) => m.author === 'customer').map((m) => m.text);
}"""


def open_chat(page: Page, app_url: str) -> None:
    """The demo shop in Korean with the chat open and the cursor in the field."""
    page.goto(f"{app_url}/?lang=ko")
    if not page.locator("#panel").is_visible():  # a reload keeps it open
        page.locator("#launcher").click()
    expect(page.locator("#text")).to_be_visible()
    page.locator("#text").focus()


def say(page: Page, text: str) -> None:
    """Type without an input method and press Enter."""
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")


def shown(page: Page) -> list[str]:
    """The customer's own messages as this tab shows them."""
    return page.locator(".m.customer .t").all_inner_texts()


def expect_delivered(page: Page, *texts: str) -> None:
    """The server holds exactly these, in order; a doubled one would precede the last marker."""
    say(page, "끝")
    expect(page.locator(".m.customer .t").last).to_have_text("끝")
    expect(page.locator(".m.pending")).to_have_count(0)
    assert page.evaluate(HISTORY) == [*texts, "끝"]
    expect(page.locator(".m.customer .t")).to_have_text([*texts, "끝"])


class Keyboard:
    """A Korean input method, driven over the DevTools protocol."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cdp: CDPSession = page.context.new_cdp_session(page)

    def compose(self, committed: str, steps: str) -> None:
        """Type ``committed``, then leave the last of ``steps`` under composition."""
        if committed:
            self.cdp.send("Input.insertText", {"text": committed})
        for step in steps:
            position = {"selectionStart": len(step), "selectionEnd": len(step)}
            self.cdp.send("Input.imeSetComposition", {"text": step, **position})

    def commit(self, syllable: str) -> None:
        """End the composition."""
        self.cdp.send("Input.insertText", {"text": syllable})

    def enter(self, code: int, kind: str = "rawKeyDown") -> None:
        """Enter as the browser reports it: 229 when the input method saw it first, else 13."""
        key = "Process" if code == 229 else "Enter"
        event: dict[str, Any] = {
            "type": kind, "key": key, "code": "Enter", "windowsVirtualKeyCode": code
        }  # fmt: skip
        self.cdp.send("Input.dispatchKeyEvent", event)
        if code == 229:  # the page has handled the key before the input method goes on
            self.page.evaluate(
                "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
            )

    def line_break(self) -> None:
        """What a phone's keyboard sends: no key, only the line break itself."""
        self.cdp.send("Input.dispatchKeyEvent", {"type": "char", "text": "\r"})


def windows(keys: Keyboard) -> None:
    """Chrome on Windows and Linux: the key, then the end of the composition."""
    keys.enter(229)
    keys.commit("요")
    keys.enter(13, "keyUp")


def mac(keys: Keyboard) -> None:
    """Chrome on a Mac: the key, the end of the composition, and the key again."""
    keys.enter(229)
    keys.commit("요")
    keys.enter(13, "keyDown")
    keys.line_break()
    keys.enter(13, "keyUp")


def safari(keys: Keyboard) -> None:
    """Safari: the end of the composition first, then the key with code 229."""
    keys.commit("요")
    keys.enter(229)
    keys.enter(13, "keyUp")


def phone(keys: Keyboard) -> None:
    """A phone: the composition ends and a line break arrives without any key."""
    keys.commit("요")
    keys.line_break()


def click(keys: Keyboard) -> None:
    """The send button, with the last syllable still under composition."""
    keys.page.locator("#send").click()


@pytest.mark.parametrize("enter", [windows, mac, safari, phone, click])
def test_enter_while_composing_sends_once(
    page: Page, app_url: str, enter: Callable[[Keyboard], None]
) -> None:
    open_chat(page, app_url)
    keys = Keyboard(page)
    keys.compose("안녕하세", "ㅇ요")
    expect(page.locator("#text")).to_have_value("안녕하세요")
    enter(keys)
    expect(page.locator(".m.customer .t")).to_have_text(["안녕하세요"])
    expect(page.locator("#text")).to_have_value("")
    keys.compose("", "ㄴ네")  # the field is ready for the next word at once
    expect(page.locator("#text")).to_have_value("네")
    keys.commit("네")
    expect(page.locator("#text")).to_have_value("네")
    expect_delivered(page, "안녕하세요")


def test_composing_alone_sends_nothing_and_leaves_the_field_alone(page: Page, app_url: str) -> None:
    open_chat(page, app_url)
    keys = Keyboard(page)
    field = page.locator("#text")
    before = field.get_attribute("placeholder")
    for step in ("ㅎ", "화", "환"):
        keys.compose("", step)
        assert field.input_value() == step
        assert field.get_attribute("placeholder") == before
    keys.commit("환")
    keys.compose("", "ㅂ부불")
    keys.commit("불")
    assert field.input_value() == "환불"
    assert shown(page) == []


def test_shift_enter_makes_a_new_line(page: Page, app_url: str) -> None:
    open_chat(page, app_url)
    field = page.locator("#text")
    field.press_sequentially("첫 줄")
    field.press("Shift+Enter")
    field.press_sequentially("둘째 줄")
    field.press("Enter")
    expect_delivered(page, "첫 줄\n둘째 줄")


def test_written_offline_sent_when_back(page: Page, app_url: str) -> None:
    open_chat(page, app_url)
    page.context.set_offline(True)
    expect(page.locator("#status")).to_have_text("오프라인이에요. 연결되면 보내드릴게요")
    say(page, "하나")
    say(page, "둘")
    expect(page.locator(".m.pending .t")).to_have_text(["하나", "둘"])
    page.context.set_offline(False)
    expect(page.locator(".m.pending")).to_have_count(0)
    expect(page.locator("#status")).to_be_hidden()
    expect_delivered(page, "하나", "둘")


def test_unsent_message_survives_a_reload(page: Page, app_url: str) -> None:
    open_chat(page, app_url)
    page.route(SENT, lambda route: route.abort())
    say(page, "돌아오면 보내 주세요")
    expect(page.locator(".m.pending")).to_have_count(1)
    page.reload()
    open_chat(page, app_url)
    expect(page.locator(".m.pending .t")).to_have_text(["돌아오면 보내 주세요"])
    page.unroute(SENT)
    page.reload()
    open_chat(page, app_url)
    expect(page.locator(".m.pending")).to_have_count(0)
    expect_delivered(page, "돌아오면 보내 주세요")


def test_lost_reply_and_reload_do_not_double(page: Page, app_url: str) -> None:
    open_chat(page, app_url)
    taken: list[int] = []

    def lose_the_reply(route: Route) -> None:
        if route.request.method == "POST":
            taken.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    page.route(SENT, lose_the_reply)
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/messages")):
        say(page, "한 번만")
    page.unroute(SENT)
    page.reload()
    open_chat(page, app_url)
    expect(page.locator(".m.pending")).to_have_count(0)
    assert taken[0] == 202
    expect_delivered(page, "한 번만")


def test_half_typed_text_survives_a_reload(page: Page, app_url: str) -> None:
    open_chat(page, app_url)
    page.locator("#text").press_sequentially("쓰다 만 글")
    page.reload()
    open_chat(page, app_url)
    expect(page.locator("#text")).to_have_value("쓰다 만 글")


def test_two_tabs_show_the_same_and_send_in_order(page: Page, app_url: str) -> None:
    open_chat(page, app_url)
    other = page.context.new_page()
    open_chat(other, app_url)
    say(page, "시작")
    expect(other.locator(".m.customer .t")).to_have_text(["시작"])

    page.context.set_offline(True)
    for tab, text in ((page, "하나"), (other, "둘"), (page, "셋"), (other, "넷")):
        say(tab, text)
        for each in (page, other):
            expect(each.locator(".m.customer .t").last).to_have_text(text)
    page.context.set_offline(False)

    for each in (page, other):
        expect(each.locator(".m.pending")).to_have_count(0)
    expect_delivered(page, "시작", "하나", "둘", "셋", "넷")
    expect(other.locator(".m.customer .t")).to_have_text(["시작", "하나", "둘", "셋", "넷", "끝"])
    other.close()
