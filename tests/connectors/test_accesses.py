"""Who looked at a customer, when and from where, is kept and cannot be avoided (check P4)."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tests.clock import Clock
from tests.connectors import canary
from tests.connectors.browser import enter, signed_in
from tests.connectors.canary import TRACES, traces
from tests.connectors.conftest import running
from tests.pages import OUTPUT, Window
from ticketing import accesses, agents, conversations, links, record, ticket_links, tickets
from ticketing.db import Sessions
from ticketing.models import Access, Agent, Attachment
from ticketing.record import Author

SHOP = Author(name="shop", source="import")


@pytest.fixture
def people(sessions: Sessions) -> list[uuid.UUID]:
    """김하나 and 김두리, who are two."""
    found = []
    with sessions.begin() as session:
        for number, name in (("C-1", "김하나"), ("C-2", "김두리")):
            made = record.at_shop(session, number, values={"name": name}, by=SHOP)
            assert made is not None
            found.append(made.id)
    return found


@pytest.fixture
def agent(sessions: Sessions) -> Agent:
    with sessions.begin() as session:
        return agents.add(session, name="상담원")


def by(agent: Agent, place: str = "198.51.100.7") -> Author:
    return Author(name=agent.name, agent_id=agent.id, source="console", place=place)


def kept(sessions: Sessions) -> list[tuple[str, str, str, set[uuid.UUID]]]:
    with sessions() as session:
        rows = session.scalars(select(Access).order_by(Access.id)).all()
    return [(one.what, one.by_name, one.source, set(one.people)) for one in rows]


# --- what is one look -------------------------------------------------------------------------


def test_the_same_look_within_ten_minutes_is_one_and_not_that_of_another(
    clock: Clock, shop: Session
) -> None:
    clock.run_from(dt.datetime(2026, 3, 2, 9, 1, tzinfo=dt.UTC))
    one, two = uuid.uuid4(), uuid.uuid4()
    agent = agents.add(shop, name="상담원")
    shop.commit()

    def look(*asked: Callable[..., None], place: str = "198.51.100.7") -> int:
        with clock.sessions.begin() as session:
            for what in asked:
                what(session, by=by(agent, place))
            return session.scalars(select(func.count(Access.id))).one()

    def opens(who: uuid.UUID) -> Callable[..., None]:
        return lambda session, by: accesses.opened(session, who, by=by)

    def finds(*who: uuid.UUID) -> Callable[..., None]:
        return lambda session, by: accesses.found(session, who, by=by)

    def lists(*who: uuid.UUID) -> Callable[..., None]:
        return lambda session, by: accesses.listed(session, who, by=by)

    assert look(opens(one), opens(one)) == 1
    assert look(opens(two)) == 2
    assert look(opens(one), place="2001:db8::1") == 3
    assert look(finds(one), finds(one)) == 4
    assert look(finds(one, two), finds(two, one)) == 5
    assert look(lists(one), lists(one), lists()) == 6
    assert look(lists(one, two), lists(two, one), lists(two)) == 7, "who comes to it is kept apart"
    with clock.sessions() as session:
        rows = session.scalars(select(Access).where(Access.what == "listed").order_by(Access.id))
        assert [(row.people, row.rows) for row in rows] == [([one], 1), ([two], 1)]
    assert look(lists(one, two), place="2001:db8::1") == 8
    clock.forward(minutes=10)
    assert look(opens(one), opens(one)) == 9
    assert look(lists(one, two), lists(one)) == 10


def test_many_at_once_are_one(sessions: Sessions, people: list[uuid.UUID], agent: Agent) -> None:
    def opens(_: int) -> None:
        with sessions.begin() as session:
            accesses.opened(session, people[0], by=by(agent))

    with ThreadPoolExecutor(8) as together:
        list(together.map(opens, range(40)))
    # Two if the clock's ten minutes ended in between.
    assert len(kept(sessions)) in (1, 2)


def test_whoever_is_linked_was_seen_too_and_that_stays_when_they_are_parted(
    sessions: Sessions, people: list[uuid.UUID], agent: Agent
) -> None:
    one, two = people
    with sessions.begin() as session:
        made = links.link(session, customer_id=one, other_id=two, evidence="code")
        accesses.opened(session, one, by=by(agent))
        links.unlink(session, link_id=made.id, reason="아님", agent_id=agent.id)
        accesses.found(session, [two], by=by(agent))
    with sessions() as session:

        def of(who: uuid.UUID) -> list[str]:
            return [row.what for row in session.scalars(accesses.chosen(session, customer_id=who))]

        assert (of(one), of(two)) == (["opened"], ["searched", "opened"])
        assert of(uuid.uuid4()) == []


def test_whoever_else_a_page_names_was_seen_and_not_opened(
    database_url: str, tmp_path: Path, people: list[uuid.UUID], sessions: Sessions, agent: Agent
) -> None:
    one, two = people
    with sessions.begin() as session:
        made = links.link(session, customer_id=one, other_id=two, evidence="code")
        links.unlink(session, link_id=made.id, reason="아님", agent_id=agent.id)
        first, second = (
            tickets.open_ticket(
                session,
                conversation=conversations.current(session, customer_id=who),
                reason="customer_asked",
            )[0]
            for who in people
        )
        ticket_links.add(session, first, second, kind="related", agent=agent)
        code = first.code
    with running(database_url, tmp_path) as app:
        seat, program = signed_in(app, "지수"), app.agent("하늘")
        assert "김두리" in seat.get(f"/console/customers/{one}").text
        assert str(two) in program.get(f"/api/customers/{one}/links").text
        assert seat.get(f"/console/customers/{two}").status_code == 200
        assert signed_in(app, "도움").get(f"/console/tickets/{code}").status_code == 200
        looks = [(what, who, whom) for what, who, _, whom in kept(sessions)]
        assert looks == [("opened", who, {one, two}) for who in ("지수", "하늘", "지수", "도움")]
        with sessions() as session:
            found = [name for name, _ in accesses.viewers(session, two, but=agent.id)]
            assert found == ["지수"], "the others have only seen that there is somebody"


def test_nobody_changes_what_was_kept(
    engine: Engine, sessions: Sessions, people: list[uuid.UUID], agent: Agent
) -> None:
    with sessions.begin() as session:
        accesses.opened(session, people[0], by=by(agent))
    for change in ("UPDATE access SET by_name = 'x'", "DELETE FROM access"):
        with engine.connect() as connection, pytest.raises(ProgrammingError, match="stays"):
            connection.execute(text(change))


def test_an_erased_customer_is_in_it_by_their_random_id_alone(
    engine: Engine, database_url: str, tmp_path: Path, sessions: Sessions
) -> None:
    with sessions.begin() as session:
        known = canary.fill(session, agents.add(session, name="관리자", role="admin"))
        file = session.scalars(select(Attachment.id)).first()
    with running(database_url, tmp_path) as app:
        admin, seat = app.agent("관리자"), signed_in(app, "상담원")
        for words in (canary.NAME, canary.EMAIL, "7777-8888", canary.NUMBER, canary.ORDER):
            assert admin.get("/api/customers", params={"q": words}).json()["customers"], words
            assert seat.get("/console/customers", params={"q": words}).status_code == 200
        assert seat.get("/console", params={"q": canary.NAME}).status_code == 200
        assert admin.get(f"/api/customers/{known.id}").status_code == 200
        assert seat.get(f"/console/customers/{known.id}").status_code == 200
        assert seat.get(f"/api/files/{file}").status_code == 200
        taken = admin.get(f"/api/customers/{known.id}/file", params={"reason": "본인 요청"})
        assert taken.status_code == 200
        before = kept(sessions)
        gone = admin.delete(f"/api/customers/{known.id}", params={"reason": "본인 요청"})
        assert gone.json()["state"] == "erased"
        assert kept(sessions) == before
        assert traces(engine, *TRACES) == {}
        left = traces(engine, *map(str, known.people), *known.tickets)
        assert left.keys() == {"erasure", "access"}
        of = {"customer": str(known.people[-1])}
        found = admin.get("/api/accesses", params=of).json()["accesses"]
        assert {one["what"] for one in found} == {"searched", "opened", "downloaded"}
        page = signed_in(app, "관리자", "admin").get("/console/customers/accesses", params=of).text
        assert str(known.id)[:8] in page and f'href="/console/customers/{known.id}"' not in page


# --- through the app --------------------------------------------------------------------------


def test_p4_who_opened_searched_and_downloaded_is_read_by_administrators(
    database_url: str, tmp_path: Path, people: list[uuid.UUID], sessions: Sessions
) -> None:
    one, two = people
    with running(database_url, tmp_path) as app:
        program, seat, admin = app.agent("하늘"), signed_in(app, "지수"), app.agent("장", "admin")
        assert program.get(f"/api/customers/{one}").status_code == 200
        assert program.get(f"/api/customers/{one}/timeline").status_code == 200
        assert program.get("/api/customers", params={"q": "김하"}).status_code == 200
        assert program.get(f"/api/customers/{uuid.uuid4()}").status_code == 404
        page = f"/console/customers/{two}"
        assert seat.get(page).status_code == 200
        for _ in range(3):  # as with every message
            assert "record" in seat.parts(page)
        for path in ("/console", "/console/customers", "/console/recovery", "/console/customers"):
            assert seat.get(path).status_code == 200
        assert "customers" in seat.parts("/console/customers?q=김")
        assert seat.get("/console/customers", params={"q": "아무도 아님"}).status_code == 200
        assert [(what, who, source, whom) for what, who, source, whom in kept(sessions)] == [
            ("opened", "하늘", "api", {one}),
            ("searched", "하늘", "api", {one}),
            ("opened", "지수", "console", {two}),
            ("listed", "지수", "console", {one, two}),
            ("searched", "지수", "console", {one, two}),
            ("searched", "지수", "console", set()),
        ]

        def ids(**chosen: Any) -> list[int]:
            answer = admin.get("/api/accesses", params=chosen)
            assert answer.status_code == 200, answer.text
            return [row["id"] for row in answer.json()["accesses"]]

        everything = ids()
        assert everything == sorted(everything, reverse=True) and len(everything) == 6
        assert len(ids(agent="지수")) == 4 and len(ids(agent="지수", what="opened")) == 1
        assert len(ids(customer=str(one))) == 4
        assert ids(limit=2) == everything[:2]
        assert ids(limit=2, before=everything[1]) == everything[2:4]
        (opened,) = admin.get("/api/accesses", params={"agent": "하늘", "what": "opened"}).json()[
            "accesses"
        ]
        assert opened["place"] == "127.0.0.1" and opened["customer"] == str(one)
        assert opened["people"] == [str(one)] and opened["file"] is None
        at = dt.datetime.fromisoformat(opened["at"]).astimezone(ZoneInfo("Asia/Seoul"))
        assert opened["id"] in ids(since=str(at.date()), until=str(at.date()))
        assert len(ids(since="2000-01-01", until="2999-12-31")) == 6
        assert ids(until="2020-01-01") == [] and ids(since="2999-12-31") == []
        assert admin.get("/api/accesses", params={"agent": "없음"}).status_code == 404
        for wrong in ({"customer": "x"}, {"since": "0001-01-01"}, {"what": "x"}, {"before": 0}):
            assert admin.get("/api/accesses", params=wrong).status_code == 422, wrong
        assert "downloads" in admin.get("/api/downloads").json()

        for other in (app.agent("하늘"), app.agent("리더", "lead")):
            assert other.get("/api/accesses").status_code == 403
        assert httpx.get(f"{app.url}/api/accesses").status_code == 401
        for path in ("accesses", "accesses.csv"):
            assert seat.get(f"/console/customers/{path}").status_code == 403
        assert httpx.get(f"{app.url}/console/customers/accesses.csv").status_code == 303

        chief = signed_in(app, "장", "admin")
        out = chief.get("/console/customers/accesses.csv", params={"agent": "지수", "since": ""})
        assert out.headers["content-type"].startswith("text/csv")
        head, *rows = csv.reader(io.StringIO(out.content.decode("utf-8-sig")))
        assert head[0] == "일시" and [row[2] for row in rows] == ["검색", "검색", "목록", "열람"]
        assert rows[-1][3] == str(two) and rows[-1][6] == "127.0.0.1"
        shown = chief.get("/console/customers/accesses", params={"customer": str(two)}).text
        assert "지수" in shown and "하늘" not in re.sub(r"<select.*?</select>", "", shown)
        assert chief.get(page).text.count("지수") == 1, "who has seen them"
        assert "지수" not in signed_in(app, "리더", "lead").get(page).text


def test_the_address_is_that_of_the_agent_and_what_anybody_says_of_it_is_not_believed(
    database_url: str, tmp_path: Path, people: list[uuid.UUID], sessions: Sessions
) -> None:
    with running(database_url, tmp_path) as app:  # which believes a proxy at 127.0.0.1
        program = app.agent("하늘")
        proxied = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
        path = f"/api/customers/{people[0]}"
        assert program.get(path, headers=proxied).status_code == 200
        assert program.get(path, headers={"X-Forwarded-For": "x" * 5000}).status_code == 200
    with sessions() as session:
        places = session.scalars(select(Access.place).order_by(Access.id)).all()
    assert places == ["198.51.100.4", "x" * 64]


def full_disk(engine: Engine) -> None:
    """From now on no look can be written down."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                "RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END$$"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER full_disk BEFORE INSERT ON access "
                "FOR EACH ROW EXECUTE FUNCTION full_disk()"
            )
        )


