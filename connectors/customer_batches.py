"""Batches of customers and purchases as the worker's jobs: some rows at a time.

Each step of a batch is a transaction that says how far it is, so that a worker that was killed
loses nothing and does nothing twice.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from sqlalchemy.orm import Session

from connectors.store import Store
from connectors.worker import Handler, Settle
from ticketing import customer_import, import_undo, lanes
from ticketing.errors import NotFound
from ticketing.lanes import Work
from ticketing.models import CustomerImport

IMPORT, UNDO = "customers.import", "customers.undo"
STEPS: dict[str, Callable[..., bool]] = {
    IMPORT: customer_import.step,
    UNDO: import_undo.step,
}
# After these seconds another job goes on, well within what one may take.
PIECE_S = 3.0


def go_on(session: Session, kind: str, batch: CustomerImport) -> None:
    """Have the worker do what a started batch has left."""
    lanes.enqueue(
        session,
        lane=f"customers:{batch.id}",
        kind=kind,
        dedup=str(uuid.uuid4()),
        payload={"batch": batch.id},
    )


def handlers(store: Store) -> dict[str, Handler]:
    """By kind of job. Two batches that bring the same customer at once are tried again."""

    async def handle(work: Work) -> Settle:
        batch = int(work.payload["batch"])
        end = time.monotonic() + PIECE_S
        try:
            more = True
            while more:
                more = await store.run(STEPS[work.kind], batch)
                if time.monotonic() > end:
                    break
        except NotFound:  # discarded meanwhile
            more = False

        def settle(session: Session) -> None:
            if more:
                go_on(session, work.kind, customer_import.get(session, batch))

        return settle

    return dict.fromkeys(STEPS, handle)
