"""An agent's edit and deletion in a real browser: at once, and after a reload."""

from __future__ import annotations

import gzip

from playwright.sync_api import Page, expect

from connectors.web.widget import script
from tests.connectors.browser import signed_in
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, state
from tests.connectors.slack.test_planning import code_of
from tests.connectors.slack.test_widget_files import page
from tests.fakes.slack import FakeSlack

__all__ = ["page"]


def test_the_widget_shows_a_line_as_it_is_now(app: App, slack: FakeSlack, page: Page) -> None:
    page.goto(app.url)
    page.locator("#launcher").click()
    page.locator("#text").fill("몇 시까지 열어요?")
    page.locator("#text").press("Enter")
    card = slack.until(slack.cards)[0]["ts"]
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    edited = slack.say(AGENT, "두 시까지 열어요", card)
    deleted = slack.say(AGENT, "비밀번호 1234", card)
    lines = page.locator(".m.agent")
    expect(lines).to_have_count(2)
    slack.change(edited, "세 시까지 열어요")
    slack.change(deleted, None)

    def shown() -> None:
        expect(lines).to_have_count(2)
        expect(lines.nth(0)).to_contain_text("세 시까지 열어요")
        expect(lines.nth(0)).to_contain_text("수정됨")
        expect(lines.nth(1)).to_contain_text("상담원이 삭제한 메시지예요")
        expect(page.locator("#log")).not_to_contain_text("1234")

    shown()
    page.reload()
    expect(page.locator("#launcher, #panel").filter(visible=True)).to_have_count(1)
    if page.locator("#panel").is_hidden():
        page.locator("#launcher").click()
    shown()


def test_the_console_keeps_what_it_was_before(app: App, slack: FakeSlack) -> None:
    customer = app.visitor()
    customer.say("몇 시까지 열어요?")
    card = slack.until(slack.cards)[0]["ts"]
    slack.press(AGENT, "claim", card)
    slack.until(lambda: "Claimed by" in state(slack, card))
    ts = slack.say(AGENT, "두 시까지 &lt;열어요&gt;", card)
    slack.until(lambda: (ts, "white_check_mark") in slack.reactions)
    slack.change(ts, "세 시까지 열어요")
    customer.until(lambda line: line["kind"] == "edit")
    shown = signed_in(app, "도움").get(f"/console/tickets/{code_of(app)}").text
    assert "세 시까지 열어요" in shown and "수정됨" in shown
    assert "두 시까지 &lt;열어요&gt;" in shown


def test_the_widget_stays_small() -> None:
    assert len(gzip.compress(script()[0], 9)) < 20 * 1024
