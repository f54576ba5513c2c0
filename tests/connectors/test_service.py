"""Hours, goals and duty in the console; and what a customer hears while the shop is closed."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import text as sql

from connectors.web.console import spans
from tests.connectors.browser import (
    PASSWORD,
    Browser,
    enter,
    link_for,
    signed_in,
    text_of,
    waiting,
)
from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window
from ticketing import agents, routing
from ticketing.hours import Span

PAGE = "/console/service"


@pytest.fixture(scope="module")
def desk(gateway: App) -> App:
    gateway.rasa.mode = "hand_off"
    return gateway


@pytest.fixture(scope="module")
def lead(desk: App) -> Browser:
    return signed_in(desk, "팀장", "lead")


def form(**changes: Any) -> dict[str, Any]:
    """The page's form of a new team, as it comes."""
    return {
        "name": "상담팀", "zone": "Asia/Seoul", "country": "KR", "locale": "", "pickup": "10",
        "silent": "60", "routing": "offer", "days_off": "", "team": "", **changes,
    }  # fmt: skip


def test_hours_are_set_and_a_customer_is_told_the_truth(desk: App, lead: Browser) -> None:
    page = text_of(lead.get(PAGE).text)
    assert "아직 정하지 않았어요" in page and "긴급" in page
    # Closed for hours: open for a while on the day after tomorrow alone.
    opens = dt.datetime.now(dt.timezone(dt.timedelta(hours=9))) + dt.timedelta(days=2)
    hours = {f"day{opens.weekday()}": "13:30-14, 15:00~16:00"}
    assert lead.post(f"{PAGE}/team", page=PAGE, script=True, **form(**hours)).status_code == 200
    page = text_of(lead.get(PAGE).text)
    assert "오후 1시 30분에 열려요" in page and "다가오는 공휴일" in page
    assert 'value="13:30-14:00, 15:00-16:00"' in lead.get(PAGE).text

    customer, code = waiting(desk)
    (line,) = [one for one in customer.history() if one["author"] == "system"]
    day = f"{opens.month}월 {opens.day}일"
    assert f"{day}({'월화수목금토일'[opens.weekday()]}) 오후 1시 30분 이후에" in line["text"]
    # Nobody is there: the bot still is, where it knows something.
    desk.rasa.mode = "answer"
    customer.say("배송비는 얼마예요?")
    found = customer.until(lambda one: one["author"] == "bot" and one["kind"] == "answer")
    assert found["buttons"] == []
    customer.say("010-1234-5678")
    customer.until(lambda one: "연락처를 남겨" in one["text"])
    desk.rasa.mode = "unknown"
    customer.say("사장님 계세요?")
    desk.settle()
    assert [one["kind"] for one in customer.history() if one["author"] == "bot"] == [
        "hand_off",
        "answer",
    ]
    desk.rasa.mode = "hand_off"
    text = text_of(lead.get(f"/console/tickets/{code}").text)
    assert "010-1234-5678" in text and "확인되지 않음" in text and "첫 답변" in text


def test_what_cannot_be_is_refused_in_words(desk: App, lead: Browser) -> None:
    for wrong, words in (
        ({"day0": "아홉시부터"}, "월요일 상담 시간을 09:00-12:00, 13:00-18:00처럼"),
        ({"day0": "09:00-18:00", "day6": "09:00-25:00"}, "일요일 상담 시간을 09:00-12:00,"),
        ({"day2": "09:00-18:00, 12:00-13:00"}, "수요일 상담 시간"),
        ({"days_off": "내일"}, "2026-12-31처럼"),
        ({"days_off": "2026-02-30"}, "2026-12-31처럼"),
        ({"zone": "서울"}, "시간대"),
        ({"name": " ", "team": ""}, "이름"),
        ({"pickup": "0"}, "분 단위"),
    ):
        answer = lead.post(f"{PAGE}/team", page=PAGE, script=True, **form(name="다른 팀") | wrong)
        assert answer.status_code == 422 and words in answer.text, wrong
    taken = lead.post(f"{PAGE}/team", page=PAGE, script=True, **form(name="상담팀"))
    assert (taken.status_code, taken.json()["field"]) == (409, "name")
    assert "이미 있는 이름이에요: 상담팀." in taken.json()["detail"]
    gone = lead.post(f"{PAGE}/team", page=PAGE, script=True, **form(name="x", team="999"))
    assert gone.status_code == 404
    first = lead.post(f"{PAGE}/team/1/remove", page=PAGE, script=True)
    assert first.status_code == 422
    agent = signed_in(desk, "상담원")
    assert agent.get(PAGE).status_code == 403
    refused = agent.post(f"{PAGE}/team", page="/console", script=True, **form())
    assert refused.status_code == 403


