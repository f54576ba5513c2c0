"""Customers, their addresses, and what lets a browser in."""

from __future__ import annotations

import datetime as dt
import uuid
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

from ticketing.models.agent import Agent
from ticketing.models.base import Base


def _own_id(context: Any) -> uuid.UUID:
    """Nobody is linked from the beginning."""
    made: uuid.UUID = context.get_current_parameters()["id"]
    return made


class Customer(Base):
    """Somebody who wrote to us. Those who proved to be one person have the same ``root_id``.

    Linking moves nothing: what is read of a person is read over all customers of their root.
    """

    __tablename__ = "customer"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    # The oldest of the customers linked to this one, or itself. See `ticketing.links`.
    root_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("customer.id"), index=True, default=_own_id
    )
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    locale: Mapped[str] = mapped_column(server_default="ko")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    birthday: Mapped[dt.date | None]
    address: Mapped[str | None]
    preferred_channel: Mapped[str | None]
    # How they like to be treated, in an agent's words.
    preferences: Mapped[str | None]
    tier: Mapped[str | None]
    # The agent who looks after them.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    # Values of the shop's own fields, by key: see ``CustomerField``.
    custom: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
    # Since when they are being erased: for everybody else they are not there any more.
    erased_at: Mapped[dt.datetime | None]

    root: Mapped[Customer] = relationship(remote_side=[id])
    owner: Mapped[Agent | None] = relationship()

    __table_args__ = (
        CheckConstraint("locale IN ('ko', 'en')", name="locale"),
        CheckConstraint(
            "preferred_channel IN ('web', 'telegram', 'kakao', 'email', 'phone')",
            name="preferred_channel",
        ),
        # Whoever read the record before cannot write it back.
        CheckConstraint(
            "erased_at IS NULL OR (num_nonnulls(name, email, phone, birthday, address,"
            " preferred_channel, preferences, tier, owner_id) = 0 AND custom = '{}'::jsonb)",
            name="erased",
        ),
        # Any piece of a name, an e-mail address or a telephone number finds its customer. There
        # are no trigrams in the embedded server, so the pieces are made by a function of ours.
        Index(
            "customer_pieces",
            sql("customer_pieces(name, email, phone)"),
            postgresql_using="gin",
        ),
        # One syllable is no piece; it finds the names that begin with it.
        Index(
            "customer_name_prefix",
            func.customer_plain(sql("name")).label("plain_name"),
            postgresql_ops={"plain_name": "text_pattern_ops"},
        ),
        Index(
            "customer_email",
            func.lower(sql("email")).label("plain_email"),
            postgresql_ops={"plain_email": "text_pattern_ops"},
        ),
        Index("customer_phone", "phone", postgresql_where=sql("phone IS NOT NULL")),
        Index("customer_named", "created_at", postgresql_where=sql("name IS NOT NULL")),
    )


class ChannelIdentity(Base):
    """An address of a customer on one channel: a browser, a Telegram chat, a KakaoTalk user."""

    __tablename__ = "identity"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    channel: Mapped[str]
    account: Mapped[str] = mapped_column(server_default="")
    external_id: Mapped[str]
    # What somebody we trust said of who this is: the shop's signed e-mail address and phone number,
    # a messenger's own key of the person (``user_key``).
    claims: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))
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


class CustomerLink(Base):
    """Two customers are one person: on what evidence, who said so and why, and until when.

    The rows that were not undone are the truth, ``customer.root_id`` follows from them.
    """

    __tablename__ = "customer_link"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    other_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    evidence: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    undone_reason: Mapped[str | None]

    __table_args__ = (
        # A token that the shop signed, a one-time code given on the other channel, a code mailed
        # to a known address, or an agent's decision, who says why.
        CheckConstraint("evidence IN ('token', 'code', 'email', 'agent')", name="evidence"),
        CheckConstraint("evidence <> 'agent' OR agent_id IS NOT NULL", name="decided_by"),
        CheckConstraint("customer_id <> other_id", name="two"),
        CheckConstraint("(undone_at IS NULL) = (undone_reason IS NULL)", name="undone"),
    )


class LinkCode(Base):
    """A one-time code: whoever gives it on another channel is the customer it was made for."""

    __tablename__ = "link_code"

    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    evidence: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]

    __table_args__ = (
        # Shown on one channel and given on another, or mailed to a known address.
        CheckConstraint("evidence IN ('code', 'email')", name="evidence"),
    )


class CodeRequest(Base):
    """Somebody wants a code mailed to an address. It limits how many, and is kept for an hour."""

    __tablename__ = "code_request"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"))
    # Only until it was looked up; what is known of it is nobody's to read here.
    email: Mapped[str | None]
    address_hash: Mapped[bytes]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("code_request_asker", "identity_id", "at"),
        Index("code_request_address", "address_hash", "at"),
    )


class LinkRefusal(Base):
    """A proof that was none: what it was, and why it was refused. Never the proof itself."""

    __tablename__ = "link_refusal"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    identity_id: Mapped[int | None] = mapped_column(ForeignKey("identity.id"))
    evidence: Mapped[str]
    why: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("link_refusal_recent", "identity_id", "at"),)
