"""Who holds the conversation: any sequence of events keeps its invariants."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from ticketing import agents, conversations, csat, customers, history, lanes, surveys, tickets
from ticketing.db import Sessions
from ticketing.errors import Conflict
from ticketing.models import Conversation, Csat, Message, Ticket


def test_any_sequence_of_events_keeps_the_invariants(sessions: Sessions) -> None:
    """One open episode and one open ticket a customer, one outcome an ended episode, one rating
    a resolution; the ticket's state and the holder never contradict each other."""
    with sessions.begin() as session:
        staff = [agents.add(session, name=name).id for name in ("하나", "두리")]

    class Desk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            with sessions.begin() as session:
                _, customer = customers.start_session(session)
            self.customer = customer.id
            self.asked = 0

        def run(self, function: Any) -> None:
            with sessions.begin() as session:
                lanes.lock(session, customers.lane(self.customer))
                function(session)

        def ticket(self, session: Session, *states: str) -> Ticket | None:
            found = tickets.listing(session, states=states, customer_id=self.customer)
            return found[-1] if found else None

        @rule()
        def customer_writes(self) -> None:
            def act(session: Session) -> None:
                conversation = conversations.current(session, customer_id=self.customer)
                history.record(
                    session,
                    conversation_id=conversation.id,
                    customer_id=self.customer,
                    author="customer",
                    text="말",
                )

            self.run(act)

        @rule()
        def hand_over(self) -> None:
            def act(session: Session) -> None:
                conversation = conversations.current(session, customer_id=self.customer)
                ticket, _ = tickets.open_ticket(
                    session, conversation=conversation, reason="customer_asked"
                )
                again, also_new = tickets.open_ticket(
                    session, conversation=conversation, reason="customer_asked"
                )
                assert again.id == ticket.id and not also_new

            self.run(act)

        @rule(who=st.integers(0, 1))
        def claim(self, who: int) -> None:
            def act(session: Session) -> None:
                ticket = self.ticket(session, "open", "claimed")
                if ticket is None:
                    return
                agent = session.get_one(agents.Agent, staff[who])
                locked = tickets.get(session, ticket.code, for_update=True)
                holder = locked.assignee_id
                try:
                    won = tickets.claim(session, locked, agent=agent)
                except Conflict as conflict:
                    assert holder not in (None, agent.id) and conflict.winner
                else:
                    assert won == (holder is None)

            self.run(act)

        @rule()
        def resolve(self) -> None:
            def act(session: Session) -> None:
                ticket = self.ticket(session, "open", "claimed")
                if ticket is not None:
                    assert tickets.resolve(session, ticket)
                    assert not tickets.resolve(session, ticket)
                    csat.ask(session, ticket)
                    self.asked += 1

            self.run(act)

        @rule(score=st.integers(1, 5))
        def rate(self, score: int) -> None:
            def act(session: Session) -> None:
                for survey in session.scalars(
                    select(Csat).where(Csat.customer_id == self.customer, Csat.score.is_(None))
                ).all():
                    assert surveys.rate(session, survey, score=score) is None
                    try:
                        surveys.rate(session, survey, score=score)
                    except Conflict:
                        pass
                    else:
                        raise AssertionError("rated twice")

            self.run(act)

        @rule()
        def reopen(self) -> None:
            def act(session: Session) -> None:
                ticket = self.ticket(session, "resolved")
                if ticket is None:
                    return
                try:
                    tickets.reopen(session, tickets.get(session, ticket.code, for_update=True))
                except Conflict:
                    assert self.ticket(session, "open", "claimed") is not None

            self.run(act)

        @rule()
        def a_day_passes(self) -> None:
            def act(session: Session) -> None:
                session.execute(
                    text("UPDATE conversation SET last_message_at = now() - interval '1 day'")
                )
                conversations.close_idle(session, idle=dt.timedelta(hours=12))

            self.run(act)

        @invariant()
        def nothing_contradicts(self) -> None:
            with sessions() as session:
                mine = Conversation.customer_id == self.customer
                opened = session.scalars(
                    select(Conversation).where(mine, Conversation.state != "closed")
                ).all()
                waiting = session.scalars(
                    select(Ticket).where(
                        Ticket.customer_id == self.customer, Ticket.state != "resolved"
                    )
                ).all()
                assert len(opened) <= 1 and len(waiting) <= 1
                for ticket in waiting:
                    assert opened[0].state == {"open": "queued", "claimed": "agent"}[ticket.state]
                if not waiting:
                    assert all(conversation.state == "bot" for conversation in opened)
                ended = session.scalars(
                    select(Conversation.outcome).where(mine, Conversation.state == "closed")
                ).all()
                assert None not in ended
                surveys = session.scalar(
                    select(func.count()).where(Csat.customer_id == self.customer)
                )
                assert surveys == self.asked
                lost = session.scalar(
                    select(func.count(Message.id))
                    .join(Conversation, Conversation.id == Message.conversation_id)
                    .where(
                        Message.customer_id == self.customer,
                        Conversation.customer_id != self.customer,
                    )
                )
                assert lost == 0

    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=20,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
