"""What a ticket's card shows, so that an update that changes nothing is not sent

Revision: 0022, after 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("ticket_thread", sa.Column("looks", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("ticket_thread", "looks")
