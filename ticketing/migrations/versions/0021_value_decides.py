"""From which value on a customer's tickets begin with a higher priority

Revision: 0021, after 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "value_policy",
        sa.Column("one", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("least", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.CheckConstraint("one", name=op.f("value_policy_one_check")),
        sa.CheckConstraint("least > 0", name=op.f("value_policy_least_check")),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("value_policy_currency_check")),
        sa.CheckConstraint(
            "priority IN ('high', 'urgent')", name=op.f("value_policy_priority_check")
        ),
        sa.PrimaryKeyConstraint("one", name=op.f("value_policy_pkey")),
    )


def downgrade() -> None:
    op.drop_table("value_policy")
