"""What customers agreed to, in which words, and when they took it back."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing import record, spelling
from ticketing.customers import members
from ticketing.errors import Invalid
from ticketing.models import Consent
from ticketing.record import Author

# What most shops ask for; others may be named freely.
SURVEYS = "surveys"
# In the place of the version of the words, where there were none to agree to.
REFUSED = "-"
PURPOSES = (
    "service", "marketing_email", "marketing_sms", "marketing_kakao", "analytics", SURVEYS,
)  # fmt: skip


def give(
    session: Session,
    customer_id: uuid.UUID,
    *,
    purpose: str,
    text_version: str,
    channel: str,
    by: Author,
    at: dt.datetime | None = None,
) -> Consent:
    """The person agrees. Agreeing again to the same words is what is in force already.

    Raises :class:`Invalid`, also for a time that has not come.
    """
    kept = {
        field: spelling.text(field, value, limit=80)
        for field, value in (
            ("purpose", purpose), ("text_version", text_version), ("channel", channel),
        )
    }  # fmt: skip
    for field, value in kept.items():
        if value is None:
            raise Invalid(field, "missing", "is missing")
    now: dt.datetime = session.execute(select(func.now())).scalar_one()
    if at is not None and at > now:
        raise Invalid("at", "date", "has not come yet")
    leading = record.people(session, customer_id, lock=True)[0]
    current = in_force(session, customer_id, purpose=str(kept["purpose"]))
    if current is not None:
        if current.text_version == kept["text_version"]:
            return current
        _end(current, at=max(at or now, current.given_at), by=by)
        session.flush()
    made = Consent(
        customer_id=leading.id,
        purpose=kept["purpose"],
        text_version=kept["text_version"],
        channel=kept["channel"],
        given_at=at or now,
        given_by=by.name,
    )
    session.add(made)
    session.flush()
    return made


def withdraw(
    session: Session, customer_id: uuid.UUID, *, purpose: str, by: Author
) -> Consent | None:
    """The person agrees no more; ``None`` when there was nothing in force."""
    record.people(session, customer_id, lock=True)
    current = in_force(session, customer_id, purpose=purpose.strip())
    if current is not None:
        now: dt.datetime = session.execute(select(func.now())).scalar_one()
        _end(current, at=now, by=by)
        session.flush()
    return current


def refuse(
    session: Session, customer_id: uuid.UUID, *, purpose: str, channel: str, by: Author
) -> None:
    """The person says no, whether they had agreed before or were never asked.

    A no is kept as a consent that ended in the moment it began.
    """
    if withdraw(session, customer_id, purpose=purpose, by=by) is not None:
        return
    if refused(session, customer_id, purpose=purpose):
        return
    now: dt.datetime = session.execute(select(func.now())).scalar_one()
    leading = record.people(session, customer_id)[0]
    session.add(
        Consent(
            customer_id=leading.id,
            purpose=purpose,
            text_version=REFUSED,
            channel=channel,
            given_at=now,
            given_by=by.name,
            withdrawn_at=now,
            withdrawn_by=by.name,
        )
    )
    session.flush()


def refused(session: Session, customer_id: uuid.UUID, *, purpose: str) -> bool:
    """Whether the last thing the person said of this purpose was no."""
    last = session.scalars(
        select(Consent)
        .where(Consent.customer_id.in_(members(customer_id)), Consent.purpose == purpose)
        .order_by(Consent.id.desc())
        .limit(1)
    ).first()
    return last is not None and last.withdrawn_at is not None


def in_force(session: Session, customer_id: uuid.UUID, *, purpose: str) -> Consent | None:
    """What the person agrees to now for this purpose. Ask before anything that needs it."""
    return session.scalar(
        select(Consent)
        .where(
            Consent.customer_id.in_(members(customer_id)),
            Consent.purpose == purpose,
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.id.desc())
        .limit(1)
    )


def listing(session: Session, customer_id: uuid.UUID) -> list[Consent]:
    """All that the person ever agreed to, newest first."""
    return list(
        session.scalars(
            select(Consent)
            .where(Consent.customer_id.in_(members(customer_id)))
            .order_by(Consent.id.desc())
        )
    )


def _end(consent: Consent, *, at: dt.datetime, by: Author) -> None:
    consent.withdrawn_at = at
    consent.withdrawn_by = by.name
