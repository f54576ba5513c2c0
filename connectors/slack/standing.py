"""Who the customer is to the shop, in a line of the card: tier, purchases, own agent."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from ticketing import money, purchases, record


def standing(session: Session, customer_id: uuid.UUID) -> str:
    """``VIP · 구매 orders 3 (123,000원) · 전담 owner 이수진``; empty where nothing is known."""
    known = record.known(session, customer_id)
    worth = purchases.value(session, customer_id)
    parts = []
    if "tier" in known:
        parts.append(str(known["tier"]))
    if worth.totals:
        sums = ", ".join(money.say(total, code, "ko") for code, total in worth.totals.items())
        parts.append(f"구매 orders {worth.orders} ({sums})")
    if "owner" in known:
        parts.append(f"전담 owner {known['owner']['name']}")
    return " · ".join(parts)
