"""API tokens and sessions: when they were last used, and when they are over."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from tests.clock import Clock
from ticketing import agents, api_tokens
from ticketing.errors import NotFound, Refused
from ticketing.models import Agent, AgentToken


@pytest.fixture
def agent(shop: Session) -> Agent:
    return agents.add(shop, name="연동", role="lead")


def in_with(session: Session, token: str, kind: str = "api", *, used: bool = True) -> bool:
    return agents.authenticate(session, token, kind=kind, used=used) is not None


def used_at(session: Session) -> dt.datetime | None:
    session.expire_all()
    return session.scalars(select(AgentToken.used_at)).one()


def test_the_last_use_is_written_once_a_minute_at_most(
    clock: Clock, shop: Session, agent: Agent
) -> None:
    token, kept = api_tokens.create(shop, agent, by="대표", label=" 창고 연동 ")
    assert (kept.label, kept.used_at, kept.expires_at) == ("창고 연동", None, None)
    writes: list[str] = []

    @event.listens_for(shop.get_bind(), "before_cursor_execute")
    def count(_c: object, _cu: object, statement: str, *_: object) -> None:
        writes.extend([statement] if statement.startswith("UPDATE") else [])

    assert in_with(shop, token)
    first = used_at(shop)
    assert first is not None and len(writes) == 1
    clock.forward(seconds=50)
    assert in_with(shop, token) and used_at(shop) == first and len(writes) == 1
    clock.forward(seconds=20)
    assert in_with(shop, token) and len(writes) == 2
    later = used_at(shop)
    assert later is not None and later - first >= dt.timedelta(minutes=1)


def test_a_token_expires_when_it_was_made_to(clock: Clock, shop: Session, agent: Agent) -> None:
    token, _ = api_tokens.create(shop, agent, by="대표", life=dt.timedelta(days=30))
    for_ever, _ = api_tokens.create(shop, agent, by="대표")
    clock.forward(days=29)
    assert in_with(shop, token)
    clock.forward(days=2)
    assert not in_with(shop, token) and in_with(shop, for_ever)
    assert len(api_tokens.every(shop)) == 2, "it is still listed"
    for bad in (dt.timedelta(0), -dt.timedelta(days=1), dt.timedelta(days=3651)):
        with pytest.raises(Refused, match="1 to 3650 days"):
            api_tokens.create(shop, agent, by="대표", life=bad)
    for label in ("두\n줄", "x" * 81):
        with pytest.raises(Refused, match="80 characters"):
            api_tokens.create(shop, agent, by="대표", label=label)


def test_one_is_revoked_and_the_others_stay(shop: Session, agent: Agent) -> None:
    other = agents.add(shop, name="다른 연동")
    tokens = [api_tokens.create(shop, agent, by="대표", label=str(n)) for n in range(2)]
    theirs, kept = api_tokens.create(shop, other, by="대표")
    session = agents.issue(shop, agent, kind="session", life=agents.SESSION_LIFE)
    with pytest.raises(NotFound):
        api_tokens.revoke(shop, kept.id, agent_id=agent.id, by="대표")
    assert api_tokens.revoke(shop, tokens[0][1].id, agent_id=agent.id, by="대표").label == "0"
    assert not in_with(shop, tokens[0][0])
    assert in_with(shop, tokens[1][0]) and in_with(shop, theirs)
    with pytest.raises(NotFound):
        api_tokens.revoke(shop, tokens[0][1].id, by="대표")
    number = shop.scalars(select(AgentToken.id).where(AgentToken.kind == "session")).one()
    with pytest.raises(NotFound):
        api_tokens.revoke(shop, number, by="대표")
    api_tokens.revoke_all(shop, agent, by="대표")
    assert not in_with(shop, tokens[1][0]) and in_with(shop, session, "session")
    agents.leave(shop, other, by="대표")
    with pytest.raises(Refused, match="has left"):
        api_tokens.create(shop, other, by="대표")


def test_who_made_and_revoked_one_is_kept(shop: Session, agent: Agent) -> None:
    _, first = api_tokens.create(shop, agent, by="sangdam token", label="창고")
    _, second = api_tokens.create(shop, agent, by="sangdam token")
    numbers = first.id, second.id
    api_tokens.revoke(shop, first.id, by="대표")
    api_tokens.revoke_all(shop, agent, by="팀장")
    kept = [(one.kind, one.old, one.new, one.by) for one in reversed(agents.changes(shop))]
    assert kept == [
        ("token", "", f"{numbers[0]} · 창고", "sangdam token"),
        ("token", "", str(numbers[1]), "sangdam token"),
        ("revoked", f"{numbers[0]} · 창고", "", "대표"),
        ("revoked", str(numbers[1]), "", "팀장"),
    ]


def test_what_is_over_is_swept_away(clock: Clock, shop: Session, agent: Agent) -> None:
    api_tokens.create(shop, agent, by="대표", life=dt.timedelta(days=1))
    agents.issue(shop, agent, kind="link", life=agents.LINK_LIFE)
    agents.issue(shop, agent, kind="session", life=agents.SESSION_LIFE)
    clock.forward(days=2)
    open_still = agents.issue(shop, agent, kind="session", life=agents.SESSION_LIFE)
    agents.issue(shop, agent, kind="link", life=agents.LINK_LIFE)
    agents.sweep(shop)
    left = shop.scalars(select(AgentToken.kind).order_by(AgentToken.kind)).all()
    assert left == ["api", "link", "session"]
    assert in_with(shop, open_still, "session")


def test_a_session_that_nobody_uses_is_over(clock: Clock, shop: Session, agent: Agent) -> None:
    token = agents.issue(shop, agent, kind="session", life=agents.SESSION_LIFE)
    for _ in range(3):  # as long as it is used, it goes on
        clock.forward(hours=7)
        assert in_with(shop, token, "session")
    clock.forward(hours=7)
    assert in_with(shop, token, "session", used=False), "an open page asks by itself"
    assert agents.in_console(shop, agent)
    clock.forward(hours=2)
    assert not in_with(shop, token, "session") and not agents.in_console(shop, agent)
    api, _ = api_tokens.create(shop, agent, by="대표")
    clock.forward(days=400)
    assert in_with(shop, api), "programs may be silent for as long as they like"


def test_a_session_is_over_after_a_fortnight_however_it_is_used(
    clock: Clock, shop: Session, agent: Agent
) -> None:
    token = agents.issue(shop, agent, kind="session", life=agents.SESSION_LIFE)
    clock.forward(days=14, minutes=1)
    shop.execute(update(AgentToken).values(used_at=func.now()))
    assert not in_with(shop, token, "session")
