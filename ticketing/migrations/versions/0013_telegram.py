"""Telegram: albums of ten, deliveries that may be there twice, and how fast may be sent.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "delivery",
        sa.Column(
            "possible_duplicate", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    )
    # A line that says what changed goes when a newer one does, whether it was sent or not.
    _refer(ondelete="CASCADE")
    _places("0 AND 9")
    op.create_table(
        "send_slot",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("send_slot_pkey")),
    )


def downgrade() -> None:
    op.drop_table("send_slot")
    # Files beyond the fifth have no place in the older schema.
    op.execute("DELETE FROM attachment WHERE place > 4")
    _places("0 AND 4")
    _refer(ondelete=None)
    op.drop_column("delivery", "possible_duplicate")


def _refer(*, ondelete: str | None) -> None:
    op.drop_constraint("delivery_message_id_fkey", "delivery", type_="foreignkey")
    op.create_foreign_key(
        "delivery_message_id_fkey",
        "delivery",
        "message",
        ["message_id"],
        ["id"],
        ondelete=ondelete,
    )


def _places(between: str) -> None:
    op.drop_constraint(op.f("attachment_place_check"), "attachment", type_="check")
    op.create_check_constraint(
        op.f("attachment_place_check"), "attachment", f"place BETWEEN {between}"
    )
