"""Gateways as processes: two at once, one that stops, one whose clock is wrong."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import httpx
import pytest
from sqlalchemy import text as sql

from tests.connectors.crowd import Crowd, check, settled
from tests.connectors.served import served
from tests.fakes.rasa import FakeRasa, Running
from tests.fakes.slack_payloads import QUEUE, SECRET, payload, sign
from ticketing import agents
from ticketing.db import Sessions

STOPS_WITHIN_S = 10


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture
def rasa_url(rasa: FakeRasa) -> Iterator[str]:
    server = Running(rasa.app())
    yield server.url
    server.stop()


CUSTOMERS, ROUNDS = 20, 25


def test_f14_two_gateways_never_do_two_turns_of_one_customer_at_once(
    database_url: str, sessions: Sessions, rasa: FakeRasa, rasa_url: str, tmp_path: Path
) -> None:
    rasa.delay_s = 0.003  # longer than the millisecond between the two messages
    with (
        served(database_url, tmp_path / "a", SANGDAM_RASA_URL=rasa_url) as one,
        served(database_url, tmp_path / "b", SANGDAM_RASA_URL=rasa_url) as other,
    ):
        asyncio.run(pairs([one.url, other.url]))
        settled(sessions)
    with sessions() as session:
        lines = session.execute(
            sql("SELECT customer_id, author, text FROM message ORDER BY id")
        ).all()
    assert rasa.overlaps == 0
    assert len(rasa.seen) == CUSTOMERS * ROUNDS * 2
    assert len(lines) == CUSTOMERS * ROUNDS * 4
    for customer in {line.customer_id for line in lines}:
        said, answered = (
            [n.text for n in lines if (n.customer_id, n.author) == (customer, author)]
            for author in ("customer", "bot")
        )
        assert said == answered and len(set(said)) == ROUNDS * 2


async def pairs(urls: list[str]) -> None:
    """Every customer sends two messages a millisecond apart, to one gateway each, many times."""
    async with aiohttp.ClientSession() as http:

        async def say(url: str, token: str, words: str) -> None:
            message = {"client_id": str(uuid.uuid4()), "text": words}
            headers = {"Authorization": f"Bearer {token}"}
            async with http.post(f"{url}/chat/messages", json=message, headers=headers) as answer:
                assert answer.status == 202, await answer.text()

        async def customer() -> None:
            async with http.post(f"{urls[0]}/chat/sessions", json={}) as answer:
                token = (await answer.json())["token"]
            for number in range(ROUNDS):
                first = asyncio.create_task(say(urls[0], token, f"{number} a"))
                await asyncio.sleep(0.001)
                await asyncio.gather(first, say(urls[1], token, f"{number} b"))

        await asyncio.gather(*(customer() for _ in range(CUSTOMERS)))


def test_f17_a_stop_under_load_loses_nothing_and_another_goes_on(
    database_url: str, sessions: Sessions, rasa: FakeRasa, rasa_url: str, tmp_path: Path
) -> None:
    rasa.delay_s = 0.1  # so that there are turns under way at any moment
    with served(database_url, tmp_path / "a", SANGDAM_RASA_URL=rasa_url) as one:
        with Crowd(one.url, people=8) as before:
            before.until(202, times=16)
            (owner,) = owners(sessions)
        with served(database_url, tmp_path / "b", SANGDAM_RASA_URL=rasa_url) as other:
            with Crowd(one.url, other.url, people=8) as crowd:
                crowd.until(202, times=24)
                one.process.terminate()
                assert one.process.wait(STOPS_WITHIN_S) == 0, one.log.read_text()
                assert owner not in owners(sessions)
                crowd.until(202, times=24)
            check(sessions, before)
            check(sessions, crowd)
            assert other.stop() == 0
    # Refused connections are how a client learns that it stopped; nothing else went wrong.
    assert set(crowd.seen()) <= {202, 0, 503}


def owners(sessions: Sessions) -> set[str]:
    """Who works in the lanes now."""
    with sessions() as session:
        return set(session.execute(sql("SELECT owner FROM lane WHERE owner IS NOT NULL")).scalars())


CLOCK = """
import pathlib, time
right, wrong = time.time, pathlib.Path({file!r})
time.time = lambda: right() + float(wrong.read_text())
"""


def test_f17_a_stop_does_not_wait_for_a_library_that_is_being_loaded(
    database_url: str, sessions: Sessions, tmp_path: Path
) -> None:
    with sessions.begin() as session:
        curator = agents.add(session, name="지원", role="admin")
        token = agents.issue(session, curator, kind="api")
    with served(database_url, tmp_path / "a", SANGDAM_RASA_URL="http://127.0.0.1:9") as gateway:
        # A curator has come, and the search behind the page begins to load.
        answer = httpx.get(
            f"{gateway.url}/api/kb/articles", headers={"Authorization": f"Bearer {token}"}
        )
        assert answer.status_code == 200
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(STOPS_WITHIN_S) == 0, gateway.log.read_text()


def test_f16_a_clock_that_jumps_changes_no_order_and_holds_no_lane(
    database_url: str, sessions: Sessions, rasa_url: str, tmp_path: Path
) -> None:
    off = tmp_path / "off"

    def step(seconds: int) -> None:
        (tmp_path / "new").write_text(str(seconds))
        os.replace(tmp_path / "new", off)

    step(0)
    settings = {
        "SANGDAM_RASA_URL": rasa_url,
        "SANGDAM_SLACK_BOT_TOKEN": "xoxb-test",
        "SANGDAM_SLACK_CHANNEL": QUEUE,
        "SANGDAM_SLACK_SIGNING_SECRET": SECRET,
        "SANGDAM_SLACK_API_URL": "http://127.0.0.1:9/api/",
    }
    first = CLOCK.format(file=str(off))
    with served(database_url, tmp_path / "a", first=first, **settings) as gateway:
        with Crowd(gateway.url) as crowd:
            for seconds, slack in ((0, 200), (3600, 401), (0, 200), (-3600, 401), (0, 200)):
                step(seconds)
                assert from_slack(gateway.url) == slack
                crowd.until(202, times=12)
        check(sessions, crowd)
        assert gateway.log.read_text().count("is this machine's clock right?") == 2
        with sessions() as session:
            # The database's clock is the one that counts.
            wrong = sql(
                "SELECT count(*) FROM message WHERE abs(extract(epoch FROM now()-at)) > 600"
            )
            assert session.execute(wrong).scalar() == 0


def from_slack(url: str) -> int:
    """What the gateway answers to a request that Slack signs now."""
    body = json.dumps(payload("url_verification")).encode()
    headers = {"Content-Type": "application/json", **sign(body)}
    return httpx.post(f"{url}/slack/events", content=body, headers=headers).status_code
