"""Tickets, and where they are shown."""

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
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ticketing.models.agent import Agent
from ticketing.models.base import Base
from ticketing.models.conversation import Conversation
from ticketing.models.customer import Customer


class Ticket(Base):
    """What a person has to answer. It belongs to an episode and carries what the bot tried."""

    __tablename__ = "ticket"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    state: Mapped[str] = mapped_column(server_default="open")
    reason: Mapped[str]
    question: Mapped[str] = mapped_column(server_default="")
    tried: Mapped[list[dict[str, Any]]] = mapped_column(server_default=sql("'[]'::jsonb"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    opened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    claimed_at: Mapped[dt.datetime | None]
    first_reply_at: Mapped[dt.datetime | None]
    resolved_at: Mapped[dt.datetime | None]
    reopened: Mapped[int] = mapped_column(server_default="0")
    priority: Mapped[str] = mapped_column(server_default="normal")
    # Nobody needs to look at it before; it comes back by itself, or when the customer writes.
    snoozed_until: Mapped[dt.datetime | None]
    # Whose hours it is answered in; none: those of the first team.
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    # Since when nobody has it, and since when the customer waits for words of ours.
    queued_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    waiting_since: Mapped[dt.datetime | None]
    # What was done because nobody took it: nothing, offered again, a lead and the customer told.
    escalated: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    # The instant that the customer was told to expect an answer after.
    promised_at: Mapped[dt.datetime | None]
    # Whom it was offered to first, and why, in words of ``ticketing.routing``.
    offered_to_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    offered_why: Mapped[str] = mapped_column(server_default="")
    # Counts what is shown of it outside, so that every change is shown once.
    version: Mapped[int] = mapped_column(server_default="0")
    # The ticket that goes on for both since their customers were linked; this one is at rest.
    joined_to: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), index=True)

    customer: Mapped[Customer] = relationship()
    conversation: Mapped[Conversation] = relationship()
    assignee: Mapped[Agent | None] = relationship(foreign_keys=assignee_id)
    offered_to: Mapped[Agent | None] = relationship(foreign_keys=offered_to_id)

    __table_args__ = (
        CheckConstraint("state IN ('open', 'claimed', 'resolved')", name="state"),
        CheckConstraint("state <> 'claimed' OR assignee_id IS NOT NULL", name="claimed_by"),
        CheckConstraint("(state = 'resolved') = (resolved_at IS NOT NULL)", name="resolved"),
        CheckConstraint("priority IN ('low', 'normal', 'high', 'urgent')", name="priority"),
        CheckConstraint("snoozed_until IS NULL OR state <> 'resolved'", name="snoozed"),
        CheckConstraint("escalated BETWEEN 0 AND 2", name="escalated"),
        # One open ticket per customer across channels: asking twice does not queue twice.
        Index(
            "ticket_one_open",
            "customer_id",
            unique=True,
            postgresql_where=sql("state <> 'resolved' AND joined_to IS NULL"),
        ),
        Index("ticket_queue", "state", "opened_at"),
    )


class TicketThread(Base):
    """Where a ticket is shown outside: the Slack channel and the card whose thread it is."""

    __tablename__ = "ticket_thread"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    place: Mapped[str]
    thread: Mapped[str]

    ticket: Mapped[Ticket] = relationship()

    __table_args__ = (UniqueConstraint("place", "thread"),)
