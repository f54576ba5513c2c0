"""What agents do with a customer's record on the console."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text as sql

from tests.connectors.browser import Browser, name, signed_in, text_of
from tests.connectors.conftest import App, Visitor
from tests.connectors.test_ratings import served


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway for all tests here: each brings its own people."""
    return gateway


@pytest.fixture(scope="module")
def lead(app: App) -> Browser:
    """A lead."""
    return signed_in(app, "이팀장", role="lead")


def said(browser: Browser, page: str, part: str) -> str:
    """The text of a live part of a page."""
    return " ".join(text_of(browser.parts(page)[part]).split())


def rated(app: App, score: int) -> tuple[Visitor, str]:
    """A customer whose ticket was resolved, who rated it so; the ticket."""
    customer = app.visitor()
    code, buttons = served(app, app.agent("지원"), customer)
    assert customer.press(buttons[5 - score]).status_code == 202
    return customer, code


def test_a_low_rating_is_a_task_until_somebody_says_what_was_done(app: App, lead: Browser) -> None:
    page = "/console/recovery"
    _, code = rated(app, 2)
    rated(app, 4)
    part = said(lead, page, "recoveries")
    assert part.count("끝냈어요 어떻게") == 1 and code in part and "담당: 이팀장" in part
    assert "챙길 고객 1명" in said(lead, "/console", "nav")
    with app.sessions.begin() as session:
        session.execute(sql("UPDATE recovery SET due_at = now() - interval '3 hours'"))
    assert "기한이 3시간 지남" in said(lead, page, "recoveries")
    with app.sessions() as session:
        task = session.scalar(sql("SELECT id FROM recovery"))
    agent = signed_in(app, agent_name := name())
    given = {"owner": "지원", "script": True}
    assert agent.post(f"{page}/{task}/owner", **given).status_code == 403
    assert lead.post(f"{page}/{task}/owner", **given).status_code == 200
    assert lead.post(f"{page}/{task}/owner", owner="아무도", script=True).status_code == 404
    assert "담당: 지원" in said(agent, page, "recoveries")
    empty = agent.post(f"{page}/{task}/done", outcome="  ", script=True)
    assert (empty.status_code, empty.json()["detail"]) == (422, "어떻게 했나요: 비어 있어요")
    words = "전화로 사과하고 배송비를 돌려드림"
    assert agent.post(f"{page}/{task}/done", outcome=words, script=True).status_code == 200
    again = lead.post(f"{page}/{task}/done", outcome=words, script=True)
    assert (again.status_code, again.json()["winner"]) == (409, agent_name)
    assert again.json()["detail"] == f"{agent_name} 님이 이미 끝낸 일이에요."
    assert "챙길 고객이 없어요" in said(lead, page, "recoveries")
    assert words in said(lead, f"{page}?state=done", "recoveries")
    assert "챙길 고객 1명" not in said(lead, "/console", "nav")
    assert f"낮은 평가 뒤에 한 일: {words}" in text_of(lead.get(f"/console/tickets/{code}").text)


def test_consents_and_claims_are_written_down_with_who_and_when(app: App, lead: Browser) -> None:
    page = f"/console/customers/{app.visitor().id}"
    other, code = rated(app, 5)
    agent = signed_in(app, "박상담")
    given = {"purpose": "marketing_email", "text_version": "2026-03", "channel": "phone"}
    assert agent.post(f"{page}/consents", script=True, **given).status_code == 200
    assert "마케팅 이메일" in said(lead, page, "record")
    empty = agent.post(f"{page}/consents", script=True, **given | {"text_version": ""})
    assert (empty.status_code, empty.json()["detail"]) == (422, "동의한 문구의 판: 비어 있어요")
    lead.post(f"{page}/consents/withdraw", script=True, purpose="marketing_email")
    part = said(lead, page, "record")
    assert "2026-03 · 전화 · 박상담 기록" in part and "철회 · 이팀장 기록" in part

    claim = {"kind": "delivery", "text": "상자가 젖어서 왔어요\n<b>두 번째</b>예요", "ticket": ""}
    assert agent.post(f"{page}/claims", script=True, **claim).status_code == 200
    foreign = agent.post(f"{page}/claims", script=True, **claim | {"ticket": code})
    assert foreign.status_code == 404, "the ticket of somebody else"
    assert agent.post(f"{page}/claims", script=True, **claim | {"text": " "}).status_code == 422
    shown = agent.parts(page)["record"]
    assert "&lt;b&gt;두 번째&lt;/b&gt;" in shown and "<b>두" not in shown
    with app.sessions() as session:
        made = session.scalar(sql("SELECT id FROM claim"))
    settled = {"settlement": "새로 보내 드림", "script": True}
    assert agent.post(f"{page}/claims/{made}/settle", **settled).status_code == 200
    again = lead.post(f"{page}/claims/{made}/settle", **settled)
    assert (again.status_code, again.json()["detail"]) == (
        409,
        "박상담 님이 이미 해결한 클레임이에요.",
    )
    elsewhere = f"/console/customers/{other.id}/claims/{made}/settle"
    assert agent.post(elsewhere, **settled).status_code == 404
    assert "해결: 새로 보내 드림 박상담 기록" in said(lead, page, "record")


