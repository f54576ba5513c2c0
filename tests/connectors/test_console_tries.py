"""Whoever guesses: how many tries there are, whatever way they are made."""

from __future__ import annotations

import collections
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher

from tests.connectors.browser import PASSWORD, Browser, link_for, name, signed_in
from tests.connectors.conftest import App, running
from ticketing import agents

LOGIN = "/console/login"
Try = Callable[[str, str, str], int]


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[App]:
    """A gateway of its own: tries are counted as long as it lives."""
    with running(database_url, tmp_path) as made:
        yield made


@pytest.fixture
def tries(app: App) -> Try:
    """``(name, password, address)``: the status of the answer to one sign-in."""
    csrf = Browser(app).csrf(LOGIN)

    def sign_in(who: str, password: str, place: str) -> int:
        fields = {"name": who, "password": password, "csrf": csrf}
        headers = {"X-Forwarded-For": place}
        return httpx.post(app.url + LOGIN, data=fields, headers=headers, timeout=30).status_code

    return sign_in


def test_tries_that_come_at_once_count_each(app: App, tries: Try) -> None:
    signed_in(app, who := name())
    with ThreadPoolExecutor(40) as threads:
        answers = threads.map(lambda n: tries(who, f"wrong again {n}", "203.0.113.1"), range(40))
        assert collections.Counter(answers) == {401: 10, 429: 30}


def test_a_name_has_no_more_tries_however_it_is_written(app: App, tries: Try) -> None:
    signed_in(app, who := name())
    written = [f" {chr(0) * n}{who}{chr(0) * n} " for n in range(51)]
    answers = [tries(one, "wrong again", f"203.0.113.{n}") for n, one in enumerate(written)]
    assert answers == [401] * 50 + [429]
    assert tries(who, PASSWORD, "203.0.113.200") == 429
    # Nobody else at the address of somebody whose name was tried elsewhere waits with them.
    signed_in(app, other := name())
    for _ in range(11):
        assert tries(who, PASSWORD, "203.0.113.201") == 429
    assert tries(other, PASSWORD, "203.0.113.201") == 303


def test_nobody_at_one_address_keeps_an_agent_out(app: App, tries: Try) -> None:
    left_open = signed_in(app, who := name())
    answers = [tries(who, "wrong again", "203.0.113.1") for _ in range(15)]
    assert answers == [401] * 10 + [429] * 5
    assert tries(who, PASSWORD, "203.0.113.2") == 303
    changed = {"now": PASSWORD, "password": "x" * 12, "again": "x" * 12}
    assert left_open.post("/console/password", **changed).status_code == 303


def test_who_gets_in_has_not_tried(app: App, tries: Try) -> None:
    signed_in(app, who := name())
    for _ in range(9):
        assert tries(who, "wrong again", "203.0.113.1") == 401
    for _ in range(3):
        assert tries(who, PASSWORD, "203.0.113.1") == 303
    assert tries(who, "wrong again", "203.0.113.1") == 401
    assert tries(who, PASSWORD, "203.0.113.1") == 429


def test_the_old_password_cannot_be_guessed_with_a_session_that_was_left_open(app: App) -> None:
    left_open = signed_in(app, name())
    csrf = left_open.csrf()

    def guess(n: int) -> int:
        wanted = {"now": f"wrong again {n}", "password": "x" * 12, "again": "x" * 12}
        return left_open.post("/console/password", csrf=csrf, **wanted).status_code

    with ThreadPoolExecutor(20) as threads:
        assert collections.Counter(threads.map(guess, range(20))) == {422: 10, 429: 10}


def test_a_link_that_is_none_costs_no_hash(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    hashing = PasswordHasher.hash

    def count(self: PasswordHasher, password: str) -> str:
        hashed.append(password)
        return hashing(self, password)

    monkeypatch.setattr(PasswordHasher, "hash", count)
    nobody = {"link": "x", "password": PASSWORD, "again": PASSWORD}
    answer = Browser(app).post("/console/welcome", page=LOGIN, **nobody)
    assert (answer.status_code, hashed) == (410, [])
    signed_in(app, name())
    assert hashed == [PASSWORD]


def test_an_earlier_link_ends_with_the_password_that_was_set_after_it(app: App) -> None:
    lost = link_for(app, who := name())
    browser = signed_in(app, who)
    assert Browser(app).get(lost).status_code == 410
    asked_for = link_for(app, who)
    changed = {"now": PASSWORD, "password": "x" * 12, "again": "x" * 12}
    assert browser.post("/console/password", **changed).status_code == 303
    assert Browser(app).get(asked_for).status_code == 410


def test_the_log_says_from_where_and_for_whom_and_nothing_that_was_typed(
    app: App, tries: Try, caplog: pytest.LogCaptureFixture
) -> None:
    browser = signed_in(app, who := name())
    with app.sessions() as session:
        agent = agents.by_name(session, who)
        assert agent is not None
    typed = "a secret of theirs"
    tries(who, typed, "203.0.113.9")
    tries("Nobody Here", typed, "2001:db8::9%for agent 7")
    tries(who, typed, "not an address")
    tries(who, PASSWORD, "203.0.113.9")
    browser.post("/console/password", now=typed, password="x" * 12, again="x" * 12)
    said = [line.getMessage() for line in caplog.records if "sign-in" in line.getMessage()]
    assert said == [
        f"a sign-in to the console failed, from {place}, for {whom}"
        for place, whom in (
            ("203.0.113.9", f"agent {agent.id}"),
            ("2001:db8::9", "nobody's name"),
            ("an address that is none", f"agent {agent.id}"),
            ("127.0.0.1", f"agent {agent.id}"),
        )
    ]
    assert not any(word in caplog.text for word in (typed, who, "Nobody Here", "not an address"))
