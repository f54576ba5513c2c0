"""Agents are invited, change roles and leave: in the console, on the command line, in Slack."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, update

from connectors import cli
from connectors.web.console import live
from tests.connectors.browser import PASSWORD, Browser, name, signed_in, text_of, waiting
from tests.connectors.conftest import App, running
from ticketing import agents, api_tokens, tickets
from ticketing.models import Agent, AgentToken

Sangdam = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def app(gateway: App) -> App:
    """One gateway for all tests here, whose bot hands over at once."""
    gateway.rasa.mode = "hand_off"
    return gateway


def number(app: App, who: str) -> int:
    """An agent's id."""
    with app.sessions() as session:
        agent = agents.by_name(session, who)
        assert agent is not None
        return agent.id


def test_somebody_is_invited_by_a_link_that_is_shown_once(app: App) -> None:
    boss = signed_in(app, name(), role="admin")
    who = name()
    page = boss.post("/console/agents", page="/console/agents", name=who, role="lead")
    link = re.search(r'value="(http[^"]+/console/welcome\?link=[^"]+)"', page.text)
    assert page.status_code == 200 and link
    assert link[1] not in boss.get("/console/agents").text
    again = boss.post("/console/agents", page="/console/agents", name=who)
    assert again.status_code == 409 and "같은 이름의 상담원이 있어요" in again.text
    assert "그만둔 사람이라면" not in again.text
    bad = boss.post("/console/agents", page="/console/agents", name=" ")
    assert bad.status_code == 422 and "1–80자" in bad.text
    new = Browser(app)
    path = link[1].removeprefix(app.url)
    token = path.partition("=")[2]
    answer = new.post(path, page=path, link=token, password=PASSWORD, again=PASSWORD)
    assert answer.status_code == 303
    assert new.get("/console/service").status_code == 200, "a lead"


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_only_administrators_manage_agents(app: App, role: str) -> None:
    browser = signed_in(app, name(), role=role)
    page = browser.get("/console/agents")
    assert page.status_code == 403 and "관리자만" in page.text
    assert "/console/agents" not in browser.get("/console").text
    for path in ("", "/1", "/1/leave", "/1/link", "/1/return", "/1/revoke", "/1/tokens/1/revoke"):
        answer = browser.post(f"/console/agents{path}", name="나", role="admin")
        assert answer.status_code == 403


def test_a_role_holds_from_the_next_request(app: App) -> None:
    boss, who = signed_in(app, name(), role="admin"), name()
    agent = signed_in(app, who)
    assert agent.get("/console/service").status_code == 403
    form = f"/console/agents/{number(app, who)}"
    answer = boss.post(form, page="/console/agents", script=True, name=who, role="lead")
    assert answer.status_code == 200 and answer.json()["go"] is None
    assert agent.get("/console/service").status_code == 200
    boss.post(form, page="/console/agents", script=True, name=who, role="agent")
    assert agent.get("/console/service").status_code == 403
    page = text_of(boss.get("/console/agents").text)
    assert f"{who}: 팀 리더 → 상담원" in page and f"{who}: 상담원 → 팀 리더" in page


def test_api_tokens_are_listed_and_revoked_one_by_one(app: App) -> None:
    boss, who = signed_in(app, name(), role="admin"), name()
    with app.sessions.begin() as session:
        agent = agents.add(session, name=who)
        stock, _ = api_tokens.create(session, agent, by="대표", label="창고 연동")
        _, old = api_tokens.create(session, agent, by="대표", life=dt.timedelta(days=1))
        old.expires_at = func.now() - dt.timedelta(days=30)
        mine, others = f"/console/agents/{agent.id}", f"/console/agents/{agent.id + 10_000}"
    with httpx.Client(base_url=app.url, headers={"Authorization": f"Bearer {stock}"}) as program:
        page = boss.get("/console/agents").text
        assert "창고 연동" in page and "만료됨" in page
        assert text_of(page).count("방금 사용") == 0
        assert program.get("/api/tickets").status_code == 200
        page = boss.get("/console/agents").text
        assert text_of(page).count("방금 사용") == 1
        (form, _) = re.findall(rf"{mine}/tokens/\d+/revoke", page)
        elsewhere = form.replace(mine, others)
        assert boss.post(elsewhere, page="/console/agents").status_code == 404
        assert boss.post(form, page="/console/agents").status_code == 303
        assert program.get("/api/tickets").status_code == 401
    page = boss.get("/console/agents").text
    assert form not in page and "이름 없는 토큰" in page
    number = form.split("/")[-2]
    assert f"{who}: API 토큰 {number} · 창고 연동 폐기" in text_of(page), "and who did it, below"


