"""What helped: views, answers, what they solved, votes; and the rows behind each number."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import Date, cast, delete, func, select, text
from sqlalchemy.orm import Session

from connectors import helped
from knowledge_base import articles, regressions, views, votes
from knowledge_base.models import ArticleView
from tests.connectors.browser import enter, name, signed_in
from tests.connectors.conftest import PAUSE_S, App
from tests.connectors.test_gaps import HAND_OFF, Talk
from tests.pages import Window
from ticketing import conversations, teams
from ticketing.models import Team

PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}


def publish(session: Session, id: str, title: str = "배송 기간") -> None:
    articles.create(session, id=id, locale="ko", title=title, body="3일이에요.", author="지수")
    articles.publish(session, id=id, locale="ko", author="지수")


def answer(id: str) -> dict[str, Any]:
    return {
        "kind": "answer", "text": "3일 걸려요", "score": 0.9,
        "article": {"id": id, "locale": "ko", "title": "배송 기간"},
        "buttons": [{"title": "아니에요", "payload": "/not_helpful"}],
    }  # fmt: skip


def close(session: Session, talk: Talk) -> None:
    held = conversations.current(session, customer_id=talk.customer.id)
    outcome = conversations.bot_outcome(session, held.id)
    conversations.move(session, held, "closed", outcome=outcome)


def test_numbers_are_what_happened(session: Session) -> None:
    publish(session, "time")
    publish(session, "fee", "배송비")
    solved, turned, handed, going = (Talk(session) for _ in range(4))
    solved.say("며칠 걸려요?", answer("time"))
    close(session, solved)
    turned.say("언제 와요?", answer("time"))
    session.execute(
        text("UPDATE message SET vote = 'down' WHERE customer_id = :who AND kind = 'answer'"),
        {"who": turned.customer.id},
    )
    close(session, turned)
    handed.say("빨리요", answer("time"))
    handed.say("상담원", HAND_OFF)
    going.say("기간이요", answer("time"))
    votes.cast(session, id="time", locale="ko", visitor=b"1", helpful=True)
    views.count(session, id="time", locale="ko")
    views.count(session, id="time", locale="ko")
    first, second = helped.table(session, days=30)
    assert (first.id, first.views, first.given, first.solved, first.up, first.down) == (
        *("time", 2, 4, 1, 1, 1),
    )
    assert (second.id, second.given, second.stale) == ("fee", 0, ())
    behind = helped.behind(session, id="time", locale="ko", days=30, which="solved")
    assert [one.question for one in behind] == ["며칠 걸려요?"]
    (down,) = helped.behind(session, id="time", locale="ko", days=30, which="down")
    assert (down.question, down.vote, down.customer) == ("언제 와요?", "down", turned.customer.id)
    assert len(helped.behind(session, id="time", locale="ko", days=30)) == 4
    assert [one.id for one in helped.table(session, days=7, order="title", falling=False)] == [
        *("time", "fee")
    ]
    assert helped.votes_read(session, id="time", locale="ko", days=7) == (1, 0)


FIRST, LAST = "Etc/GMT-14", "Etc/GMT+12"  # at no moment is it the same day in these two


def desk_in(session: Session, zone: str) -> None:
    team = teams.first(session) or Team(name="상담")
    team.zone = zone
    session.add(team)
    session.flush()


def test_views_of_the_last_days_are_those_of_the_desks_days(session: Session) -> None:
    publish(session, "time")
    views.count(session, id="time", locale="ko", zone=LAST)
    session.execute(text("UPDATE kb_article_view SET day = day - 6"))
    counted = []
    for zone in (LAST, FIRST):
        desk_in(session, zone)
        counted.append(helped.table(session, days=7)[0].views)
    assert counted == [1, 0], "in the east it is the eighth day"


def test_of_equals_those_in_the_curators_language_come_first(session: Session) -> None:
    for id, locale, title in (("a", "ko", "환불"), ("b", "en", "Refunds"), ("c", "ko", "배송")):
        articles.create(session, id=id, locale=locale, title=title, body=".", author="지수")
        articles.publish(session, id=id, locale=locale, author="지수")
    for locale, ids in (("ko", "cab"), ("en", "bca")):
        assert "".join(one.id for one in helped.table(session, days=30, locale=locale)) == ids


def test_stale_is_what_is_old_and_asked_for_or_liked_no_more(session: Session) -> None:
    for id in ("old", "unasked", "turning"):
        publish(session, id, id)
    then = dt.timedelta(days=200)
    session.execute(
        text("UPDATE kb_revision SET at = at - :then WHERE article_id IN ('old', 'unasked')"),
        {"then": then},
    )
    views.count(session, id="old", locale="ko")
    for visitor in range(8):
        votes.cast(
            session, id="turning", locale="ko", visitor=bytes([visitor]), helpful=visitor < 5
        )
    session.execute(text("UPDATE kb_vote SET at = at - :then WHERE helpful"), {"then": then})
    found = {row.id: row.stale for row in helped.table(session, days=30)}
    assert found == {"old": ("old",), "unasked": (), "turning": ("turning",)}


@pytest.mark.parametrize(
    ("headers", "counts"),
    [
        (PERSON, True),
        (PERSON | {"Sec-Purpose": "prefetch;prerender"}, False),
        (PERSON | {"X-Moz": "prefetch"}, False),
        ({"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://google.com/)"}, False),
        ({"User-Agent": "Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd) bot"}, False),
        ({"User-Agent": "curl/8.5.0"}, False),
        ({}, False),
    ],
)
def test_who_is_a_reader(headers: dict[str, str], counts: bool) -> None:
    assert views.is_reader(httpx.Headers(headers)) is counts


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    return gateway


def until_counted(app: App, wanted: int) -> None:
    """Views are written down after the page is sent."""
    deadline = time.monotonic() + 10
    while True:
        with app.sessions() as session:
            if sum(one.views for one in session.query(ArticleView)) >= wanted:
                return
        assert time.monotonic() < deadline
        time.sleep(PAUSE_S)


def test_a_view_is_of_the_desks_day(app: App) -> None:
    with app.sessions.begin() as session:
        publish(session, "day")
    for place, zone in enumerate((FIRST, LAST), start=1):
        with app.sessions.begin() as session:
            desk_in(session, zone)
        browser = {"User-Agent": f"Mozilla/5.0 (reader {place})"}
        assert httpx.get(f"{app.url}/help/day", headers=browser).status_code == 200
        until_counted(app, place)
        with app.sessions() as session:
            today = session.scalar(select(cast(func.timezone(zone, func.now()), Date)))
            assert session.get(ArticleView, ("day", "ko", today)), zone
    with app.sessions.begin() as session:
        session.execute(delete(ArticleView))
        articles.retire(session, id="day", locale="ko", author="지수")


def test_the_page_its_rows_and_a_question_saved_from_a_vote(app: App) -> None:
    with app.sessions.begin() as session:
        publish(session, "time")
        talk = Talk(session)
        talk.say("며칠 걸려요?", answer("time"))
        session.execute(text("UPDATE message SET vote = 'up' WHERE kind = 'answer'"))
        other = Talk(session)
        other.say("색칠 공부 있어요?", answer("time"))
        session.execute(
            text("UPDATE message SET vote = 'down' WHERE customer_id = :who AND kind = 'answer'"),
            {"who": other.customer.id},
        )
    with httpx.Client(base_url=app.url, headers=PERSON) as reader:
        asked = reader.head("/help/time", headers={"User-Agent": "Mozilla/5.0 (Linux)"})
        assert (asked.status_code, asked.content) == (200, b""), "and nobody has read it"
        for _ in range(3):
            assert reader.get("/help/time").status_code == 200
        reader.get("/help/time", headers={"User-Agent": "Mozilla/5.0 (compatible; bingbot/2.0)"})
        assert reader.get("/help/time", headers={"User-Agent": "Mozilla/5.0 (Mac)"}).status_code
    until_counted(app, 2)
    with app.sessions() as session:
        (row,) = helped.table(session, days=7)
        assert (row.views, row.given, row.up, row.down) == (2, 2, 1, 1)
    lead, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    page = lead.get("/console/helped?days=7&order=views").text
    assert 'aria-sort="descending"' in page and "which=given" in page and "What helped" not in page
    assert "What helped" in lead.get("/console/helped?lang=en").text
    lead.get("/console/helped?lang=ko")
    rows = "/console/helped/time?locale=ko&which="
    up, down = lead.get(f"{rows}up").text, lead.get(f"{rows}down").text
    assert "며칠 걸려요?" in up and f"/console/customers/{talk.customer.id}?line=" in up
    assert "색칠 공부 있어요?" in down and "색칠" not in up
    assert "점검 질문으로 저장" in up and "점검 질문으로 저장" not in agent.get(f"{rows}up").text
    assert 'name="article" value="time"' in up and 'name="article" value=""' in down
    lead.post("/console/saved", question="며칠 걸려요?", locale="", article="time")
    lead.post("/console/saved", question="색칠 공부 있어요?", locale="", article="")
    with app.sessions() as session:
        kept = {one["question"]: one["article"] for one in regressions.rows(session)}
    assert kept == {"며칠 걸려요?": "time", "색칠 공부 있어요?": None}
    talked = lead.get(f"/console/customers/{talk.customer.id}").text
    assert "점검 질문으로 저장" in talked
    assert lead.get("/console/helped/none?locale=ko").status_code == 404
    assert lead.get("/console/helped?order=; DROP").status_code == 422


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_on_a_phone_every_number_stands_in_a_line_with_its_name(
    app: App, window: Window, lang: str
) -> None:
    with app.sessions.begin() as session:
        publish(session, f"phone-{lang}")
    page = window(390, 844)
    enter(app, page, "lead")
    page.goto(f"{app.url}/console/helped?lang={lang}")
    heights = page.locator(".helped tbody td").evaluate_all(
        "all => all.map(one => one.offsetHeight)"
    )
    assert heights and max(heights) < 1.5 * min(heights)
