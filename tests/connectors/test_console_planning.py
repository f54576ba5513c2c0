"""Priority, snooze, assignment and reopening on the console's pages."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.connectors.browser import Browser, enter, name, signed_in, text_of, waiting
from tests.connectors.conftest import App
from tests.pages import OUTPUT, Window
from ticketing import agents


@pytest.fixture(autouse=True)
def hand_over(app: App) -> None:
    app.rasa.mode = "hand_off"


def number_of(app: App, who: str) -> int:
    with app.sessions() as session:
        agent = agents.by_name(session, who)
        assert agent is not None
        return agent.id


def shown(browser: Browser, code: str, part: str = "state") -> str:
    return text_of(browser.parts(f"/console/tickets/{code}")[part])


def test_priority_and_snooze_are_badges_and_order_the_queue(app: App) -> None:
    agent = signed_in(app, name())
    _, first = waiting(app, "첫째 질문")
    _, second = waiting(app, "둘째 질문")
    path = f"/console/tickets/{second}"
    answer = agent.post(f"{path}/priority", script=True, priority="urgent")
    assert (answer.status_code, answer.json()["said"]) == (200, "우선순위를 바꿨어요.")
    inbox = text_of(agent.parts("/console")["inbox"])
    assert "긴급" in inbox and inbox.index("둘째 질문") < inbox.index("첫째 질문")
    assert agent.post(f"{path}/snooze", minutes="1440", until="").status_code == 303
    assert "미룸 · " in shown(agent, second) and "지금 보기" in shown(agent, second)
    inbox = text_of(agent.parts("/console")["inbox"])
    assert "미룸 · " in inbox and inbox.index("첫째 질문") < inbox.index("둘째 질문")
    english = text_of(agent.get(f"{path}?lang=en").text)
    assert "Snoozed until" in english and "Urgent" in english and "Look now" in english
    assert agent.post(f"{path}/wake", script=True).status_code == 200
    agent.get("/console?lang=ko")
    assert "미룸" not in shown(agent, second) and first in agent.parts("/console")["inbox"]


def test_an_exact_time_is_the_agents_own(app: App) -> None:
    agent = signed_in(app, name())
    agent.http.cookies.set("sangdam_zone", "America%2FNew_York")
    _, code = waiting(app)
    there = dt.datetime.now(ZoneInfo("America/New_York")) + dt.timedelta(days=2)
    at = there.replace(hour=9, minute=30)
    path = f"/console/tickets/{code}/snooze"
    sent = agent.post(path, script=True, minutes="30", until=f"{at:%Y-%m-%dT%H:%M}")
    assert sent.status_code == 200
    assert f"{at.day}일" in shown(agent, code) and "오전 9:30" in shown(agent, code)
    for until in ("2020-01-01T00:00", "9999-12-31T23:59", "tomorrow"):
        wrong = agent.post(path, script=True, minutes="30", until=until)
        assert (wrong.status_code, "60일" in wrong.json()["detail"]) == (422, True)
    assert agent.post(path, script=True, minutes="17").status_code == 422


def test_a_ticket_is_assigned_by_its_holder_or_a_lead(app: App) -> None:
    mine, theirs, third = name(), name(), name()
    agent, colleague = signed_in(app, mine), signed_in(app, theirs)
    lead = signed_in(app, third, role="lead")
    customer, code = waiting(app)
    path = f"/console/tickets/{code}/assign"
    assert theirs in shown(agent, code, "plan") and "배정" in shown(agent, code, "plan")
    assert '<option value="" selected disabled>상담원 고르기' in agent.parts(path[:-7])["plan"]
    sent = agent.post(path, script=True, agent=number_of(app, theirs))
    assert theirs in sent.json()["said"]
    customer.until(lambda line: f"{theirs} 상담원이 연결" in line["text"])
    assert "배정" not in shown(agent, code, "plan"), "not theirs to give any more"
    first = '<option value="" selected disabled>'
    assert f"{first}내가 담당" in colleague.parts(path[:-7])["plan"]
    assert f"{first}{theirs} 님 담당" in lead.parts(path[:-7])["plan"]
    refused = agent.post(path, script=True, agent=number_of(app, mine))
    assert (refused.status_code, refused.json()["winner"]) == (409, theirs)
    snoozed = agent.post(f"/console/tickets/{code}/snooze", script=True, minutes="30")
    assert snoozed.status_code == 409 and theirs in snoozed.json()["detail"]
    assert lead.post(path, script=True, agent=number_of(app, third)).status_code == 200
    assert lead.post(path, script=True, agent=10**12).status_code == 404
    assert third in shown(colleague, code)


def test_a_ticket_goes_back_to_the_queue(app: App, window: Window) -> None:
    who = name()
    agent, colleague = signed_in(app, who), signed_in(app, name())
    lead = signed_in(app, name(), role="lead")
    customer, code = waiting(app)
    path = f"/console/tickets/{code}"
    assert "대기열로" not in shown(agent, code, "plan"), "it is there"
    agent.post(f"{path}/claim")
    assert "대기열로 돌려놓기" in shown(agent, code, "plan")
    assert "대기열로 돌려놓기" in shown(lead, code, "plan")
    assert "대기열로" not in shown(colleague, code, "plan"), "not theirs to give"
    refused = colleague.post(f"{path}/release", script=True)
    assert (refused.status_code, refused.json()["winner"]) == (409, who)
    given = agent.post(f"{path}/release", script=True)
    assert (given.status_code, given.json()["said"]) == (200, "대기열로 돌려놓았어요.")
    customer.until(lambda line: f"{who} 상담원이 더는 담당하지" in line["text"])
    assert "내가 맡기" in shown(colleague, code) and code in colleague.parts("/console")["inbox"]
    colleague.post(f"{path}/claim")
    assert lead.post(f"{path}/release").status_code == 303
    assert "내가 맡기" in shown(agent, code)

    desk = window(1280, 800)
    enter(app, desk)
    desk.goto(app.url + path)
    desk.get_by_role("button", name="내가 맡기").click()
    desk.get_by_role("button", name="관리").click()
    OUTPUT.mkdir(exist_ok=True)
    for width, height in ((1280, 800), (390, 844)):
        desk.set_viewport_size({"width": width, "height": height})
        expect(desk.get_by_role("button", name="대기열로 돌려놓기")).to_be_in_viewport(ratio=1)
        desk.screenshot(path=OUTPUT / f"console-release-{width}.png")
    desk.get_by_role("button", name="대기열로 돌려놓기").click()
    expect(desk.locator("#toast")).to_contain_text("대기열로 돌려놓았어요.")
    expect(desk.get_by_role("button", name="내가 맡기")).to_be_visible()
    desk.screenshot(path=OUTPUT / "console-released-390.png")
    agent.post(f"{path}/resolve")
    late = agent.post(f"{path}/release", script=True)
    assert late.status_code == 409 and "다시 열어" in late.json()["detail"]


def test_a_resolved_ticket_is_reopened(app: App) -> None:
    who = name()
    agent, colleague = signed_in(app, name()), signed_in(app, who)
    customer, code = waiting(app)
    path = f"/console/tickets/{code}"
    agent.post(f"{path}/resolve")
    assert "다시 열기" in shown(colleague, code)
    late = colleague.post(f"{path}/priority", script=True, priority="urgent")
    assert late.status_code == 409 and "다시 열어" in late.json()["detail"]
    assert colleague.post(f"{path}/reopen", script=True).status_code == 200
    customer.until(lambda line: f"{who} 상담원이 상담을 다시" in line["text"])
    colleague.post(f"{path}/say", mode="reply", text="하나 더 알려 드려요")
    assert customer.until(lambda line: line["author"] == "agent")["author_name"] == who
    colleague.post(f"{path}/resolve")
    customer.say("새 질문이에요")
    customer.until(lambda line: "접수번호" in line["text"] and code not in line["text"])
    other = agent.post(f"{path}/reopen", script=True)
    assert other.status_code == 409 and "다른 문의" in other.json()["detail"]


def test_forms_of_other_sites_decide_nothing(app: App) -> None:
    agent = signed_in(app, name())
    _, code = waiting(app)
    for what in ("assign", "release", "priority", "snooze", "wake", "reopen"):
        answer = agent.post(
            f"/console/tickets/{code}/{what}", csrf="", agent=1, priority="urgent", minutes="30"
        )
        assert answer.status_code == 403, what
    assert "긴급" not in shown(agent, code) and "미룸" not in shown(agent, code)