def test_fields_of_the_shop_are_made_named_and_retired_by_leads(app: App, lead: Browser) -> None:
    page = "/console/customers/fields"
    field = {"key": "skin", "name_ko": "피부", "name_en": "Skin", "kind": "choice"}
    agent = signed_in(app, name())
    assert agent.get(page).status_code == 403
    assert agent.post(page, script=True, **field).status_code == 403
    none = lead.post(page, script=True, **field)
    assert none.status_code == 422 and none.json()["detail"].startswith("고를 값: ")
    answer = lead.post(page, script=True, choices="건성\n지성\n", **field)
    assert answer.status_code == 200 and answer.json()["go"] is None
    taken = lead.post(page, script=True, **field | {"kind": "text"})
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")
    assert "피부 Skin 고르기" in said(lead, page, "customer_fields")
    person = f"/console/customers/{app.visitor().id}"
    assert agent.post(f"{person}/edit", script=True, **{"custom.skin": "지성"}).status_code == 200
    assert "피부 지성" in said(agent, person, "record")
    assert "비어 있음 → 지성" in text_of(agent.get(f"{person}/changes").text)
    assert lead.post(f"{page}/skin/retire", script=True).status_code == 200
    assert "피부" not in said(agent, person, "record")
    assert lead.post(f"{page}/nothing/retire", script=True).status_code == 404
    lead.post(page, script=True, choices="건성\n지성", **field | {"name_ko": "피부 타입"})
    assert "피부 타입 지성" in said(agent, person, "record"), "what it held stayed"
    became = said(lead, page, "customer_fields").partition("항목의 변경 이력")[2]
    assert re.findall("만듦|고침|그만 씀|다시 씀", became) == ["다시 씀", "그만 씀", "만듦"]
    assert "피부 → 피부 타입 이팀장 콘솔" in became


def test_what_was_asked_and_what_was_not_is_seen(app: App, lead: Browser) -> None:
    rule = {"script": True, "sample": "0", "quiet_days": "30"}
    agent = signed_in(app, name())
    assert agent.post("/console/surveys/agent", **rule).status_code == 403
    assert lead.post("/console/surveys/agent", **rule | {"sample": "101"}).status_code == 422
    assert lead.post("/console/surveys/nobody", **rule).status_code == 422
    assert lead.post("/console/surveys/agent", **rule).status_code == 200
    customer = app.visitor()
    app.rasa.mode = "hand_off"
    customer.say("상담원이요")
    line = customer.until(lambda one: one["author"] == "system" and "T-" in one["text"])
    code = re.findall(r"T-[0-9A-Z]{6}", line["text"])[0]
    api = app.agent("지원")
    api.post(f"/api/tickets/{code}/resolve")
    over = customer.until(lambda one: "종료되었어요" in one["text"])
    assert over["kind"] == "event" and len(over["buttons"]) == 1, "nothing is asked"
    assert "보내지 않음: 이번에는 뽑히지 않았어요" in said(
        agent, f"/console/tickets/{code}", "customer"
    )
    page = f"/console/customers/{customer.id}"
    assert "상담 만족도: 이번에는 뽑히지 않았어요" in said(agent, page, "record")
    known = api.get(f"/api/customers/{customer.id}").json()
    assert [(one["kind"], one["why"]) for one in known["not_asked"]] == [("agent", "sample")]
    with app.sessions.begin() as session:
        session.execute(
            sql(
                "INSERT INTO nps (id, customer_id, conversation_id, moment, score, rated_at) "
                "SELECT gen_random_uuid(), customer_id, min(id), 'n:' || score, score, now() "
                "FROM conversation, unnest(ARRAY[10, 9, 9, 7, 3]) AS score "
                "WHERE customer_id = :customer GROUP BY customer_id, score"
            ),
            {"customer": customer.id},
        )
    part = said(agent, "/console/surveys", "surveys")
    assert "추천 의향: " not in part and "상담 만족도: 이번에는 뽑히지 않았어요 1" in part
    assert "추천(9–10점) 50.0% − 비추천(0–6점) 25.0% = 25" in part
    assert "10점 만점에 3점 · 비추천" in said(agent, page, "record")
