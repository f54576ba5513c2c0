"""The sign-in page in several tabs: one of them changes who is there, and the others are behind."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.connectors.browser import PASSWORD, Browser, link_for, name, signed_in, text_of
from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window
from ticketing import agents

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


def test_whoever_comes_first_says_what_customers_are_to_call_them(app: App, window: Window) -> None:
    link_for(app, taken := name())
    page = window(390, 844)
    page.goto(app.url + link_for(app, "admin", "admin"))
    called = page.locator("[name=name]")
    expect(called).to_have_value("admin")
    expect(page.locator("form")).to_contain_text("고객에게도 이 이름이 보여요.")
    for tried, again, wrong in (
        (taken, PASSWORD, "같은 이름의 상담원이 있어요."),
        ("한지민", PASSWORD[1:], "두 비밀번호가 서로 달라요."),
    ):
        called.fill(tried)
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("[name=again]").fill(again)
        page.locator("form button").last.click()
        expect(page.locator(".wrong")).to_contain_text(wrong)
        expect(called).to_have_value(tried)
        expect(page.locator("h1")).to_have_text("admin 님, 반가워요")
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / "welcome-first-390.png")
    for field in ("password", "again"):
        page.locator(f"[name={field}]").fill(PASSWORD)
    page.locator("form button").last.click()
    expect(page).to_have_url(f"{app.url}/console")
    with app.sessions() as session:
        assert agents.by_name(session, "admin") is None
        chosen = agents.by_name(session, "한지민")
        assert chosen is not None and chosen.role == "admin" and chosen.password_hash


def test_who_comes_later_is_called_as_the_administrator_wrote(app: App) -> None:
    signed_in(app, name(), "admin")
    link, browser = link_for(app, who := name()), Browser(app)
    assert re.search(r'id="name"[^>]* readonly', browser.get(link).text)
    token = link.partition("=")[2]
    sent = {"name": "다른 이름", "password": PASSWORD, "again": PASSWORD}
    assert browser.post("/console/welcome", page=link, link=token, **sent).status_code == 303
    with app.sessions() as session:
        assert agents.by_name(session, who) and not agents.by_name(session, "다른 이름")
