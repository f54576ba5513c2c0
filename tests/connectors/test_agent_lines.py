"""What only agents read of a ticket: who did what to it, each in their own language."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from connectors import agent_lines
from tests.connectors.browser import Browser, enter, name, signed_in, text_of, waiting
from tests.connectors.conftest import App
from tests.connectors.test_console_planning import number_of
from tests.pages import OUTPUT, Window
from ticketing import tickets

SEOUL = ZoneInfo("Asia/Seoul")


@pytest.fixture(autouse=True)
def hand_over(app: App) -> None:
    app.rasa.mode = "hand_off"


def told(browser: Browser, code: str, lang: str = "ko") -> str:
    browser.get(f"/console?lang={lang}")
    return text_of(browser.parts(f"/console/tickets/{code}")["conversation"])


def test_who_did_what_is_said_in_the_readers_language(app: App) -> None:
    mine, theirs = name(), name()
    agent, lead = signed_in(app, mine), signed_in(app, theirs, role="lead")
    customer, code = waiting(app)
    path = f"/console/tickets/{code}"
    agent.post(f"{path}/priority", priority="urgent")
    agent.post(f"{path}/priority", priority="urgent")
    agent.post(f"{path}/snooze", minutes="1440", until="")
    agent.post(f"{path}/wake")
    lead.post(f"{path}/assign", agent=number_of(app, mine))
    lead.post(f"{path}/release")
    agent.post(f"{path}/claim")
    agent.post(f"{path}/resolve")
    korean, english = told(lead, code), told(lead, code, "en")
    for words in (
        f"{mine} 님이 우선순위를 바꿨어요 · 보통 → 긴급",
        f"{mine} 님이 미뤘어요 · ",
        f"{mine} 님이 다시 꺼냈어요",
        f"{theirs} 님이 {mine} 님에게 맡겼어요",
        f"{theirs} 님이 대기열로 돌려보냈어요",
        f"{mine} 님이 해결로 마쳤어요",
    ):
        assert korean.count(words) == 1, words
    for words in (
        f"{mine} changed the priority · normal → urgent",
        f"{mine} put this off until ",
        f"{mine} took this up again",
        f"{theirs} gave this to {mine}",
        f"{theirs} put this back into the queue",
        f"{mine} resolved this",
    ):
        assert english.count(words) == 1, words
    heard = " ".join(line["text"] for line in customer.history())
    assert "우선순위" not in heard and "해결로 마쳤" not in heard and "맡겼" not in heard


def test_whoever_takes_a_ticket_themselves_gave_it_to_nobody(app: App) -> None:
    mine = name()
    agent = signed_in(app, mine)
    _, code = waiting(app)
    agent.post(f"/console/tickets/{code}/assign", agent=number_of(app, mine))
    assert "맡겼어요" not in told(agent, code)


def test_until_when_a_ticket_was_put_off_is_a_date(app: App, window: Window) -> None:
    _, code = waiting(app)
    page = window(1280, 800)
    enter(app, page)
    page.goto(f"{app.url}/console/tickets/{code}")
    page.locator("[popovertarget=plan]:visible").first.click()
    page.locator("#plan-until").fill(f"{dt.date.today() + dt.timedelta(days=1)}T09:30")
    page.locator("#plan form[action$=snooze] button").click()
    line = page.locator(".event", has_text="미뤘어요")
    day = dt.date.today() + dt.timedelta(days=1)
    expect(line).to_contain_text(f"{day.month}월 {day.day}일")
    expect(line).to_contain_text("오전 9시 30분까지")
    page.keyboard.press("Escape")
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / "console-snoozed-1280.png")
    page.set_viewport_size({"width": 390, "height": 844})
    line.scroll_into_view_if_needed()
    page.screenshot(path=OUTPUT / "console-snoozed-390.png")


def test_a_line_is_said_with_values_of_each_kind() -> None:
    at = dt.datetime(2026, 11, 30, 0, 0, tzinfo=dt.UTC)
    until = agent_lines.moment(at, zone="Asia/Seoul")
    values = {"agent": "{until} 김", "until": until}
    here = agent_lines.say("snoozed", "ko", values)
    assert here == "{until} 김 님이 미뤘어요 · 11월 30일(월) 오전 9시까지"
    english = agent_lines.say("snoozed", "en", values)
    assert english.endswith("put this off until Monday, 30 November at 9 AM (KST)")
    york = agent_lines.say("snoozed", "ko", values, zone=ZoneInfo("America/New_York"))
    assert york == "{until} 김 님이 미뤘어요 · 11월 29일(일) 오후 7시까지"
    valued = {
        "amount": agent_lines.amount(300_000, "KRW"),
        "priority": agent_lines.phrase("priority_high"),
    }
    meta = {"phrase": "valued", "values": valued}
    assert (
        agent_lines.of_line(meta, "ko", SEOUL)
        == "300,000원 이상 구매한 고객이라 우선순위 '높음'에서 시작해요"
    )
    assert agent_lines.of_line(meta, "en", SEOUL) == (
        "The customer has bought for ₩300,000 or more: priority high"
    )
    assert agent_lines.of_line({"phrase": "gone", "values": {}}, "ko", SEOUL) is None
    assert agent_lines.of_line({}, "ko", SEOUL) is None
    lacking = {"phrase": "given", "values": {"by": "김"}}
    assert agent_lines.of_line(lacking, "ko", SEOUL) is None


def test_an_agent_opens_a_ticket_on_the_customers_page(app: App, window: Window) -> None:
    customer, code = waiting(app)
    who = name()
    colleague = signed_in(app, name())
    page = window(1280, 900)
    enter(app, page, who=who)
    page.goto(f"{app.url}/console/tickets/{code}")
    page.locator("a.person").click()
    opening = page.locator("#ticket-open")
    expect(page.locator(".past")).to_be_visible()
    expect(opening).to_have_count(0)  # they have one that is open
    colleague.post(f"/console/tickets/{code}/claim")
    colleague.post(f"/console/tickets/{code}/resolve")
    expect(opening).to_be_visible()  # the page is live
    opening.locator("summary").click()
    OUTPUT.mkdir(exist_ok=True)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        if width == 390:  # there the page stays where it is, and what is under its head scrolls
            tall = "document.documentElement.scrollHeight - innerHeight"
            assert page.evaluate(tall) == 0
        opening.locator("textarea").scroll_into_view_if_needed()
        page.screenshot(path=OUTPUT / f"console-open-ticket-{width}.png")
    opening.locator("textarea").fill("지난번 교환은 잘 받으셨는지")
    opening.get_by_role("button", name="새 상담 열기").click()
    page.wait_for_url("**/console/tickets/T-*")
    expect(page.locator("#text")).to_be_visible()
    line = customer.until(lambda line: "새 상담을 열었어요" in line["text"])
    assert who in line["text"]
    page.locator("#text").fill("교환하신 상품은 괜찮으세요?")
    page.locator("#text").press("Control+Enter")
    customer.until(lambda line: line["text"] == "교환하신 상품은 괜찮으세요?")


def test_a_second_open_ticket_is_refused_and_so_is_one_about_nothing(app: App) -> None:
    agent = signed_in(app, name())
    _, code = waiting(app)
    with app.sessions() as session:
        person = tickets.get(session, code).customer_id
    path = f"/console/customers/{person}/tickets"
    refused = agent.post(path, script=True, question="하나 더", priority="normal")
    assert (refused.status_code, "다른 문의가 열려" in refused.json()["detail"]) == (409, True)
    agent.post(f"/console/tickets/{code}/claim")
    agent.post(f"/console/tickets/{code}/resolve")
    assert agent.post(path, script=True, question="  ").status_code == 422
    assert agent.post(path, script=True, question="질문", priority="soon").status_code == 422
    made = agent.post(path, script=True, question="질문", priority="high")
    assert made.status_code == 200 and "T-" in made.json()["go"]
    new = made.json()["go"].rpartition("/")[2]
    assert "높음" in text_of(agent.parts(f"/console/tickets/{new}")["state"])
