"""What a customer is worth decides how urgent their tickets are when they come.

The shop says from which value on; a customer's value is what they paid and kept, see
:func:`ticketing.purchases.value`. Purchases in other currencies do not count: nobody said a rate.
"""

from __future__ import annotations

import uuid

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ticketing import money, purchases
from ticketing.errors import Invalid
from ticketing.models import ValuePolicy

PRIORITIES = ("high", "urgent")


def policy(session: Session) -> ValuePolicy | None:
    """What the shop has said; ``None``: value decides nothing."""
    return session.scalar(select(ValuePolicy))


def set_policy(session: Session, *, amount: str, currency: str, priority: str) -> None:
    """Tickets of customers who are worth at least ``amount`` begin with ``priority``.

    An empty amount takes the rule back; tickets that are there keep theirs. Raises
    :class:`Invalid` for what is no amount, currency or priority above the usual one.
    """
    made = None
    if amount.strip():
        code = money.currency(currency)
        least = money.minor(amount, code)
        if least == 0:
            raise Invalid("amount", "amount", "is nothing")
        if priority not in PRIORITIES:
            raise Invalid("priority", "choice", "is not above the usual one")
        made = ValuePolicy(least=least, currency=code, priority=priority)
    session.execute(delete(ValuePolicy))
    if made is not None:
        session.add(made)
    session.flush()


def priority(session: Session, customer_id: uuid.UUID) -> str:
    """The priority with which a new ticket of this customer begins."""
    found = policy(session)
    if found is None:
        return "normal"
    total = purchases.value(session, customer_id).totals.get(found.currency, 0)
    return found.priority if total >= found.least else "normal"
