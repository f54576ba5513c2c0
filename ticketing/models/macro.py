"""Answers that agents give again and again."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.models.base import Base


class Macro(Base):
    """A prepared answer in one or both languages, and what is done when it is sent."""

    __tablename__ = "macro"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str]
    text_ko: Mapped[str] = mapped_column(server_default="")
    text_en: Mapped[str] = mapped_column(server_default="")
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"))
    priority: Mapped[str | None]
    resolves: Mapped[bool] = mapped_column(server_default=sql("false"))
    changed_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))

    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name"),
        CheckConstraint("text_ko <> '' OR text_en <> ''", name="text"),
        CheckConstraint(
            "priority IS NULL OR priority IN ('low', 'normal', 'high', 'urgent')", name="priority"
        ),
        # Typed as a command, in small letters or not.
        Index("macro_name", func.lower(sql("name")).label("plain_name"), unique=True),
    )
