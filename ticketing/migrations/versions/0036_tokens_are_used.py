"""Tokens of agents have a number to be named by, and when they were last used

Revision: 0036, after 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("agent_token", sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False))
    op.create_unique_constraint(op.f("agent_token_id_key"), "agent_token", ["id"])
    op.add_column("agent_token", sa.Column("used_at", sa.DateTime(timezone=True)))
    # When an open session was last used was not kept: nobody is signed out by the update.
    op.execute("UPDATE agent_token SET used_at = now() WHERE kind = 'session'")


def downgrade() -> None:
    op.drop_column("agent_token", "used_at")
    op.drop_constraint(op.f("agent_token_id_key"), "agent_token", type_="unique")
    op.drop_column("agent_token", "id")