def test_nothing_is_shown_that_cannot_be_written_down(
    engine: Engine, database_url: str, tmp_path: Path, people: list[uuid.UUID]
) -> None:
    full_disk(engine)
    with running(database_url, tmp_path) as app:
        program, seat = app.agent("하늘"), signed_in(app, "지수")
        for answer in (
            program.get(f"/api/customers/{people[0]}"),
            program.get("/api/customers", params={"q": "김하나"}),
            seat.get(f"/console/customers/{people[0]}"),
        ):
            assert answer.status_code == 503 and "김하나" not in answer.text
        assert seat.get("/console").status_code == 200, "nobody is in it"
        with app.sessions.begin() as session:
            talk = conversations.current(session, customer_id=people[0])
            tickets.open_ticket(session, conversation=talk, reason="customer_asked")
        for path in ("/console", "/console/customers", "/console?view=open"):
            assert seat.get(path).status_code == 503, path
        assert program.get("/api/tickets").status_code == 503


@pytest.mark.parametrize(("lang", "width"), [("ko", 1280), ("ko", 390), ("en", 390)])
def test_administrators_read_it_in_the_console(
    database_url: str,
    tmp_path: Path,
    people: list[uuid.UUID],
    window: Window,
    lang: str,
    width: int,
) -> None:
    OUTPUT.mkdir(exist_ok=True)
    with running(database_url, tmp_path) as app:
        program, seat = app.agent("하늘"), signed_in(app, "지수")
        assert program.get(f"/api/customers/{people[0]}").status_code == 200
        for path in (f"/{people[0]}", f"/{people[1]}", "", "?q=김", "?q=김하나"):
            assert seat.get(f"/console/customers{path}").status_code == 200
        out = signed_in(app, "리더", "lead").get(
            "/console/customers/export", params={"form": "xlsx", "reason": "7월 세무 신고"}
        )
        assert out.status_code == 200
        with app.sessions.begin() as session:
            doum = agents.add(session, name="도움")
            by_slack = Author(name=doum.name, agent_id=doum.id, source="slack")
            accesses.opened(session, people[1], by=by_slack)
        page = window(width=width)
        enter(app, page, "admin", who="관리자")
        page.goto(f"{app.url}/console/customers?lang={lang}")
        page.screenshot(path=OUTPUT / f"accesses-customers-{lang}-{width}.png")
        page.locator("a[href='/console/customers/accesses']").click()
        expect(page.locator(".row")).to_have_count(9)
        unknown = "Slack · " + ("주소 알 수 없음" if lang == "ko" else "address unknown")
        expect(page.locator(".row").nth(1)).to_contain_text(unknown)
        expect(page.locator(".row").nth(2)).to_contain_text("7월 세무 신고")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        page.screenshot(path=OUTPUT / f"accesses-{lang}-{width}.png", full_page=True)
        page.locator("[name=agent]").select_option("지수")
        expect(page.locator(".row")).to_have_count(5)
        page.goto(f"{app.url}/console/customers/{people[0]}")
        expect(page.locator(".facts").first).to_contain_text("지수")
        page.screenshot(path=OUTPUT / f"accesses-customer-{lang}-{width}.png")
        page.locator(f"a[href$='customer={people[0]}']").click()
        expect(page.locator(".row .chip")).to_have_count(7)
        page.screenshot(path=OUTPUT / f"accesses-one-{lang}-{width}.png")
        with page.expect_download() as table:
            page.locator("a[href*='accesses.csv']").click()
        assert "하늘" in table.value.path().read_text("utf-8")
