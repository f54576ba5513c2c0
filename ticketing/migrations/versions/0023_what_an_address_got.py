"""What waits for an address is found without reading what everybody was ever given

Revision: 0023, after 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("message_address", "message", ["identity_id", "id"])
    op.create_index("delivery_given", "delivery", ["identity_id", "message_id"])
    op.create_index("delivery_given_at", "delivery", ["identity_id", "at"])
    op.create_index(
        "delivery_open",
        "delivery",
        ["identity_id", "message_id"],
        postgresql_where=sa.text("confirmed IS false OR shown IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("delivery_open", table_name="delivery")
    op.drop_index("delivery_given_at", table_name="delivery")
    op.drop_index("delivery_given", table_name="delivery")
    op.drop_index("message_address", table_name="message")
