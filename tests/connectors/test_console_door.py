"""The sign-in page in several tabs: one of them changes who is there, and the others are behind."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.connectors.browser import PASSWORD, Browser, name, signed_in, text_of
from tests.connectors.conftest import App
from tests.connectors.test_elsewhere import OUTPUT, Window, chromium, window

__all__ = ["chromium", "window"]  # fixtures

LOGIN = "/console/login"


def test_who_signed_in_in_one_tab_goes_on_in_the_other(app: App, window: Window) -> None:
    who, other = name(), name()
    for one in (who, other):
        signed_in(app, one)
    first = window(390, 844)
    second, third = first.context.new_page(), first.context.new_page()
    for page in (first, second, third):
        page.goto(f"{app.url}{LOGIN}?next=%2Fconsole%2Fcustomers")
    for page, called in ((first, who), (second, who), (third, other)):
        page.locator("[name=name]").fill(called)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("form button").last.click()
        if page is not third:
            expect(page).to_have_url(f"{app.url}/console/customers")
    expect(third.locator(".wrong")).to_contain_text(f"다른 탭에서 {who} 님으로 로그인했어요.")
    expect(third.locator("[name=name]")).to_have_value(other)
    OUTPUT.mkdir(exist_ok=True)
    third.screenshot(path=OUTPUT / "login-other-390.png")
    third.locator("[name=password]").fill(PASSWORD)
    third.locator("form button").last.click()
    expect(third).to_have_url(f"{app.url}/console/customers")
    expect(third.locator("body")).to_contain_text(other)


def test_a_sign_in_page_that_is_out_of_date_comes_again_with_the_name(app: App) -> None:
    signed_in(app, who := name())
    browser = Browser(app)
    sent = {"name": who, "password": PASSWORD, "next": "/console/customers"}
    stale = browser.post(LOGIN, csrf="0" * 64, **sent)
    assert stale.status_code == 403 and "sangdam_session" not in stale.cookies
    assert "화면이 오래되어 로그인하지 못했어요." in text_of(stale.text)
    assert f'value="{who}"' in stale.text and PASSWORD not in stale.text
    assert 'value="/console/customers"' in stale.text
    browser.http.cookies.set("sangdam_session", "one that has ended")
    assert browser.post(LOGIN, csrf="0" * 64, **sent).status_code == 403
    elsewhere = browser.post(LOGIN, csrf="0" * 64, **sent | {"next": "https://evil.example"})
    assert "evil.example" not in elsewhere.text
    assert browser.post(LOGIN, page=LOGIN, **sent).headers["location"] == "/console/customers"
