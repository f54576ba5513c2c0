"""Files with customers' data: each for a reason that is kept, with who took it along and when."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing import customers
from ticketing.errors import Invalid
from ticketing.models import Access
from ticketing.record import Author

REASON = 200


def why(reason: str) -> str:
    """A reason as it is kept. Raises :class:`Invalid` for none, and for one that is too long."""
    kept = " ".join(reason.replace("\x00", "").split())
    if not kept:
        raise Invalid("reason", "missing", "say what this file is for")
    if len(kept) > REASON:
        raise Invalid("reason", "long", f"has at most {REASON} characters")
    return kept


def keep(
    session: Session,
    *,
    file: str,
    form: str,
    rows: int,
    reason: str,
    by: Author,
    customer_id: uuid.UUID | None = None,
) -> None:
    """Write down that a file was made; the caller commits before anybody gets it."""
    people = () if customer_id is None else session.scalars(customers.members(customer_id))
    session.add(
        Access(
            what="downloaded",
            file=file,
            form=form,
            rows=rows,
            reason=reason,
            by_name=by.name,
            agent_id=by.agent_id,
            source=by.source,
            place=by.place,
            customer_id=customer_id,
            people=sorted(people),
        )
    )
    session.flush()


def listing(session: Session, *, limit: int = 200) -> list[Access]:
    """The files that were made, newest first."""
    made = select(Access).where(Access.what == "downloaded").order_by(Access.id.desc())
    return list(session.scalars(made.limit(limit)))
