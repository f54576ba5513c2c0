"""Customers, their addresses, and what lets a browser in."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.models.base import Base


class Customer(Base):
    """A person. What is known of them comes from their identities; linking moves nothing."""

    __tablename__ = "customer"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default="ko")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (CheckConstraint("locale IN ('ko', 'en')", name="locale"),)


class ChannelIdentity(Base):
    """An address of a customer on one channel: a browser, a Telegram chat, a KakaoTalk user."""

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    channel: Mapped[str]
    account: Mapped[str] = mapped_column(server_default="")
    external_id: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    customer: Mapped[Customer] = relationship()

    # One address belongs to exactly one customer; the insert settles a race.
    __table_args__ = (UniqueConstraint("channel", "account", "external_id"),)


class ChatSession(Base):
    """A web visitor's bearer token, stored only as its SHA-256."""

    __tablename__ = "chat_session"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
