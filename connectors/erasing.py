"""A person erased from everything: the record and the history, and what the knowledge base has.

The first transaction takes them out of sight; the worker does the rest in pieces, or whoever waits
for it, and goes on with it after a crash (:mod:`ticketing.erasure`).
"""

from __future__ import annotations

import re
import time
import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import personal
from connectors.store import Store
from connectors.worker import Handler, Settle
from knowledge_base import forgetting
from ticketing import customers, erasure, lanes, spelling
from ticketing.lanes import Work
from ticketing.models import Customer, Erasure
from ticketing.record import Author

ERASE = "customer.erase"
# After these seconds another job goes on, well within what one may take.
PIECE_S = 3.0
# So long a request waits for the end; then it says that it goes on.
PATIENCE_S = 4.0
_TICKET = re.compile("T-[0-9A-Z]{6}")


def begin(session: Session, customer_id: uuid.UUID, *, reason: str, by: Author) -> Erasure:
    """Take somebody out of sight and have the rest done; again, it has what is left done.

    Raises what :func:`ticketing.erasure.begin` does.
    """
    if erasure.find(session, customer_id) is None:
        forgetting.forget_words(session, _numbers(session, customer_id))
    made = erasure.begin(session, customer_id, reason=reason, by=by)
    if made.finished_at is None:
        _go_on(session, made.id)
    return made


def step(session: Session, erasure_id: int) -> bool:
    """One piece; ``False`` when nothing is left of the person."""
    found = erasure.get(session, erasure_id, lock=True)
    if found.finished_at is not None:
        return False
    if erasure.step(session, found):
        return True
    tickets = [one for one in found.remaining["words"] if _TICKET.fullmatch(one)]
    forgetting.forget(
        session,
        customers=found.customers,
        tickets=tickets,
        written=lambda said, locale: personal.without(said, locale=locale),
    )
    return not erasure.end(session, found)


async def finish(store: Store, erasure_id: int) -> Erasure:
    """Do as much as can be done while somebody waits; the worker does what is left."""
    end = time.monotonic() + PATIENCE_S
    while await store.run(step, erasure_id) and time.monotonic() < end:
        pass
    return await store.run(erasure.get, erasure_id)


def handlers(store: Store) -> dict[str, Handler]:
    """By kind of job."""

    async def handle(work: Work) -> Settle:
        number = int(work.payload["erasure"])
        end = time.monotonic() + PIECE_S
        more = True
        while more and time.monotonic() < end:
            more = await store.run(step, number)

        def settle(session: Session) -> None:
            if more:
                _go_on(session, number)

        return settle

    return {ERASE: handle}


def _go_on(session: Session, erasure_id: int) -> None:
    lanes.enqueue(
        session,
        lane=f"erasure:{erasure_id}",
        kind=ERASE,
        dedup=str(uuid.uuid4()),
        payload={"erasure": erasure_id},
    )


def _numbers(session: Session, customer_id: uuid.UUID) -> list[str]:
    """What names them wherever it stands: e-mail addresses, and numbers as they are written."""
    rows = session.execute(
        select(Customer.email, Customer.phone).where(
            Customer.id.in_(customers.members(customer_id))
        )
    )
    found: set[str] = set()
    for email, phone in rows:
        found |= {email} if email else set()
        if phone:
            national = spelling.national(phone)
            found |= {phone, national, national.replace("-", "")}
    return sorted(found)
