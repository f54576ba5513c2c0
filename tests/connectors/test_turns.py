"""The bot's turns, one after the other, as a worker does them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select

from connectors import bot, desk
from connectors.channel import Inbound
from connectors.delivery import DELIVER
from connectors.rasa import Reply
from tests.statements import noted
from ticketing import agents, conversations, customers, lanes, tickets
from ticketing.db import Sessions
from ticketing.errors import Again
from ticketing.models import Job, Message, Ticket


class Customer:
    """Somebody who writes while nobody works."""

    def __init__(self, sessions: Sessions, *, telegram: str = "") -> None:
        self.sessions = sessions
        self.token = ""  # of a browser
        with sessions.begin() as session:
            if telegram:
                address = {"channel": "telegram", "account": "7", "external_id": telegram}
                self.identity, self.id = customers.identify(session, **address, locale="ko")
                return
            self.token, _ = customers.start_session(session)
            found = customers.authenticate(session, self.token)
        assert found is not None
        self.identity, self.id = found

    def send(self, text: str = "", payload: str | None = None) -> None:
        inbound = Inbound(external_id=str(uuid.uuid4()), text=text, payload=payload)
        with self.sessions.begin() as session:
            desk.receive(session, customer_id=self.id, identity_id=self.identity, inbound=inbound)

    def said(self, **wanted: Any) -> list[str]:
        with self.sessions() as session:
            found = session.scalars(
                select(Message.text).filter_by(customer_id=self.id, **wanted).order_by(Message.id)
            )
            return list(found)


def begin(sessions: Sessions) -> tuple[lanes.Work, desk.Turn] | None:
    with sessions.begin() as session:
        found = [work for work in lanes.claim(session, owner="me", limit=9) if work.kind == "turn"]
    if not found:
        return None
    with sessions.begin() as session:
        return found[0], bot.begin_anew(session, found[0])


def end(sessions: Sessions, work: lanes.Work, turn: desk.Turn) -> None:
    kind = "hand_off" if turn.payload else "say"
    replies = [Reply(kind=kind, text=turn.text, locale="ko")]
    with sessions.begin() as session:
        lanes.hold(session, work)
        desk.end_turn(session, turn, replies if turn.holder == "bot" else None)
        lanes.done(session, work)


def work_all(sessions: Sessions) -> None:
    while begun := begin(sessions):
        end(sessions, *begun)


def with_agent(sessions: Sessions, *, telegram: str = "") -> tuple[Customer, str, agents.Agent]:
    customer = Customer(sessions, telegram=telegram)
    customer.send(payload="/human")
    work_all(sessions)
    with sessions.begin() as session:
        agent = agents.add(session, name="지원")
        code = session.scalars(select(Ticket.code)).one()
        desk.claim(session, code=code, agent=agent)
    return customer, code, agent


def test_f2_answers_keep_their_order_when_the_episode_ends_under_waiting_messages(
    sessions: Sessions,
) -> None:
    customer, code, agent = with_agent(sessions)
    customer.send("하나")
    with sessions.begin() as session:
        desk.resolve(session, code=code, agent=agent)
    customer.send("둘")
    customer.send("셋")
    work_all(sessions)
    assert customer.said(author="bot", kind="say") == ["하나", "둘", "셋"]


def test_what_waited_while_the_episode_ended_is_answered_where_it_was_asked(
    sessions: Sessions,
) -> None:
    customer, code, agent = with_agent(sessions, telegram="7001")
    customer.send("하나")
    with sessions.begin() as session:
        desk.resolve(session, code=code, agent=agent)
    work_all(sessions)
    with sessions() as session:
        answer = session.scalars(select(Message).where(Message.text == "하나")).all()[-1]
        delivered = select(Job.lane).where(
            Job.kind == DELIVER, Job.payload["message"].as_integer() == answer.id
        )
        assert (answer.author, answer.identity_id) == ("bot", customer.identity)
        assert session.scalars(delivered).all() == ["out:telegram:7:7001"]


def test_a_turn_whose_episode_ended_while_the_bot_was_asked_is_done_again(
    sessions: Sessions,
) -> None:
    customer, code, agent = with_agent(sessions)
    with sessions.begin() as session:
        desk.resolve(session, code=code, agent=agent)
    customer.send("아직 계세요?")
    begun = begin(sessions)
    assert begun is not None
    with sessions.begin() as session:
        session.connection().exec_driver_sql(
            "UPDATE conversation SET state = 'closed', outcome = 'answered', closed_at = now()"
            " WHERE state = 'bot'"
        )
    with pytest.raises(Again):
        end(sessions, *begun)
    with sessions.begin() as session:
        turn = bot.begin_anew(session, begun[0])
    assert turn.holder == "bot" and turn.conversation_id != begun[1].conversation_id
    end(sessions, begun[0], turn)
    assert customer.said(author="bot", kind="say") == ["아직 계세요?"]


def test_what_the_bot_says_to_several_at_one_moment_is_written_by_one_statement(
    sessions: Sessions,
) -> None:
    people = [Customer(sessions, telegram=chat) for chat in ("", "7002", "7001")]
    works, turns = [], []
    for number, one in enumerate(people):
        one.send(f"질문 {number}")
        found = begin(sessions)
        assert found is not None
        works.append(found[0])
        turns.append(found[1])
    said = [["가", "나"], ["다"], ["라"]]
    with sessions.begin() as session, noted(session) as statements:
        assert all(lanes.hold_free(session, works))
        desk.end_turns(
            session,
            [
                (turn, [Reply(kind="say", text=text, locale="ko") for text in texts])
                for turn, texts in zip(turns, said, strict=True)
            ],
        )
        touched, enqueued = session.info["touched"]["news"], session.info["enqueued"]
    assert len(statements) == 3, [sql.split("\n")[0] for sql, _ in statements]  # the first holds
    assert touched == {str(one.id) for one in people} and enqueued
    assert [one.said(author="bot") for one in people] == said
    with sessions() as session:
        lines = session.scalars(select(Message).filter_by(author="bot").order_by(Message.id)).all()
        assert [line.text for line in lines] == ["가", "나", "다", "라"], "in the order given"
        assert [line.identity_id for line in lines] == [
            people[number].identity for number in (0, 0, 1, 2)
        ]
        jobs = session.execute(
            select(Job.lane, Job.payload["message"].as_integer()).where(Job.kind == DELIVER)
        ).all()
        assert sorted(map(tuple, jobs)) == [
            ("out:telegram:7:7001", lines[3].id),
            ("out:telegram:7:7002", lines[2].id),
        ], "who reads here is sent nothing"


def test_a_person_who_took_over_gets_the_message_and_the_others_their_answers(
    sessions: Sessions,
) -> None:
    taken, other = Customer(sessions), Customer(sessions)
    begun = []
    for one in (taken, other):
        one.send("질문이요")
        found = begin(sessions)
        assert found is not None
        begun.append(found[1])
    with sessions.begin() as session:
        talk = conversations.get(session, begun[0].conversation_id, for_update=True)
        tickets.open_ticket(
            session, conversation=talk, reason="customer_asked", question="", tried=[]
        )
        conversations.move(session, talk, "queued")
    with sessions.begin() as session:
        for one in (taken, other):
            customers.hold(session, one.id)
        replies = [Reply(kind="say", text="봇의 말", locale="ko")]
        desk.end_turns(session, [(turn, replies) for turn in begun])
    assert taken.said(author="bot", kind="say") == [], "the bot does not speak any more"
    assert other.said(author="bot", kind="say") == ["봇의 말"]
