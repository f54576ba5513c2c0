"""Articles in each language, their log, and what is computed from them once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from knowledge_base.models.base import Base


class Article(Base):
    """One article in one language: the working copy that curators edit.

    What customers see is not this row but the snapshot in ``kb_revision`` that
    ``published_revision`` points to, so that an edit in progress never leaks out.
    """

    __tablename__ = "kb_article"
    __table_args__ = (
        CheckConstraint("locale IN ('ko', 'en')", name="locale"),
        CheckConstraint("state IN ('draft', 'review', 'published', 'retired')", name="state"),
        # A published article has something to show; the others show nothing.
        CheckConstraint(
            "(state = 'published') = (published_revision IS NOT NULL)", name="published_revision"
        ),
        CheckConstraint(
            "revision >= 1 AND published_revision <= revision", name="revision_in_range"
        ),
        # What waits for a review is the newest revision, of an article that customers see or not.
        CheckConstraint("review_revision = revision", name="review_revision"),
        CheckConstraint(
            "(state = 'review') = (review_revision IS NOT NULL AND published_revision IS NULL)",
            name="in_review",
        ),
        Index("ix_kb_article_state_updated_at", "state", "updated_at"),
    )

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    locale: Mapped[str] = mapped_column(String(2), primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="draft")
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    revision: Mapped[int] = mapped_column(Integer, default=1)
    published_revision: Mapped[int | None] = mapped_column(Integer)
    review_revision: Mapped[int | None] = mapped_column(Integer)
    # Since when the other language says something newer than this one; see articles.translated.
    outdated_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), onupdate=func.now()
    )

    question_rows: Mapped[list[Question]] = relationship(
        order_by="Question.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @property
    def questions(self) -> list[str]:
        """The ways of asking, in the curator's order."""
        return [row.text for row in self.question_rows]

    @property
    def has_unpublished_changes(self) -> bool:
        """Whether the working copy differs from what customers see."""
        return self.published_revision != self.revision

    @property
    def in_review(self) -> bool:
        """Whether the working copy waits for somebody who may publish it."""
        return self.review_revision is not None


class Question(Base):
    """One way of asking for an article (working copy)."""

    __tablename__ = "kb_question"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "locale"],
            ["kb_article.id", "kb_article.locale"],
            ondelete="CASCADE",
        ),
    )

    article_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    locale: Mapped[str] = mapped_column(String(2), primary_key=True)
    position: Mapped[int] = mapped_column(Integer, primary_key=True)
    text: Mapped[str] = mapped_column(Text)


class FormerAddress(Base):
    """An id that an article had while it was a draft: links to it are about."""

    __tablename__ = "kb_former_address"
    __table_args__ = (
        ForeignKeyConstraint(
            ["article_id", "locale"],
            ["kb_article.id", "kb_article.locale"],
            ondelete="CASCADE",
        ),
        Index("ix_kb_former_address_article", "article_id", "locale"),
    )

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    locale: Mapped[str] = mapped_column(String(2), primary_key=True)
    article_id: Mapped[str] = mapped_column(String(100))


class Revision(Base):
    """A snapshot of an article at one revision; append-only.

    Publishing and retiring are entries too (same revision, another ``action``), so the log alone
    tells who did what and when.
    """

    __tablename__ = "kb_revision"
    __table_args__ = (
        CheckConstraint(
            "action IN ('create', 'update', 'publish', 'retire', 'import', 'review', 'return', "
            "'restore', 'undo')",
            name="action",
        ),
        ForeignKeyConstraint(
            ["article_id", "locale"],
            ["kb_article.id", "kb_article.locale"],
            ondelete="CASCADE",
        ),
        Index("ix_kb_revision_article", "article_id", "locale", "revision"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    article_id: Mapped[str] = mapped_column(String(100))
    locale: Mapped[str] = mapped_column(String(2))
    revision: Mapped[int] = mapped_column(Integer)
    action: Mapped[str] = mapped_column(String(10))
    author: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    # {"title", "questions", "tags", "body"}
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Embedding(Base):
    """What one model says of one text, so that every text is encoded once.

    Its vector; or, under a model's name with that of :func:`knowledge_base.pieces.name` behind it,
    its word pieces.
    """

    __tablename__ = "kb_embedding"

    model: Mapped[str] = mapped_column(Text, primary_key=True)
    text_hash: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    # Little-endian float32, normalised; of pieces a byte for each of their components.
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class Version(Base):
    """One row that counts changes to the published articles; indexes poll it."""

    __tablename__ = "kb_version"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
