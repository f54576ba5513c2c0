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
    false,
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
    # Open beside the one that the customer's words go to: see `ticketing.splits`.
    aside: Mapped[bool] = mapped_column(server_default=false())

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
            postgresql_where=sql("state <> 'resolved' AND joined_to IS NULL AND NOT aside"),
        ),
        Index("ticket_queue", "state", "opened_at"),
        # What the figures of a period are about.
        Index("ticket_opened", "opened_at"),
        Index("ticket_first_reply", "first_reply_at"),
        Index("ticket_resolved", "resolved_at"),
    )


class TicketThread(Base):
    """Where a ticket is shown outside: the Slack channel and the card whose thread it is.

    ``looks`` stands for what the card showed last, so that nothing is sent that is there already.
    """

    __tablename__ = "ticket_thread"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True)
    place: Mapped[str]
    thread: Mapped[str]
    looks: Mapped[str] = mapped_column(server_default="")

    ticket: Mapped[Ticket] = relationship()

    __table_args__ = (UniqueConstraint("place", "thread"),)


class TicketLink(Base):
    """Two tickets have to do with each other: how, who said so, and until when.

    ``ticket_id`` is the later or smaller one: the follow-up of ``other_id``, merged into it, or
    split off from it. A link without ``agent_id`` came about by itself.
    """

    __tablename__ = "ticket_link"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    other_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    kind: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))
    # What undoing a merge or a split gives back: see `ticketing.merges`.
    before: Mapped[dict[str, Any]] = mapped_column(server_default=sql("'{}'::jsonb"))

    ticket: Mapped[Ticket] = relationship(foreign_keys=ticket_id)
    other: Mapped[Ticket] = relationship(foreign_keys=other_id)
    agent: Mapped[Agent | None] = relationship(foreign_keys=agent_id)

    __table_args__ = (
        CheckConstraint("kind IN ('follow_up', 'related', 'merged', 'split')", name="kind"),
        CheckConstraint("ticket_id <> other_id", name="two"),
        Index(
            "ticket_link_once",
            "ticket_id",
            "other_id",
            "kind",
            unique=True,
            postgresql_where=sql("undone_at IS NULL"),
        ),
        # A ticket is part of one other at most.
        Index(
            "ticket_link_merged",
            "ticket_id",
            unique=True,
            postgresql_where=sql("kind = 'merged' AND undone_at IS NULL"),
        ),
    )


class TicketTag(Base):
    """A word that a ticket is found by, and why it has it: a rule, or who put it there."""

    __tablename__ = "ticket_tag"

    ticket_id: Mapped[int] = mapped_column(
        ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(primary_key=True)
    # ``word:환불``, ``topic:교환``, ``channel:kakao``, ``language:en``, ``macro:NAME`` or
    # ``agent:NAME``.
    why: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(server_default=func.clock_timestamp())

    __table_args__ = (
        CheckConstraint("char_length(tag) BETWEEN 1 AND 40", name="tag"),
        Index("ticket_tag_tag", "tag"),
    )


class TagRule(Base):
    """What gives a ticket a tag when it is opened."""

    __tablename__ = "tag_rule"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    tag: Mapped[str]
    kind: Mapped[str]
    value: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("kind IN ('word', 'topic', 'channel', 'language')", name="kind"),
        CheckConstraint("char_length(tag) BETWEEN 1 AND 40", name="tag"),
        CheckConstraint("char_length(value) BETWEEN 1 AND 80", name="value"),
        UniqueConstraint("tag", "kind", "value"),
    )
