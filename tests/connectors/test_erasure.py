"""A person erased: nothing is left of them anywhere, and who did it stays (check P3)."""

from __future__ import annotations

import json
import time
import uuid
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from connectors import cli, erasing
from connectors.desk import agent as desk_agent
from tests.connectors import canary
from tests.connectors.browser import enter, signed_in
from tests.connectors.canary import TRACES, Canary, Talk, hanging, traces
from tests.connectors.conftest import running
from tests.pages import OUTPUT, Window
from ticketing import (
    agents,
    conversations,
    customer_search,
    customers,
    erasure,
    inbox,
    lanes,
)
from ticketing.db import Sessions, session_factory
from ticketing.errors import Erased, LeaseLost, NotFound
from ticketing.models import Agent, ChannelIdentity, Message
from ticketing.record import Author

WHY = "본인 요청"


@pytest.fixture
def desk(engine: Engine) -> Sessions:
    """Sessions of a shop with Slack and mail."""
    return session_factory(engine, queue="C0QUEUE", mail=True)


@pytest.fixture
def admin(desk: Sessions) -> Agent:
    with desk.begin() as session:
        return agents.add(session, name="관리자", role="admin")


@pytest.fixture
def known(desk: Sessions, admin: Agent) -> Canary:
    with desk.begin() as session:
        return canary.fill(session, session.merge(admin))


def begun(desk: Sessions, who: uuid.UUID, admin: Agent, why: str = WHY) -> int:
    by = Author(name=admin.name, source="console", agent_id=admin.id)
    with desk.begin() as session:
        return erasing.begin(session, who, reason=why, by=by).id


def finish(desk: Sessions, number: int) -> int:
    pieces = 1
    while True:
        with desk.begin() as session:
            if not erasing.step(session, number):
                return pieces
        pieces += 1


def test_p3_nothing_is_left_but_who_erased_whom_and_why(
    engine: Engine, desk: Sessions, known: Canary, admin: Agent
) -> None:
    names = [*map(str, known.people), *known.tickets]
    before = traces(engine, *TRACES)
    assert before.keys() >= {
        "attachment", "attachment_content", "claim", "code_request", "contact", "csat", "customer",
        "customer_change", "customer_import", "customer_import_row", "customer_link",
        "identity", "job", "kb_article", "kb_gap",
        "kb_gap_question", "kb_question", "kb_revision", "lane", "message", "nps", "purchase",
        "purchase_change", "purchase_item", "ticket",
    }  # fmt: skip
    # Whoever makes a table of what customers have fills it in `canary`, and deletes it in
    # `ticketing.scattered`.
    assert [table for table, rows in hanging(engine).items() if not rows] == []
    number = begun(desk, known.people[-1], admin)
    finish(desk, number)

    left = {table: rows for table, rows in hanging(engine).items() if rows}
    assert left == {"customer": 1, "identity": 1}, "of the stranger"
    assert traces(engine, *TRACES) == {}
    assert traces(engine, *names).keys() == {"erasure"}
    with desk() as session:
        (kept,) = erasure.listing(session)
        assert set(kept.customers) == set(known.people) and kept.remaining == {}
        assert (kept.by_name, kept.reason, kept.source) == ("관리자", WHY, "console")
        assert kept.finished_at is not None
        assert kept.counts["channels"] == {"kakao": 1, "shop": 1, "telegram": 1, "web": 1}
        assert (kept.counts["tickets"], kept.counts["files"], kept.counts["orders"]) == (2, 2, 1)
        with pytest.raises(NotFound):
            customers.get(session, known.id)


def test_an_administrator_erases_by_the_api_and_twice_is_once(
    engine: Engine, database_url: str, tmp_path: Path, desk: Sessions, known: Canary
) -> None:
    with running(database_url, tmp_path) as app:
        admin, lead = app.agent("관리자"), app.agent("리더", "lead")
        path = f"/api/customers/{known.id}"
        assert lead.delete(path, params={"reason": WHY}).status_code == 403
        assert admin.delete(path).status_code == 422
        named = admin.delete(path, params={"reason": f"{canary.NAME} 님이 요청"})
        assert (named.status_code, named.json()["reason"]) == (422, "names")
        unknown = admin.delete(f"/api/customers/{uuid.uuid4()}", params={"reason": WHY})
        assert unknown.status_code == 404
        assert admin.get(path).status_code == 200

        first = admin.delete(path, params={"reason": WHY})
        assert (first.status_code, first.json()["state"]) == (200, "erased"), first.text
        again = admin.delete(f"/api/customers/{known.people[0]}", params={"reason": "다시"})
        assert (again.status_code, again.json()) == (200, first.json())
        assert admin.get(path).status_code == 404
        assert admin.get(f"/api/tickets/{known.tickets[0]}").status_code == 404
        assert admin.get("/api/erasures").json()["erasures"] == [first.json()]
        assert lead.get("/api/erasures").status_code == 403
        browser = {"Authorization": f"Bearer {known.token}"}
        asked = httpx.get(f"{app.url}/chat/messages", headers=browser)
        assert asked.status_code == 401
        app.settle()
    assert traces(engine, *TRACES) == {}


