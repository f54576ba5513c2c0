"""A visitor says at most so much in a minute, over all gateways, and loses nothing by it."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select, text

from tests.connectors.conftest import App, running
from tests.pages import OUTPUT, Window
from ticketing import customers, inbox
from ticketing.db import Left, Sessions
from ticketing.inbox import Words
from ticketing.models import Message

ALLOWED = 20


@pytest.fixture
def app_settings() -> dict[str, Any]:
    return {"messages_per_minute": ALLOWED}


def later(sessions: Sessions, seconds: int = 61) -> None:
    """Let everything have been said so much earlier."""
    with sessions.begin() as session:
        session.execute(
            text("UPDATE message SET at = at - make_interval(secs => :s)"), {"s": seconds}
        )


def said(sessions: Sessions, customer: str) -> list[str]:
    mine = select(Message.text).where(
        Message.customer_id == uuid.UUID(customer), Message.author == "customer"
    )
    with sessions() as session:
        return list(session.scalars(mine.order_by(Message.id)))


def test_twenty_a_minute_and_the_same_again_is_not_counted(app: App) -> None:
    customer, other = app.visitor(), app.visitor()
    ids = [str(uuid.uuid4()) for _ in range(ALLOWED)]
    for number, client_id in enumerate(ids):
        assert customer.say(f"{number}번째 질문이에요", client_id).status_code == 202
        assert customer.say(f"{number}번째 질문이에요", client_id).status_code == 202
    late = str(uuid.uuid4())
    refused = customer.say("하나만 더 물을게요", late)
    assert refused.status_code == 429
    assert refused.headers["content-type"] == "application/problem+json"
    body = refused.json()
    assert (body["code"], body["status"], body["limit"]) == ("too_many_messages", 429, ALLOWED)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert customer.say("0번째 질문이에요", ids[0]).status_code == 202
    assert customer.say("다른 말", ids[0]).status_code == 409
    assert customer.press("/human").status_code == 429
    name = {"Client-Id": str(uuid.uuid4()), "File-Name": "a.txt"}
    assert customer.http.post("/chat/files", content=b"a", headers=name).status_code == 429
    assert other.say("저는 처음이에요").status_code == 202

    later(app.sessions)
    assert customer.say("하나만 더 물을게요", late).status_code == 202
    assert len(said(app.sessions, customer.id)) == ALLOWED + 1


def test_buttons_and_files_count(database_url: str, tmp_path: Path) -> None:
    with running(database_url, tmp_path, messages_per_minute=2) as app:
        customer = app.visitor()
        assert customer.press("/human").status_code == 202
        name = {"Client-Id": str(uuid.uuid4()), "File-Name": "a.txt"}
        for _ in range(2):
            sent = customer.http.post("/chat/files", content=b"hello", headers=name)
            assert sent.status_code == 202, sent.text
        assert customer.say("여기요").status_code == 429
        later(app.sessions)
        assert customer.say("여기요").status_code == 202
    with running(database_url, tmp_path) as app:
        free = app.visitor()
        assert {free.say(f"말 {n}").status_code for n in range(ALLOWED + 5)} == {202}


def test_it_holds_over_two_gateways_at_once(database_url: str, tmp_path: Path) -> None:
    with (
        running(database_url, tmp_path / "1", messages_per_minute=ALLOWED) as one,
        running(database_url, tmp_path / "2", messages_per_minute=ALLOWED) as two,
    ):
        customer = one.visitor()
        customer.say("안녕하세요")
        headers = {"Authorization": customer.http.headers["Authorization"]}

        def post(number: int) -> int:
            words = {"client_id": str(uuid.uuid4()), "text": f"{number}번째 말이에요"}
            url = (one.url, two.url)[number % 2]
            return httpx.post(
                f"{url}/chat/messages", json=words, headers=headers, timeout=30
            ).status_code

        with ThreadPoolExecutor(16) as threads:
            answers = Counter(threads.map(post, range(80)))
        assert answers == {202: ALLOWED - 1, 429: 81 - ALLOWED}
        assert len(said(one.sessions, customer.id)) == ALLOWED


def test_what_comes_together_is_counted_together(sessions: Sessions) -> None:
    with sessions.begin() as session:
        token, customer = customers.start_session(session)
        address = customers.authenticate(session, token)
        assert address is not None
        # An episode and a lane, as after the first words.
        customers.hold(session, customer.id)
        session.execute(
            text("INSERT INTO conversation (customer_id) VALUES (:id)"), {"id": customer.id}
        )
    words = [Words(token, f"{number}", f"말 {number}") for number in range(ALLOWED + 10)]
    with sessions.begin() as session:
        made = inbox.accept_free(session, words, allowed=ALLOWED)
        assert [isinstance(one, int) for one in made] == [True] * ALLOWED + [False] * 10
        assert set(made[ALLOWED:]) == {Left.ALONE}
    with sessions.begin() as session:
        more = [Words(token, "another", "더")]
        assert inbox.accept_free(session, more, allowed=ALLOWED) == [Left.ALONE]
        (seq,) = inbox.accept_free(session, more, allowed=ALLOWED + 1)
        assert isinstance(seq, int)


@pytest.mark.parametrize(
    ("lang", "notice", "soon"),
    [("ko", "1분 안에 이어서", "곧 보낼게요"), ("en", "within a minute", "Will be sent soon")],
)
def test_the_chat_says_so_and_sends_the_rest_in_order(
    database_url: str, tmp_path: Path, window: Window, lang: str, notice: str, soon: str
) -> None:
    OUTPUT.mkdir(exist_ok=True)
    with running(database_url, tmp_path, messages_per_minute=3) as app:
        page = window()
        page.clock.install()
        page.goto(f"{app.url}/?lang={lang}")
        page.locator("#launcher").click()
        words = [f"{n}번째로 묻는 말이에요" for n in range(1, 6)]
        for one in words:
            page.locator("#text").fill(one)
            page.locator("#text").press("Enter")
        expect(page.locator("#status")).to_contain_text(notice)
        expect(page.locator(".m.customer.pending")).to_have_count(2)
        expect(page.locator(".m.customer .meta").last).to_contain_text(soon)
        shown = page.locator(".m.customer .t").all_inner_texts()
        assert shown == words
        page.locator("#text").fill("아직 쓰는 말")
        page.clock.run_for(1000)
        page.screenshot(path=OUTPUT / f"pace-{lang}-390.png")

        later(app.sessions)
        page.clock.run_for(61_000)
        expect(page.locator(".m.customer.pending")).to_have_count(0)
        expect(page.locator("#status")).to_be_hidden()
        assert page.locator("#text").input_value() == "아직 쓰는 말"
        (who,) = people(app)
        assert said(app.sessions, who) == words


def people(app: App) -> list[str]:
    with app.sessions() as session:
        return [str(one) for one in session.scalars(select(Message.customer_id).distinct())]
