"""The widget goes on elsewhere: with a code of its menu, and for whoever the shop signs in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.connectors.conftest import App, running
from tests.connectors.test_identity import SECRET, signed
from tests.pages import OUTPUT, Window


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"identity_secret": SECRET}


def say(page: Page, text: str) -> None:
    page.locator("#launcher").click()
    page.locator("#text").fill(text)
    page.locator("#text").press("Enter")
    expect(page.locator(".m.bot")).to_have_count(1)


def offered(page: Page) -> None:
    """Open what the menu offers; its ways are in line with the menu's other entries."""
    page.locator("#more").click()
    page.locator("#elsewhere").click()
    way = page.locator("#code button")
    way.wait_for()
    boxes = [one.bounding_box() for one in (page.locator("#elsewhere"), way)]
    assert boxes[0] and boxes[1]
    assert (boxes[0]["x"], boxes[0]["width"]) == (boxes[1]["x"], boxes[1]["width"])
    OUTPUT.mkdir(exist_ok=True)


def test_a_conversation_goes_on_in_another_browser(app: App, window: Window) -> None:
    first, second = window(), window(1280, 800)
    first.goto(app.url)
    first.context.grant_permissions(["clipboard-read", "clipboard-write"])
    say(first, "여기서 시작한 이야기예요")
    offered(first)
    expect(first.locator("#code")).not_to_contain_text(re.compile("카카오톡|메신저|텔레그램|코드"))
    first.screenshot(path=OUTPUT / "elsewhere-web.png")
    first.locator("#code button").click()
    expect(first.locator("#code button")).to_have_text("복사했어요")

    address = first.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{app.url}/?continue=")
    second.goto(address)
    expect(second.locator("#sure")).to_be_focused()
    expect(second.locator("#sure")).to_contain_text("다른 사람이 보내 준 링크라면 이어오지 마세요.")
    expect(second.locator("#log")).to_be_empty()
    second.screenshot(path=OUTPUT / "elsewhere-sure-1280.png")
    second.locator("#sure button").first.click()
    expect(second.locator("#log")).to_contain_text("여기서 시작한 이야기예요")
    expect(second.locator("#log")).to_contain_text("하나의 상담으로 이어져요")
    assert "continue" not in second.url
    second.screenshot(path=OUTPUT / "elsewhere-second.png")
    second.locator("#text").fill("여기서도 이어 써요")
    second.locator("#text").press("Enter")
    expect(first.locator("#log")).to_contain_text("여기서도 이어 써요")


def test_who_opens_somebody_elses_address_is_asked_and_says_no(app: App, window: Window) -> None:
    page, mallory = window(), app.visitor()
    code = mallory.http.post("/chat/link-codes").json()["code"]
    page.goto(f"{app.url}/?lang=en&continue={code}")
    asked = page.locator("#sure")
    expect(asked).to_contain_text("If somebody else sent you this link, don’t.")
    page.screenshot(path=OUTPUT / "elsewhere-sure-390.png")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="No")).to_be_focused()
    page.keyboard.press("Enter")
    expect(asked).to_have_count(0)
    page.locator("#text").fill("My account is 110-222-333333")
    page.locator("#text").press("Enter")
    expect(page.locator(".m.bot")).to_have_count(1)
    assert mallory.history() == []
    expect(page).to_have_url(f"{app.url}/?lang=en")
    page.reload()
    page.locator("#launcher").click()
    expect(page.locator("#log")).to_contain_text("My account")
    expect(asked).to_have_count(0)


def test_the_page_signs_in_whoever_the_shop_says_is_there(app: App, window: Window) -> None:
    laptop, phone = window(), window()
    laptop.goto(app.url)
    say(laptop, "로그인하기 전에 쓴 말")
    laptop.evaluate("token => Sangdam.identify(token)", signed("C-77"))
    expect(laptop.locator("#log")).to_contain_text("로그인하기 전에 쓴 말")
    phone.goto(app.url)
    phone.evaluate("token => Sangdam.identify(token)", signed("C-77"))
    phone.locator("#launcher").click()
    expect(phone.locator("#log")).to_contain_text("로그인하기 전에 쓴 말")


def test_a_browser_forgets_who_logs_out_of_the_shop(app: App, window: Window) -> None:
    page = window()
    shop = f'<script src="{app.url}/widget.js" data-lang="ko" data-identity="{{}}" async></script>'
    said = ""

    def load(identity: str) -> None:
        nonlocal said
        said = f"<!doctype html><body>{shop.format(identity)}"
        page.goto(f"{app.url}/shop")

    page.route("**/shop", lambda route: route.fulfill(content_type="text/html", body=said))
    # What somebody said in whose name nothing was signed is still there.
    load("")
    say(page, "로그인하기 전에 쓴 말")
    load("")
    page.locator("#launcher").click()
    expect(page.locator("#log")).to_contain_text("로그인하기 전에 쓴 말")

    load(signed("C-77"))
    page.locator("#launcher").click()
    page.locator("#text").fill("제 계좌는 110-222-333333")
    page.locator("#text").press("Enter")
    expect(page.locator(".m.bot")).to_have_count(2)
    page.locator("#text").fill("다 못 쓴 말")
    for logged_out in (lambda: load(""), lambda: page.evaluate("Sangdam.identify('')")):
        logged_out()
        page.wait_for_function("!Object.keys(localStorage).some((name) => name.endsWith(':token'))")
        if page.locator("#launcher").is_visible():
            page.locator("#launcher").click()
        expect(page.locator("#text")).to_have_value("")
        expect(page.locator("#log")).to_be_empty()
        # The next one is somebody new.
        page.locator("#text").fill("다른 사람이 쓴 말")
        page.locator("#text").press("Enter")
        expect(page.locator(".m.bot")).to_have_count(1)
        expect(page.locator("#log")).not_to_contain_text("110-222")
        page.evaluate("token => Sangdam.identify(token)", signed("C-78"))
        expect(page.locator("#log")).to_contain_text("다른 사람이 쓴 말")


def test_where_a_page_may_not_copy_the_address_is_shown(app: App, window: Window) -> None:
    page = window()
    # As on a page without https.
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(app.url)
    say(page, "여기서 시작한 이야기예요")
    offered(page)
    page.locator("#code button").click()
    address = re.compile(rf"^{app.url}/\?continue=\w{{8}}$")
    expect(page.locator("#code button")).to_have_text(address)
    page.screenshot(path=OUTPUT / "elsewhere-address.png")


def test_a_messenger_is_spoken_of_where_one_is_connected(
    database_url: str, tmp_path: Path, window: Window
) -> None:
    page = window()
    with running(database_url, tmp_path, kakao_secret="비밀") as app:
        page.goto(app.url)
        say(page, "카카오톡에서 이어 쓸 말")
        offered(page)
        expect(page.locator("#code")).to_contain_text("카카오톡에서는 “이어하기”와 이 코드를")
        expect(page.locator("#code strong")).to_have_text(re.compile(r"[0-9A-Z]{4} [0-9A-Z]{4}"))
        page.screenshot(path=OUTPUT / "elsewhere-kakao.png")
