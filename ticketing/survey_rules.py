"""Whom a survey asks, and why it does not: everybody's right to be left alone comes first.

Kinds: ``agent``, after a person's resolution; ``bot``, after the bot's answer; ``nps``, the
question whether somebody would recommend the shop, at a moment of the relationship.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import uuid
from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from ticketing import consents
from ticketing.customers import members
from ticketing.errors import Invalid
from ticketing.models import Csat, Nps, SurveyPolicy, Ticket

# Why a question was not put. In the order in which they are looked at.
SKIPS = ("declined", "ticket", "rejected", "quiet", "sample", "late")


@dataclasses.dataclass(frozen=True, slots=True)
class Policy:
    """Of a hundred, how many are asked; and for how many days after a survey nobody is."""

    sample: int
    quiet_days: int


DEFAULTS: Mapping[str, Policy] = {
    "agent": Policy(sample=100, quiet_days=0),
    "bot": Policy(sample=20, quiet_days=30),
    "nps": Policy(sample=100, quiet_days=90),
}


def policies(session: Session) -> dict[str, Policy]:
    """What holds for each kind."""
    kept = {
        one.kind: Policy(one.sample, one.quiet_days)
        for one in session.scalars(select(SurveyPolicy))
    }
    return {kind: kept.get(kind, default) for kind, default in DEFAULTS.items()}


def set_policy(session: Session, kind: str, *, sample: int, quiet_days: int) -> None:
    """Say whom a kind asks. Raises :class:`Invalid`."""
    if kind not in DEFAULTS:
        raise Invalid("kind", "choice", f"is one of {', '.join(DEFAULTS)}")
    if not 0 <= sample <= 100:
        raise Invalid("sample", "number", "is a percentage from 0 to 100")
    if not 0 <= quiet_days <= 3650:
        raise Invalid("quiet_days", "number", "is a number of days from 0 to 3650")
    values = {"sample": sample, "quiet_days": quiet_days}
    session.execute(
        insert(SurveyPolicy)
        .values(kind=kind, **values)
        .on_conflict_do_update(index_elements=["kind"], set_=values)
    )


def why_not(session: Session, kind: str, customer_id: uuid.UUID) -> str | None:
    """Why this person is not asked now, in a word of :data:`SKIPS`; ``None``: they are.

    After a person's resolution only their refusal and the shop's own rule count. Otherwise nobody
    is asked while a ticket is open or within the days of quiet after any survey, and the question
    of the relationship has its own, longer ones beside those. The caller holds their lane.
    """
    rules = policies(session)
    if consents.refused(session, customer_id, purpose=consents.SURVEYS):
        return "declined"
    if kind != "agent" and _has_open_ticket(session, customer_id):
        return "ticket"
    days = rules["agent" if kind == "agent" else "bot"].quiet_days
    longer = max(days, rules["nps"].quiet_days) if kind == "nps" else days
    if _asked_within(session, Csat, customer_id, days):
        return "quiet"
    if _asked_within(session, Nps, customer_id, longer):
        return "quiet"
    return None if random.randrange(100) < rules[kind].sample else "sample"


def _has_open_ticket(session: Session, customer_id: uuid.UUID) -> bool:
    found = select(Ticket.id).where(
        Ticket.customer_id.in_(members(customer_id)), Ticket.state != "resolved"
    )
    return session.scalar(found.limit(1)) is not None


def _asked_within(
    session: Session, table: type[Csat | Nps], customer_id: uuid.UUID, days: int
) -> bool:
    found = select(table.id).where(
        table.customer_id.in_(members(customer_id)),
        table.skipped.is_(None),
        table.asked_at > func.now() - dt.timedelta(days=days),
    )
    return session.scalar(found.limit(1)) is not None
