"""Questions that curators do not want among an article's

Revision: 0033, after 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kb_unwanted_question",
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(16), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id", "locale"],
            ["kb_article.id", "kb_article.locale"],
            name=op.f("fk_kb_unwanted_question_article_id_locale"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "article_id", "locale", "text_hash", name=op.f("pk_kb_unwanted_question")
        ),
    )


def downgrade() -> None:
    op.drop_table("kb_unwanted_question")