def test_whom_nobody_sees_at_the_console_for_hours_signs_in_again(app: App) -> None:
    agent = signed_in(app, called := name())

    def unused(hours: int) -> None:
        with app.sessions.begin() as session:
            mine = select(Agent.id).where(Agent.name == called).scalar_subquery()
            since = func.now() - dt.timedelta(hours=hours)
            session.execute(
                update(AgentToken).where(AgentToken.agent_id == mine).values(used_at=since)
            )

    def last_used() -> dt.datetime | None:
        with app.sessions() as session:
            return session.scalar(
                select(AgentToken.used_at).join(AgentToken.agent).where(Agent.name == called)
            )

    unused(hours=7)
    before = last_used()
    assert agent.get("/console", headers={"X-Console": "news"}).status_code == 200
    with agent.http.stream("GET", "/console/stream", headers={"Accept": "text/event-stream"}) as on:
        assert on.status_code == 200
    assert last_used() == before, "a page that is left open is nobody"
    assert agent.get("/console", headers={"X-Console": "1"}).status_code == 200
    assert last_used() != before
    unused(hours=9)
    assert agent.get("/console", headers={"X-Console": "news"}).status_code == 401
    login = agent.get("/console/customers").headers["location"]
    assert login == "/console/login?next=%2Fconsole%2Fcustomers"
    told = "8시간 동안 쓰지 않으면 로그아웃돼요"
    assert told in agent.get(login).text and told not in Browser(app).get(login).text
    agent.post("/console/login", page=login, name=called, password=PASSWORD)
    assert told not in agent.get(login).text


def test_the_last_administrator_stays(database_url: str, tmp_path: Path) -> None:
    with running(database_url, tmp_path) as app:
        who = name()
        boss = signed_in(app, who, role="admin")
        form = f"/console/agents/{number(app, who)}"
        lowered = boss.post(form, page="/console/agents", script=True, name=who, role="agent")
        left = boss.post(f"{form}/leave", page="/console/agents", script=True)
        for answer in (lowered, left):
            assert answer.status_code == 409 and "관리자가 한 명은" in answer.json()["detail"]
        assert boss.get("/console/agents").status_code == 200


def test_s11_who_leaves_is_out_at_once_and_their_customers_are_told(app: App) -> None:
    boss, who = signed_in(app, name(), role="admin"), name()
    agent, api = signed_in(app, who), app.agent(who)
    customer, code = waiting(app)
    assert api.post(f"/api/tickets/{code}/claim").is_success
    assert "문의 1건" in text_of(boss.get("/console/agents").text)
    stream = httpx.Timeout(10, read=live.CHECK_S + 10)
    with agent.http.stream("GET", "/console/stream", timeout=stream) as news:
        assert news.status_code == 200
        left = boss.post(
            f"/console/agents/{number(app, who)}/leave", page="/console/agents", script=True
        )
        assert left.status_code == 200
        began = time.monotonic()
        for _ in news.iter_lines():
            pass  # until it ends
    assert time.monotonic() - began < live.CHECK_S + 5
    assert agent.get("/console").status_code == 303 and api.get("/api/tickets").status_code == 401
    told = customer.until(lambda line: "더는 담당하지 않게 되어" in line["text"])
    assert who in told["text"] and code in told["text"]
    ticket = app.agent(name()).get(f"/api/tickets/{code}").json()
    assert (ticket["state"], ticket["assignee"]) == ("open", None)
    gone = text_of(boss.get("/console/agents").text)
    assert f"{who} 님이 그만두었어요" in gone and "그만둔 상담원" in gone
    again = boss.post("/console/agents", page="/console/agents", name=who)
    assert "그만둔 사람이라면 아래에서" in again.text
    back = boss.post(f"/console/agents/{number(app, who)}/return", page="/console/agents")
    assert "/console/welcome?link=" in back.text
    assert agent.get("/console").status_code == 303, "the old session stays ended"


