"""Slack accounts are linked by a one-time code, and it is kept when

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("agent_token_kind_check"), "agent_token", type_="check")
    op.create_check_constraint(
        op.f("agent_token_kind_check"),
        "agent_token",
        "kind IN ('api', 'session', 'link', 'slack')",
    )
    op.create_table(
        "slack_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("slack_user", sa.Text(), nullable=False),
        sa.Column("replaced", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "evidence IN ('installer', 'console', 'cli')", name=op.f("slack_link_evidence_check")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("slack_link_agent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("slack_link_pkey")),
    )
    op.create_index(op.f("slack_link_agent_id_idx"), "slack_link", ["agent_id"], unique=False)
    # Since when they have been the agents', nobody kept.
    op.execute(
        """INSERT INTO slack_link (agent_id, slack_user, evidence, at)
           SELECT id, slack_user, 'installer', created_at FROM agent WHERE slack_user IS NOT NULL"""
    )


def downgrade() -> None:
    op.drop_index(op.f("slack_link_agent_id_idx"), table_name="slack_link")
    op.drop_table("slack_link")
    op.execute("DELETE FROM agent_token WHERE kind = 'slack'")
    op.drop_constraint(op.f("agent_token_kind_check"), "agent_token", type_="check")
    op.create_check_constraint(
        op.f("agent_token_kind_check"), "agent_token", "kind IN ('api', 'session', 'link')"
    )
