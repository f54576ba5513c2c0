"""What agents do with a customer's record on the console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text as sql

from tests.conftest import fresh_database
from tests.connectors.browser import Browser, close_all, name, signed_in, text_of
from tests.connectors.conftest import App, Visitor, running
from tests.connectors.test_ratings import served


@pytest.fixture(scope="module")
def app(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One gateway for all tests here: each brings its own people."""
    with (
        fresh_database(postgres) as url,
        running(url, tmp_path_factory.mktemp("gateway")) as made,
    ):
        yield made


@pytest.fixture(scope="module")
def lead(app: App) -> Iterator[Browser]:
    """A lead."""
    yield signed_in(app, "이팀장", role="lead")
    close_all()


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
    agent = signed_in(app, name())
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
    assert again.status_code == 409
    assert "챙길 고객이 없어요" in said(lead, page, "recoveries")
    assert words in said(lead, f"{page}?state=done", "recoveries")
    assert "챙길 고객 1명" not in said(lead, "/console", "nav")
    assert f"낮은 평가 뒤에 한 일: {words}" in text_of(lead.get(f"/console/tickets/{code}").text)