@pytest.mark.parametrize("width", [390, 1280])
def test_a_wrong_day_is_shown_where_it_stands(desk: App, window: Window, width: int) -> None:
    page = window(width, 800)
    page.goto(desk.url + link_for(desk, f"팀장 {width}", role="lead"))
    for field in ("password", "again"):
        page.locator(f"[name={field}]").fill(PASSWORD)
    page.locator("form button").last.click()
    expect(page.locator(".places").first).to_be_attached()
    page.goto(desk.url + PAGE)
    form = page.locator("form.stack").first
    friday = form.get_by_label("금", exact=True)
    friday.fill("아침부터")
    form.get_by_role("button", name="저장").click()
    expect(form.locator(".wrong")).to_have_text(
        "금요일 상담 시간을 09:00-12:00, 13:00-18:00처럼 겹치지 않게 적어 주세요."
    )
    expect(friday).to_be_focused()
    expect(friday).to_be_in_viewport(ratio=0.9)
    says = friday.evaluate("field => field.validationMessage")
    assert says.startswith("금요일")
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"wrong-hours-{width}.png")
    friday.fill("9-18")
    assert friday.evaluate("field => field.validationMessage") == ""


@pytest.mark.parametrize("width", [390, 1280])
def test_saving_one_form_leaves_what_is_typed_in_the_others(
    desk: App, lead: Browser, window: Window, width: int
) -> None:
    lead.post(f"{PAGE}/team", page=PAGE, script=True, **form(name=f"먼저 {width}"))
    page = window(width, 800)
    enter(desk, page, role="lead")
    expect(page.locator(".places").first).to_be_attached()
    page.goto(desk.url + PAGE)
    team, said = page.locator(".card form.stack").first, page.locator("#toast")
    urgent, topics = page.locator("#goal-urgent"), page.locator(".skills [name=topics]").first
    country = team.locator("[name=country]")
    names = country.locator("option").all_inner_texts()
    topics.fill("환불 , 교환")
    team.get_by_label("수", exact=True).fill("10-17")
    country.select_option("JP")
    urgent.locator("[name=first]").fill("7")
    urgent.get_by_role("button").click()
    expect(said).to_have_text("저장했어요.")
    # A team that is new appears with its own form, and the empty one is empty again.
    fresh, called = page.locator("#fresh"), f"주말 {width}"
    fresh.locator("summary").click()
    fresh.locator("[name=name]").fill(called)
    fresh.get_by_role("button").click()
    expect(page.locator(".card-title").get_by_text(called)).to_be_visible()
    expect(fresh.locator("[name=name]")).to_have_value("")
    expect(topics).to_have_value("환불 , 교환")
    expect(team.get_by_label("수", exact=True)).to_have_value("10-17")
    expect(country).to_have_value("JP")
    assert country.locator("option").all_inner_texts() == names and "일본" in names
    OUTPUT.mkdir(exist_ok=True)
    page.screenshot(path=OUTPUT / f"service-kept-{width}.png", full_page=True)
    # What is saved is shown as it was understood; the rest is still waiting.
    team.get_by_role("button").click()
    expect(team.get_by_label("수", exact=True)).to_have_value("10:00-17:00")
    expect(country).to_have_value("JP")
    expect(topics).to_have_value("환불 , 교환")
    page.locator(".skills").first.get_by_role("button").click()
    expect(topics).to_have_value("환불, 교환")
    page.reload()
    expect(urgent.locator("[name=first]")).to_have_value("7")
    expect(country).to_have_value("JP")


