"""Figures: what they count, and that the rows behind each are exactly those it counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from tests.ticketing.test_sla import office
from ticketing import agents, conversations, csat, customers, figures, history, surveys, tickets
from ticketing.models import Conversation, Nps, Ticket


class Day:
    """Makes episodes as they end."""

    def __init__(self, session: Session) -> None:
        self.session, self.number = session, 0
        self.agent = agents.add(session, name="지수")

    def episode(self, channel: str = "web", *said: dict[str, Any]) -> Conversation:
        self.number += 1
        identity, customer_id = customers.identify(
            self.session, channel=channel, external_id=str(self.number)
        )
        customers.hold(self.session, customer_id)
        talk = conversations.current(self.session, customer_id=customer_id)
        history.record(
            self.session, conversation_id=talk.id, customer_id=customer_id, author="customer",
            text=f"질문 {self.number}", identity_id=identity,
        )  # fmt: skip
        for line in said:
            history.record(
                self.session, conversation_id=talk.id, customer_id=customer_id, author="bot", **line
            )
        return talk

    def ended(self, talk: Conversation) -> None:
        outcome = conversations.bot_outcome(self.session, talk.id)
        conversations.move(self.session, talk, "closed", outcome=outcome)

    def ticket(self, talk: Conversation, *, first_s: int = 0, ended_s: int = 0) -> Ticket:
        ticket, _ = tickets.open_ticket(self.session, conversation=talk, reason="customer_asked")
        began = func.now() - dt.timedelta(seconds=max(first_s, ended_s))
        if first_s:
            tickets.claim(self.session, ticket, agent=self.agent)
            ticket.first_reply_at = began + dt.timedelta(seconds=first_s)
            history.record(
                self.session, conversation_id=talk.id, customer_id=talk.customer_id,
                author="agent", agent_id=self.agent.id, text="네",
            )  # fmt: skip
        if ended_s:
            tickets.resolve(self.session, ticket)
        ticket.opened_at = began
        self.session.flush()
        self.session.refresh(ticket)
        return ticket


ANSWER = {"kind": "answer", "text": "네", "article": {"id": "a", "locale": "ko", "title": "주차"}}


@pytest.fixture
def day(session: Session) -> Day:
    made = Day(session)
    helped = made.episode("web", ANSWER)
    history.vote(session, customer_id=helped.customer_id, vote="up")
    made.ended(helped)
    made.ended(made.episode("kakao", ANSWER))
    made.ended(made.episode("kakao", {"kind": "unknown", "text": "모르겠어요"}))
    made.episode("telegram", ANSWER)
    made.ticket(made.episode("web"))
    for seconds in (60, 120, 3600):
        ticket = made.ticket(made.episode("kakao"), first_s=seconds, ended_s=seconds * 2)
        survey = csat.ask(session, ticket)
        surveys.rate(session, survey, score=5 if seconds < 3600 else 2)
    for score in (10, 9, 7, 0):
        talk = made.episode("web", ANSWER)
        nps = Nps(customer_id=talk.customer_id, conversation_id=talk.id, moment="days:30")
        session.add(nps)
        session.flush()
        surveys.rate(session, nps, score=score)
    session.flush()
    return made


def test_every_conversation_has_one_outcome_and_they_add_up(day: Day) -> None:
    span = figures.period(day.session, "7")
    found = {one.key: one.count for one in figures.outcomes(day.session, span)}
    assert found == {"helped": 1, "answered": 1, "resolved": 3, "abandoned": 1, "open": 6}
    assert round(sum(one.percent for one in figures.outcomes(day.session, span)), 1) == 100.0


def test_times_and_ratings(day: Day) -> None:
    session, span = day.session, figures.period(day.session, "7")
    first = figures.spread(session, "first", span)
    assert (first.count, first.median, first.p90) == (3, 120, pytest.approx(2904))
    assert figures.spread(session, "resolved", span).median == 240
    bars = figures.buckets(session, "first", span)
    assert bars == [0, 2, 0, 0, 1, 0, 0]
    rows = [figures.rows(session, "first", span, took=str(at)) for at in range(len(bars))]
    assert [len(found) for found in rows] == bars, "each bar opens its rows"
    assert figures.count(session, "waiting", span) == 1
    rated = figures.summary(session, "csat", span, ("channel", "agent", "article", "word"))
    assert (rated["agent"]["지수"].count, rated["agent"]["지수"].average) == (3, 4.0)
    assert list(rated["channel"]) == ["kakao"] and rated["article"] == {}
    assert {word: one.count for word, one in rated["word"].items()} == {"5": 2, "2": 1}
    assert rated[""][""] == figures.spread(session, "csat", span)
    nps = figures.counts(session, "nps", span, "word")
    assert nps == {"promoter": 2, "detractor": 1, "passive": 1}
    assert figures.net_promoters(nps) == 25.0 and figures.net_promoters({}) is None
    assert figures.summary(session, "nps", span, ["article"])["article"]["주차"].count == 4
    messages = figures.counts(session, "messages", span, "channel")
    assert messages == {"web": 6, "kakao": 5, "telegram": 1}
    by_day = figures.series(session, "messages", span)
    assert len(by_day) == 7 and sum(sum(one.values()) for _, one in by_day) == 12


def test_whom_nobody_answered_rates_no_agent(day: Day) -> None:
    ticket = day.ticket(day.episode("kakao"), ended_s=60)
    ticket.assignee = day.agent
    day.session.flush()
    surveys.rate(day.session, csat.ask(day.session, ticket), score=1)
    span = figures.period(day.session, "7")
    rated = figures.summary(day.session, "csat", span, ("agent",))
    assert (rated[""][""].count, list(rated["agent"])) == (4, ["지수"])
    assert rated["agent"]["지수"].count == 3, "and the bot answered nothing either"


def test_the_rows_behind_a_number_are_those_it_counted(day: Day) -> None:
    session, span = day.session, figures.period(day.session, "90")
    for kind in figures.KINDS:
        rows = figures.rows(session, kind, span)
        assert len(rows) == figures.count(session, kind, span) > 0, kind
        for column in figures.COLUMNS:
            for value, number in figures.counts(session, kind, span, column).items():
                found = figures.rows(session, kind, span, **{column: value})
                assert len(found) == number == sum(getattr(row, column) == value for row in rows)


@pytest.mark.parametrize("key", ["today", "7", "90"])
def test_a_step_has_the_rows_that_its_column_counted(day: Day, key: str) -> None:
    session, span = day.session, figures.period(day.session, key)
    slots = [slot for slot, _ in figures.trend(session, "first", span)]
    assert len(slots) in {"today": range(1, 25), "7": (7,), "90": (13, 14)}[key]
    for kind in ("first", "resolved", "csat"):
        whole = figures.rows(session, kind, span)
        found = []
        for slot, one in figures.trend(session, kind, span):
            part = span.part(slot)
            assert figures.spread(session, kind, part) == one
            found += figures.rows(session, kind, part)
        assert sorted(found, key=lambda row: row.at, reverse=True) == whole
    for odd in (dt.datetime.min, dt.datetime.max, slots[-1] + span.lasts):
        assert figures.count(session, "csat", span.part(odd)) == 0


def test_a_day_begins_where_the_shop_is(session: Session) -> None:
    office(session)
    made = Day(session)
    talk = made.episode()
    span = figures.period(session, "today")
    assert (span.zone, span.began.hour, span.step) == ("Asia/Seoul", 0, "hour")
    assert figures.count(session, "episodes", span) == 1
    before = span.began - dt.timedelta(seconds=1)
    session.execute(update(Conversation).where(Conversation.id == talk.id).values(opened_at=before))
    assert figures.count(session, "episodes", span) == 0
    assert figures.count(session, "episodes", figures.period(session, "7")) == 1


@given(found=st.dictionaries(st.sampled_from(figures.OUTCOMES), st.integers(0, 10**7)))
def test_percentages_always_add_up(found: dict[str, int]) -> None:
    made = figures.shares(found, figures.OUTCOMES)
    total = sum(found.values())
    assert round(sum(one.percent for one in made), 1) == (100.0 if total else 0.0)
    for one in made:
        assert abs(one.percent - one.count * 100 / max(1, total)) <= 0.1
