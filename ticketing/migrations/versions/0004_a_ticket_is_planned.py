"""Tickets have a priority, can be put off, and count their changes

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "ticket", sa.Column("priority", sa.Text(), server_default="normal", nullable=False)
    )
    op.add_column("ticket", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("version", sa.Integer(), server_default="0", nullable=False))
    op.create_check_constraint(
        op.f("ticket_priority_check"), "ticket", "priority IN ('low', 'normal', 'high', 'urgent')"
    )
    op.create_check_constraint(
        op.f("ticket_snoozed_check"), "ticket", "snoozed_until IS NULL OR state <> 'resolved'"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ticket_snoozed_check"), "ticket", type_="check")
    op.drop_constraint(op.f("ticket_priority_check"), "ticket", type_="check")
    op.drop_column("ticket", "version")
    op.drop_column("ticket", "snoozed_until")
    op.drop_column("ticket", "priority")
