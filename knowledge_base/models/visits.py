"""What visitors of the help centre do; nobody is named."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.models.base import Base


class Vote(Base):
    """Whether a visitor of the help centre found an article helpful; one a visitor."""

    __tablename__ = "kb_vote"
    __table_args__ = (
        UniqueConstraint("article_id", "locale", "visitor"),
        ForeignKeyConstraint(
            ["article_id", "locale"],
            ["kb_article.id", "kb_article.locale"],
            ondelete="CASCADE",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    article_id: Mapped[str] = mapped_column(String(100))
    locale: Mapped[str] = mapped_column(String(2))
    # The revision that was read.
    revision: Mapped[int] = mapped_column(Integer)
    # A keyed hash of the visitor's cookie: tells visitors apart and says nothing about them.
    visitor: Mapped[bytes] = mapped_column(LargeBinary)
    helpful: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ArticleView(Base):
    """How often an article was opened in the help centre on one day. Nobody's name is kept."""

    __tablename__ = "kb_article_view"

    article_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    locale: Mapped[str] = mapped_column(String(2), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    views: Mapped[int] = mapped_column(Integer, server_default="0")


class SearchMiss(Base):
    """How often the help centre was searched for something on one day, and found nothing.

    Nobody's name is kept, nor when on that day.
    """

    __tablename__ = "kb_search_miss"
    __table_args__ = (
        CheckConstraint("locale IN ('ko', 'en')", name="locale"),
        Index("ix_kb_search_miss_day", "day"),
    )

    locale: Mapped[str] = mapped_column(String(2), primary_key=True)
    # What was typed without spaces and signs, which make no difference; and as it was typed first.
    letters: Mapped[str] = mapped_column(String(200), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    words: Mapped[str] = mapped_column(String(200))
    times: Mapped[int] = mapped_column(Integer, server_default="1")
