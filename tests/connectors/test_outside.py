"""What of a ticket is queued for Slack."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import outside
from ticketing import conversations, customers, lanes, tickets
from ticketing.db import Sessions
from ticketing.models import Job, Ticket


@pytest.fixture
def ticket(shop: Session) -> Ticket:
    _, customer = customers.start_session(shop)
    talk = conversations.current(shop, customer_id=customer.id)
    made, _ = tickets.open_ticket(shop, conversation=talk, reason="customer_asked")
    shop.commit()
    return made


def cards(session: Session) -> list[int]:
    session.commit()
    return list(
        session.scalars(select(Job.attempts).where(Job.kind == outside.CARD).order_by(Job.id))
    )


def test_a_card_that_is_still_to_be_shown_shows_later_changes_too(
    shop: Session, ticket: Ticket
) -> None:
    """Of several changes that wait, one is shown; of one that came while it was shown, another."""
    outside.opened(shop, ticket)
    outside.changed(shop, ticket)
    assert cards(shop) == [0]
    (work,) = lanes.claim(shop, owner="me", limit=9)
    outside.changed(shop, ticket)
    outside.changed(shop, ticket)
    assert cards(shop) == [1, 0]
    lanes.hold(shop, work)
    shop.info.pop("enqueued")
    (following,) = lanes.done(shop, work, lease_s=30)
    assert following is not None
    lanes.retry(shop, following, delay_s=60, error="429", ended="put_off")
    outside.changed(shop, ticket)
    assert len(cards(shop)) == 2 and shop.info["enqueued"]


def test_a_ticket_holds_the_channel_for_its_commit_only(
    shop: Session, ticket: Ticket, sessions: Sessions
) -> None:
    """All tickets share the channel's lane: nobody waits for what else is done to one."""
    outside.opened(shop, ticket)
    outside.changed(shop, ticket)
    shop.flush()
    with sessions.begin() as other:
        other.connection().exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
        lanes.lock(other, f"out:slack:{shop.info['queue']}")
    assert cards(shop) == [0]
