"""Curators merge gaps, take them apart and take questions out of them."""

from __future__ import annotations

import datetime as dt
import re
import uuid

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from connectors import regrouping
from connectors.gaps import draft
from knowledge_base import articles, gaps
from knowledge_base.models import GapQuestion
from tests.connectors.browser import enter, name, signed_in, waiting
from tests.connectors.conftest import App
from tests.connectors.test_gaps import until_sorted
from tests.pages import OUTPUT, Window


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    return gateway


@pytest.fixture
def desk(app: App, window: Window) -> Page:
    """A lead in front of the console."""
    page = window(1280, 900)
    enter(app, page, "lead")
    return page


def asked(app: App, *texts: str, answer: str | None = None) -> list[int]:
    """Questions that nobody could answer, one customer each; the gap of each."""
    rows = [
        gaps.Asked(
            key=uuid.uuid4().hex,
            kind="solved" if answer else "unknown",
            text=text,
            customer=uuid.uuid4(),
            at=dt.datetime.now(dt.UTC),
            line=1,
            answer=answer,
        )
        for text in texts
    ]
    gaps.prepare(rows)  # loading the analyser takes longer than a transaction may rest
    with app.sessions.begin() as session:
        gaps.lock(session)
        gaps.sort_in(session, rows)
    with app.sessions() as session:
        found = select(GapQuestion.gap_id)
        return [session.scalars(found.where(GapQuestion.key == row.key)).one() for row in rows]


def key(app: App, text: str) -> str:
    with app.sessions() as session:
        return session.scalars(select(GapQuestion.key).where(GapQuestion.text == text)).one()


def place(app: App, text: str) -> int:
    """The gap that this is asked in."""
    with app.sessions() as session:
        return session.scalars(select(GapQuestion.gap_id).where(GapQuestion.text == text)).one()


def questions(app: App, id: str) -> list[str]:
    with app.sessions() as session:
        return articles.get(session, id=id, locale="ko").questions


def drafted(app: App, gap: int) -> str:
    with app.sessions.begin() as session:
        return draft(session, gap, by="지수")[0]


def test_a_draft_gets_the_questions_of_what_is_merged_and_loses_them_again(app: App) -> None:
    first, second = asked(app, "트램펄린 예약 되나요?", "방방이 미리 잡아 둘 수 있어요?")
    (third,) = asked(app, "튜브 대여 가능한가요?", answer="3층에서 빌려드려요. 010-1234-5678")
    id = drafted(app, first)
    with app.sessions.begin() as session:
        assert regrouping.merge(session, second, into=first, by="지수") == first
    assert questions(app, id) == ["트램펄린 예약 되나요?", "방방이 미리 잡아 둘 수 있어요?"]
    # A second click adds nothing, and what a curator took out of the draft stays out.
    with app.sessions.begin() as session:
        articles.update(session, id=id, locale="ko", questions=[], author="지수")
        assert regrouping.merge(session, second, into=first, by="하늘") == first
        assert regrouping.merge(session, third, into=first, by="하늘") == first
    assert questions(app, id) == ["튜브 대여 가능한가요?"]
    with app.sessions() as session:
        body = articles.get(session, id=id, locale="ko").body
        assert body == "3층에서 빌려드려요. [전화번호]", "nobody had written one yet"
    with app.sessions.begin() as session:
        regrouping.separate(session, third, by="지수")
    assert questions(app, id) == []


def test_what_was_asked_more_often_names_what_is_merged(app: App) -> None:
    often, _ = asked(app, "수상 자전거 대여료 얼마예요?", "수상 자전거 대여료가 얼마예요?")
    (once,) = asked(app, "발로 젓는 오리배 빌리는 값 좀")
    with app.sessions.begin() as session:
        assert regrouping.merge(session, often, into=once, by="지수") == often
        assert gaps.get(session, once).into_id == often


def test_a_draft_is_not_called_by_what_personal_data_was_taken_out_of(app: App) -> None:
    gap, other = asked(
        app, "회전그네 높이 알려줘요 010-1234-5678", "공중에서 빙빙 도는 놀이기구 궁금"
    )
    with app.sessions.begin() as session:
        regrouping.merge(session, other, into=gap, by="지수")
    id = drafted(app, gap)
    with app.sessions() as session:
        made = articles.get(session, id=id, locale="ko")
    assert made.title == "공중에서 빙빙 도는 놀이기구 궁금"
    assert id == "공중에서-빙빙-도는-놀이기구-궁금"
    assert sorted(made.questions) == [made.title, "회전그네 높이 알려줘요 [전화번호]"]


