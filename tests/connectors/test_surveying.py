"""Whom surveys ask, when, and why they do not; on a database whose clock is moved."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from connectors import desk, outside
from connectors.channel import Inbound
from connectors.desk import surveying
from connectors.slack import promises
from tests.clock import Clock
from tests.connectors.test_surveys import Client
from ticketing import (
    consents,
    conversations,
    csat,
    customers,
    history,
    nps,
    purchases,
    recovery,
    survey_rules,
    surveys,
)
from ticketing.errors import Invalid
from ticketing.models import Conversation, Csat, Job, Message, Nps, Ticket
from ticketing.record import Author

ARTICLE = {"id": "refund", "locale": "ko", "title": "환불 안내", "url": "/help/refund"}
ME = Author(name="이수진", source="console")


@pytest.fixture(autouse=True)
def everybody(shop: Session) -> None:
    """Chance decides only where a test is about it."""
    survey_rules.set_policy(shop, "bot", sample=100, quiet_days=30)
    shop.commit()


class Asker(Client):
    """Somebody whom the bot answers."""

    def answered(self, *, kind: str = "answer", vote: str | None = None) -> Conversation:
        customers.hold(self.session, self.customer.id)
        talk = conversations.current(self.session, customer_id=self.customer.id)
        history.record(
            self.session, conversation_id=talk.id, customer_id=self.customer.id,
            identity_id=self.identity, author="customer", text="환불 되나요?",
            external_id=str(uuid.uuid4()),
        )  # fmt: skip
        seq = history.record(
            self.session, conversation_id=talk.id, customer_id=self.customer.id,
            author="bot", kind=kind, text="7일 안에 돼요", article=ARTICLE,
        )  # fmt: skip
        self.session.execute(update(Message).where(Message.id == seq).values(vote=vote))
        self.session.commit()
        return talk

    def swept(self) -> None:
        """What the worker does: look who is to be asked, and ask."""
        surveying.sweep(self.session)
        for job in self.session.scalars(select(Job).where(Job.kind == surveying.LOOK)):
            surveying.look(self.session, job.payload)
        self.session.commit()

    def asked(self) -> Csat | None:
        self.session.expire_all()
        return self.session.scalars(
            select(Csat).where(Csat.customer_id == self.customer.id).order_by(Csat.asked_at.desc())
        ).first()

    def newest(self) -> Message:
        return self.session.scalars(
            select(Message)
            .where(Message.customer_id == self.customer.id)
            .order_by(Message.id.desc())
        ).first()  # type: ignore[return-value]

    def press(self, title: str) -> None:
        button = next(one for one in self.newest().buttons if one["title"] == title)
        desk.receive(
            self.session, customer_id=self.customer.id, identity_id=self.identity,
            inbound=Inbound(
                external_id=str(uuid.uuid4()), text=title, payload=str(button["payload"])
            ),
        )  # fmt: skip
        self.session.commit()


def test_a_silent_customer_is_asked_once_and_answers_in_words(shop: Session, clock: Clock) -> None:
    client = Asker(shop)
    client.answered()
    client.swept()
    assert client.asked() is None, "they may be typing"
    clock.forward(minutes=11)
    client.swept()
    client.swept()
    survey = client.asked()
    assert survey is not None and survey.skipped is None and survey.ticket_id is None
    told = {key: ARTICLE[key] for key in ("id", "locale", "title")}
    assert survey.answered_by == {"kind": "bot", "article": told}
    line = client.newest()
    assert line.kind == "csat" and [one["title"][:1] for one in line.buttons[:5]] == [*"54321"]
    client.say("별로예요")
    assert client.scores() == [2] and client.turns() == 0
    assert [one["payload"] for one in client.newest().buttons] == ["/human"]
    (task,) = recovery.listing(shop)
    assert task[0].csat_id == survey.id, "somebody makes it good"
    (notice,) = shop.scalars(select(Job).where(Job.kind == outside.NOTICE))
    assert "2/5" in (told := promises.line(notice.payload)[0]) and "환불 안내" in told
    client.say("그럼 교환은요?")
    assert client.turns() == 1
    clock.forward(minutes=11)
    client.swept()
    assert client.scores() == [2], "an episode is asked about once"


def test_who_says_that_it_helped_is_asked_at_once(shop: Session) -> None:
    client = Asker(shop)
    talk = client.answered(vote="up")
    surveying.after_answer(shop, talk.id)
    assert client.newest().kind == "csat"


@pytest.mark.parametrize(
    ("why", "prepare"),
    [
        ("declined", lambda one: consents.refuse(
            one.session, one.customer.id, purpose="surveys", channel="phone", by=ME)),
        ("quiet", lambda one: one.served()),
        ("sample", lambda one: survey_rules.set_policy(
            one.session, "bot", sample=0, quiet_days=30)),
    ],
)  # fmt: skip
def test_why_somebody_was_not_asked_is_kept(
    shop: Session, clock: Clock, why: str, prepare: Any
) -> None:
    client = Asker(shop)
    prepare(client)
    talk = client.answered()
    clock.forward(minutes=11)
    client.swept()
    survey = client.asked()
    assert survey is not None and (survey.skipped, survey.conversation_id) == (why, talk.id)
    assert client.newest().author == "bot", "nothing was said to them"
    assert survey in surveys.skipped(shop, customer_id=client.customer.id)
    client.say("5")
    assert client.turns() == 1


def test_a_rejected_answer_and_one_that_nobody_looked_at(shop: Session, clock: Clock) -> None:
    rejected, gone, lost = Asker(shop), Asker(shop), Asker(shop)
    rejected.answered(vote="down")
    lost.answered(kind="unknown")
    clock.forward(minutes=11)
    rejected.swept()
    gone.answered()
    clock.forward(hours=13)
    gone.swept()
    conversations.close_idle(shop, idle=dt.timedelta(hours=12))
    shop.commit()
    for client, why in ((rejected, "rejected"), (gone, "late")):
        survey = client.asked()
        assert survey is not None and survey.skipped == why
    assert lost.asked() is None, "nothing was answered"


def test_no_more_surveys_is_heard_and_holds_for_all_of_them(shop: Session, clock: Clock) -> None:
    client = Asker(shop)
    client.answered()
    clock.forward(minutes=11)
    client.swept()
    client.press("설문 그만 받기")
    assert client.newest().text == "알겠어요. 앞으로 설문을 보내지 않을게요."
    assert consents.refused(shop, client.customer.id, purpose="surveys")
    ticket = client.served()
    survey = csat.of_ticket(shop, ticket)
    assert survey is not None and survey.skipped == "declined"
    line = client.newest()
    assert "상담이 종료되었어요" in line.text and line.kind == "event"
    assert [one["title"] for one in line.buttons] == ["해결되지 않았어요"]
    consents.give(
        shop, client.customer.id, purpose="surveys", text_version="1", channel="web", by=ME
    )
    assert not consents.refused(shop, client.customer.id, purpose="surveys")


def test_a_month_after_the_first_ticket_they_are_asked_to_recommend(
    shop: Session, clock: Clock
) -> None:
    clock.run_from(dt.datetime(2026, 3, 2, 3, tzinfo=dt.UTC))  # noon in Seoul
    client = Asker(shop)
    client.served()
    clock.forward(days=29)
    assert nps.due(shop) == []
    clock.forward(days=2)
    assert nps.due(shop) == [(client.customer.id, "days:30")]
    surveying.moments(shop)
    (job,) = shop.scalars(select(Job).where(Job.kind == surveying.RECOMMEND))
    surveying.recommend(shop, job.payload)
    shop.commit()
    line = client.newest()
    assert [one["title"] for one in line.buttons[:11]] == [str(n) for n in range(10, -1, -1)]
    assert nps.due(shop) == []
    client.say("9점이요")
    client.say("다음에 또 올게요")
    (given,) = nps.given(shop, customer_id=client.customer.id)
    assert given.score == 9 and client.turns() == 1
    buy(client, 3, clock.now())
    assert nps.due(shop) == [(client.customer.id, "purchases:3")]
    surveying.recommend(shop, {"customer": str(client.customer.id), "moment": "purchases:3"})
    assert [one.skipped for one in shop.scalars(select(Nps).order_by(Nps.asked_at))] == [
        None,
        "quiet",
    ]


def test_nobody_is_written_to_at_night(shop: Session, clock: Clock) -> None:
    clock.run_from(dt.datetime(2026, 3, 2, 14, tzinfo=dt.UTC))  # eleven in the evening in Seoul
    client = Asker(shop)
    client.answered()
    buy(client, 3, clock.now())
    surveying.moments(shop)
    assert shop.scalars(select(Job).where(Job.kind == surveying.RECOMMEND)).all() == []
    clock.forward(hours=12)
    surveying.moments(shop)
    assert len(shop.scalars(select(Job).where(Job.kind == surveying.RECOMMEND)).all()) == 1


def buy(client: Client, orders: int, at: dt.datetime) -> None:
    for number in range(orders):
        order = purchases.Order(
            number=f"{client.customer.id}-{number}", amount=1000, currency="KRW",
            ordered_at=at - dt.timedelta(days=40 * (orders - 1 - number)), status="paid",
            refunded=0, items=[],
        )  # fmt: skip
        purchases.put(
            client.session,
            client.customer.id,
            purchases.check(order),
            by=Author(name="몰", source="api"),
        )
    client.session.commit()


def test_rules_are_numbers_that_can_be(shop: Session) -> None:
    for kind, sample, days in (("bot", 101, 1), ("bot", 50, -1), ("all", 50, 1)):
        with pytest.raises(Invalid):
            survey_rules.set_policy(shop, kind, sample=sample, quiet_days=days)
    assert shop.scalars(select(Ticket)).all() == []
