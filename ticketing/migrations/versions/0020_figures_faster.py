"""What figures of a long period look up; what became of the shop's own fields

Revision: 0020, after 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "message_said",
        "message",
        ["at", "identity_id"],
        unique=False,
        postgresql_where=sa.text("author = 'customer' AND kind <> 'edit'"),
    )
    op.create_index(
        "message_helped",
        "message",
        ["conversation_id"],
        unique=False,
        postgresql_where=sa.text("vote = 'up'"),
    )
    op.create_index(
        "message_sent_article",
        "message",
        ["conversation_id", "id"],
        unique=False,
        postgresql_where=sa.text("author = 'agent' AND article IS NOT NULL"),
    )
    op.create_table(
        "customer_field_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("old", JSONB(none_as_null=True), nullable=True),
        sa.Column("new", JSONB(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "old IS DISTINCT FROM new", name=op.f("customer_field_change_changes_check")
        ),
        sa.CheckConstraint(
            "source IN ('console', 'api', 'cli')", name=op.f("customer_field_change_source_check")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("customer_field_change_agent_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["key"], ["customer_field.key"], name=op.f("customer_field_change_key_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_field_change_pkey")),
    )
    op.create_index(
        op.f("customer_field_change_key_idx"), "customer_field_change", ["key"], unique=False
    )
    op.execute(
        "CREATE TRIGGER customer_field_change_kept BEFORE UPDATE ON customer_field_change "
        "FOR EACH ROW EXECUTE FUNCTION changes_are_kept()"
    )


def downgrade() -> None:
    op.drop_index(op.f("customer_field_change_key_idx"), table_name="customer_field_change")
    op.drop_table("customer_field_change")
    for index in ("message_sent_article", "message_helped", "message_said"):
        op.drop_index(index, table_name="message", if_exists=True)
