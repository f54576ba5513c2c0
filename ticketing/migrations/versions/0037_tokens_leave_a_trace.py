"""That an API token of an agent was made or revoked is among their changes

Revision: 0037, after 0036
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

NAME = "agent_change_kind_check"
BEFORE = "kind IN ('role', 'name', 'left', 'returned')"
AFTER = "kind IN ('role', 'name', 'left', 'returned', 'token', 'revoked')"


def upgrade() -> None:
    op.drop_constraint(op.f(NAME), "agent_change", type_="check")
    op.create_check_constraint(op.f(NAME), "agent_change", AFTER)


def downgrade() -> None:
    op.execute("DELETE FROM agent_change WHERE kind IN ('token', 'revoked')")
    op.drop_constraint(op.f(NAME), "agent_change", type_="check")
    op.create_check_constraint(op.f(NAME), "agent_change", BEFORE)