def test_what_was_offered_to_who_left_is_offered_to_another(app: App) -> None:
    boss, who, other = signed_in(app, name(), role="admin"), name(), name()
    signed_in(app, who).post("/console/duty", state="on")
    _, code = waiting(app)
    app.settle()
    desk = app.agent(other)

    def offered() -> str | None:
        with app.sessions() as session:
            found = tickets.get(session, code).offered_to
            return found and found.name

    assert offered() == who
    signed_in(app, other).post("/console/duty", state="on")
    boss.post(f"/console/agents/{number(app, who)}/leave", page="/console/agents", script=True)
    app.settle()
    assert offered() == other and desk.get(f"/api/tickets/{code}").json()["state"] == "open"


@pytest.fixture
def sangdam(
    app: App, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Sangdam:
    """The command line on the gateway's database: status, what it printed, what it complained."""
    with app.sessions() as session:
        bind = session.get_bind()
        url = bind.engine.url.render_as_string(hide_password=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANGDAM_DATABASE_URL", url)
    monkeypatch.setenv("SANGDAM_DATA_DIR", str(tmp_path))

    def run(*words: str) -> tuple[int, str, str]:
        status = cli.main(list(words))
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_tokens_on_the_command_line(app: App, sangdam: Sangdam) -> None:
    who = name()
    create = ("token", "create", "--role", "lead", "--name", who)
    status, out, _ = sangdam(*create, "--label", "창고 연동", "--expires", "30", "--json")
    made = json.loads(out)
    assert (status, made["agent"], made["role"], made["label"]) == (0, who, "lead", "창고 연동")
    assert made["token"].startswith("sgd_") and made["used_at"] is None and made["expires_at"]
    status, out, _ = sangdam(*create)
    plain = out.strip()
    assert status == 0 and plain.startswith("sgd_"), "the token and nothing else"
    for days in ("0", "3651", "99999999999"):
        assert sangdam(*create, "--expires", days)[2] == (
            "sangdam: a token expires after 1 to 3650 days\n"
        )
    with httpx.Client(base_url=app.url, headers={"Authorization": f"Bearer {plain}"}) as program:
        assert program.get("/api/tickets").status_code == 200
        listed = [one for one in json.loads(sangdam("token", "list", "--json")[1])
                  if one["agent"] == who]  # fmt: skip
        assert listed[0]["number"] == made["number"]
        assert listed[1]["used_at"] is not None and listed[1]["expires_at"] is None
        words = sangdam("token", "list")[1]
        assert f"{made['number']}  {who} (lead)  창고 연동  made " in words
        assert "no use known  expires " in words and plain not in words
        status, out, _ = sangdam("token", "revoke", str(listed[1]["number"]))
        assert (status, out) == (0, f"Revoked token {listed[1]['number']} of {who}.\n")
        assert program.get("/api/tickets").status_code == 401
    status, _, complaint = sangdam("token", "revoke", str(listed[1]["number"]))
    assert status == 1 and "there is no such API token" in complaint


def test_the_same_on_the_command_line(app: App, sangdam: Sangdam) -> None:
    def run(*words: str) -> tuple[int, str, str]:
        return sangdam("agent", *words)

    who = name()
    assert run("add", "--name", who)[0] == 0
    assert run("role", "--name", who, "--role", "admin") == (0, f"{who} is admin.\n", "")
    status, out, _ = run("leave", "--name", who, "--json")
    assert (status, json.loads(out)) == (0, {"agent": who, "active": False, "tickets": 0})
    assert run("leave", "--name", who) == (1, "", f"sangdam: {who} has left already\n")
    assert run("link", "--name", who) == (1, "", f"sangdam: {who} has left\n")
    listed = json.loads(run("list", "--json")[1])
    assert {"agent": who, "role": "admin", "active": False, "slack_user": None,
            "has_password": False} in listed  # fmt: skip
    assert run("return", "--name", who)[1].startswith(f"{who} is back.")
    assert run("return", "--name", who)[2] == f"sangdam: {who} works here\n"
    assert (
        run("role", "--name", "아무도", "--role", "lead")[2]
        == "sangdam: there is no agent 아무도\n"
    )
    with app.sessions() as session:
        assert session.query(Agent).filter_by(name=who).one().active
