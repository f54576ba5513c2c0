"""Tickets merged and split, and everything as it was when that is taken back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.ticketing.test_links import Person
from ticketing import agents, conversations, links, merges, ticket_links, tickets
from ticketing.db import Sessions
from ticketing.errors import Conflict
from ticketing.models import Agent, Conversation, Message, Ticket, TicketLink

# These count changes; they never go back.
COUNTERS = ("version",)


def facts(session: Session, ticket: Ticket) -> dict[str, Any]:
    """Everything that the rows of a ticket and its episode say, and the lines of the episode."""
    session.flush()
    session.expire_all()
    said: dict[str, Any] = {}
    for row in (ticket, ticket.conversation):
        for column in row.__table__.columns:
            if column.name not in COUNTERS:
                said[f"{row.__tablename__}.{column.name}"] = getattr(row, column.name)
    lines = select(Message.id).where(Message.conversation_id == ticket.conversation_id)
    said["lines"] = session.scalars(lines.order_by(Message.id)).all()
    return said


def two(session: Session, *, still_open: bool = True) -> tuple[Agent, Person, Ticket, Ticket]:
    """Somebody with a resolved ticket, and a later one."""
    agent, person = agents.add(session, name="하나"), Person(session, "web")
    person.says("배송이 늦어요")
    old = person.ticket()
    tickets.claim(session, old, agent=agent)
    tickets.resolve(session, old)
    person.says("환불도 되나요")
    new = person.ticket()
    if not still_open:
        tickets.resolve(session, new)
    session.flush()
    return agent, person, old, new


def merged(session: Session, ticket: Ticket, into: Ticket, agent: Agent) -> TicketLink:
    return merges.merge(session, ticket, into, agent=agent)


def test_an_open_ticket_merged_into_a_resolved_one_goes_on_there(session: Session) -> None:
    agent, person, old, new = two(session)
    before = facts(session, old), facts(session, new)
    link = merged(session, new, old, agent)
    assert (old.state, old.conversation.state, new.joined_to) == ("open", "queued", old.id)
    assert tickets.current(session, customer_id=person.id) is old
    assert tickets.standing(session, new) is old
    later = person.says("언제 되나요")
    assert later.conversation_id == old.conversation_id
    merges.undo(session, link, agent=agent)
    after = facts(session, old), facts(session, new)
    assert after[0] == before[0]
    assert after[1]["lines"] == [*before[1].pop("lines"), later.id]
    moved = {"lines", "conversation.last_message_at"}
    assert {k: v for k, v in after[1].items() if k not in moved} == {
        k: v for k, v in before[1].items() if k not in moved
    }
    assert person.says("여보세요").conversation_id == new.conversation_id


def test_what_cannot_be_merged_says_why(session: Session) -> None:
    agent, _, old, new = two(session)
    other = Person(session, "telegram")
    other.says("저는 다른 사람")
    foreign = other.ticket()
    for pair, reason in (((old, old), "itself"), ((foreign, new), "not_one_person")):
        with pytest.raises(Conflict) as refused:
            merged(session, *pair, agent)
        assert refused.value.reason == reason
    link = merged(session, new, old, agent)
    with pytest.raises(Conflict) as refused:
        merged(session, new, old, agent)
    assert refused.value.reason == "at_rest"
    second = merges.split(session, old, seq=other_line(session, old), agent=agent)
    with pytest.raises(Conflict) as refused:
        merges.undo(session, link, agent=agent)
    assert refused.value.reason == "later" and second.aside


def other_line(session: Session, ticket: Ticket) -> int:
    """A later line of the customer in this ticket."""
    person = Person.__new__(Person)
    person.session, person.id = session, ticket.customer_id
    person.identity = ticket.conversation.identity_id or 0
    return int(person.says("그리고 다른 일인데요").id)


def test_a_split_is_open_beside_and_comes_to_the_front(session: Session) -> None:
    agent, person, _, ticket = two(session)
    seq = other_line(session, ticket)
    person.says("그건 언제까지예요?")
    before = facts(session, ticket)
    made = merges.split(session, ticket, seq=seq, agent=agent)
    assert (made.question, made.state, made.aside) == ("그리고 다른 일인데요", "open", True)
    assert facts(session, made)["lines"] == before["lines"][-2:]
    assert set(tickets.listing(session, states=["open"])) == {ticket, made}
    assert person.says("첫째 일이요").conversation_id == ticket.conversation_id
    assert merges.bring_forward(session, made) and not merges.bring_forward(session, made)
    assert person.says("둘째 일이요").conversation_id == made.conversation_id
    tickets.resolve(session, made)
    assert tickets.current(session, customer_id=person.id) is ticket
    assert ticket.aside is False


def test_a_split_taken_back_leaves_one_ticket_with_all_lines(session: Session) -> None:
    agent, _, _, ticket = two(session)
    first = facts(session, ticket)["lines"][0]
    for seq, reason in ((first, "first"), (10**9, "not_theirs")):
        with pytest.raises(Conflict) as refused:
            merges.split(session, ticket, seq=seq, agent=agent)
        assert refused.value.reason == reason
    seq = other_line(session, ticket)
    before = facts(session, ticket)
    made = merges.split(session, ticket, seq=seq, agent=agent)
    (link,) = [one for one in session.scalars(select(TicketLink)) if one.kind == "split"]
    merges.undo_split(session, link, agent=agent)
    assert facts(session, ticket) == before and tickets.standing(session, made) is ticket
    assert [one.relation for one in ticket_links.of(session, ticket)] == ["follow_up_of"]


def test_unlinking_takes_merges_apart_that_were_across(session: Session) -> None:
    agent = agents.add(session, name="하나")
    web, phone = Person(session, "web"), Person(session, "telegram")
    web.says("웹")
    one = web.ticket()
    tickets.resolve(session, one)
    phone.says("전화")
    two_ = phone.ticket()
    made = links.link(session, customer_id=web.id, other_id=phone.id, evidence="code")
    merged(session, two_, one, agent)
    assert tickets.current(session, customer_id=phone.id) is one
    links.unlink(session, link_id=made.id, reason="다른 사람")
    session.expire_all()
    assert (one.state, two_.joined_to, two_.state) == ("resolved", None, "open")
    assert tickets.current(session, customer_id=phone.id) is two_
    assert tickets.current(session, customer_id=web.id) is None


def test_any_sequence_of_merges_and_splits_taken_back_leaves_all_as_it_was(
    sessions: Sessions,
) -> None:
    class World(RuleBasedStateMachine):
        """One customer; what was done is taken back in the other order, then compared."""

        def __init__(self) -> None:
            super().__init__()
            self.done: list[tuple[int, list[tuple[int, dict[str, Any]]]]] = []
            with sessions.begin() as session:
                agent = agents.by_name(session, "하나") or agents.add(session, name="하나")
                self.agent, person = agent.id, Person(session, "web")
                self.identity, self.person = person.identity, person.id

        def mine(self, session: Session) -> list[Ticket]:
            found = select(Ticket).where(Ticket.customer_id == self.person).order_by(Ticket.id)
            return list(session.scalars(found))

        @rule()
        def asks(self) -> None:
            """A new ticket; what was done before is not taken back any more."""
            with sessions.begin() as session:
                person = Person.__new__(Person)
                person.session, person.identity, person.id = session, self.identity, self.person
                person.says("질문")
                person.says("또 질문")
                person.ticket()
            self.done.clear()

        @rule(which=st.integers(0, 9))
        def is_resolved(self, which: int) -> None:
            with sessions.begin() as session:
                for ticket in self.mine(session)[which : which + 1]:
                    if ticket.joined_to is None:
                        tickets.resolve(session, ticket)
                        self.done.clear()

        @rule(which=st.integers(0, 9), into=st.integers(0, 9))
        def merges(self, which: int, into: int) -> None:
            with sessions.begin() as session:
                found = self.mine(session)
                if max(which, into) >= len(found):
                    return
                before = [(one.id, facts(session, one)) for one in found]
                agent = session.get_one(Agent, self.agent)
                try:
                    link = merges.merge(session, found[which], found[into], agent=agent)
                except Conflict as error:
                    assert error.reason in ("itself", "at_rest")
                    return
                self.done.append((link.id, before))

        @rule()
        def takes_back(self) -> None:
            if not self.done:
                return
            number, before = self.done.pop()
            with sessions.begin() as session:
                link, agent = (
                    session.get_one(TicketLink, number),
                    session.get_one(Agent, self.agent),
                )
                merges.undo(session, link, agent=agent)
                for ticket_id, known in before:
                    assert facts(session, session.get_one(Ticket, ticket_id)) == known

        @rule(which=st.integers(0, 9))
        def splits(self, which: int) -> None:
            with sessions.begin() as session:
                for ticket in self.mine(session)[which : which + 1]:
                    lines = facts(session, ticket)["lines"]
                    try:
                        agent = session.get_one(Agent, self.agent)
                        merges.split(session, ticket, seq=lines[-1] if lines else 0, agent=agent)
                    except Conflict as error:
                        assert error.reason in ("resolved", "at_rest", "first", "not_theirs")
                        return
                    self.done.clear()

        @invariant()
        def one_is_in_front_if_any_is_open(self) -> None:
            with sessions() as session:
                found = self.mine(session)
                going = [one for one in found if one.joined_to is None and one.state != "resolved"]
                assert sum(not one.aside for one in going) == bool(going)
                for one in found:
                    talk = one.conversation
                    assert (talk.joined_to is None, talk.aside) == (
                        one.joined_to is None,
                        one.aside,
                    )
                    assert (talk.state == "closed") == (one.state == "resolved")
                ahead = conversations.ongoing(session, customer_id=self.person)
                assert (ahead is not None) == bool(going)
                lost = (
                    select(func.count())
                    .select_from(Message)
                    .where(
                        Message.customer_id == self.person,
                        Message.conversation_id.not_in(
                            select(Conversation.id).where(Conversation.customer_id == self.person)
                        ),
                    )
                )
                assert session.scalar(lost) == 0

    run_state_machine_as_test(
        World,
        settings=settings(
            max_examples=12,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
