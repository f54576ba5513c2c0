"""Gaps that are parts of others

Revision: 0028, after 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("kb_gap", sa.Column("into_id", sa.BigInteger(), nullable=True))
    for name, condition in (
        ("whole", "into_id IS NULL"),
        ("into_whole", "into_id IS NOT NULL"),
    ):
        op.add_column(
            "kb_gap",
            sa.Column(name, sa.Boolean(), sa.Computed(condition, persisted=True), nullable=False),
        )
    op.create_unique_constraint(
        op.f("uq_kb_gap_id_locale_whole"), "kb_gap", ["id", "locale", "whole"]
    )
    op.create_foreign_key(
        op.f("fk_kb_gap_into_id_locale_into_whole"),
        "kb_gap",
        "kb_gap",
        ["into_id", "locale", "into_whole"],
        ["id", "locale", "whole"],
    )
    op.create_index("ix_kb_gap_into_id", "kb_gap", ["into_id"])


def downgrade() -> None:
    # Every part is a gap of its own again: nothing of it was moved.
    op.drop_index("ix_kb_gap_into_id", table_name="kb_gap")
    op.drop_constraint(op.f("fk_kb_gap_into_id_locale_into_whole"), "kb_gap", type_="foreignkey")
    op.drop_constraint(op.f("uq_kb_gap_id_locale_whole"), "kb_gap", type_="unique")
    for name in ("into_whole", "whole", "into_id"):
        op.drop_column("kb_gap", name)
