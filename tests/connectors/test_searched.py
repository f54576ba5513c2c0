"""From a search of the help centre that finds nothing to the curators' list, and off it."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import Date, cast, delete, func, select

from connectors.web import readers
from knowledge_base import misses
from knowledge_base.models import SearchMiss
from tests.connectors.browser import name, signed_in
from tests.connectors.conftest import PAUSE_S, App
from tests.connectors.test_help import publish
from tests.connectors.test_helped import PERSON
from ticketing import teams
from ticketing.models import Team

HOME = "/console/gaps/searched"


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """A shop with an article; the bot is loaded."""
    publish(gateway.sessions, "refund-when", title="환불 기간", questions=["환불 언제 돼요?"])
    asked = {"question": "주차장 있나요?", "locale": "ko"}
    with gateway.agent(name()) as program:
        program.timeout = httpx.Timeout(60)
        assert program.post("/api/kb/ask", json=asked).json()["outcome"] == "unknown"
    return gateway


def search(app: App, words: str, **headers: str) -> str:
    with httpx.Client(base_url=app.url, headers={**PERSON, **headers}, timeout=20) as reader:
        return reader.get(f"/help?lang=ko&q={quote(words)}").text


def until(app: App, come: Callable[[dict[str, int]], bool]) -> None:
    """Wait for what is to be listed: searches are written down after the page is sent."""
    deadline = time.monotonic() + 10
    while True:
        with app.sessions() as session:
            found = {one.words: one.times for one in misses.listing(session)}
        if come(found):
            return
        assert time.monotonic() < deadline, found
        time.sleep(PAUSE_S)


def test_what_people_did_not_find_is_listed_until_something_is_written(app: App) -> None:
    search(app, "환불 언제")
    search(app, "유모차 대여", **{"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"})
    for _ in range(2):  # a reload is not one more
        assert "찾지 못했어요" in search(app, "유모차 대여")
    search(app, "유모차  대여", **{"User-Agent": "Mozilla/5.0 (Macintosh)"})
    search(app, "주차장 ０１０-1234-5678")
    search(app, "010-1234-5678")  # nothing is left of it
    search(app, "ㅋㅋㅋ")  # which says nothing of what to write
    search(app, "기린 대여")
    until(app, lambda found: found == {"유모차 대여": 2, "주차장": 1, "기린 대여": 1})
    with app.sessions.begin() as session:
        misses.forget(session, words="기린대여?", locale="ko")

    lead, agent = signed_in(app, name(), role="lead"), signed_in(app, name())
    page = lead.get(HOME).text
    assert "유모차 대여" in page and "2번 검색" in page and "1234" not in page
    assert page.index("유모차 대여") < page.index('<strong lang="ko">주차장')
    write = f"/console/articles/new?ask={quote('유모차 대여')}"
    assert write in page and "유모차 대여" in lead.get(f"{write}&locale=ko").text
    assert "치워 두기" in page and "치워 두기" not in agent.get(HOME).text
    assert "Not found in the help centre" in lead.get("/console/gaps?lang=en").text
    lead.get("/console/gaps?lang=ko")

    publish(app.sessions, "buggy", title="유모차 대여", body="1층에서 빌려 드려요.")
    assert "유모차" not in lead.get(HOME).text, "it is found now"
    where, form = f"{HOME}/dismiss", {"words": "주차장", "locale": "ko"}
    assert agent.post(where, **form).status_code == 403
    assert lead.post(where, script=True, **form).json()["go"] == HOME
    assert "여기는 비어 있어요" in lead.get(HOME).text
    assert lead.post(where, script=True, words="", locale="ko").status_code == 422


def test_the_day_is_that_of_the_desk(app: App) -> None:
    zones = ("Etc/GMT-14", "Etc/GMT+12")  # where it is never the same day
    for place, zone in enumerate(zones):
        with app.sessions.begin() as session:
            session.execute(delete(SearchMiss))
            team = teams.first(session) or Team(name="상담")
            team.zone = zone
            session.add(team)
        search(app, f"{place}번 출구 위치")
        until(app, lambda found: len(found) == 1)
        with app.sessions() as session:
            there = func.timezone(zone, func.now())
            today = session.scalar(select(cast(there, Date)))
            assert session.scalar(select(SearchMiss.day)) == today


def test_one_address_cannot_fill_the_list(app: App) -> None:
    with app.sessions.begin() as session:
        session.execute(delete(SearchMiss))
    flood = {"X-Forwarded-For": "203.0.113.9"}
    for number in range(readers.SEARCHES + 5):
        search(app, f"{number}번 우주선 탑승권", **flood)
    search(app, "잠수함 면허", **{"X-Forwarded-For": "203.0.113.10"})
    # All of them may be written down in another order than they came in.
    until(app, lambda found: "잠수함 면허" in found and len(found) == readers.SEARCHES + 1)
