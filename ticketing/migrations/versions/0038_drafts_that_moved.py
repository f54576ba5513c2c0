"""Where a draft was before it got another address

Revision: 0038, after 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kb_former_address",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("article_id", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id", "locale"],
            ["kb_article.id", "kb_article.locale"],
            name=op.f("fk_kb_former_address_article_id_locale"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", "locale", name=op.f("pk_kb_former_address")),
    )
    op.create_index("ix_kb_former_address_article", "kb_former_address", ["article_id", "locale"])


def downgrade() -> None:
    op.drop_table("kb_former_address")
