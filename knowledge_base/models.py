"""Tables of the knowledge base. The schema holds the invariants; PostgreSQL only."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

# Named constraints, so that a migration can drop what another one made.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


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


class Import(Base):
    """One import: what was read, how far it is, what it did, and whether it was taken back."""

    __tablename__ = "kb_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('reading', 'read', 'writing', 'done', 'failed', 'undone')", name="state"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    # The file's name or the page's address.
    source: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    publish: Mapped[bool] = mapped_column(Boolean, server_default=true())
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    # When it last moved: a process that died moves nothing.
    moved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    done: Mapped[int] = mapped_column(Integer, server_default="0")
    total: Mapped[int] = mapped_column(Integer, server_default="0")
    added: Mapped[int] = mapped_column(Integer, server_default="0")
    updated: Mapped[int] = mapped_column(Integer, server_default="0")
    unchanged: Mapped[int] = mapped_column(Integer, server_default="0")
    # [{"row", "reason"}]
    refused: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default="[]")
    # Articles that say something else with it: some of importing.Report.replaced. Before it is
    # written also some that it would bring, of importing.Report.new, which have no "changes".
    replaced: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, server_default="[]", deferred=True
    )
    # Saved questions that would find less: pairs of regressions.as_json.
    breaks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    # For the curator: why it failed, or else the columns that it did not read.
    problem: Mapped[str | None] = mapped_column(Text)
    # The file as it was sent, or the pages that were fetched, until they are written.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[str | None] = mapped_column(Text)


class ImportedArticle(Base):
    """How an article was before an import changed it; nothing before means that it was new.

    Without a foreign key to the article: undoing an import deletes what it added.
    """

    __tablename__ = "kb_imported_article"

    import_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("kb_import.id", ondelete="CASCADE"), primary_key=True
    )
    article_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    locale: Mapped[str] = mapped_column(String(2), primary_key=True)
    # The last entry of its log that is of this import: what came later is somebody else's work.
    last_seq: Mapped[int] = mapped_column(BigInteger)
    revision_before: Mapped[int | None] = mapped_column(Integer)
    published_before: Mapped[int | None] = mapped_column(Integer)
    state_before: Mapped[str | None] = mapped_column(String(10))


class Picture(Base):
    """A picture for articles, kept once however often it is used."""

    __tablename__ = "kb_picture"
    __table_args__ = (
        UniqueConstraint("sha256"),
        CheckConstraint("size BETWEEN 1 AND 10485760", name="size"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(Text)
    media_type: Mapped[str] = mapped_column(Text)
    size: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    author: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class PictureContent(Base):
    """The bytes of a picture, apart from its facts, uncompressed so that pieces are cheap."""

    __tablename__ = "kb_picture_content"

    picture_id: Mapped[uuid.UUID] = mapped_column(
        Uuid, ForeignKey("kb_picture.id", ondelete="CASCADE"), primary_key=True
    )
    content: Mapped[bytes] = mapped_column(LargeBinary)


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
            "kinds <@ ARRAY['unknown', 'rejected', 'hand_off', 'solved']", name="kinds"
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


class ArticleView(Base):
    """How often an article was opened in the help centre on one day. Nobody's name is kept."""

    __tablename__ = "kb_article_view"

    article_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    locale: Mapped[str] = mapped_column(String(2), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    views: Mapped[int] = mapped_column(Integer, server_default="0")
