"""The queue keeps its word: on a database whose clock is moved, the worker's timers by hand."""

from __future__ import annotations

import asyncio
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import desk
from connectors.desk import queue, timers
from connectors.desk.bot import Turn, end_turn
from connectors.promises import when
from connectors.rasa import Reply
from connectors.slack import promises
from tests.clock import Clock
from tests.ticketing.test_sla import near, office, seoul
from ticketing import (
    agents,
    contacts,
    conversations,
    customers,
    history,
    lanes,
    routing,
    sla,
    tickets,
)
from ticketing.lanes import Work
from ticketing.models import Agent, Customer, Job, Lane, Message, Ticket


def hand_off(locale: str = "ko") -> Reply:
    return Reply.model_validate({"kind": "hand_off", "text": "네", "locale": locale})


class Shop:
    """Somebody who uses the desk, and the worker."""

    def __init__(self, clock: Clock, session: Session) -> None:
        self.clock, self.session = clock, session

    def customer(self, locale: str = "ko") -> Customer:
        return customers.start_session(self.session, locale=locale)[1]

    def say(self, customer: Customer, text: str, *replies: Reply) -> None:
        """The customer's words, and what the bot says to them."""
        customers.hold(self.session, customer.id)
        talk = conversations.current(self.session, customer_id=customer.id)
        seq = history.record(
            self.session, conversation_id=talk.id, customer_id=customer.id,
            author="customer", text=text,
        )  # fmt: skip
        turn = Turn(
            conversation_id=talk.id, customer_id=customer.id, lane=customers.lane(customer.id),
            version=talk.version, holder=talk.state, locale=talk.locale, seq=seq or 0,
            text=text, payload=None,
        )  # fmt: skip
        end_turn(self.session, turn, list(replies))
        self.session.commit()

    def asks(self, locale: str = "ko", text: str = "주차 되나요?") -> tuple[Customer, Ticket]:
        """A customer whom the bot hands over."""
        customer = self.customer(locale)
        self.say(customer, text, hand_off(locale))
        found = tickets.listing(self.session, customer_id=customer.id)
        return customer, found[0]

    def pass_time(self, **span: float) -> None:
        """Time passes, and the timers whose time has come are looked after, each at its time."""
        end = self.clock.now() + dt.timedelta(**span)
        while True:
            self.session.commit()
            job = self.session.scalar(
                select(Job)
                .where(Job.state == "pending", Job.kind.in_(HANDLERS), Job.next_at <= end)
                .order_by(Job.next_at, Job.id)
                .limit(1)
            )
            if job is None:
                break
            if job.next_at > self.clock.now():
                self.clock.run_from(job.next_at)
            self.session.commit()
            work = Work(job.id, job.lane, job.kind, job.payload, 1, 0, "test", 0)
            settle = asyncio.run(HANDLERS[job.kind](work))
            settle(self.session)
            job.state = "done"
        if end > self.clock.now():
            self.clock.run_from(end)
        self.session.commit()
        self.session.expire_all()

    def told(self, customer: Customer, *, internal: bool = False) -> list[str]:
        return list(
            self.session.scalars(
                select(Message.text)
                .where(
                    Message.customer_id == customer.id,
                    Message.author == "system",
                    Message.internal == internal,
                )
                .order_by(Message.id)
            )
        )

    def posts(self, event: str) -> list[dict[str, object]]:
        self.session.commit()  # they are queued right before it
        jobs = self.session.scalars(select(Job).where(Job.kind == "slack.post").order_by(Job.id))
        return [job.payload for job in jobs if job.payload["event"] == event]

    def agent(self, name: str, **more: str) -> Agent:
        return agents.add(self.session, name=name, **more)  # type: ignore[arg-type]


HANDLERS = {**timers.handlers(None, None), **desk.planning.handlers()}  # type: ignore[arg-type]


@pytest.fixture
def counter(clock: Clock, shop: Session) -> Shop:
    return Shop(clock, shop)


