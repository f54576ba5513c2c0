"""A customer rates in the widget, thinks better of it, and is asked to recommend the shop."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import text as sql

from connectors.desk import surveying
from tests.connectors.conftest import App

PICTURES = os.environ.get("PICTURES")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def opened(page: Page) -> None:
    expect(page.locator("#launcher, #panel").filter(visible=True)).to_have_count(1)
    if page.locator("#panel").is_hidden():
        page.locator("#launcher").click()


def test_a_rating_is_changed_by_another_click_for_an_hour(app: App) -> None:
    app.rasa.mode = "hand_off"
    agent = app.agent("지원")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        page = browser.new_page(locale="ko-KR", viewport={"width": 390, "height": 844})
        page.goto(app.url)
        opened(page)
        page.locator("#text").fill("상담원이요")
        page.locator("#text").press("Enter")
        expect(page.locator("#log")).to_contain_text("접수번호")
        (ticket,) = agent.get("/api/tickets").json()["tickets"]
        agent.post(f"/api/tickets/{ticket['code']}/resolve")
        scores = page.locator(".rows .row")
        scores.filter(has_text="4").click()
        expect(page.locator("#log")).to_contain_text("평가해 주셔서 감사합니다")
        expect(scores.and_(page.locator("[aria-pressed=true]"))).to_contain_text("4")
        scores.filter(has_text="2").click()
        expect(page.locator("#log")).to_contain_text("4점에서 2점으로")
        page.reload()
        opened(page)
        expect(scores.and_(page.locator("[aria-pressed=true]"))).to_contain_text("2")
        expect(scores.and_(page.locator(":enabled"))).to_have_count(4)
        record = agent.get(f"/api/customers/{ticket['customer']['id']}").json()
        assert [(one["score"], one["previous"]) for one in record["ratings"]] == [(2, 4)]

        with app.sessions.begin() as session:
            session.execute(sql("UPDATE csat SET asked_at = now() - interval '31 days'"))
            surveying.recommend(
                session, {"customer": ticket["customer"]["id"], "moment": "days:30"}
            )
        page.reload()
        opened(page)
        expect(page.locator(".many .row")).to_have_count(11)
        assert page.locator(".many .row").all_text_contents()[0].strip().startswith("0")
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/nps.png")
        page.locator(".many .row").filter(has_text="10").click()
        expect(page.locator(".many [aria-pressed=true]")).to_contain_text("10")
        page.get_by_text("설문 그만 받기").last.click()
        expect(page.locator("#log")).to_contain_text("앞으로 설문을 보내지 않을게요")
        browser.close()
    record = agent.get(f"/api/customers/{ticket['customer']['id']}").json()
    assert [one["score"] for one in record["nps"]] == [10]