def test_goals_skills_and_duty(desk: App, lead: Browser) -> None:
    waiting(desk, "환불은 언제 되나요?")
    goals = {"priority": "normal", "first": "5", "following": "6", "resolution": "7"}
    assert lead.post(f"{PAGE}/goals", page=PAGE, script=True, **goals).status_code == 200
    vip = {**goals, "tier": "VIP", "first": "1"}
    assert lead.post(f"{PAGE}/goals", page=PAGE, script=True, **vip).status_code == 200
    page = text_of(lead.get(PAGE).text)
    assert "VIP · 보통" in " ".join(page.split())
    desk.settle()
    with desk.sessions() as session:
        found = session.execute(
            sql("SELECT DISTINCT goal_s FROM service_target WHERE kind = 'first'")
        ).scalars()
        assert list(found) == [300], "what is open is promised the new goal"
    assert lead.post(f"{PAGE}/goals", page=PAGE, script=True, **vip, remove="1").status_code == 200
    wrong = lead.post(f"{PAGE}/goals", page=PAGE, script=True, **{**goals, "first": "0"})
    assert wrong.status_code == 422 and "100,000" in wrong.text

    with desk.sessions() as session:
        me = session.execute(sql("SELECT id FROM agent WHERE name = '팀장'")).scalar_one()
    skills = {"agent": str(me), "topics": "환불, 배송 ,환불", "languages": "ko"}
    assert lead.post(f"{PAGE}/agent", page=PAGE, script=True, **skills).status_code == 200
    assert 'value="환불, 배송"' in lead.get(PAGE).text
    assert "근무 중" in lead.post("/console/duty", script=True, state="on").text
    assert lead.post("/console/duty", script=True, state="asleep").status_code == 422
    _, offered = waiting(desk, "환불이 늦어요")
    desk.settle()
    page = text_of(lead.get("/console").text)
    assert "나에게 제안됨" in page
    page = " ".join(text_of(lead.get(f"/console/tickets/{offered}").text).split())
    assert "팀장 님에게 먼저 제안했어요 · 담당 주제: 환불" in page
    ticket = desk.agent("팀장").get(f"/api/tickets/{offered}").json()
    assert ticket["offered"] == {"agent": "팀장", "why": "topic:환불"}
    assert ticket["due"]["kind"] == "first" and ticket["due"]["broken"] is False


def test_who_takes_a_ticket_is_on_duty_unless_they_said_they_are_away(desk: App) -> None:
    def duty(browser: Browser) -> str:
        chosen = re.search(r'value="(\w+)" selected', browser.parts("/console")["nav"])
        assert chosen
        return chosen[1]

    claims, answers, away = (signed_in(desk, name) for name in ("담당", "답변", "비번"))
    away.post("/console/duty", state="off")
    assert [duty(one) for one in (claims, answers, away)] == ["off"] * 3
    for who, act, words in (
        (claims, "claim", {}),
        (answers, "say", {"mode": "reply", "text": "확인해 드릴게요"}),
        (away, "say", {"mode": "reply", "text": "잠깐 들렀어요"}),
    ):
        _, code = waiting(desk)
        page = f"/console/tickets/{code}"
        note = who.post(f"{page}/say", page=page, script=True, mode="note", text="보고 있어요")
        assert note.status_code == 200 and duty(who) == "off", "a note is for colleagues"
        assert who.post(f"{page}/{act}", page=page, script=True, **words).status_code == 200
    assert [duty(one) for one in (claims, answers, away)] == ["on", "on", "off"]


def test_who_signs_out_takes_no_more_unless_another_browser_of_theirs_goes_on(desk: App) -> None:
    def duty(browser: Browser) -> str:
        chosen = re.search(r'value="(\w+)" selected', browser.parts("/console")["nav"])
        assert chosen
        return chosen[1]

    def again(name: str) -> Browser:
        browser = Browser(desk)
        known = {"name": name, "password": PASSWORD}
        assert browser.post("/console/login", page="/console/login", **known).status_code == 303
        return browser

    computer, away = signed_in(desk, "퇴근"), signed_in(desk, "휴가")
    computer.post("/console/duty", state="on")
    away.post("/console/duty", state="off")
    phone = again("퇴근")
    computer.post("/console/logout")
    assert duty(phone) == "on"
    phone.post("/console/logout")
    away.post("/console/logout")
    with desk.sessions() as session:
        states = {who.name: routing.state(session, who) for who in agents.active(session)}
    assert (states["퇴근"], states["휴가"]) == ("auto", "off")
    assert duty(again("퇴근")) == "off"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("09:00-18:00", [(540, 1080)]),
        ("9-12, 13:30 ~ 18", [(540, 720), (810, 1080)]),
        ("22:00–02:00", [(1320, 1560)]),
        ("00:00-24:00", [(0, 1440)]),
        ("", []),
    ],
)
def test_hours_as_people_write_them(text: str, found: list[tuple[int, int]]) -> None:
    read = spans.parse(text, weekday=2)
    assert read == [Span(2, *one) for one in found]
    assert spans.parse(spans.write(read, weekday=2), weekday=2) == read


@pytest.mark.parametrize(
    "wrong",
    ["9", "9-9:60", "24:00-25:00", "24-02", "오전 9시", "9-18, 13-14", "9-12, 9-18", "22-2, 23-1"],
)
def test_what_are_no_hours(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"hours|day"):
        spans.parse(wrong, weekday=0)
