"""That somebody was erased: what stays of it is who did it, when and why, and nobody's words."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Uuid, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.models.base import Base


class Erasure(Base):
    """A person was erased, or is being erased. A trigger refuses to rewrite or to delete it.

    ``customers`` are the random ids of those they were, which nothing else has afterwards;
    ``counts`` how much of what went. ``remaining`` says what is still to be looked for, and is
    empty when all is done: addresses may be in it.
    """

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customers: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(Uuid))
    reason: Mapped[str]
    # Who, as they were called then: agents are renamed and leave.
    by_name: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    source: Mapped[str]
    begun_at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    finished_at: Mapped[dt.datetime | None]
    counts: Mapped[dict[str, Any]]
    remaining: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))

    __table_args__ = (
        CheckConstraint("source IN ('console', 'api', 'cli')", name="source"),
        CheckConstraint("char_length(reason) BETWEEN 1 AND 200", name="reason"),
        CheckConstraint("finished_at IS NULL OR remaining = '{}'::jsonb", name="finished"),
        Index("erasure_customers", "customers", postgresql_using="gin"),
    )
