"""what an import would break

Revision: 0017, after 0016
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("kb_import", sa.Column("breaks", JSONB(), server_default="[]", nullable=False))


def downgrade() -> None:
    op.drop_column("kb_import", "breaks")
