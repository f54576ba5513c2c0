"""Files of customers and purchases that were brought in, row by row."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ticketing.models.base import Base


class CustomerImport(Base):
    """A batch: the file, which column is which field, how far it is and what came of it."""

    __tablename__ = "customer_import"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str]
    file_name: Mapped[str]
    by_name: Mapped[str]
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"), index=True)
    state: Mapped[str] = mapped_column(server_default="mapping")
    # The names in the first line, and the field that each stands for: "" for none.
    columns: Mapped[list[str]] = mapped_column(JSONB)
    mapping: Mapped[list[str]] = mapped_column(JSONB)
    rows: Mapped[int] = mapped_column(server_default="0")
    # What of a workbook is not among them: rows that are hidden, and other sheets.
    left_out: Mapped[list[str]] = mapped_column(JSONB, server_default=sql("'[]'::jsonb"))
    # The last row that was looked at; the work goes on after it.
    done: Mapped[int] = mapped_column(server_default="0")
    added: Mapped[int] = mapped_column(server_default="0")
    updated: Mapped[int] = mapped_column(server_default="0")
    unchanged: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    # What undoing left as it is, because it was changed since: [{"what", "why"}].
    kept: Mapped[list[dict[str, Any]]] = mapped_column(server_default=sql("'[]'::jsonb"))
    restored: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("kind IN ('customers', 'purchases')", name="kind"),
        CheckConstraint(
            "state IN ('mapping', 'checking', 'checked', 'running', 'done', 'undoing', 'undone')",
            name="state",
        ),
        CheckConstraint("(state = 'undone') = (undone_at IS NOT NULL)", name="undone"),
    )


class CustomerImportRow(Base):
    """A row of the file. When the batch is done, only the refused ones are kept."""

    __tablename__ = "customer_import_row"

    import_id: Mapped[int] = mapped_column(
        ForeignKey("customer_import.id", ondelete="CASCADE"), primary_key=True
    )
    # As the spreadsheet counts: the first line, with the names, is 1.
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    cells: Mapped[list[str]] = mapped_column(JSONB)
    # What it is about, so that a second row about the same is found.
    key: Mapped[str | None]
    outcome: Mapped[str | None]
    # Why it was refused: a field and a stable code.
    field: Mapped[str | None]
    code: Mapped[str | None]

    __table_args__ = (
        CheckConstraint("outcome IN ('added', 'updated', 'unchanged', 'refused')", name="outcome"),
        CheckConstraint("(outcome = 'refused') = (code IS NOT NULL)", name="refused"),
        Index("customer_import_row_key", "import_id", "key"),
    )
