"""What was brought: imports with what they changed, and pictures."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.models.base import Base


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
    # For the curator: why it failed, or else the columns that it did not read and, in a second
    # line, what is hidden in the workbook.
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