def test_a_question_that_is_taken_out_is_not_answered_by_the_draft(app: App) -> None:
    gap, other = asked(app, "에어바운스 크기가 얼마예요?", "에어바운스 크기 얼마인가요")
    assert gap == other
    id = drafted(app, gap)
    curator, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    fields = {"key": key(app, "에어바운스 크기 얼마인가요")}
    page = f"/console/gaps/{gap}/take_out"
    assert agent.post(page, script=True, **fields).status_code == 403
    for wrong in ("", "a\0b", "x" * 101):
        assert curator.post(page, script=True, key=wrong).status_code == 422
    assert curator.post(page, script=True, key="none").status_code == 404
    said = curator.post(page, script=True, **fields).json()["said"]
    assert said == "새 빈틈으로 떼어 놓았어요."
    assert questions(app, id) == ["에어바운스 크기가 얼마예요?"]
    refused = curator.post(page, script=True, **fields)
    assert refused.status_code == 409 and "그사이 바뀌어서" in refused.json()["detail"]


def test_only_curators_merge_and_the_address_of_a_part_leads_to_the_whole(app: App) -> None:
    one, two = asked(app, "짚라인 몇 살부터 타요?", "줄 타고 내려가는 거 나이 제한 있나요?")
    curator, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    page = f"/console/gaps/{one}"
    seen = agent.get(page).text
    for hidden in ("/merge", "/take_out", "/separate", "popover class"):
        assert hidden not in seen
    assert agent.post(f"{page}/merge", script=True, into=two).status_code == 403
    assert agent.post(f"{page}/separate", script=True).status_code == 403
    assert curator.post(f"{page}/merge", script=True, into=two, csrf="no").status_code == 403
    for wrong in ("", "x", "0", 2**63):
        assert curator.post(f"{page}/merge", script=True, into=wrong).status_code == 422
    assert curator.post(f"{page}/merge", script=True, into=one).status_code == 422
    assert curator.post(f"{page}/merge", script=True, into=2**40).status_code == 404
    done = curator.post(f"{page}/merge", script=True, into=two).json()
    assert (done["said"], done["go"]) == ("합쳤어요.", f"/console/gaps/{two}")
    # Whoever has the part open is told, and led to the whole.
    assert curator.get(page).headers["location"] == f"/console/gaps/{two}"
    assert "다른 빈틈과 합쳐졌어요" in curator.parts(page)["gap"]
    assert "다른 빈틈과 합쳐졌어요" not in curator.parts(f"/console/gaps/{two}")["gap"]
    for act in ("dismiss", "draft"):
        assert curator.post(f"{page}/{act}", script=True).status_code == 409
    assert "짚라인" in agent.get(f"/console/gaps/{two}").text
    assert curator.post(f"{page}/separate").headers["location"] == f"/console/gaps/{two}"
    assert curator.post(f"{page}/separate", script=True).status_code == 409
    assert curator.get(page).status_code == 200


def test_whoever_waits_in_either_is_answered(app: App) -> None:
    app.rasa.mode = "hand_off"
    words = ("잠수함 승선 요금이 얼마예요?", "수중 탐사선 하루 타는 값 알려 주세요")
    people = [waiting(app, text)[0] for text in words]
    app.rasa.mode = "echo"
    curator = signed_in(app, name(), role="lead")
    until_sorted(curator)
    one, two = (place(app, text) for text in words)
    assert one != two
    curator.post(f"/console/gaps/{one}/merge", into=two)
    made = curator.post(f"/console/gaps/{two}/draft", script=True).json()["go"]
    id = re.sub(r".*/edit/([^?]*).*", r"\1", made)
    with app.sessions() as session:
        (article,) = gaps.written(session, two)
        assert {*article.questions} == {*words}
    fields = {
        "locale": "ko",
        "title": "잠수함 요금",
        "questions": "\n".join(words),
        "body": "하루 **9,000원**이에요.",
    }
    answer = curator.post(f"/console/articles/edit/{id}", revision=1, do="publish", **fields)
    assert answer.status_code == 303
    for person in people:
        told = person.until(lambda line: line["kind"] == "answer", timeout_s=60)
        assert "9,000원" in told["text"]
    assert curator.parts("/console/gaps?state=answered")["gaps"].count("잠수함 승선") >= 1


