"""The inbox and the outbox."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.models.base import Base


class Lane(Base):
    """An ordered queue: one conversation coming in, or one address going out. See ``lanes``."""

    __tablename__ = "lane"

    key: Mapped[str] = mapped_column(primary_key=True)
    ready_at: Mapped[dt.datetime | None]
    owner: Mapped[str | None]
    until: Mapped[dt.datetime | None]
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")

    __table_args__ = (
        Index("lane_ready", "ready_at", postgresql_where=sql("ready_at IS NOT NULL")),
    )


class Job(Base):
    """A piece of work in a lane. ``UNIQUE(kind, dedup)`` makes every redelivery a no-op."""

    __tablename__ = "job"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lane: Mapped[str]
    kind: Mapped[str]
    dedup: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(server_default="pending")
    # How often it was begun, and how often that ended in an error. The rest ended with its worker.
    attempts: Mapped[int] = mapped_column(server_default="0")
    failures: Mapped[int] = mapped_column(server_default="0")
    next_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    # When it was given up, retried by a person, or discarded; most jobs never are.
    changed_at: Mapped[dt.datetime | None]
    # Who discarded it, as they were called then: agents are renamed and leave (pitfall P36).
    discarded_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("state IN ('pending', 'done', 'dead', 'discarded')", name="state"),
        # Nothing that was accepted disappears without a name beside it.
        CheckConstraint("(state = 'discarded') = (discarded_by IS NOT NULL)", name="discarded_by"),
        UniqueConstraint("kind", "dedup"),
        Index("job_pending", "lane", "id", postgresql_where=sql("state = 'pending'")),
        Index("job_dead", "id", postgresql_where=sql("state = 'dead'")),
        Index("job_done", "created_at", postgresql_where=sql("state = 'done'")),
        Index("job_discarded", "changed_at", postgresql_where=sql("state = 'discarded'")),
    )


class SendSlot(Base):
    """When the next thing may be sent to a platform. See ``ticketing.pacing``."""

    __tablename__ = "send_slot"

    key: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[dt.datetime]
