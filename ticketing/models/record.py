"""What is kept of a customer beside their addresses: every change, consents, claims, own fields."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.models.base import Base
from ticketing.models.ticket import Ticket


class CustomerChange(Base):
    """One field of a customer, before and after. Rows are only added; a trigger refuses updates.

    They go with their customer, and only then.
    """

    __tablename__ = "customer_change"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    # A column of the record, ``custom.KEY``, or ``number`` for an address at the shop.
    field: Mapped[str]
    old: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    new: Mapped[Any] = mapped_column(JSONB(none_as_null=True), nullable=True)
    # Who, as they were called then: agents are renamed and leave.
    by_name: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    source: Mapped[str]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("customer_import.id"))
    # The change of the same batch that this one took back.
    undoes: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint(
            "source IN ('console', 'slack', 'api', 'cli', 'import', 'undo', 'order', 'customer',"
            " 'token')",
            name="source",
        ),
        CheckConstraint("old IS DISTINCT FROM new", name="changes"),
        Index("customer_change_of", "customer_id", "id"),
        Index(
            "customer_change_batch",
            "batch_id",
            "id",
            postgresql_where=sql("batch_id IS NOT NULL"),
        ),
    )


class CustomerField(Base):
    """A field of the record that this shop made for itself; its values are in ``customer.custom``.

    A retired one is asked for no more, and what it held stays.
    """

    __tablename__ = "customer_field"

    key: Mapped[str] = mapped_column(primary_key=True)
    name_ko: Mapped[str]
    name_en: Mapped[str]
    kind: Mapped[str]
    choices: Mapped[list[str]] = mapped_column(JSONB, server_default=sql("'[]'::jsonb"))
    place: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[dt.datetime | None]

    __table_args__ = (
        CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name="key"),
        CheckConstraint("kind IN ('text', 'number', 'date', 'boolean', 'choice')", name="kind"),
        CheckConstraint("(kind = 'choice') = (jsonb_array_length(choices) > 0)", name="choices"),
    )


class Consent(Base):
    """What a customer agreed to: which purpose, in which words, where, from when until when."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    purpose: Mapped[str]
    text_version: Mapped[str]
    channel: Mapped[str]
    given_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    given_by: Mapped[str]
    withdrawn_at: Mapped[dt.datetime | None]
    withdrawn_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
        CheckConstraint("withdrawn_at >= given_at", name="order"),
        # At most one that is in force for a purpose.
        Index(
            "consent_in_force",
            "customer_id",
            "purpose",
            unique=True,
            postgresql_where=sql("withdrawn_at IS NULL"),
        ),
        Index("consent_of", "customer_id", "id"),
    )


class Claim(Base):
    """A complaint that was made and what became of it, apart from any one conversation."""

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    kind: Mapped[str]
    text: Mapped[str]
    opened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    opened_by: Mapped[str]
    settlement: Mapped[str | None]
    settled_at: Mapped[dt.datetime | None]
    settled_by: Mapped[str | None]

    ticket: Mapped[Ticket | None] = relationship()

    __table_args__ = (
        CheckConstraint(
            "kind IN ('delivery', 'defect', 'payment', 'service', 'other')", name="kind"
        ),
        CheckConstraint(
            "(settled_at IS NULL) = (settled_by IS NULL)"
            " AND (settled_at IS NULL) = (settlement IS NULL)",
            name="settled",
        ),
        Index("claim_of", "customer_id", "id"),
        Index("claim_ticket", "ticket_id", postgresql_where=sql("ticket_id IS NOT NULL")),
    )
