"""What was searched for in the help centre and not found

Revision: 0034, after 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kb_search_miss",
        sa.Column("locale", sa.String(2), nullable=False),
        sa.Column("letters", sa.String(200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("locale IN ('ko', 'en')", name=op.f("ck_kb_search_miss_locale")),
        sa.PrimaryKeyConstraint("locale", "letters", "day", name=op.f("pk_kb_search_miss")),
    )
    op.create_index("ix_kb_search_miss_day", "kb_search_miss", ["day"])


def downgrade() -> None:
    op.drop_table("kb_search_miss")
