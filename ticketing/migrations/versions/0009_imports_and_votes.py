"""Imports that can be undone, a review before publishing, pictures, and what helped

Revision: 0009, after 0008
"""

import datetime as dt

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ACTIONS = "'create', 'update', 'publish', 'retire', 'import'"


def upgrade() -> None:
    op.add_column("kb_article", sa.Column("review_revision", sa.Integer(), nullable=True))
    op.add_column(
        "kb_article", sa.Column("outdated_since", sa.DateTime(timezone=True), nullable=True)
    )
    _check("kb_article", "state", "state IN ('draft', 'review', 'published', 'retired')")
    op.create_check_constraint(
        op.f("ck_kb_article_review_revision"), "kb_article", "review_revision = revision"
    )
    op.create_check_constraint(
        op.f("ck_kb_article_in_review"),
        "kb_article",
        "(state = 'review') = (review_revision IS NOT NULL AND published_revision IS NULL)",
    )
    _check(
        "kb_revision",
        "action",
        f"action IN ({ACTIONS}, 'review', 'return', 'restore', 'undo')",
    )
    op.create_table(
        "kb_import",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("publish", sa.Boolean(), server_default=sa.true(), nullable=False),
        _now("at"),
        _now("moved_at"),
        *(
            sa.Column(name, sa.Integer(), server_default="0", nullable=False)
            for name in ("done", "total", "added", "updated", "unchanged")
        ),
        sa.Column("refused", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('reading', 'read', 'writing', 'done', 'failed', 'undone')",
            name=op.f("ck_kb_import_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_import")),
    )
    op.create_table(
        "kb_imported_article",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("revision_before", sa.Integer(), nullable=True),
        sa.Column("published_before", sa.Integer(), nullable=True),
        sa.Column("state_before", sa.String(10), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["kb_import.id"],
            name=op.f("fk_kb_imported_article_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "import_id", "article_id", "locale", name=op.f("pk_kb_imported_article")
        ),
    )
    op.create_table(
        "kb_picture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        _now("at"),
        sa.CheckConstraint("size BETWEEN 1 AND 10485760", name=op.f("ck_kb_picture_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_picture")),
        sa.UniqueConstraint("sha256", name=op.f("uq_kb_picture_sha256")),
    )
    op.create_table(
        "kb_picture_content",
        sa.Column("picture_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["kb_picture.id"],
            name=op.f("fk_kb_picture_content_picture_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("picture_id", name=op.f("pk_kb_picture_content")),
    )
    # Pictures are compressed already, and are read in pieces.
    op.execute("ALTER TABLE kb_picture_content ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_table(
        "kb_vote",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.LargeBinary(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        _now("at"),
        sa.ForeignKeyConstraint(
            ["article_id", "locale"],
            ["kb_article.id", "kb_article.locale"],
            name=op.f("fk_kb_vote_article_id_locale"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_vote")),
        sa.UniqueConstraint(
            "article_id", "locale", "visitor", name=op.f("uq_kb_vote_article_id_locale_visitor")
        ),
    )


def downgrade() -> None:
    for table in (
        "kb_vote", "kb_picture_content", "kb_picture", "kb_imported_article", "kb_import"
    ):  # fmt: skip
        op.drop_table(table)
    op.execute("DELETE FROM kb_revision WHERE action IN ('review', 'return')")
    op.execute("UPDATE kb_revision SET action = 'update' WHERE action IN ('restore', 'undo')")
    _check("kb_revision", "action", f"action IN ({ACTIONS})")
    op.drop_constraint(op.f("ck_kb_article_in_review"), "kb_article", type_="check")
    op.drop_constraint(op.f("ck_kb_article_review_revision"), "kb_article", type_="check")
    op.execute("UPDATE kb_article SET state = 'draft' WHERE state = 'review'")
    _check("kb_article", "state", "state IN ('draft', 'published', 'retired')")
    op.drop_column("kb_article", "outdated_since")
    op.drop_column("kb_article", "review_revision")


def _check(table: str, name: str, condition: str) -> None:
    constraint = op.f(f"ck_{table}_{name}")
    op.drop_constraint(constraint, table, type_="check")
    op.create_check_constraint(constraint, table, condition)


def _now(name: str) -> sa.Column[dt.datetime]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
