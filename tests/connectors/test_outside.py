"""What of a ticket is queued for Slack."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import outside
from ticketing import conversations, customers, lanes, tickets
from ticketing.models import Job


def cards(session: Session) -> list[int]:
    return list(
        session.scalars(select(Job.attempts).where(Job.kind == outside.CARD).order_by(Job.id))
    )


def test_a_card_that_is_still_to_be_shown_shows_later_changes_too(shop: Session) -> None:
    """Of several changes that wait, one is shown; of one that came while it was shown, another."""
    _, customer = customers.start_session(shop)
    talk = conversations.current(shop, customer_id=customer.id)
    ticket, _ = tickets.open_ticket(shop, conversation=talk, reason="customer_asked")
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