def test_in_front_of_the_console(app: App, desk: Page) -> None:
    # More than a screen has room for.
    things = "수유실 보관함 유모차 흡연실 와이파이 휠체어 분실물 셔틀버스 식당 우산 의무실"
    asked(app, *things.split())
    parking, car, *_ = asked(
        app,
        "매장에 주차장이 있나요?",
        "차 가지고 가도 되나요?",
        "주차장 있어요?",
        "매장 주차장에 충전기가 있나요?",
        "현금영수증 발급 받고 싶은데 어떻게 하면 되는지 잘 모르겠어요",
    )
    (solved,) = asked(app, "차를 가지고 가도 될까요?", answer="건물 지하 2층에 대시면 돼요.")
    assert solved == car != parking
    desk.goto(f"{app.url}/console/gaps/{car}")
    expect(desk.get_by_role("heading", level=1)).to_have_text("차 가지고 가도 되나요?")
    pop, open_it = desk.locator("#merge"), desk.get_by_role("button", name="다른 빈틈과 합치기")
    open_it.click()
    pop.get_by_role("button", name="취소").click()
    expect(pop).to_be_hidden()
    open_it.click()
    expect(pop.get_by_role("button", name="합치기")).to_be_focused()
    choices = pop.get_by_role("radio")
    assert choices.count() > 2
    # Nothing is chosen yet, so the Enter key does nothing.
    desk.keyboard.press("Enter")
    expect(pop).to_be_visible()
    find = pop.get_by_role("searchbox")
    find.fill("없는 말")
    expect(pop.locator(".choices label").first).to_be_hidden()
    expect(pop.get_by_text("그런 빈틈이 없어요.")).to_be_visible()
    find.fill("주차장 매장ㅇ")
    expect(pop.locator(".choices label:visible")).not_to_have_count(0)
    find.fill("주차장 매장에")
    expect(pop.locator(".choices label:visible")).to_have_count(1)
    pop.locator(".choices label:visible").click()
    # What was chosen before and is not seen any more is not merged.
    find.fill("현금영수증")
    expect(pop.get_by_role("radio", checked=True)).to_have_count(0)
    find.fill("")
    expect(pop.get_by_role("radio", checked=True)).to_have_count(0)
    pop.get_by_text("매장에 주차장이 있나요?").click()
    expect(pop.get_by_role("button", name="합치기")).to_be_in_viewport(ratio=1)
    desk.screenshot(path=OUTPUT / "gap-merge-1280.png")
    pop.get_by_role("button", name="합치기").click()
    desk.wait_for_url(f"{app.url}/console/gaps/{parking}")
    expect(desk.locator("#toast")).to_have_text("합쳤어요.")
    expect(desk.locator(".article-state")).to_contain_text("5번")
    expect(desk.locator(".reply")).to_have_text("건물 지하 2층에 대시면 돼요.")
    expect(desk.locator(".parts li")).to_contain_text("차 가지고 가도 되나요?")
    desk.screenshot(path=OUTPUT / "gap-merged-1280.png", full_page=True)

    line = desk.locator(".wordings li", has_text="충전기")
    line.get_by_role("button", name="여기 질문이 아니에요").click()
    asks = line.locator("[popover]")
    expect(asks.get_by_role("button", name="떼어 내기")).to_be_focused()
    desk.screenshot(path=OUTPUT / "gap-out-1280.png")
    asks.get_by_role("button", name="취소").click()
    expect(asks).to_be_hidden()
    # What comes meanwhile does not change what is asked about.
    line.get_by_role("button", name="여기 질문이 아니에요").click()
    asked(app, "주차장이 있나요?")
    desk.evaluate("refresh()")
    expect(desk.locator(".article-state")).to_contain_text("6번")
    expect(asks).to_be_visible()
    asks.get_by_role("button", name="떼어 내기").click()
    expect(desk.locator("#toast")).to_have_text("새 빈틈으로 떼어 놓았어요.")
    expect(line).to_have_count(0)
    expect(desk.locator(".article-state")).to_contain_text("5번")

    desk.set_viewport_size({"width": 390, "height": 844})
    desk.screenshot(path=OUTPUT / "gap-merged-390.png", full_page=True)
    assert desk.evaluate("document.documentElement.scrollWidth") == 390
    open_it.click()
    expect(pop.get_by_role("button", name="합치기")).to_be_in_viewport(ratio=1)
    desk.screenshot(path=OUTPUT / "gap-merge-390.png")
    desk.keyboard.press("Escape")
    desk.locator(".wordings li").first.get_by_role("button", name="여기 질문이 아니에요").click()
    desk.screenshot(path=OUTPUT / "gap-out-390.png")
    desk.keyboard.press("Escape")
    desk.get_by_role("button", name="다시 나누기").click()
    expect(desk.locator("#toast")).to_have_text("다시 나눴어요.")
    expect(desk.locator(".parts")).to_have_count(0)
    desk.goto(f"{app.url}/console/gaps/{car}")
    expect(desk.get_by_role("heading", level=1)).to_have_text("차 가지고 가도 되나요?")
