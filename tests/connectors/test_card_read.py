"""What a card in Slack is read with: the cards of a channel are shown one after the other."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors import outside
from connectors.slack import shown
from tests.statements import noted
from ticketing import conversations, customers, lanes, tickets
from ticketing.lanes import Work
from ticketing.models import Agent


def claimed(session: Session) -> Work:
    """The work that shows the card of a ticket which somebody holds."""
    _, customer = customers.start_session(session)
    conversation = conversations.current(session, customer_id=customer.id)
    ticket, _ = tickets.open_ticket(session, conversation=conversation, reason="customer_asked")
    agent = Agent(name="지원")
    session.add(agent)
    session.flush()
    tickets.claim(session, ticket, agent=agent)
    outside.opened(session, ticket)
    session.commit()
    [work] = [
        one
        for one in lanes.claim(session, owner="test", limit=10, lease_s=60)
        if one.kind == outside.CARD
    ]
    session.commit()
    return work


def test_an_ordinary_card_takes_six_statements(shop: Session) -> None:
    work = claimed(shop)
    shop.expunge_all()
    with noted(shop) as made:
        found = shown.read(shop, work, queue="C0QUEUE", console="")
    assert found is not None and found.card.assignee == "지원"
    assert (found.card.earlier, found.card.tags, found.card.linked, found.card.rating) == (
        0, [], [], None,
    )  # fmt: skip
    assert len(made) <= 6, made
