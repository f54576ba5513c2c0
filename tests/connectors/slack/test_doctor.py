"""``sangdam doctor slack``: each thing that can be wrong, found and named with what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from connectors import cli
from connectors.settings import Settings
from connectors.slack.doctor import SCOPES, at_a_glance, examine
from tests.connectors.conftest import App, free_port
from tests.connectors.slack.conftest import AGENT, GUEST, OTHER, STRANGER
from tests.fakes.slack_payloads import APP_TOKEN, BOT_TOKEN, QUEUE, SECRET
from tests.fakes.slack_setup import FakeWorkspace
from tests.fakes.tls import Https
from ticketing import agents
from ticketing.models import Agent

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def slack() -> Iterator[FakeWorkspace]:
    made = FakeWorkspace()
    for user, name in ((AGENT, "jiwon"), (OTHER, "doum"), (GUEST, "sonnim")):
        made.person(user, name)
    yield made
    made.stop()


@pytest.fixture
def https(app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Https]:
    made = Https(httpx.URL(app.url).port or 0, tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.certificate))
    yield made
    made.stop()


class Doctor:
    """Calls the doctor; ``ok`` and ``wrong`` are its lines by what they are about."""

    def __init__(self, slack: FakeWorkspace, database_url: str, public_url: str) -> None:
        self.values: dict[str, Any] = {
            "slack_bot_token": BOT_TOKEN,
            "slack_channel": QUEUE,
            "slack_signing_secret": SECRET,
            "slack_api_url": slack.api_url,
            "public_url": public_url,
        }
        self.database_url = database_url

    def look(self, **values: Any) -> None:
        settings = Settings(**self.values | values)
        found = examine(settings, database_url=self.database_url)
        self.ok = {f["what"]: f["says"] for f in found if f["ok"] and not f.get("warning")}
        self.warned = {f["what"]: f["says"] for f in found if f.get("warning")}
        self.wrong = {f["what"]: f["says"] for f in found if not f["ok"]}
        said = json.dumps(found, ensure_ascii=False)
        for secret in (settings.slack_bot_token, settings.slack_app_token, SECRET):
            assert not secret or secret not in said


@pytest.fixture
def doctor(slack: FakeWorkspace, database_url: str, https: Https) -> Doctor:
    return Doctor(slack, database_url, https.url)


def test_all_is_well(doctor: Doctor) -> None:
    doctor.look()
    assert doctor.wrong == {}
    assert doctor.ok == {
        "bot token": "signed in as sangdam in Example",
        "scopes": f"all {len(SCOPES)} are granted",
        "queue channel": "the bot is in #tickets (private)",
        "Slack accounts": "3 linked, all full members",
    }
    # Reached, but a test's server is at no address that Slack could reach.
    assert "can Slack reach it from outside?" in doctor.warned["event URL"]


def test_the_scopes_are_those_of_the_manifests() -> None:
    for path in (ROOT / "deploy" / "slack").glob("*.yaml"):
        found = yaml.safe_load(path.read_text("utf-8"))
        assert list(SCOPES) == found["oauth_config"]["scopes"]["bot"], path.name


def test_the_guide_speaks_of_what_the_doctor_says() -> None:
    guide = (ROOT / "docs" / "slack.md").read_text("utf-8")
    rows = guide.partition("| The doctor says |")[2].partition("\n\n")[0].splitlines()[2:]
    source = (ROOT / "connectors" / "slack" / "doctor.py").read_text("utf-8")
    spans = [span for row in rows for span in re.findall("`(.+?)`", row.split(" | ")[0])]
    assert len(rows) > 8 and len(spans) >= len(rows)
    for piece in re.split("…|: ", "…".join(spans)):
        words = piece.replace("Slack says", "").strip()
        assert words in source, words


def test_a_wrong_bot_token(doctor: Doctor, slack: FakeWorkspace) -> None:
    for token, says in (
        ("xoxp-1-of-a-person", "holds a user token; wanted is a bot token: OAuth"),
        ("xapp-1-of-an-app", "holds an app-level token; wanted is a bot token: OAuth"),
        ("swordfish", "holds no token; wanted is a bot token: OAuth"),
        ("xoxb-of-nobody", "is not valid: copy it again (Slack says invalid_auth)"),
    ):
        slack.calls.clear()
        doctor.look(slack_bot_token=token)
        assert set(doctor.wrong) == {"bot token"} and says in doctor.wrong["bot token"]
        sent = [method for method, _, _ in slack.calls]
        assert sent == (["auth.test"] if token.startswith("xoxb-") else [])


def test_a_refused_bot_token(doctor: Doctor, slack: FakeWorkspace) -> None:
    for code in ("token_revoked", "account_inactive", "token_expired", "odd"):
        slack.refuse("auth.test", code)
        doctor.look()
        assert f"(Slack says {code})" in doctor.wrong["bot token"]


def test_the_token_of_a_person(doctor: Doctor, slack: FakeWorkspace) -> None:
    slack.bot = False
    doctor.look()
    assert "belongs to a person" in doctor.wrong["bot token"]


def test_missing_scopes_are_named(doctor: Doctor, slack: FakeWorkspace) -> None:
    slack.scopes = "chat:write,channels:history,groups:history,users:read,metadata.message:read"
    doctor.look()
    for scope in ("files:read", "files:write", "commands", "reactions:write", "groups:read"):
        assert f"{scope} (" in doctor.wrong["scopes"]
    assert "chat:write" not in doctor.wrong["scopes"]
    assert "install the app again" in doctor.wrong["scopes"]
    assert "channels:read" in doctor.wrong["queue channel"]
    slack.scopes = None
    doctor.look()
    assert "scopes" in doctor.warned


def test_the_app_level_token(doctor: Doctor, slack: FakeWorkspace) -> None:
    values = {"slack_signing_secret": "", "public_url": "", "slack_app_token": APP_TOKEN}
    doctor.look(**values)
    assert doctor.wrong == {} and "Slack opens a connection" in doctor.ok["app-level token"]
    assert "Socket Mode" in doctor.ok["event URL"]
    slack.refuse("apps.connections.open", "missing_scope")
    doctor.look(**values)
    assert "connections:write" in doctor.wrong["app-level token"]
    doctor.look(**values | {"slack_app_token": "xapp-of-nobody"})
    assert "invalid_auth" in doctor.wrong["app-level token"]
    doctor.look(**values | {"slack_app_token": "xoxb-of-a-bot"})
    assert "holds a bot token; wanted is an app-level" in doctor.wrong["app-level token"]


def test_the_queue_channel(doctor: Doctor, slack: FakeWorkspace) -> None:
    for more, says in (
        ({"is_member": False}, "write /invite @sangdam there"),
        ({"is_archived": True}, "#tickets is archived"),
        (None, "/invite @sangdam"),
    ):
        slack.channel(**more or {})
        if more is None:
            slack.channels.clear()
        doctor.look()
        assert set(doctor.wrong) == {"queue channel"} and says in doctor.wrong["queue channel"]


def test_more_of_the_queue_channel(doctor: Doctor, slack: FakeWorkspace) -> None:
    doctor.look(slack_channel="#tickets")
    assert "no channel id" in doctor.wrong["queue channel"]
    slack.channel(is_private=False)
    doctor.look()
    assert "the whole workspace can read it" in doctor.ok["queue channel"]
    for shared in ("is_ext_shared", "is_pending_ext_shared"):
        slack.channel(**{shared: True})
        doctor.look()
        assert "another company" in doctor.warned["queue channel"] and doctor.wrong == {}


def test_the_event_url(doctor: Doctor, app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ("", app.url, "help.example.com"):
        doctor.look(public_url=address)
        assert "has to be the https:// address" in doctor.wrong["event URL"]
    doctor.look(public_url=f"https://127.0.0.1:{free_port()}")
    assert "cannot be reached from here (ConnectError)" in doctor.wrong["event URL"]
    doctor.look(slack_signing_secret="that of another app")
    assert "knows another signing secret" in doctor.wrong["event URL"]
    doctor.look(public_url=f"{doctor.values['public_url']}/help")
    assert "HTTP 40" in doctor.wrong["event URL"]
    doctor.look(slack_signing_secret="")
    assert "SIGNING_SECRET is not set" in doctor.wrong["event URL"]
    monkeypatch.delenv("SSL_CERT_FILE")
    doctor.look()
    assert "certificate is not accepted" in doctor.wrong["event URL"]


def test_agents(doctor: Doctor, app: App, slack: FakeWorkspace) -> None:
    slack.users[AGENT]["deleted"] = True
    slack.users[GUEST]["is_restricted"] = True
    with app.sessions.begin() as session:
        agents.add(session, name="외부", slack_user=STRANGER)
        agents.add(session, name="콘솔")
        agents.add(session, name="퇴사").active = False
    doctor.look()
    assert doctor.wrong == {
        "Slack accounts": "only full members of the workspace may answer: "
        f"손님 ({GUEST}) is a guest, 외부 ({STRANGER}) is not in this workspace, "
        f"지원 ({AGENT}) is deactivated"
    }
    assert doctor.warned["agents"] == "without a Slack account, in the console only: 콘솔"
    with app.sessions.begin() as session:
        session.query(Agent).update({"slack_user": None})
    doctor.look()
    assert "nobody can answer from Slack" in doctor.wrong["agents"]


def test_slack_does_not_answer(doctor: Doctor, slack: FakeWorkspace) -> None:
    doctor.look(slack_api_url=f"http://127.0.0.1:{free_port()}/api/")
    assert doctor.wrong == {
        "Slack": "cannot be reached (URLError); what only Slack knows was not looked at"
    }
    slack.limit("auth.test", 30)
    doctor.look()
    assert "try again in a minute" in doctor.wrong["Slack"]
    slack.fail("conversations.info")
    doctor.look()
    assert set(doctor.wrong) == {"Slack"} and "bot token" in doctor.ok
    doctor.database_url = "postgresql://127.0.0.1:1/x"
    doctor.look()
    assert "the database cannot be asked" in doctor.wrong["agents"]


def test_it_is_a_command(
    doctor: Doctor,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANGDAM_DATABASE_URL", doctor.database_url)
    for name, value in doctor.values.items():
        monkeypatch.setenv(f"SANGDAM_{name.upper()}", value)
    assert cli.main(["doctor", "slack"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "ok   bot token: signed in as sangdam in Example"
    assert any(line.startswith("!!   event URL: https://") for line in lines)
    monkeypatch.setenv("SANGDAM_SLACK_CHANNEL", "C0ELSEWHERE")
    assert cli.main(["doctor", "slack", "--json"]) == 1
    found = {one["what"]: one for one in json.loads(capsys.readouterr().out)}
    assert not found["queue channel"]["ok"] and found["bot token"]["ok"]
    monkeypatch.delenv("SANGDAM_SLACK_BOT_TOKEN")
    assert cli.main(["doctor", "slack"]) == 2
    assert "SANGDAM_SLACK_BOT_TOKEN is missing" in capsys.readouterr().err
    for name in ("CHANNEL", "SIGNING_SECRET", "APP_TOKEN"):
        monkeypatch.delenv(f"SANGDAM_SLACK_{name}", raising=False)
    assert cli.main(["doctor", "slack"]) == 1
    assert "SANGDAM_SLACK_BOT_TOKEN is empty" in capsys.readouterr().out


def test_the_whole_doctor_has_a_short_look(doctor: Doctor, slack: FakeWorkspace) -> None:
    def look() -> dict[str, str]:
        found = at_a_glance(Settings(**doctor.values))
        return {one["what"]: one["says"] for one in found if not one["ok"]}

    assert look() == {}
    slack.channel(is_member=False)
    assert look() == {"Slack channel": "the bot is not in #tickets: write /invite @sangdam there"}
    slack.refuse("auth.test", "token_revoked")
    assert "`sangdam doctor slack` looks closer" in look()["Slack"]
    slack.fail("auth.test")
    assert look() == {"Slack": "cannot be reached (no answer as Slack makes it)"}
