"""Pages as they are on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.connectors.browser import enter, waiting
from tests.connectors.conftest import App
from tests.connectors.test_help import publish
from tests.pages import OUTPUT, Window
from ticketing import agents, api_tokens

TIERS = """
| 등급 | 기준 | 혜택 | 유지 기간 |
|---|---|---|---|
| 새싹 | 가입 즉시 | 생일 쿠폰 5,000원 | 다음 달까지 |
| 하늘 | 100만 원 이상 | 생일 쿠폰, 매달 10% 쿠폰 1장, 무료 배송 쿠폰 2장 | 다음 달까지 |
"""


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway for all tests here."""
    OUTPUT.mkdir(exist_ok=True)
    return gateway


def lines(words: Locator) -> int:
    """In how many lines these words are set."""
    return int(
        words.evaluate(
            """words => {
              const range = document.createRange();
              range.selectNodeContents(words);
              return new Set([...range.getClientRects()].map((one) => one.top)).size;
            }"""
        )
    )


def test_tables_keep_their_words_whole(app: App, window: Window) -> None:
    publish(app.sessions, "tiers", title="회원 등급", body=TIERS)
    page = window()
    page.goto(f"{app.url}/help/tiers")
    for prose in (".read .prose", "#preview"):
        table = page.locator(f"{prose} table")
        expect(table).to_be_visible()
        for word in ("등급", "새싹", "하늘"):
            assert lines(table.get_by_text(word, exact=True)) == 1, (prose, word)
        page.screenshot(path=OUTPUT / f"narrow-table-{prose.strip('.#')[:4]}-390.png")
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        if prose != "#preview":
            enter(app, page, "lead")
            page.goto(f"{app.url}/console/articles/edit/tiers?locale=ko")


def test_api_tokens_can_be_revoked(app: App, window: Window) -> None:
    with app.sessions.begin() as session:
        agent = agents.add(session, name="창고 연동")
        api_tokens.create(session, agent, by="대표", label="재고를 맞추는 사내 프로그램 (ERP)")
    page = window()
    enter(app, page, "admin")
    page.goto(f"{app.url}/console/agents?lang=en")
    page.locator("details.agent", has_text="창고 연동").locator("> summary").click()
    revoke = page.locator(".agent-tokens button")
    box = revoke.bounding_box()
    assert box is not None and box["x"] + box["width"] <= 390 - 16
    revoke.click()
    expect(page.locator(".agent-tokens")).to_have_count(0)


def test_charts_can_be_read(app: App, window: Window) -> None:
    app.rasa.mode = "hand_off"
    _, code = waiting(app, "오늘 물어요")
    answer = app.agent("답하는 사람").post(f"/api/tickets/{code}/reply", json={"text": "네"})
    assert answer.status_code < 300, answer.text
    page = window()
    enter(app, page, "lead")
    for period, width, lang in (
        ("today", 390, "ko"),
        ("7", 390, "en"),
        ("90", 390, "ko"),
        ("today", 1280, "en"),
    ):
        page.set_viewport_size({"width": width, "height": 1800})
        page.goto(f"{app.url}/console/figures?period={period}&lang={lang}")
        charts = page.locator(".chart svg:has(text)")
        expect(charts.first).to_be_visible()
        page.screenshot(path=OUTPUT / f"narrow-chart-{period}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        for chart in charts.all():
            card = chart.evaluate(
                "chart => chart.closest('.card').getBoundingClientRect().toJSON()"
            )
            words = chart.locator("text").evaluate_all(
                """all => all.map((one) => [one.getBoundingClientRect().toJSON(), one.textContent])
                  .filter(([box]) => box.width)"""
            )
            assert words
            for place, (box, _) in enumerate(words):
                assert 12 <= box["height"] < 20
                assert card["left"] <= box["left"] and box["right"] <= card["right"], words
                for other, _ in words[:place]:
                    beside = other["right"] <= box["left"] or box["right"] <= other["left"]
                    assert (
                        beside or other["top"] >= box["bottom"] or box["top"] >= other["bottom"]
                    ), words


def test_a_long_question_takes_two_lines_of_a_list(app: App, window: Window) -> None:
    app.rasa.mode = "hand_off"
    waiting(app, "열기구 탑승 요금이 얼마예요? " * 100)
    page = window()
    enter(app, page, "lead")
    page.goto(f"{app.url}/console/gaps")
    title = page.locator(".gaps strong", has_text="열기구").first
    expect(title).to_be_visible()
    assert lines(title) > 2
    assert title.evaluate("title => title.offsetHeight") < 60
    page.screenshot(path=OUTPUT / "narrow-gaps-390.png")
    page.locator(".gaps .row", has_text="열기구").locator(".cover").click()
    page.wait_for_url("**/console/gaps/*")  # with its styles
    expect(page.locator("h1")).to_contain_text("열기구")
    assert page.locator("h1").evaluate("title => title.offsetHeight") < 70
    page.screenshot(path=OUTPUT / "narrow-gap-390.png")
