"""How long things are kept, who said so, and what went because of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    func,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.models.base import Base


class Retention(Base):
    """From now on a kind of thing goes after so many days, or, without a number, never.

    The newest of a kind is in force, the others are its history. A trigger refuses to rewrite or
    to delete one.
    """

    __tablename__ = "retention"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    days: Mapped[int | None]
    # Who, as they were called then: agents are renamed and leave.
    by_name: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    source: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("kind IN ('conversations', 'accesses')", name="kind"),
        # Figures reach back 90 days. Korean rules ask for a year of the access log.
        CheckConstraint(
            "days BETWEEN CASE kind WHEN 'accesses' THEN 365 ELSE 90 END AND 36500", name="days"
        ),
        CheckConstraint("source IN ('console', 'api', 'cli')", name="source"),
        Index("retention_newest", "kind", "id"),
    )


class Purge(Base):
    """What went on a day because of a retention: how much of what, and nobody's name.

    It counts while it runs, each piece in the transaction that deletes it. A trigger refuses to
    rewrite one that is finished, and to delete any.
    """

    __tablename__ = "purge"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    retention_id: Mapped[int] = mapped_column(ForeignKey("retention.id"))
    day: Mapped[dt.date]
    counts: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    begun_at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    finished_at: Mapped[dt.datetime | None]

    retention: Mapped[Retention] = relationship()

    # Once a day, however many processes come to think of it.
    __table_args__ = (UniqueConstraint("retention_id", "day"),)