def test_outside_hours_a_ticket_is_taken_with_an_honest_time(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 21))
    office(counter.session)
    customer, ticket = counter.asks()
    (line,) = counter.told(customer)
    assert "내일 오전 9시 이후에" in line and "이메일이나 휴대폰" in line and ticket.code in line
    counter.say(customer, "010 1234-5678 로 주세요, a.b@Example.com")
    assert [(one.kind, one.value) for one in contacts.listing(counter.session, customer.id)] == [
        ("phone", "010-1234-5678"),
        ("email", "a.b@example.com"),
    ]
    assert (customer.email, customer.phone) == (None, None)
    assert "연락처를 남겨 주셔서" in counter.told(customer)[-1]
    counter.say(customer, "그럼 기다릴게요")
    assert len(counter.told(customer)) == 2
    # Nothing is due by night; the day begins with the whole time.
    counter.pass_time(hours=12, minutes=5)
    assert len(counter.told(customer)) == 2 and ticket.escalated == 0
    assert near(sla.running(counter.session, ticket)[0].due_at, seoul(27, 9, 30))

    english, _ = counter.asks("en", "is there parking?")
    (line,) = counter.told(english)
    assert "will appear right here" in line
    counter.clock.run_from(seoul(27, 18, 30))
    english, _ = counter.asks("en", "is there parking?")
    assert "after Monday, 30 November at 9 AM (KST)" in counter.told(english)[0]


def test_whoever_can_be_reached_or_was_asked_before_is_not_asked(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 21))
    office(counter.session)
    agent = counter.agent("지원")
    known = counter.customer()
    known.email = "me@example.com"
    counter.say(known, "저기요", hand_off("ko"))
    assert "이메일" not in counter.told(known)[0]
    customer, ticket = counter.asks()
    desk.resolve(counter.session, code=ticket.code, agent=agent)
    counter.say(customer, "또요", hand_off("ko"))
    asked = [line for line in counter.told(customer) if "이메일" in line]
    assert len(asked) == 1


