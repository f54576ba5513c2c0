"""What a customer says of a ticket that is over, soon after it and long after it."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import desk
from connectors.channel import Inbound
from connectors.desk import merging, planning, relating
from connectors.slack import blocks, shown, thread
from tests.clock import Clock
from tests.connectors.test_queue import Shop, hand_off
from ticketing import csat, customers, ticket_links, tickets
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Agent, Customer, Message, Ticket


@pytest.fixture
def counter(clock: Clock, shop: Session) -> Shop:
    return Shop(clock, shop)


def press_not_solved(counter: Shop, customer: Customer, ticket: Ticket) -> None:
    press(counter, customer, f'/not_solved{{"ticket": "{ticket.code}", "n": {ticket.reopened}}}')


def press(counter: Shop, customer: Customer, payload: str) -> None:
    session = counter.session
    identity = customers.identities(session, customer.id)[0]["id"]
    inbound = Inbound(external_id=str(uuid.uuid4()), text="", payload=payload)
    desk.receive(session, customer_id=customer.id, identity_id=identity, inbound=inbound)
    session.commit()


def resolved(counter: Shop) -> tuple[Agent, Customer, Ticket]:
    agent = counter.agent("지수")
    customer, ticket = counter.asks()
    desk.resolve(counter.session, code=ticket.code, agent=agent)
    counter.session.commit()
    return agent, customer, ticket


def relations(counter: Shop, ticket: Ticket) -> list[tuple[str, str]]:
    found = ticket_links.of(counter.session, ticket)
    return [(one.relation, one.ticket.code) for one in found]


def test_who_was_answered_by_nobody_is_not_told_that_somebody_came(counter: Shop) -> None:
    agent, customer, ticket = resolved(counter)
    told = counter.told(customer)
    assert not any("연결되었어요" in line for line in told)
    assert "아직 도움이 필요하시면 ‘해결되지 않았어요’를 눌러 주세요" in told[-1]
    asked = csat.of_ticket(counter.session, ticket)
    assert asked is not None and asked.skipped is None and ticket.assignee == agent
    assert asked.answered_by == {"kind": "nobody"}, "who only resolved it is not rated"
    # Whom somebody did answer is asked about that, though it was put back into the queue since.
    customer, ticket = counter.asks()
    desk.reply(counter.session, code=ticket.code, agent=agent, text="네, 됩니다.")
    planning.release(counter.session, code=ticket.code, by=agent)
    desk.resolve(counter.session, code=ticket.code, agent=counter.agent("미나"))
    asked = csat.of_ticket(counter.session, ticket)
    assert asked is not None and asked.answered_by["name"] == "지수"
    told = counter.told(customer)
    assert told[-1] == "상담이 종료되었어요. 오늘 상담은 어떠셨나요?"
    assert sum("연결되었어요" in line for line in told) == 1


def test_soon_after_it_the_ticket_is_reopened(counter: Shop) -> None:
    _, customer, ticket = resolved(counter)
    counter.clock.forward(days=6)
    press_not_solved(counter, customer, ticket)
    counter.session.refresh(ticket)
    assert (ticket.state, ticket.reopened) == ("claimed", 1)
    assert len(tickets.listing(counter.session, customer_id=customer.id)) == 1


def test_pressed_again_they_hear_who_has_it(counter: Shop) -> None:
    agent, customer, ticket = resolved(counter)
    button = f'/not_solved{{"ticket": "{ticket.code}", "n": {ticket.reopened}}}'
    press(counter, customer, button)
    press(counter, customer, button)
    assert counter.told(customer)[-1] == f"지수 상담원과 대화 중이에요 · 접수번호 {ticket.code}"
    desk.release(counter.session, code=ticket.code, by=agent)
    press(counter, customer, button)
    assert counter.told(customer)[-1].startswith(
        f"이미 상담원에게 전달되어 있어요 · 접수번호 {ticket.code}"
    )
    assert ticket.reopened == 1 and len(counter.posts("reopened")) == 1


def test_who_reopened_it_reads_that_it_is_not_solved(counter: Shop) -> None:
    agent, customer, ticket = resolved(counter)
    button = f'/not_solved{{"ticket": "{ticket.code}", "n": 0}}'
    planning.reopen(counter.session, code=ticket.code, agent=agent)
    desk.reply(counter.session, code=ticket.code, agent=agent, text="하나 더 알려 드릴게요.")
    assert ticket.waiting_since is None
    for _ in range(2):
        press(counter, customer, button)
        assert counter.told(customer)[-1].startswith("지수 상담원과 대화 중이에요")
    (post,) = counter.posts("customer")
    assert (post["ticket"], post["text"]) == (ticket.code, "해결되지 않았어요")
    assert ticket.waiting_since is not None and ticket.state == "claimed"


def test_who_has_another_request_open_hears_so_and_its_agent_does(counter: Shop) -> None:
    agent, customer, old = resolved(counter)
    counter.say(customer, "또 궁금해요", hand_off())
    new = tickets.current(counter.session, customer_id=customer.id)
    assert new is not None
    desk.claim(counter.session, code=new.code, agent=agent)
    desk.reply(counter.session, code=new.code, agent=agent, text="네")
    assert new.waiting_since is None
    press_not_solved(counter, customer, old)
    assert counter.told(customer)[-1] == f"지수 상담원과 대화 중이에요 · 접수번호 {new.code}"
    (post,) = counter.posts("customer")
    assert (post["ticket"], post["text"]) == (new.code, f"해결되지 않았어요 · {old.code}")
    pressed = counter.session.scalars(select(Message).filter_by(kind="button")).one()
    assert pressed.conversation_id == new.conversation_id
    assert (old.state, new.waiting_since is None) == ("resolved", False)


def test_long_after_it_a_new_ticket_follows_the_old_one(counter: Shop) -> None:
    _, customer, old = resolved(counter)
    counter.clock.forward(days=7, minutes=1)
    press_not_solved(counter, customer, old)
    counter.session.refresh(old)
    assert old.state == "resolved"
    new = tickets.current(counter.session, customer_id=customer.id)
    assert new is not None and new.reason == "not_solved" and new.question == old.question
    assert relations(counter, new) == [("follow_up_of", old.code)]
    assert relations(counter, old) == [("followed_by", new.code)]
    assert new.code in counter.told(customer)[-1]
    card = blocks.card(shown.view(counter.session, new, console=""))
    assert f"{old.code}의 후속" in str(card)


def test_what_is_escalated_later_follows_the_last_ticket_but_not_of_last_year(
    counter: Shop,
) -> None:
    agent, customer, old = resolved(counter)
    counter.clock.forward(days=30)
    counter.say(customer, "또 궁금해요", hand_off())
    new = tickets.current(counter.session, customer_id=customer.id)
    assert new is not None and relations(counter, new) == [("follow_up_of", old.code)]
    desk.resolve(counter.session, code=new.code, agent=agent)
    counter.clock.forward(days=91)
    counter.say(customer, "오랜만이에요", hand_off())
    latest = tickets.current(counter.session, customer_id=customer.id)
    assert latest is not None and relations(counter, latest) == []


def test_agents_link_tickets_and_take_the_link_away(counter: Shop) -> None:
    session, agent = counter.session, counter.agent("지수")
    (_, one), (_, two) = counter.asks(), counter.asks()
    with pytest.raises(Refused):
        relating.relate(session, code=one.code, other=one.code, agent=agent)
    relating.relate(session, code=one.code, other=two.code, agent=agent)
    for again in ((one, two), (two, one)):
        with pytest.raises(Conflict):
            relating.relate(session, code=again[0].code, other=again[1].code, agent=agent)
    assert relations(counter, two) == [("related", one.code)]
    assert "지수 님이 관련 문의" in counter.told(one.customer, internal=True)[-1]
    (link,) = ticket_links.of(session, one)
    _, third = counter.asks()
    with pytest.raises(NotFound):
        relating.unrelate(session, code=third.code, link_id=link.id, agent=agent)
    relating.unrelate(session, code=two.code, link_id=link.id, agent=agent)
    assert relations(counter, one) == relations(counter, two) == []
    relating.relate(session, code=two.code, other=one.code, agent=agent)
    assert relations(counter, one) == [("related", two.code)]


def test_a_merge_is_told_on_both_sides_and_where_the_thread_is(counter: Shop) -> None:
    session = counter.session
    agent, customer, old = resolved(counter)
    counter.say(customer, "환불도 되나요?", hand_off())
    new = tickets.current(session, customer_id=customer.id)
    assert new is not None
    assert merging.merge(session, code=new.code, into=old.code, agent=agent) is old
    (post,) = counter.posts("merged")
    text, _ = thread.line(post, customer="고객")
    assert post["ticket"] == new.code and f"Merged into {old.code}" in text
    assert any("합쳤어요" in line for line in counter.told(customer, internal=True))
    counter.say(customer, "아직 멀었나요?")
    assert [post["ticket"] for post in counter.posts("customer")] == [old.code]
    (link,) = [one for one in ticket_links.of(session, new) if one.kind == "merged"]
    assert merging.undoable(session, old) == [link.id]
    merging.undo(session, code=old.code, link_id=link.id, agent=agent)
    text, _ = thread.line(counter.posts("unmerged")[0], customer="고객")
    assert f"No longer part of {old.code}" in text
    counter.say(customer, "여보세요?")
    assert counter.posts("customer")[-1]["ticket"] == new.code
    with pytest.raises(NotFound):
        merging.undo(session, code=old.code, link_id=link.id, agent=agent)
