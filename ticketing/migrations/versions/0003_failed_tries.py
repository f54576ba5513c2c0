"""A try that failed is not the same as one whose worker was killed

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    # Which of the earlier tries failed was not kept; most of those that have an error did.
    op.execute("UPDATE job SET failures = attempts WHERE error IS NOT NULL AND state <> 'done'")


def downgrade() -> None:
    op.drop_column("job", "failures")