def test_the_command_erases_and_says_what(
    engine: Engine,
    database_url: str,
    tmp_path: Path,
    known: Canary,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SANGDAM_DATABASE_URL", database_url)
    monkeypatch.setenv("SANGDAM_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    command = ["customers", "erase", str(known.id), "--reason", WHY]
    assert cli.main([*command, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert set(said["customers"]) == {str(one) for one in known.people}
    assert cli.main(command) == 0 and "2 tickets" in capsys.readouterr().out
    assert traces(engine, *TRACES) == {}
    assert cli.main(["customers", "erase", str(uuid.uuid4()), "--reason", WHY]) == 1


def test_half_erased_after_a_crash_is_finished_by_the_worker(
    engine: Engine, database_url: str, tmp_path: Path, desk: Sessions, known: Canary, admin: Agent
) -> None:
    number = begun(desk, known.id, admin)
    with desk.begin() as session:
        assert erasing.step(session, number)
    with desk() as session:
        assert erasure.get(session, number).finished_at is None
        with pytest.raises(Erased):
            customers.get(session, known.id)
        assert customer_search.find(session, search="") == []
    with running(database_url, tmp_path) as app:  # its worker goes on where the other one died
        app.settle()
    with desk() as session:
        assert erasure.get(session, number).finished_at is not None
    assert traces(engine, *TRACES) == {}


def test_who_writes_in_the_middle_is_erased_or_new_and_nothing_crashes(
    engine: Engine, desk: Sessions, known: Canary, admin: Agent
) -> None:
    """Words that were accepted before the lanes were held, a turn that is being worked on, and an
    agent who answers, each in their own transaction while the erasure goes on."""
    with desk.begin() as session:
        (work, *_) = [
            one
            for one in lanes.claim(session, owner="worker", limit=50)
            if one.lane == customers.lane(known.id)
        ]
    number = begun(desk, known.id, admin)
    # What a stale statement still brings into their history, past every look.
    with desk.begin() as session:
        talk, who = session.execute(
            text("SELECT id, customer_id FROM conversation WHERE customer_id = ANY(:ids) LIMIT 1"),
            {"ids": known.people},
        ).one()
        late = "INSERT INTO message (conversation_id, customer_id, author, text)"
        session.execute(
            text(f"{late} VALUES (:talk, :who, 'customer', :words)"),
            {"talk": talk, "who": who, "words": canary.WORDS},
        )
        lanes.enqueue(
            session, lane=customers.lane(known.id), kind="turn", dedup="late",
            payload={"identity": 1, "external_id": "late"},
        )  # fmt: skip
    with desk() as session, pytest.raises(LeaseLost):
        lanes.hold(session, work)
    with desk() as session, pytest.raises(Erased):
        customers.hold(session, known.id)
    with desk() as session, pytest.raises(NotFound):
        desk_agent.reply(session, code=known.tickets[0], agent=admin, text="네")
    with desk() as session, pytest.raises(Erased):
        conversations.current(session, customer_id=known.id)
    # The same chat again is somebody new, while the old one is still being erased.
    with desk.begin() as session:
        phone = customers.identify(
            session, channel="telegram", account="bot", external_id=canary.CHAT
        )
        assert phone[1] not in known.people
        Talk(session, *phone).says("처음 뵙겠습니다")
    finish(desk, number)
    with desk() as session:
        assert customers.get(session, phone[1]).erased_at is None
        lines = session.scalars(select(Message.text)).all()
        assert lines == ["처음 뵙겠습니다"]
    left = traces(engine, *TRACES)
    assert left.keys() <= {"identity", "lane", "job"}, left  # the new one's chat


def test_two_who_erase_at_once_do_it_once(
    engine: Engine, desk: Sessions, known: Canary, admin: Agent
) -> None:
    with ThreadPoolExecutor(2) as both:
        numbers = list(both.map(lambda who: begun(desk, who, admin), known.people[:2]))
        assert numbers[0] == numbers[1]
        list(both.map(lambda number: finish(desk, number), numbers))
    assert traces(engine, *TRACES) == {}
    with desk() as session:
        assert len(erasure.listing(session)) == 1


def test_a_message_that_waits_for_the_lane_finds_nobody(
    desk: Sessions, known: Canary, admin: Agent
) -> None:
    """It came before the erasure, waited for it, and is not accepted by anybody."""
    with desk() as session:
        identity, customer = session.execute(
            select(ChannelIdentity.id, ChannelIdentity.customer_id).where(
                ChannelIdentity.channel == "web", ChannelIdentity.customer_id.in_(known.people)
            )
        ).one()
    line = inbox.Line(customer, identity, "late", "잠깐만요")
    with ThreadPoolExecutor(1) as other:
        with desk.begin() as session:
            by = Author(name="관리자", source="console")
            number = erasing.begin(session, known.id, reason=WHY, by=by).id
            waiting = other.submit(accept, desk, line)
            until_somebody_waits(session)
            while erasing.step(session, number):  # all of it in the transaction that is waited for
                pass
        with pytest.raises(Erased):
            waiting.result(timeout=10)
    with desk() as session:
        assert session.scalars(select(Message.id)).all() == []


def accept(desk: Sessions, line: inbox.Line) -> int | None:
    with desk.begin() as session:
        return inbox.accept(session, line)


def until_somebody_waits(session: Session) -> None:
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    deadline = time.monotonic() + 4
    while not session.execute(waits).scalar_one():
        assert time.monotonic() < deadline, "nobody waits"


def test_what_is_kept_of_it_cannot_be_changed_and_histories_go_only_with_their_owner(
    engine: Engine, desk: Sessions, known: Canary, admin: Agent
) -> None:
    for table in ("customer_change", "purchase_change"):
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="goes only"):
            connection.execute(text(f"DELETE FROM {table}"))
    number = begun(desk, known.id, admin)
    with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
        connection.execute(text("UPDATE erasure SET reason = 'x'"))
    finish(desk, number)
    for change in ("UPDATE erasure SET finished_at = now()", "DELETE FROM erasure"):
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
            connection.execute(text(change))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_says_what_goes_and_is_not_done_by_a_slip(
    database_url: str,
    tmp_path: Path,
    engine: Engine,
    known: Canary,
    window: Window,
    lang: str,
    width: int,
) -> None:
    OUTPUT.mkdir(exist_ok=True)
    with running(database_url, tmp_path) as app:
        page = window(width=width)
        enter(app, page, "admin", who="관리자")
        page.goto(f"{app.url}/console/customers/{known.id}?lang={lang}")
        page.screenshot(path=OUTPUT / f"erase-customer-{lang}-{width}.png")
        page.locator("a[href$='/erase']").click()
        shown = page.locator(".erase")
        expect(shown).to_contain_text("카카오" if lang == "ko" else "KakaoTalk")
        for n in (known.people[0], known.people[1]):
            assert str(n) == str(known.id) or page.locator(f"a[href*='{n}']").count()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.screenshot(path=OUTPUT / f"erase-{lang}-{width}.png", full_page=True)

        with page.expect_download() as download:
            page.locator("form[action$='/file'] button").click()
        with zipfile.ZipFile(download.value.path()) as file:
            about = json.loads(file.read("customer.json"))
            said = file.read("conversation.jsonl").decode()
            assert (about["name"], about["numbers"]) == (canary.NAME, [canary.NUMBER])
            assert canary.ORDER in json.dumps(about["purchases"]) and canary.WORDS in said
            assert sum(name.startswith("files/") for name in file.namelist()) == 2

        page.locator("[name=reason][value=asked]").check()
        page.locator("[name=confirm]").fill("다른 사람")
        page.locator(".danger").click()
        expect(page.locator(".wrong")).to_be_visible()
        assert canary.NAME in page.locator("h1").inner_text()
        page.screenshot(path=OUTPUT / f"erase-wrong-{lang}-{width}.png", full_page=True)
        page.locator("[name=confirm]").fill(f" {canary.NAME} ")
        page.locator(".danger").click()
        expect(page).to_have_url(f"{app.url}/console/customers/erasures")
        expect(page.locator(".row")).to_have_count(1)
        expect(page.locator(".row")).to_contain_text("관리자")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.screenshot(path=OUTPUT / f"erasures-{lang}-{width}.png")
        app.settle()
    assert traces(engine, *TRACES) == {}


def test_only_administrators_see_the_page(database_url: str, tmp_path: Path, known: Canary) -> None:
    with running(database_url, tmp_path) as app:
        lead = signed_in(app, "리더", "lead")
        page = f"/console/customers/{known.id}"
        assert "/erase" not in lead.get(page).text
        for path in (f"{page}/erase", f"{page}/file", "/console/customers/erasures"):
            assert lead.get(path).status_code == 403, path
        assert lead.get("/console/customers/accesses").status_code == 403
        sent = lead.post(f"{page}/erase", page=page, reason="asked", confirm=canary.NAME)
        assert sent.status_code == 403


def test_an_open_chat_goes_on_as_somebody_new(
    database_url: str, tmp_path: Path, window: Window
) -> None:
    with running(database_url, tmp_path) as app:
        page = window()
        page.goto(f"{app.url}/?lang=ko")
        page.locator("#launcher").click()
        page.locator("#text").fill("제 이름은 김하나예요")
        page.locator("#text").press("Enter")
        expect(page.locator(".m.bot .t")).to_have_count(1)
        with app.sessions() as session:
            who = session.scalars(select(Message.customer_id).distinct()).one()
        gone = app.agent("관리자", "admin").delete(
            f"/api/customers/{who}", params={"reason": "본인 요청"}
        )
        assert (gone.status_code, gone.json()["state"]) == (200, "erased")
        expect(page.locator("#log")).not_to_contain_text("김하나")
        page.locator("#text").fill("다시 왔어요")
        page.locator("#text").press("Enter")
        expect(page.locator(".m.bot .t")).to_have_text(["다시 왔어요"])
        with app.sessions() as session:
            new = session.scalars(select(Message.customer_id).distinct()).one()
            assert new != who
