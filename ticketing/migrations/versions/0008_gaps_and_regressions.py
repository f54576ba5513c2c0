"""Gaps, saved questions and views of the knowledge base

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kb_gap",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("state", sa.String(10), server_default="open", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("features", postgresql.JSONB(), nullable=False),
        sa.Column("article_id", sa.String(100), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("locale IN ('ko', 'en')", name=op.f("ck_kb_gap_locale")),
        sa.CheckConstraint(
            "state IN ('open', 'drafted', 'answered', 'dismissed')", name=op.f("ck_kb_gap_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('drafted', 'answered') OR article_id IS NOT NULL",
            name=op.f("ck_kb_gap_article"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_gap")),
    )
    op.create_index("ix_kb_gap_state_last_at", "kb_gap", ["state", "last_at"])
    op.create_table(
        "kb_gap_question",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("gap_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("customer", sa.Uuid(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=True),
        sa.Column("ticket", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kinds <@ ARRAY['unknown', 'rejected', 'hand_off', 'solved']",
            name=op.f("ck_kb_gap_question_kinds"),
        ),
        sa.ForeignKeyConstraint(
            ["gap_id"], ["kb_gap.id"], name=op.f("fk_kb_gap_question_gap_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_kb_gap_question")),
    )
    op.create_index("ix_kb_gap_question_gap_id_at", "kb_gap_question", ["gap_id", "at"])
    op.create_index("ix_kb_gap_question_customer", "kb_gap_question", ["customer"])
    op.create_table(
        "kb_saved_question",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("article_id", sa.String(100), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("locale IN ('ko', 'en')", name=op.f("ck_kb_saved_question_locale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_saved_question")),
        sa.UniqueConstraint(
            "question", "locale", name=op.f("uq_kb_saved_question_question_locale")
        ),
    )
    op.create_table(
        "kb_article_view",
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("views", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("article_id", "locale", "day", name=op.f("pk_kb_article_view")),
    )
    op.create_index(
        "message_answer", "message", ["at"], postgresql_where=sa.text("kind = 'answer'")
    )
    op.create_index(
        "message_gap",
        "message",
        ["id"],
        postgresql_where=sa.text(
            "author = 'bot' AND (kind = 'unknown' OR vote = 'down' OR meta ? 'rejected')"
        ),
    )


def downgrade() -> None:
    op.drop_index("message_gap", table_name="message")
    op.drop_index("message_answer", table_name="message")
    op.drop_table("kb_article_view")
    op.drop_table("kb_saved_question")
    op.drop_table("kb_gap_question")
    op.drop_table("kb_gap")
