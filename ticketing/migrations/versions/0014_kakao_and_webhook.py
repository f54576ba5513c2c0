"""KakaoTalk and the generic webhook channel: what customers fetch, and how far.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "delivery",
        sa.Column("confirmed", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column("delivery", sa.Column("shown", sa.Integer(), nullable=True))


def downgrade() -> None:
    # Without these columns a row says that the customer has all of the line.
    op.execute("DELETE FROM delivery WHERE NOT confirmed OR shown IS NOT NULL")
    op.drop_column("delivery", "shown")
    op.drop_column("delivery", "confirmed")
