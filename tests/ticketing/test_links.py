"""Two customers who are one person, and are not any more."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ticketing import (
    agents,
    conversations,
    customers,
    history,
    inbox,
    links,
    proofs,
    readers,
    tickets,
)
from ticketing.db import Sessions
from ticketing.errors import Conflict, Refused
from ticketing.models import Conversation, Job, LinkCode, Message, Ticket


class Person:
    """A customer with one address, who writes."""

    def __init__(self, session: Session, channel: str) -> None:
        self.session = session
        self.identity, self.id = customers.identify(
            session, channel=channel, account="bot", external_id=uuid.uuid4().hex
        )

    def says(self, text: str) -> Message:
        line = inbox.Line(
            customer_id=self.id,
            identity_id=self.identity,
            external_id=uuid.uuid4().hex,
            text=text,
        )
        seq = inbox.accept(self.session, line)
        if seq is None:
            conversations.current(self.session, customer_id=self.id)
            seq = inbox.accept(self.session, line)
        assert seq is not None
        return self.session.get_one(Message, seq)

    def sees(self) -> list[str]:
        return [row.text for row in readers.visible(self.session, readers.Reader(self.id))]

    def ticket(self) -> Ticket:
        conversation = conversations.current(self.session, customer_id=self.id)
        return tickets.open_ticket(self.session, conversation=conversation, reason="asked")[0]


def answer(session: Session, conversation_id: int, text: str) -> Message:
    conversation = conversations.get(session, conversation_id)
    seq = history.record(
        session,
        conversation_id=conversation_id,
        customer_id=conversation.customer_id,
        author="agent",
        text=text,
    )
    assert seq is not None
    return session.get_one(Message, seq)


def test_linked_customers_are_in_one_conversation_and_get_answers_where_they_are(
    session: Session,
) -> None:
    web, phone = Person(session, "web"), Person(session, "telegram")
    first = web.says("배송이 늦어요")
    links.link(session, customer_id=web.id, other_id=phone.id, evidence="code")
    second = phone.says("여기서 이어서 쓸게요")

    assert second.conversation_id == first.conversation_id
    assert web.sees() == phone.sees() == ["배송이 늦어요", "여기서 이어서 쓸게요"]
    reply = answer(session, first.conversation_id, "확인했습니다")
    assert reply.identity_id == phone.identity and reply.customer_id == phone.id
    job = session.scalars(select(Job).where(Job.kind == "deliver")).one()
    assert job.payload == {"message": reply.id} and job.lane.startswith("out:telegram:bot:")
    assert {job.lane for job in session.scalars(select(Job).where(Job.kind == "turn"))} == {
        customers.lane(customers.get(session, web.id).root_id)
    }


def test_unlinking_gives_each_side_what_it_had_and_what_it_said_since(session: Session) -> None:
    web, phone = Person(session, "web"), Person(session, "telegram")
    agent = agents.add(session, name="하나")
    web.says("웹에서 첫 질문")
    older = web.ticket()
    phone.says("텔레그램 질문")
    newer = phone.ticket()
    tickets.claim(session, newer, agent=agent)
    made = links.link(
        session,
        customer_id=phone.id,
        other_id=web.id,
        evidence="agent",
        reason="전화로 확인",
        agent_id=agent.id,
    )
    assert older.joined_to == newer.id and newer.joined_to is None
    assert tickets.current(session, customer_id=web.id) is newer
    web.says("웹에서 이어 쓴 말")
    answer(session, newer.conversation_id, "웹으로 간 답")
    assert len(phone.sees()) == len(web.sees()) == 4

    apart = links.unlink(session, link_id=made.id, reason="다른 사람", agent_id=agent.id)

    assert web.sees() == ["웹에서 첫 질문", "웹에서 이어 쓴 말", "웹으로 간 답"]
    assert phone.sees() == ["텔레그램 질문"]
    assert tickets.current(session, customer_id=web.id) is older and older.state == "open"
    assert tickets.current(session, customer_id=phone.id) is newer and newer.state == "claimed"
    assert not apart.opened
    for line in session.scalars(select(Message)):
        assert session.get_one(Conversation, line.conversation_id).customer_id == line.customer_id


def test_who_waits_for_a_person_still_does_after_unlinking(session: Session) -> None:
    web, phone = Person(session, "web"), Person(session, "telegram")
    web.says("질문")
    ticket = web.ticket()
    made = links.link(session, customer_id=web.id, other_id=phone.id, evidence="token")
    phone.says("저도 기다려요")
    apart = links.unlink(session, link_id=made.id, reason="잘못 연결")
    assert [one.question for one in apart.opened] == ["저도 기다려요"]
    assert apart.opened[0].customer_id == phone.id and ticket.customer_id == web.id


def test_what_rested_wakes_although_the_other_was_resolved(session: Session) -> None:
    web, phone = Person(session, "web"), Person(session, "telegram")
    web.says("하나")
    first = web.ticket()
    phone.says("둘")
    second = phone.ticket()
    made = links.link(session, customer_id=web.id, other_id=phone.id, evidence="code")
    tickets.resolve(session, first)
    again = phone.says("새로운 이야기")
    assert again.conversation_id not in (first.conversation_id, second.conversation_id)
    links.unlink(session, link_id=made.id, reason="잘못 연결")
    session.expire_all()
    assert second.joined_to is None and second.state == "open"
    assert tickets.current(session, customer_id=phone.id) is second
    assert conversations.current(session, customer_id=phone.id).id == second.conversation_id


def test_oneself_twice_and_in_a_circle_is_refused(session: Session) -> None:
    one, two, three = (Person(session, "web") for _ in range(3))
    with pytest.raises(Refused, match="themselves"):
        links.link(session, customer_id=one.id, other_id=one.id, evidence="code")
    first = links.link(session, customer_id=one.id, other_id=two.id, evidence="code")
    links.link(session, customer_id=two.id, other_id=three.id, evidence="code")
    with pytest.raises(Conflict, match="already"):
        links.link(session, customer_id=three.id, other_id=one.id, evidence="code")
    links.unlink(session, link_id=first.id, reason="다른 사람")
    with pytest.raises(Conflict, match="undone"):
        links.unlink(session, link_id=first.id, reason="다른 사람")
    assert len(list(session.scalars(customers.members(three.id)))) == 2
    assert list(session.scalars(customers.members(one.id))) == [one.id]


def test_links_that_are_made_at_once_close_no_circle(sessions: Sessions) -> None:
    with sessions.begin() as session:
        people = [Person(session, one).id for one in ("web", "telegram", "kakao")]
    together = threading.Barrier(3)

    def make(number: int) -> bool:
        together.wait(10)
        with sessions() as session:
            two = {"customer_id": people[number], "other_id": people[(number + 1) % 3]}
            try:
                links.link(session, evidence="code", **two)
            except Conflict:
                return False
            session.commit()
            return True

    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(make, range(3)))
    assert sorted(made) == [False, True, True]
    with sessions() as session:
        assert set(session.scalars(customers.members(people[0]))) == set(people)


def test_a_code_links_once_and_what_was_refused_is_kept(session: Session) -> None:
    web, phone, other = (Person(session, one) for one in ("web", "telegram", "telegram"))
    code = proofs.new_code(session, customer_id=web.id)
    assert proofs.use_code(session, "AAAA-AAAA", identity_id=phone.identity) == "unknown"
    used = proofs.use_code(session, f" {code[:4].lower()}-{code[4:]} ", identity_id=phone.identity)
    assert isinstance(used, LinkCode) and used.customer_id == web.id
    assert proofs.use_code(session, code, identity_id=other.identity) == "used"

    older = proofs.new_code(session, customer_id=web.id)
    newer = proofs.new_code(session, customer_id=web.id)
    assert proofs.use_code(session, older, identity_id=other.identity) == "unknown"
    session.execute(update(LinkCode).values(expires_at=func.now()))
    assert proofs.use_code(session, newer, identity_id=other.identity) == "expired"
    assert [one.why for one in proofs.refusals(session, other.id)] == ["expired", "unknown", "used"]


def test_guessing_codes_ends_soon(session: Session) -> None:
    web, phone = Person(session, "web"), Person(session, "telegram")
    code = proofs.new_code(session, customer_id=web.id)
    for _ in range(proofs.TRIES):  # a page whose clock is wrong guesses nothing
        proofs.refuse(session, evidence="token", why="expired", identity_id=phone.identity)
    tries = [
        proofs.use_code(session, f"AAAAAA{n:02}", identity_id=phone.identity) for n in range(11)
    ]
    assert tries == ["unknown"] * proofs.TRIES + ["too_many"]
    assert proofs.use_code(session, code, identity_id=phone.identity) == "too_many"


def test_guessing_many_codes_at_once_ends_as_soon(sessions: Sessions) -> None:
    with sessions.begin() as session:
        phone = Person(session, "telegram").identity

    def guess(number: int) -> object:
        with sessions.begin() as session:
            return proofs.use_code(session, f"AAAAAA{number:02}", identity_id=phone)

    with ThreadPoolExecutor(8) as threads:
        tries = list(threads.map(guess, range(24)))
    assert tries.count("unknown") == proofs.TRIES and tries.count("too_many") == 14
