"""Who took customers' data along as a file, and why

Revision: 0026, after 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "download",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "what IN ('customers', 'purchases', 'person')", name=op.f("download_what_check")
        ),
        sa.CheckConstraint(
            "(what = 'person') = (customer_id IS NOT NULL)", name=op.f("download_whose_check")
        ),
        sa.CheckConstraint(
            "source IN ('console', 'api', 'cli')", name=op.f("download_source_check")
        ),
        sa.CheckConstraint("char_length(reason) <= 200", name=op.f("download_reason_check")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("download_agent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("download_pkey")),
    )
    op.execute(
        "CREATE TRIGGER download_kept BEFORE UPDATE OR DELETE ON download "
        "FOR EACH ROW EXECUTE FUNCTION changes_are_kept()"
    )


def downgrade() -> None:
    op.drop_table("download")
