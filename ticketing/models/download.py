"""Customers' data that left as a file: who took it along, when, how much and why."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.models.base import Base


class Download(Base):
    """One file. A trigger refuses to rewrite or to delete it.

    ``customer_id`` is whose it was, if it was one person's; no key, because they may be erased.
    """

    __tablename__ = "download"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    what: Mapped[str]
    form: Mapped[str]
    customer_id: Mapped[uuid.UUID | None]
    rows: Mapped[int]
    reason: Mapped[str]
    # Who, as they were called then: agents are renamed and leave.
    by_name: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    source: Mapped[str]
    # The network address they asked from; empty for the command line.
    place: Mapped[str] = mapped_column(server_default="")
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("what IN ('customers', 'purchases', 'person')", name="what"),
        CheckConstraint("(what = 'person') = (customer_id IS NOT NULL)", name="whose"),
        CheckConstraint("source IN ('console', 'api', 'cli')", name="source"),
        CheckConstraint("char_length(reason) <= 200", name="reason"),
    )
