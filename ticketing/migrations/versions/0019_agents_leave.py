"""What changed of an agent: role, name, left, returned

Revision: 0019, after 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agent_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), server_default="", nullable=False),
        sa.Column("new", sa.Text(), server_default="", nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "kind IN ('role', 'name', 'left', 'returned')", name=op.f("agent_change_kind_check")
        ),
        sa.CheckConstraint("by <> ''", name=op.f("agent_change_by_check")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("agent_change_agent_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("agent_change_pkey")),
    )
    op.create_index(op.f("agent_change_agent_id_idx"), "agent_change", ["agent_id"])


def downgrade() -> None:
    op.drop_table("agent_change")
