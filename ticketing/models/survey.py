"""What customers are asked about us, what they say, and what becomes of a bad answer."""

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
from ticketing.models.ticket import Ticket


class Survey:
    """What both kinds of survey have: a question, and at most one score that counts."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    score: Mapped[int | None] = mapped_column(SmallInteger)
    # Scores that were changed afterwards, oldest first: ``{"score", "at"}``. They do not count.
    earlier: Mapped[list[dict[str, Any]]] = mapped_column(server_default=sql("'[]'::jsonb"))
    comment: Mapped[str | None]
    asked_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime] = mapped_column(
        server_default=sql("(now() + '7 days'::interval)")
    )
    rated_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime | None]
    # Why the question was not put, in a word of ``ticketing.surveys``; then nothing can answer it.
    skipped: Mapped[str | None]


def _checks(worst: int, best: int) -> tuple[CheckConstraint, ...]:
    return (
        CheckConstraint(f"score BETWEEN {worst} AND {best}", name="score"),
        CheckConstraint("(score IS NULL) = (rated_at IS NULL)", name="rated"),
        CheckConstraint("comment IS NULL OR score IS NOT NULL", name="comment_after_score"),
        CheckConstraint("(earlier = '[]'::jsonb) = (changed_at IS NULL)", name="changed"),
        CheckConstraint("changed_at IS NULL OR rated_at IS NOT NULL", name="changed_after_rated"),
        CheckConstraint("skipped IS NULL OR rated_at IS NULL", name="skipped"),
    )


class Csat(Survey, Base):
    """One question "how was it?", for one resolution of a ticket or an answer of the bot."""

    __tablename__ = "csat"

    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    # Which resolution of the ticket: 0, then one more for every time it was reopened.
    resolution: Mapped[int] = mapped_column(server_default="0")
    # The bot's episode, where no person answered.
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"), unique=True)
    # Who answered, and from which article, as it was then: agents are renamed and leave, articles
    # are rewritten.
    answered_by: Mapped[dict[str, Any]]

    ticket: Mapped[Ticket | None] = relationship()
    conversation: Mapped[Conversation | None] = relationship()

    @property
    def kind(self) -> str:
        """Whose rule decided: ``agent`` after a resolution, ``bot`` after an answer."""
        return "bot" if self.ticket_id is None else "agent"

    __table_args__ = (
        *_checks(1, 5),
        CheckConstraint("(ticket_id IS NULL) <> (conversation_id IS NULL)", name="about"),
        UniqueConstraint("ticket_id", "resolution"),
    )


class Nps(Survey, Base):
    """One question "would you recommend us?", at a moment of the relationship."""

    __tablename__ = "nps"

    # Where it was asked, and why then: ``tickets:3`` or ``days:90``.
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    moment: Mapped[str]

    @property
    def kind(self) -> str:
        """Whose rule decided."""
        return "nps"

    __table_args__ = (*_checks(0, 10), UniqueConstraint("customer_id", "moment"))


class SurveyPolicy(Base):
    """Whom of all a kind of survey asks, and how often at most; without a row, the defaults."""

    __tablename__ = "survey_policy"

    kind: Mapped[str] = mapped_column(primary_key=True)
    # Of a hundred, how many are asked.
    sample: Mapped[int] = mapped_column(SmallInteger)
    quiet_days: Mapped[int]

    __table_args__ = (
        CheckConstraint("kind IN ('agent', 'bot', 'nps')", name="kind"),
        CheckConstraint("sample BETWEEN 0 AND 100", name="sample"),
        CheckConstraint("quiet_days BETWEEN 0 AND 3650", name="quiet"),
    )


class Recovery(Base):
    """Somebody sees to it that a customer who rated badly is made good to, until a time."""

    __tablename__ = "recovery"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    csat_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("csat.id"), unique=True)
    # Nobody: there was nobody who could have it.
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    opened_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[dt.datetime]
    done_at: Mapped[dt.datetime | None]
    # Whose name it was then; empty when the customer changed their mind.
    done_by: Mapped[str | None]
    outcome: Mapped[str | None]

    csat: Mapped[Csat] = relationship()
    owner: Mapped[Agent | None] = relationship()

    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done"),
        CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name="outcome"),
        Index("recovery_open", "due_at", postgresql_where=sql("done_at IS NULL")),
    )
