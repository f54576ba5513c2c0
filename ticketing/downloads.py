"""The record of files with customers' data: who took one along, when, how much and why."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing.errors import Invalid
from ticketing.models import Download
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
    what: str,
    form: str,
    rows: int,
    reason: str,
    by: Author,
    place: str = "",
    customer_id: uuid.UUID | None = None,
) -> None:
    """Write down that a file was made; the caller commits before anybody gets it."""
    session.add(
        Download(
            what=what,
            form=form,
            rows=rows,
            reason=reason,
            by_name=by.name,
            agent_id=by.agent_id,
            source=by.source,
            place=place,
            customer_id=customer_id,
        )
    )
    session.flush()


def listing(session: Session, *, limit: int = 200) -> list[Download]:
    """The files that were made, newest first."""
    return list(session.scalars(select(Download).order_by(Download.id.desc()).limit(limit)))
