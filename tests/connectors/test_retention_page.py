"""Administrators set how long things are kept, the access log too, and are told what goes."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from connectors import purging
from tests.clock import Clock
from tests.connectors.browser import enter, signed_in
from tests.connectors.conftest import running
from tests.connectors.test_retention import admin, by, keep, of, piece, purge, somebody, time, today
from tests.pages import OUTPUT, Window
from ticketing import accesses, retention
from ticketing.errors import Invalid
from ticketing.models import Agent, Ticket

__all__ = ["admin", "time"]  # fixtures
HOME = "/console/customers/retention"


def test_looks_go_after_their_days_and_not_before(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    def look() -> None:
        with time.sessions.begin() as session:
            accesses.opened(session, uuid.uuid4(), by=by(admin))

    def kept() -> int:
        with engine.connect() as connection:
            return connection.execute(text("SELECT count(*) FROM access")).scalar_one()

    look()
    time.forward(days=366)
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
        connection.execute(text("DELETE FROM access"))
    keep(time, admin, "accesses", 400)
    look()
    assert purge(time) == {} and kept() == 2
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
        connection.execute(text("DELETE FROM access"))
    time.forward(days=35)
    assert purge(time) == {"looks": 1} and kept() == 1
    keep(time, admin, "accesses", None)
    time.forward(days=5000)
    assert purge(time) == {} and kept() == 1


def test_the_setting_is_refused_below_its_floor_and_kept_with_who_and_when(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    for kind, days in (("conversations", 89), ("accesses", 364), ("accesses", 36501)):
        with pytest.raises(Invalid):
            keep(time, admin, kind, days)
        row = text(
            "INSERT INTO retention (kind, days, by_name, source) VALUES (:kind, :days, 'x', 'cli')"
        )
        with engine.connect() as connection, pytest.raises(IntegrityError, match="days"):
            connection.execute(row, {"kind": kind, "days": days})
    keep(time, admin, "conversations", 400)
    keep(time, admin, "conversations", 400)
    keep(time, admin, "accesses", 730)
    keep(time, admin, "conversations", None)
    with time.sessions() as session:
        told = [(one.kind, one.days, one.by_name) for one in retention.changes(session)]
    assert told == [
        ("conversations", None, "관리자"), ("accesses", 730, "관리자"),
        ("conversations", 400, "관리자"),
    ]  # fmt: skip
    for change in ("UPDATE retention SET days = 100", "DELETE FROM retention"):
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
            connection.execute(text(change))


def test_what_a_day_says_cannot_be_changed_and_taking_it_back_ends_it(
    engine: Engine, time: Clock, admin: Agent
) -> None:
    who = somebody(time, admin, "남을 말", resolved=True)
    before = of(engine, who)
    keep(time, admin, "conversations", 90)
    time.forward(days=91)
    (number,) = today(time)
    keep(time, admin, "conversations", 3650)
    assert not piece(time, number) and of(engine, who) == before
    for change in ("UPDATE purge SET counts = '{}'", "DELETE FROM purge"):
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
            connection.execute(text(change))


@pytest.mark.parametrize(("lang", "width"), [("ko", 1280), ("ko", 390), ("en", 1280), ("en", 390)])
def test_an_administrator_sets_it_and_is_told_first_what_goes(
    engine: Engine,
    database_url: str,
    tmp_path: Path,
    time: Clock,
    admin: Agent,
    window: Window,
    lang: str,
    width: int,
) -> None:
    who = somebody(time, admin, "오래전", resolved=True)
    with time.sessions.begin() as session:  # what was said was dealt with long ago
        session.execute(text("DELETE FROM job"))
        code = session.scalars(select(Ticket.code)).one()
    time.forward(days=91)
    OUTPUT.mkdir(exist_ok=True)
    with running(database_url, tmp_path) as app:
        page = window(width=width)
        enter(app, page, "admin", who="관리자")
        page.goto(f"{app.url}/console/customers?lang={lang}")
        page.locator(f"a[href='{HOME}']").click()
        page.screenshot(path=OUTPUT / f"retention-{lang}-{width}.png", full_page=True)
        card = page.locator("#conversations")
        card.locator("[name=days]").fill("90")
        card.locator("form button").first.click()
        pop = page.locator("#confirm")
        expect(pop).to_be_visible()
        expect(pop.locator("li")).to_have_text(
            ["상담 1건", "메시지 9개", "파일 1개"]
            if lang == "ko"
            else ["conversations: 1", "messages: 9", "files: 1"]
        )
        page.screenshot(path=OUTPUT / f"retention-asked-{lang}-{width}.png")
        assert of(engine, who)["message"], "it was only asked"
        pop.locator(".pop-end .button").last.click()
        expect(page).to_have_url(f"{app.url}{HOME}")
        expect(card.locator(".chip")).to_contain_text("90")
        with app.sessions.begin() as session:  # what the worker does within half a minute
            purging.sweep(session)
        app.settle()
        page.reload()
        expect(page.locator("[data-live=retention] .row").first).to_contain_text(
            "메시지 9개" if lang == "ko" else "messages: 9"
        )
        page.locator(".became summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.screenshot(path=OUTPUT / f"retention-done-{lang}-{width}.png", full_page=True)
        page.goto(f"{app.url}/console/tickets/{code}")
        expect(page.locator("[data-live=conversation]")).to_contain_text(
            "지워졌어요" if lang == "ko" else "is deleted"
        )
        page.screenshot(path=OUTPUT / f"retention-ticket-{lang}-{width}.png")
        page.goto(app.url + HOME)
        card.locator(".link").click()
        expect(card.locator(".chip")).to_have_text(
            "지우지 않아요" if lang == "ko" else "Kept for ever"
        )
    assert of(engine, who)["message"] == []


def test_only_administrators_may_and_wrong_days_are_said(
    database_url: str, tmp_path: Path, time: Clock, admin: Agent
) -> None:
    with running(database_url, tmp_path) as app:
        for role in ("agent", "lead"):
            other = signed_in(app, role, role)
            assert HOME not in other.get("/console/customers").text
            assert other.get(HOME).status_code == 403
            assert other.post(f"{HOME}/conversations", days="90").status_code == 403
        chief = signed_in(app, "관리자", "admin")
        for kind, days in (("conversations", "89"), ("accesses", "364"), ("accesses", "x")):
            asked = chief.get(HOME, params={"kind": kind, "days": days})
            assert asked.status_code == 422 and "36,500" in asked.text
            sent = chief.post(f"{HOME}/{kind}", days=days, script=True)
            assert (sent.status_code, sent.json()["field"]) == (422, "days")
        assert chief.get(HOME, params={"kind": "names", "days": "90"}).status_code == 404
        assert chief.post(f"{HOME}/names", days="90").status_code == 404
        with app.sessions() as session:
            assert retention.changes(session) == []
        assert chief.post(f"{HOME}/accesses", days="730").status_code == 303
        with app.sessions() as session:
            (rule,) = retention.changes(session)
            assert (rule.kind, rule.days, rule.by_name) == ("accesses", 730, "관리자")
