"""Surveys as customers answer them, on a database whose clock is moved."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import desk
from connectors.channel import Inbound
from connectors.desk import leaving
from connectors.slack import promises
from tests.clock import Clock
from ticketing import agents, conversations, customers, recovery, surveys, tickets
from ticketing.models import ChannelIdentity, Csat, Customer, Job, Message, Recovery, Ticket


class Client:
    """Somebody on the web whose ticket an agent resolves."""

    def __init__(self, session: Session, locale: str = "ko") -> None:
        self.session = session
        self.customer: Customer = customers.start_session(session, locale=locale)[1]
        self.identity = session.scalars(
            select(ChannelIdentity.id).where(ChannelIdentity.customer_id == self.customer.id)
        ).one()
        self.agent = agents.by_name(session, "지원") or agents.add(session, name="지원")

    def served(self) -> Ticket:
        customers.hold(self.session, self.customer.id)
        talk = conversations.current(self.session, customer_id=self.customer.id)
        ticket, _ = tickets.open_ticket(self.session, conversation=talk, reason="customer_asked")
        desk.resolve(self.session, code=ticket.code, agent=self.agent)
        self.session.commit()
        return ticket

    def say(self, text: str, external_id: str = "") -> desk.Receipt:
        receipt = desk.receive(
            self.session, customer_id=self.customer.id, identity_id=self.identity,
            inbound=Inbound(external_id=external_id or str(uuid.uuid4()), text=text),
        )  # fmt: skip
        self.session.commit()
        return receipt

    def scores(self) -> list[int | None]:
        self.session.expire_all()
        return list(self.session.scalars(select(Csat.score).order_by(Csat.asked_at)))

    def turns(self) -> int:
        return len(self.session.scalars(select(Job).where(Job.kind == "turn")).all())

    def internal(self) -> list[str]:
        return list(self.session.scalars(select(Message.text).where(Message.internal)))


@pytest.mark.parametrize(("text", "score"), [("5점", 5), ("별로예요", 2), ("terrible", 1)])
def test_a_rating_typed_right_after_the_question_is_one(
    shop: Session, text: str, score: int
) -> None:
    client = Client(shop)
    client.served()
    first = client.say(text, "one")
    assert client.say(text, "one") == desk.Receipt(first.seq, again=True)
    assert client.scores() == [score] and client.turns() == 0


@pytest.mark.parametrize("text", ["네 감사합니다", "환불 되나요", "7", "ok"])
def test_an_ordinary_message_after_the_question_goes_to_the_bot(shop: Session, text: str) -> None:
    client = Client(shop)
    client.served()
    client.say(text)
    assert client.scores() == [None] and client.turns() == 1
    client.say("5점")  # the question is not the last thing said any more
    assert client.scores() == [None] and client.turns() == 2


def test_a_number_typed_after_the_question_expired_is_a_message(
    shop: Session, clock: Clock
) -> None:
    client = Client(shop)
    client.served()
    clock.forward(days=8)
    client.say("5")
    assert client.scores() == [None] and client.turns() == 1


def test_a_low_rating_is_a_leads_task_shown_at_once(shop: Session) -> None:
    client = Client(shop)
    lead = agents.add(shop, name="팀장", role="lead", slack_user="U0LEAD")
    ticket = client.served()
    client.say("별로예요")
    task = shop.scalars(select(Recovery)).one()
    assert task.owner_id == lead.id and task.due_at > task.opened_at and task.done_at is None
    assert any("낮은 평가(2점)" in line and "팀장" in line for line in client.internal())
    (post,) = [
        job.payload
        for job in shop.scalars(select(Job).where(Job.kind == "slack.post"))
        if job.payload["event"] == "recovery"
    ]
    assert post["ticket"] == ticket.code and post["mentions"] == ["U0LEAD"] and post["broadcast"]
    text, _ = promises.line(post)
    assert "2/5" in text and "<@U0LEAD>" in text and "due" in text


def test_the_task_of_a_lead_who_leaves_is_another_ones(shop: Session) -> None:
    client = Client(shop)
    agents.add(shop, name="대표", role="admin")
    lead = agents.add(shop, name="팀장", role="lead", slack_user="U0LEAD")
    client.served()
    client.say("별로예요")
    other = agents.add(shop, name="새 팀장", role="lead", slack_user="U0OTHER")
    agents.add(shop, name="초대만 받은 팀장", role="lead")
    task = shop.scalars(select(Recovery)).one()
    assert task.owner_id == lead.id
    leaving.leave(shop, lead, by="대표")
    assert task.owner_id == other.id and task.owner is other
    recovery.finish(shop, task.id, outcome="called", by="새 팀장")
    leaving.leave(shop, other, by="대표")
    assert task.owner is other, "what was done stays theirs"


def test_a_task_is_nobodys_who_was_invited_and_never_came(shop: Session) -> None:
    client = Client(shop)
    agents.add(shop, name="초대만 받은 팀장", role="lead")
    came = agents.add(shop, name="팀장", role="lead", slack_user="U0LEAD")
    client.served()
    client.say("별로예요")
    assert shop.scalars(select(Recovery)).one().owner_id == came.id


def test_a_rating_changed_for_the_better_ends_the_task_and_a_good_one_opens_none(
    shop: Session,
) -> None:
    client = Client(shop)
    client.served()
    client.say("1점")
    survey = shop.scalars(select(Csat)).one()
    surveys.rate(shop, survey, score=5)
    assert recovery.follow(shop, survey) is None
    task = shop.scalars(select(Recovery)).one()
    shop.refresh(task)
    assert task.done_at is not None and task.outcome == "changed"
    client.served()
    client.say("5점")
    assert len(shop.scalars(select(Recovery)).all()) == 1
