"""What became of the fields that a shop made for its customers' record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.models.base import Base


class FieldChange(Base):
    """A field was made, changed, retired or brought back. A trigger refuses to rewrite it.

    ``old`` and ``new`` are the field as it was and is: ``name_ko``, ``name_en``, ``kind``,
    ``choices`` and ``retired``; ``old`` is nothing where it was made.
    """

    __tablename__ = "customer_field_change"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(ForeignKey("customer_field.key"), index=True)
    old: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    new: Mapped[dict[str, Any]]
    # Who, as they were called then: agents are renamed and leave.
    by_name: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    source: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("old IS DISTINCT FROM new", name="changes"),
        CheckConstraint("source IN ('console', 'api', 'cli')", name="source"),
    )
