"""What of a file of customers was left out, because it is hidden there

Revision: 0039, after 0038
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    empty = sa.text("'[]'::jsonb")
    op.add_column(
        "customer_import", sa.Column("left_out", JSONB(), server_default=empty, nullable=False)
    )


def downgrade() -> None:
    op.drop_column("customer_import", "left_out")
