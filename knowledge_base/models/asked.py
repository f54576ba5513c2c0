"""What customers ask: gaps, saved questions, and what was not wanted of what they asked."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.models.base import Base


class Gap(Base):
    """Questions of one kind that the knowledge base did not answer: something to write about.

    One that somebody merged into another is a part of it: its questions count there, and what
    becomes of the whole is said there. It keeps its own, so that new questions like them find it
    and it can be taken apart again.
    """

    __tablename__ = "kb_gap"
    __table_args__ = (
        CheckConstraint("locale IN ('ko', 'en')", name="locale"),
        CheckConstraint("state IN ('open', 'drafted', 'answered', 'dismissed')", name="state"),
        # Whoever looks at a draft or an answer finds the article.
        CheckConstraint(
            "state NOT IN ('drafted', 'answered') OR article_id IS NOT NULL", name="article"
        ),
        # What a part is in is no part itself, and in the same language, as an article is.
        UniqueConstraint("id", "locale", "whole"),
        ForeignKeyConstraint(
            ["into_id", "locale", "into_whole"], ["kb_gap.id", "kb_gap.locale", "kb_gap.whole"]
        ),
        Index("ix_kb_gap_state_last_at", "state", "last_at"),
        Index("ix_kb_gap_into_id", "into_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    locale: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(10), server_default="open")
    title: Mapped[str] = mapped_column(Text)  # the question that is most like all of them
    size: Mapped[int] = mapped_column(Integer, server_default="0")
    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    # How often each feature of a text occurs in its questions; what a new one is compared with.
    features: Mapped[dict[str, float]] = mapped_column(JSONB)
    article_id: Mapped[str | None] = mapped_column(String(100))
    changed_by: Mapped[str | None] = mapped_column(Text)
    changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    into_id: Mapped[int | None] = mapped_column(BigInteger)
    whole: Mapped[bool] = mapped_column(Boolean, Computed("into_id IS NULL", persisted=True))
    into_whole: Mapped[bool] = mapped_column(
        Boolean, Computed("into_id IS NOT NULL", persisted=True)
    )


class GapQuestion(Base):
    """One question of one conversation, and where it was asked. Its names for customers, lines and
    tickets mean nothing here; they lead back to where it came from."""

    __tablename__ = "kb_gap_question"
    __table_args__ = (
        CheckConstraint(
            "kinds <@ ARRAY['left', 'unknown', 'rejected', 'hand_off', 'solved']", name="kinds"
        ),
        Index("ix_kb_gap_question_gap_id_at", "gap_id", "at"),
        Index("ix_kb_gap_question_customer", "customer"),
    )

    # The source's own key: the same occurrence is counted once, however often it is read.
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    gap_id: Mapped[int] = mapped_column(ForeignKey("kb_gap.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(Text))
    customer: Mapped[uuid.UUID] = mapped_column(Uuid)
    line: Mapped[int | None] = mapped_column(BigInteger)
    ticket: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)  # what a person said to it
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class SavedQuestion(Base):
    """A question that has to find its article, whatever is published: the regression set."""

    __tablename__ = "kb_saved_question"
    __table_args__ = (
        CheckConstraint("locale IN ('ko', 'en')", name="locale"),
        UniqueConstraint("question", "locale"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    question: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(2))
    # An id in whatever language; NULL: nothing in the knowledge base answers it.
    article_id: Mapped[str | None] = mapped_column(String(100))
    author: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class UnwantedQuestion(Base):
    """A question that was suggested for an article, and that a curator did not want there.

    Only a hash of its words: they are a customer's.
    """

    __tablename__ = "kb_unwanted_question"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "locale"],
            ["kb_article.id", "kb_article.locale"],
            ondelete="CASCADE",
        ),
    )

    article_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    locale: Mapped[str] = mapped_column(String(2), primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    author: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
