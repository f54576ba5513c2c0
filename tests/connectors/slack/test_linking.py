"""Who in Slack is which agent: a one-time code, made where the agent is known already."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from connectors import cli
from tests.connectors.browser import Browser, signed_in
from tests.connectors.conftest import App
from tests.connectors.slack.conftest import AGENT, GUEST, STRANGER, escalate, hint, state
from tests.connectors.slack.test_commands import BOTH, said
from tests.connectors.test_story import by
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_payloads import payload
from ticketing import agents

NEW = "U0NEW"


def code_in(browser: Browser) -> str:
    """What the page of one's own account gives on the press of its button."""
    page = browser.post("/console/slack-code", page="/console/password")
    assert page.status_code == 200, page.text
    found = re.search(r"/ticket link ([A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4})<", page.text)
    assert found is not None
    return found[1]


def links(app: App) -> list[tuple[str, str | None, str]]:
    with app.sessions() as session:
        rows = session.execute(
            sql(
                """SELECT slack_user, replaced, evidence FROM slack_link
                    WHERE evidence <> 'installer' ORDER BY id"""
            )
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_a_colleague_is_told_once_in_a_thread(app: App, slack: FakeSlack) -> None:
    for number in (1, 2):
        _, card = escalate(app, slack)
        for words in ("제가 아는 고객이에요", "늘 친절한 분이에요"):
            ts = slack.say(STRANGER, words, card)
            slack.until(lambda ts=ts: (ts, "lock") in slack.reactions)
        app.settle()
        assert len(slack.hints) == number


@BOTH
def test_an_agent_links_their_account_and_answers(app: App, slack: FakeSlack) -> None:
    customer, card = escalate(app, slack)
    browser = signed_in(app, "새별")
    assert "연결된 Slack 계정이 없어요" in browser.get("/console/password").text
    whispered = slack.say(STRANGER, "제가 아는 고객이에요", card)
    slack.until(lambda: (whispered, "lock") in slack.reactions)
    hint(slack, STRANGER, "/ticket link")

    assert "My account" in said(slack, STRANGER, "/ticket", "link")
    code = code_in(browser)
    with app.sessions() as session:
        kept = session.execute(sql("SELECT token_hash FROM agent_token WHERE kind = 'slack'"))
        assert code.replace("-", "").encode() not in bytes(kept.scalar_one())
    assert "linked to the agent 새별" in said(slack, STRANGER, "/ticket", f"link {code.lower()}")
    page = browser.get("/console/password").text
    assert STRANGER in page and "연결됨" in page
    assert "linked to the agent 새별" in said(slack, STRANGER, "/ticket", "link")
    assert links(app) == [(STRANGER, None, "console")]

    slack.press(STRANGER, "claim", card)
    slack.until(lambda: "Claimed by 새별" in state(slack, card))
    slack.say(STRANGER, "이제 답할 수 있어요", card)
    assert customer.until(by("agent"))["author_name"] == "새별"
    assert "제가 아는 고객" not in json.dumps(customer.history(), ensure_ascii=False)
    with app.sessions() as session:
        note = session.execute(
            sql("SELECT author_name, agent_id, internal FROM message WHERE kind = 'note'")
        ).one()
    assert tuple(note) == ("stranger", None, True)


def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(app: App, slack: FakeSlack) -> None:
    slack.person(NEW, "new")
    browser = signed_in(app, "새별")
    first = code_in(browser)
    second = code_in(browser)
    assert "older than 15 minutes" in said(slack, STRANGER, "/ticket", f"link {first}")
    body = payload("slash_command") | {"user_id": STRANGER, "text": f"link {second}"}
    body |= {"response_url": slack.response_url(), "trigger_id": "5.5.same"}
    for retry in (0, 1):
        assert slack.deliver(body, retry=retry) == 200
    app.settle()
    assert links(app) == [(STRANGER, None, "console")]
    assert "wrong, was used" in said(slack, NEW, "/ticket", f"link {second}")
    third = code_in(browser)
    with app.sessions.begin() as session:
        session.execute(
            sql("UPDATE agent_token SET expires_at = now() - interval '1 s' WHERE kind = 'slack'")
        )
    assert "wrong, was used" in said(slack, NEW, "/ticket", f"link {third}")
    assert "wrong, was used" in said(slack, NEW, "/ticket", "link 연결해줘")
    assert len(links(app)) == 1


def test_an_account_is_one_agents_and_another_takes_its_place(app: App, slack: FakeSlack) -> None:
    slack.person(NEW, "new")
    browser = signed_in(app, "새별")
    code = code_in(browser)
    assert "belongs to the agent 지원" in said(slack, AGENT, "/ticket", f"link {code}")
    assert "linked to the agent 새별" in said(slack, STRANGER, "/ticket", f"link {code}"), "unused"
    again = said(slack, NEW, "/ticket", f"link {code_in(browser)}")
    assert f"replaces the account {STRANGER}" in again
    assert links(app) == [(STRANGER, None, "console"), (NEW, STRANGER, "console")]
    assert "/ticket link" in said(slack, STRANGER, "/ticket", "list")
    assert NEW in browser.get("/console/password").text


def test_guests_strangers_and_bots_stay_outside(app: App, slack: FakeSlack) -> None:
    _, card = escalate(app, slack)
    slack.person("U0CONNECT", "connect", is_stranger=True)
    slack.person("U0BOT", "bot", is_bot=True)
    code = code_in(signed_in(app, "새별"))
    for user in (GUEST, "U0CONNECT", "U0BOT"):
        assert "cannot be agents" in said(slack, user, "/ticket", f"link {code}")
        ts = slack.say(user, "제가 답할게요", card)
        slack.until(lambda ts=ts: (ts, "warning") in slack.reactions)
        hint(slack, user, "guests, people from other workspaces")
    slack.refuse("users.info", "missing_scope")
    assert "did not tell us who you are" in said(slack, STRANGER, "/ticket", f"link {code}")
    assert links(app) == []
    with app.sessions() as session:
        assert session.execute(sql("SELECT count(*) FROM message WHERE internal")).scalar() == 0


def test_the_installer_prints_a_code_too(
    app: App,
    slack: FakeSlack,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (
        ("DATABASE_URL", database_url),
        ("DATA_DIR", str(tmp_path / "var")),
        ("SLACK_BOT_TOKEN", "xoxb-x"),
        ("SLACK_CHANNEL", "C1"),
        ("SLACK_SIGNING_SECRET", "x"),
    ):
        monkeypatch.setenv(f"SANGDAM_{name}", value)
    with app.sessions.begin() as session:
        agents.add(session, name="새별")
    assert cli.main(["agent", "link", "--name", "새별", "--json"]) == 0
    command = json.loads(capsys.readouterr().out)["slack"]
    assert command.startswith("/ticket link ")
    assert "linked to the agent 새별" in said(slack, STRANGER, "/ticket", command[8:])
    assert links(app) == [(STRANGER, None, "cli")]
    assert cli.main(["agent", "link", "--name", "새별"]) == 0
    assert "/ticket link" in capsys.readouterr().out


def test_another_site_makes_no_code(app: App) -> None:
    browser = signed_in(app, "새별")
    assert browser.post("/console/slack-code", csrf="forged").status_code == 403
    with app.sessions() as session:
        kinds = session.execute(sql("SELECT DISTINCT kind FROM agent_token")).scalars().all()
    assert kinds == ["session"]
