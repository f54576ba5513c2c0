"""Agents: names, roles, who leaves, and that somebody always can undo it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.orm import Session

from ticketing import agents
from ticketing.db import Sessions
from ticketing.errors import Conflict, Invalid, NotFound, Refused


def test_who_leaves_is_let_in_nowhere_and_may_come_back(session: Session) -> None:
    boss = agents.add(session, name="대표", role="admin")
    agent = agents.add(session, name="지원", slack_user="U0AGENT")
    agents.set_password_hash(session, agent, "hash")
    tokens = {kind: agents.issue(session, agent, kind=kind) for kind in ("api", "session", "link")}
    code = agents.slack_code(session, agent, by="console")
    assert agents.leave(session, agent, by=boss.name)
    assert not agents.leave(session, agent, by=boss.name), "once"
    for kind, token in tokens.items():
        assert agents.authenticate(session, token, kind=kind) is None
    with pytest.raises(NotFound):
        agents.link_slack(session, code=code, user="U0NEW")
    assert agents.by_slack(session, "U0AGENT") is None
    assert [one.name for one in agents.active(session)] == ["대표"]
    assert [one.name for one in agents.every(session)] == ["대표", "지원"]
    assert agents.come_back(session, agent, by=boss.name)
    assert agent.password_hash is None and agent.active
    assert agents.authenticate(session, tokens["api"], kind="api") is None, "a new link is needed"
    assert [(one.kind, one.by) for one in agents.changes(session)] == [
        ("returned", "대표"),
        ("left", "대표"),
    ]


def test_a_slack_user_is_a_member_id(session: Session) -> None:
    assert agents.add(session, name="지원", slack_user=" U0123456789 ").slack_user == "U0123456789"
    assert agents.add(session, name="도움", slack_user=" ").slack_user is None
    for bad in ("bad user", "@haneul", "u0123456789", "C0123456789"):
        with pytest.raises(Refused, match="member ID"):
            agents.add(session, name=bad, slack_user=bad)


def test_another_name_and_another_role_are_kept_with_the_old_ones(session: Session) -> None:
    boss = agents.add(session, name="대표", role="admin")
    agent = agents.add(session, name="지원")
    assert agents.rename(session, agent, " 김지원 ", by="대표")
    assert agents.set_role(session, agent, "lead", by="대표")
    assert not agents.rename(session, agent, "김지원", by="대표")
    assert not agents.set_role(session, agent, "lead", by="대표")
    with pytest.raises(Conflict):
        agents.rename(session, agent, "대표", by="대표")
    for bad in ("", "두\n줄", "x" * 81):
        with pytest.raises(Refused):
            agents.rename(session, agent, bad, by="대표")
    with pytest.raises(Refused):
        agents.set_role(session, agent, "boss", by="대표")
    kept = [(one.kind, one.old, one.new) for one in agents.changes(session)]
    assert kept == [("role", "agent", "lead"), ("name", "지원", "김지원")]
    for last in (agents.set_role, agents.leave):
        with pytest.raises(Invalid) as refused:
            last(session, boss, *(["agent"] if last is agents.set_role else []), by="대표")
        assert refused.value.code == "last_admin"


def test_two_administrators_who_dismiss_each_other_leave_one(sessions: Sessions) -> None:
    with sessions.begin() as session:
        pair = [agents.add(session, name=name, role="admin").id for name in ("하나", "둘")]
    together = threading.Barrier(2)
    refused: list[str] = []

    def dismiss(agent_id: int) -> None:
        try:
            with sessions.begin() as session:
                agent = agents.get(session, agent_id)
                together.wait(timeout=20)
                agents.leave(session, agent, by="test")
        except Invalid as error:
            refused.append(error.code)

    threads = [threading.Thread(target=dismiss, args=(one,)) for one in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    with sessions() as session:
        assert len(agents.active(session)) == 1
    assert refused == ["last_admin"]
