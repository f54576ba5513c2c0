"""Dead letters can be discarded, with a name and a time

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("discarded_by", sa.Text(), nullable=True))
    # When they died was not kept; their last try is close to it.
    op.execute("UPDATE job SET changed_at = next_at WHERE state = 'dead'")
    op.drop_constraint(op.f("job_state_check"), "job", type_="check")
    op.create_check_constraint(
        op.f("job_state_check"), "job", "state IN ('pending', 'done', 'dead', 'discarded')"
    )
    op.create_check_constraint(
        op.f("job_discarded_by_check"), "job", "(state = 'discarded') = (discarded_by IS NOT NULL)"
    )
    op.create_index(
        "job_discarded",
        "job",
        ["changed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'discarded'"),
    )


def downgrade() -> None:
    # Done is the nearest thing the older version knows: not tried again, redeliveries refused.
    op.execute("UPDATE job SET state = 'done', discarded_by = NULL WHERE state = 'discarded'")
    op.drop_index(
        "job_discarded", table_name="job", postgresql_where=sa.text("state = 'discarded'")
    )
    op.drop_constraint(op.f("job_discarded_by_check"), "job", type_="check")
    op.drop_constraint(op.f("job_state_check"), "job", type_="check")
    op.create_check_constraint(
        op.f("job_state_check"), "job", "state IN ('pending', 'done', 'dead')"
    )
    op.drop_column("job", "discarded_by")
    op.drop_column("job", "changed_at")
