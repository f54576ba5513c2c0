"""Surveys as customers answer them, on a database whose clock is moved."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import desk
from connectors.channel import Inbound
from tests.clock import Clock
from ticketing import agents, conversations, customers, tickets
from ticketing.models import ChannelIdentity, Csat, Customer, Job, Message, Ticket


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
