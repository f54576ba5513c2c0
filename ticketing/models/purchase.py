"""What customers bought: orders, what was in them, and how they changed."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.models.base import Base


class Purchase(Base):
    """One order. Money is in the minor units of its currency: 39000 KRW, 3990 for USD 39.90."""

    __tablename__ = "purchase"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    # The shop's order number: the key under which it is pushed and imported.
    number: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="paid")
    amount: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger, server_default="0")
    currency: Mapped[str] = mapped_column(server_default="KRW")
    ordered_at: Mapped[dt.datetime]
    # When the shop last changed it, as the shop says; an older state never replaces a newer one.
    changed_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    items: Mapped[list[PurchaseItem]] = relationship(
        order_by="PurchaseItem.place", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("status IN ('pending', 'paid', 'cancelled', 'refunded')", name="status"),
        CheckConstraint("amount >= 0 AND refunded BETWEEN 0 AND amount", name="amount"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("purchase_of", "customer_id", "ordered_at"),
        Index(
            "purchase_number_prefix",
            func.lower(sql("number")).label("plain_number"),
            postgresql_ops={"plain_number": "text_pattern_ops"},
        ),
    )


class PurchaseItem(Base):
    """A line of an order. ``amount`` is of all its pieces together, in the order's currency."""

    __tablename__ = "purchase_item"

    purchase_id: Mapped[int] = mapped_column(
        ForeignKey("purchase.id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(server_default="")
    name: Mapped[str]
    quantity: Mapped[int] = mapped_column(server_default="1")
    amount: Mapped[int | None] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint("quantity >= 1", name="quantity"),
        CheckConstraint("amount >= 0", name="amount"),
    )


class PurchaseChange(Base):
    """An order before and after; rows are only added, as with :class:`CustomerChange`."""

    __tablename__ = "purchase_change"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    purchase_id: Mapped[int] = mapped_column(
        ForeignKey("purchase.id", ondelete="CASCADE"), index=True
    )
    old: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    new: Mapped[dict[str, Any]]
    by_name: Mapped[str]
    source: Mapped[str]
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("customer_import.id"))
    undoes: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("source IN ('api', 'import', 'undo')", name="source"),
        Index(
            "purchase_change_batch",
            "batch_id",
            "id",
            postgresql_where=sql("batch_id IS NOT NULL"),
        ),
    )
