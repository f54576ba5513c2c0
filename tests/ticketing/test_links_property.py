"""Any sequence of messages, tickets, ratings, links and unlinks: what was one's own stays so."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.ticketing.test_links import Person
from ticketing import (
    agents,
    conversations,
    csat,
    customers,
    history,
    links,
    readers,
    surveys,
    tickets,
)
from ticketing.db import Sessions
from ticketing.errors import Conflict, Refused
from ticketing.models import (
    Agent,
    ChannelIdentity,
    Conversation,
    Csat,
    Customer,
    CustomerLink,
    Message,
    Ticket,
)

PEOPLE = st.integers(0, 3)


def rows(session: Session, people: Sequence[uuid.UUID]) -> dict[str, list[dict[str, Any]]]:
    """All that is kept of these people, but how often a row was changed."""
    kept: dict[str, list[dict[str, Any]]] = {}
    for table in (Customer, Conversation, Ticket, Csat, Message, ChannelIdentity):
        key = table.id if table is Customer else table.customer_id
        found = session.execute(select(table.__table__).where(key.in_(people)).order_by(table.id))
        kept[table.__tablename__] = [
            {name: value for name, value in row._mapping.items() if name != "version"}
            for row in found
        ]
    return kept


def test_any_sequence_of_links_and_unlinks_keeps_what_is_whose(sessions: Sessions) -> None:
    with sessions.begin() as session:
        agent_id = agents.add(session, name="하나").id

    class World(RuleBasedStateMachine):
        """Four customers; ``said`` is what each wrote or was told at their own address."""

        def __init__(self) -> None:
            super().__init__()
            with sessions.begin() as session:
                made = [Person(session, one) for one in ("web", "telegram", "kakao", "web")]
                self.people = [(one.identity, one.id) for one in made]
            self.said: dict[int, list[str]] = {number: [] for number in range(4)}
            self.rated: dict[uuid.UUID, list[int]] = {one: [] for _, one in self.people}
            self.count = 0

        def person(self, session: Any, number: int) -> Person:
            made = Person.__new__(Person)
            made.session = session
            made.identity, made.id = self.people[number]
            return made

        def words(self) -> str:
            self.count += 1
            return f"말 {self.count}"

        @rule(who=PEOPLE)
        def writes(self, who: int) -> None:
            with sessions.begin() as session:
                text = self.words()
                self.person(session, who).says(text)
                self.said[who].append(text)

        @rule(who=PEOPLE)
        def is_answered(self, who: int) -> None:
            with sessions.begin() as session:
                customers.hold(session, self.people[who][1])
                conversation = conversations.ongoing(session, customer_id=self.people[who][1])
                if conversation is None or conversation.identity_id is None:
                    return
                text = self.words()
                history.record(
                    session,
                    conversation_id=conversation.id,
                    customer_id=conversation.customer_id,
                    author="agent",
                    text=text,
                )
                addressed = [one for one, _ in self.people].index(conversation.identity_id)
                self.said[addressed].append(text)

        @rule(who=PEOPLE)
        def asks_for_a_person(self, who: int) -> None:
            with sessions.begin() as session:
                customers.hold(session, self.people[who][1])
                if self.said[who]:
                    self.person(session, who).ticket()

        @rule(who=PEOPLE, score=st.integers(1, 5))
        def is_helped_and_rates(self, who: int, score: int) -> None:
            with sessions.begin() as session:
                customers.hold(session, self.people[who][1])
                ticket = tickets.current(session, customer_id=self.people[who][1])
                if ticket is None:
                    return
                if ticket.state == "open":
                    tickets.claim(session, ticket, agent=session.get_one(Agent, agent_id))
                tickets.resolve(session, ticket)
                surveys.rate(session, csat.ask(session, ticket), score=score)
                self.rated[ticket.customer_id].append(score)

        @rule(one=PEOPLE, two=PEOPLE)
        def are_linked(self, one: int, two: int) -> None:
            with sessions() as session:
                if one == two:
                    return
                ids = {"customer_id": self.people[one][1], "other_id": self.people[two][1]}
                try:
                    links.link(session, evidence="code", **ids)
                except Conflict:
                    return
                session.commit()

        @rule(one=PEOPLE, two=PEOPLE)
        def are_linked_for_a_moment(self, one: int, two: int) -> None:
            """Nothing was said meanwhile: every row is as it was."""
            ids = {"customer_id": self.people[one][1], "other_id": self.people[two][1]}
            with sessions() as session:
                before = rows(session, [one for _, one in self.people])
                try:
                    made = links.link(session, evidence="code", **ids)
                except (Conflict, Refused):
                    return
                session.expire_all()
                during = rows(session, [one for _, one in self.people])
                assert during["customer"] != before["customer"]
                assert not links.unlink(session, link_id=made.id, reason="다름").opened
                session.expire_all()
                assert rows(session, [one for _, one in self.people]) == before
                session.commit()

        @rule(which=st.integers(0, 20))
        def are_not_one_after_all(self, which: int) -> None:
            with sessions.begin() as session:
                standing = session.scalars(
                    select(CustomerLink.id)
                    .where(CustomerLink.undone_at.is_(None))
                    .where(CustomerLink.customer_id.in_([one for _, one in self.people]))
                ).all()
                if standing:
                    links.unlink(session, link_id=standing[which % len(standing)], reason="다름")

        @invariant()
        def everybody_has_what_they_said_and_were_told(self) -> None:
            with sessions() as session:
                for number, (identity, _) in enumerate(self.people):
                    own = select(Message.text).where(
                        Message.identity_id == identity, Message.kind == "text"
                    )
                    assert session.scalars(own.order_by(Message.id)).all() == self.said[number]

        @invariant()
        def people_have_one_episode_and_one_ticket(self) -> None:
            with sessions() as session:
                roots = select(Customer.id, Customer.root_id).subquery()
                for table, over in ((Conversation, "closed"), (Ticket, "resolved")):
                    counted = (
                        select(func.count())
                        .select_from(table)
                        .join(roots, roots.c.id == table.customer_id)
                        .where(table.state != over, table.joined_to.is_(None))
                        .group_by(roots.c.root_id)
                    )
                    assert set(session.scalars(counted)) <= {1}

        @invariant()
        def ratings_stay_with_whom_was_helped(self) -> None:
            with sessions() as session:
                for _, one in self.people:
                    given = select(Csat.score).where(Csat.customer_id == one)
                    assert sorted(session.scalars(given)) == sorted(self.rated[one])

        def teardown(self) -> None:
            """All links undone: everybody is alone with exactly their own."""
            with sessions.begin() as session:
                for link in session.scalars(
                    select(CustomerLink.id)
                    .where(CustomerLink.undone_at.is_(None))
                    .where(CustomerLink.customer_id.in_([one for _, one in self.people]))
                ).all():
                    links.unlink(session, link_id=link, reason="다름")
            with sessions() as session:
                for number, (_, one) in enumerate(self.people):
                    assert list(session.scalars(customers.members(one))) == [one]
                    lines = readers.visible(session, readers.Reader(one), limit=500)
                    seen = [row.text for row in lines]
                    assert seen == self.said[number]
                    strangers = (
                        select(func.count())
                        .select_from(Message)
                        .join(Conversation, Conversation.id == Message.conversation_id)
                        .where(Message.customer_id == one, Conversation.customer_id != one)
                    )
                    assert session.scalar(strangers) == 0
                resting = select(func.count()).where(
                    Ticket.customer_id.in_([one for _, one in self.people]),
                    Ticket.joined_to.is_not(None),
                )
                assert session.scalar(resting.select_from(Ticket)) == 0

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        World,
        settings=settings(
            max_examples=12,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