def test_nobody_picks_up_and_everybody_hears_of_it(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    office(counter.session)
    counter.agent("팀장", role="lead", slack_user="U0LEAD")
    counter.agent("지원", slack_user="U0AGENT")
    customer, _ = counter.asks()
    counter.pass_time(minutes=9)
    assert counter.posts("offered_again") == []
    counter.pass_time(minutes=2)
    (again,) = counter.posts("offered_again")
    assert (again["minutes"], again["broadcast"]) == (10, True)
    counter.pass_time(minutes=10)
    (lead,) = counter.posts("lead_told")
    assert (lead["minutes"], lead["mentions"]) == (20, ["U0LEAD"])
    assert "팀 리더에게 알렸어요" in counter.told(customer)[-1]
    counter.pass_time(minutes=2)
    assert counter.posts("sla_warned")[0]["kind"] == "first"
    counter.pass_time(hours=9)
    assert len(counter.posts("offered_again")) == len(counter.posts("lead_told")) == 1
    assert [one["kind"] for one in counter.posts("sla_broken")] == ["first"]
    # The day is over and nobody came: the customer knows when somebody will.
    assert "내일 오전 9시 이후에" in counter.told(customer)[-1]
    lines = counter.told(customer)
    counter.pass_time(hours=8)
    assert counter.told(customer) == lines


def test_a_silent_agents_ticket_is_everybodys_again(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    office(counter.session)
    agent = counter.agent("지원", slack_user="U0AGENT")
    other = counter.agent("도움")
    customer, ticket = counter.asks()
    desk.claim(counter.session, code=ticket.code, agent=agent)
    counter.pass_time(minutes=30)
    desk.reply(counter.session, code=ticket.code, agent=agent, text="확인해 볼게요")
    counter.pass_time(hours=5)
    assert ticket.state == "claimed", "we wait for the customer, who owes us nothing"
    counter.say(customer, "네, 확인되셨나요?")
    routing.set_state(counter.session, agent, "on")
    routing.set_state(counter.session, other, "on")
    counter.pass_time(minutes=61)
    assert (ticket.state, ticket.assignee) == ("open", None)
    assert "지원 상담원의 답변이 늦어져" in counter.told(customer)[-1]
    (returned,) = counter.posts("returned")
    assert (returned["agent"], returned["mentions"]) == ("지원", ["U0AGENT"])
    assert ticket.offered_to is other, "not to whom did not answer"
    # One who comes after all is as welcome as anybody.
    desk.reply(counter.session, code=ticket.code, agent=agent, text="늦어서 죄송해요")
    assert ticket.assignee is agent


def test_a_ticket_that_is_given_back_goes_to_somebody_else(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    office(counter.session, routing="assign")
    agent, other = counter.agent("지원"), counter.agent("도움")
    routing.set_state(counter.session, agent, "on")
    customer, ticket = counter.asks()
    counter.pass_time(seconds=1)
    assert ticket.assignee is agent
    desk.release(counter.session, code=ticket.code, by=agent)
    counter.pass_time(seconds=1)
    assert (ticket.state, ticket.assignee) == ("open", None), "not theirs at once again"
    assert "지원 상담원이 더는 담당하지 않게 되어" in counter.told(customer)[-1]
    (released,) = counter.posts("released")
    assert "지원 님이 대기열로 돌려놓아" in promises.line(released)[0] and released["broadcast"]
    desk.release(counter.session, code=ticket.code, by=agent)
    assert len(counter.posts("released")) == 1, "it is nobody's"

    routing.set_state(counter.session, other, "on")
    desk.claim(counter.session, code=ticket.code, agent=agent)
    desk.release(counter.session, code=ticket.code, by=agent)
    counter.pass_time(seconds=1)
    assert ticket.assignee is other
    until = counter.clock.now() + dt.timedelta(hours=2)
    desk.snooze(counter.session, code=ticket.code, until=until, by=other)
    said = counter.told(customer)
    desk.release(counter.session, code=ticket.code, by=other)
    assert counter.told(customer) == said and ticket.snoozed_until is not None


def test_a_snoozed_ticket_is_left_alone_and_comes_back(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    office(counter.session)
    agent = counter.agent("지원")
    _, ticket = counter.asks()
    until = counter.clock.now() + dt.timedelta(hours=2)
    desk.snooze(counter.session, code=ticket.code, until=until, by=agent)
    counter.pass_time(minutes=119)
    assert counter.posts("offered_again") == [] and ticket.snoozed_until is not None
    counter.pass_time(minutes=2)
    assert ticket.snoozed_until is None and len(counter.posts("woke")) == 1
    counter.pass_time(minutes=10)
    assert len(counter.posts("offered_again")) == 1


def test_a_timer_that_comes_again_does_nothing(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    counter.asks()
    counter.pass_time(minutes=21)
    jobs = counter.session.scalars(select(Job)).all()
    for job in jobs:
        if job.kind == queue.LOOK:
            work = Work(job.id, job.lane, job.kind, job.payload, 2, 0, "other", 0)
            asyncio.run(HANDLERS[job.kind](work))(counter.session)
    counter.session.commit()
    assert len(counter.session.scalars(select(Job)).all()) == len(jobs)
    counter.clock.forward(days=31)
    lanes.sweep(counter.session)
    left = set(counter.session.scalars(select(Lane.key).where(Lane.key.startswith("once:"))))
    waiting = counter.session.scalars(select(Job.lane).where(Job.kind.in_(HANDLERS)))
    assert left == set(waiting), "a timer that is forgotten takes its lane with it"


def test_who_gets_it_first_and_why(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    session = counter.session
    office(session)
    jiwon, doum, away = counter.agent("지원"), counter.agent("도움"), counter.agent("비번")
    _, nobody = counter.asks()
    counter.pass_time(seconds=1)
    assert nobody.offered_to is None and counter.posts("offered") == []
    for agent in (jiwon, doum):
        routing.set_state(session, agent, "on")
    routing.set_state(session, away, "off")
    desk.claim(session, code=nobody.code, agent=jiwon)
    customer, least = counter.asks()
    counter.pass_time(seconds=1)
    assert (least.offered_to, least.offered_why) == (doum, "load:0")
    assert "도움 님에게 먼저 제안했어요 · 근무 중이고" in counter.told(customer, internal=True)[0]
    assert least.state == "open", "an offer binds nobody"
    routing.set_skills(session, jiwon, team_id=None, languages=[], topics=["환불", "교환"])
    _, topic = counter.asks(text="환불은 언제 되나요?")
    counter.pass_time(seconds=1)
    assert (topic.offered_to, topic.offered_why) == (jiwon, "topic:환불")
    routing.set_skills(session, jiwon, team_id=None, languages=["ko"], topics=["refund"])
    _, language = counter.asks("en", "refund please, now")
    counter.pass_time(seconds=1)
    assert (language.offered_to, language.offered_why) == (doum, "language:en")
    owner = routing.choose(session, topic, owner_id=doum.id)
    assert owner is not None and (owner.agent, owner.why) == (doum, "owner")
    absent = routing.choose(session, topic, owner_id=away.id)
    assert absent is not None and absent.agent is not away
    # What Slack shows counts for those who said nothing, and not for long.
    routing.set_state(session, jiwon, "auto")
    routing.set_state(session, doum, "auto")
    assert routing.choose(session, topic) is None
    routing.seen(session, jiwon.id, active=True)
    chosen = routing.choose(session, topic)
    assert chosen is not None and chosen.agent is jiwon
    counter.pass_time(minutes=11)
    assert routing.choose(session, topic) is None


def test_a_team_that_wants_it_has_tickets_assigned(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    office(counter.session, routing="assign")
    agent = counter.agent("지원", slack_user="U0AGENT")
    routing.set_state(counter.session, agent, "on")
    customer, ticket = counter.asks()
    counter.pass_time(seconds=1)
    assert (ticket.state, ticket.assignee) == ("claimed", agent)
    assert "지원 상담원이 연결되었어요." in counter.told(customer)
    assert "자동으로 배정했어요" in counter.told(customer, internal=True)[0]
    assert counter.posts("assigned")[0]["mentions"] == ["U0AGENT"]
    office(counter.session, routing="off")
    _, ticket = counter.asks()
    counter.pass_time(seconds=1)
    assert ticket.offered_to is None


def test_the_customers_tier_and_own_agent_count_from_their_record(counter: Shop) -> None:
    counter.clock.run_from(seoul(26, 10))
    session = counter.session
    sla.set_policy(session, priority="normal", tier="VIP", goals=sla.Goals(5, 10, 60))
    own, other = counter.agent("전담"), counter.agent("가까운")
    for agent in (own, other):
        routing.set_state(session, agent, "on")
    customer = counter.customer()
    customer.tier, customer.owner_id = "VIP", own.id
    session.flush()
    counter.say(customer, "저예요", hand_off())
    (ticket,) = tickets.listing(session, customer_id=customer.id)
    assert near(sla.running(session, ticket)[0].due_at, seoul(26, 10, 5))
    counter.pass_time(seconds=1)
    assert (ticket.offered_to, ticket.offered_why) == (own, "owner")


def test_times_in_words() -> None:
    now = seoul(26, 8)
    cases = {
        seoul(26, 9): ("오늘 오전 9시", "today at 9 AM (KST)"),
        seoul(27, 13, 30): ("내일 오후 1시 30분", "tomorrow at 1:30 PM (KST)"),
        seoul(30, 0): ("11월 30일(월) 오전 12시", "Monday, 30 November at 12 AM (KST)"),
    }
    for at, (ko, en) in cases.items():
        assert when(at, now, ZoneInfo("Asia/Seoul"), "ko") == ko
        assert when(at, now, ZoneInfo("Asia/Seoul"), "en") == en


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("02-123-4567", [("phone", "02-123-4567")]),
        ("+82 10 1234 5678", [("phone", "010-1234-5678")]),
        ("주문번호 2026010112345678", []),
        ("메일은 kim@회사.kr 아니고 kim@sub.corp.co.kr.", [("email", "kim@sub.corp.co.kr")]),
        ("그냥 기다릴게요", []),
    ],
)
def test_addresses_are_found_in_words(text: str, found: list[tuple[str, str]]) -> None:
    assert contacts.found_in(text) == found
