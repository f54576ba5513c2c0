"""Files in a real browser: from the customer to the Slack thread, and from there back."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect, sync_playwright

from connectors.web.widget import script
from tests import files
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, state
from tests.fakes.slack import FakeSlack
from tests.pages import errors_of
from ticketing import attachments, file_types

# Where to leave pictures of what is shown; for people who work on the widget.
PICTURES = os.environ.get("WIDGET_PICTURES")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}


PASTE = """(field, bytes) => {
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([new Uint8Array(bytes)], 'image.png', { type: 'image/png' }));
  const how = { clipboardData, bubbles: true, composed: true };
  field.dispatchEvent(new ClipboardEvent('paste', how));
}"""
DROP = """(log) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(['words'], '메모.txt', { type: 'text/plain' }));
  const how = { dataTransfer, bubbles: true, cancelable: true, composed: true };
  const kept = log.dispatchEvent(new DragEvent('dragover', how));
  if (kept) throw new Error('the browser would open the file instead');
  log.dispatchEvent(new DragEvent('drop', how));
}"""


@pytest.fixture(params=list(SIZES))
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """A browser window of a desktop or a phone, on which no script may fail."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    width, height = SIZES[request.param]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        context = browser.new_context(
            locale="ko-KR",
            viewport={"width": width, "height": height},
            has_touch=request.param == "phone",
            accept_downloads=True,
        )
        context.set_default_timeout(15_000)
        made = context.new_page()
        errors = errors_of(made)
        yield made
        browser.close()
    assert not errors, errors


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}-{page.viewport_size['width']}.png")  # type: ignore[index]  # it has one


def open_chat(page: Page, app: App) -> None:
    page.goto(f"{app.url}/?lang=ko")
    page.locator("#launcher").click()
    expect(page.locator("#text")).to_be_visible()


def choose(page: Page, *chosen: tuple[str, str, bytes]) -> None:
    """Pick files with the paperclip."""
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="파일 첨부").click()
    payloads: Any = [
        {"name": n, "mimeType": kind, "buffer": content} for n, kind, content in chosen
    ]
    # Ten mebibytes travel into a busy browser as text.
    chooser.value.set_files(payloads, timeout=60_000)


def test_a_file_goes_to_slack_and_one_comes_back(
    page: Page, app: App, slack: FakeSlack, tmp_path: Path
) -> None:
    open_chat(page, app)
    page.locator("#text").fill("결제 화면이 이상해요")
    page.locator("#text").press("Enter")
    card = str(slack.until(slack.cards)[0]["ts"])
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))

    choose(
        page,
        ("결제 화면.png", "image/png", files.png(320, 200, 140)),
        ("영수증.pdf", "application/pdf", files.PDF),
    )
    expect(page.locator("#tray li")).to_have_count(2)
    expect(page.locator("#tray canvas")).to_be_visible()
    expect(page.locator("#send")).to_have_attribute("aria-disabled", "false")
    picture(page, "1-chosen")
    page.locator("#text").press("Enter")
    expect(page.locator("#tray")).to_be_hidden()
    expect(page.locator(".m.customer .picture canvas")).to_be_visible()
    expect(page.locator(".m.customer .attached b")).to_have_text("영수증.pdf")
    slack.until(lambda: [s.title for s in slack.files.stored.values()][-1:] == ["영수증.pdf"])
    stored = list(slack.files.stored.values())
    assert [one.content for one in stored] == [files.png(320, 200, 140), files.PDF]

    map_, terms = files.png(240, 180, 60), "환불 약관".encode()
    slack.say(
        AGENT,
        "여기를 눌러 보세요",
        card,
        files=[
            slack.files.add("약도.png", map_),
            slack.files.add("약관 <b>.txt", terms, mimetype="text/plain"),
        ],
    )
    answer = page.locator(".m.agent").last
    expect(answer.locator(".t")).to_have_text("여기를 눌러 보세요")
    expect(answer.locator(".picture canvas")).to_be_visible()
    expect(answer.locator(".picture")).to_have_accessible_name("사진 약도.png, 새 창에서 열기")
    expect(answer.locator(".picture canvas")).to_have_js_property("width", 240)
    picture(page, "2-answered")
    with page.expect_download() as download:
        answer.locator(".attached").click()
    assert download.value.suggested_filename == "약관 b .txt"
    download.value.save_as(tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == terms

    page.reload()  # what was sent is history
    if not page.locator("#panel").is_visible():
        page.locator("#launcher").click()
    expect(page.locator(".picture canvas")).to_have_count(2)
    expect(page.locator(".attached")).to_have_count(2)


def test_what_is_not_taken_is_said_where_it_lies(page: Page, app: App, slack: FakeSlack) -> None:
    open_chat(page, app)
    choose(
        page,
        ("a.exe", "application/x-msdownload", b"MZ"),
        ("b.txt", "text/plain", b"a" * (attachments.LIMIT + 1)),
        ("c.txt", "text/plain", b""),
        ("d.png", "image/png", files.HTML),
        ("e.txt", "text/plain", b"words"),
        ("f.txt", "text/plain", b"words"),
    )
    tray = page.locator("#tray")
    expect(tray.get_by_role("alert").nth(3)).to_have_text("한 번에 5개까지 보낼 수 있어요")
    expect(tray.get_by_role("alert")).to_have_text(
        [
            "보낼 수 없는 형식이에요",
            "10MB까지 보낼 수 있어요",
            "빈 파일이에요",
            "한 번에 5개까지 보낼 수 있어요",
        ]
    )
    page.locator("#send").click()
    expect(page.locator(".m.customer .attached b")).to_have_text("e.txt")
    expect(tray.locator(".bad")).to_have_count(4)
    expect(tray.locator("li", has_text="d.png")).to_contain_text("보낼 수 없는 형식이에요")
    picture(page, "3-refused")
    for name in ("a.exe", "b.txt", "c.txt", "d.png"):
        page.get_by_role("button", name=f"{name} 빼기").click()
    expect(tray).to_be_hidden()
    expect(page.locator(".m.customer")).to_have_count(1)


def test_an_answer_that_is_lost_does_not_double_the_file(
    page: Page, app: App, slack: FakeSlack
) -> None:
    """The file is taken, the answer lost, and a page without a connection for a moment."""
    lost: list[str] = []

    def drop(route: Route) -> None:
        if len(lost) < 2:
            lost.append(route.request.headers["client-id"])
            if len(lost) == 1:
                route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/chat/files", drop)
    open_chat(page, app)
    page.locator("#text").evaluate(PASTE, list(files.png(64, 64)))
    expect(page.locator("#tray canvas")).to_be_visible()
    page.locator("#send").click()
    expect(page.locator("#tray")).to_be_hidden()
    expect(page.locator(".m.customer .picture")).to_have_count(1)
    assert len(lost) == 2 and len(set(lost)) == 1


def test_a_file_that_is_dropped_on_the_chat_is_chosen(
    page: Page, app: App, slack: FakeSlack
) -> None:
    open_chat(page, app)
    page.locator("#log").evaluate(DROP)
    expect(page.locator("#tray b")).to_have_text("메모.txt")
    page.keyboard.press("Enter")
    expect(page.locator(".m.customer .attached b")).to_have_text("메모.txt")


def test_the_widget_offers_what_is_taken() -> None:
    """The list in the script is the one that decides here."""
    source = script()[0].decode()
    listed = source.partition("KINDS = '")[2].partition("'")[0].split(",")
    assert set(listed) == {f".{ending}" for ending in file_types.ENDINGS}
