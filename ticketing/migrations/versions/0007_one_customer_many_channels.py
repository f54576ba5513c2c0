"""Customers are linked, lines have addressees, deliveries are kept

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = {"conversation": "state <> 'closed'", "ticket": "state <> 'resolved'"}


def upgrade() -> None:
    op.add_column("customer", sa.Column("root_id", sa.Uuid(), nullable=True))
    op.execute("UPDATE customer SET root_id = id")
    op.alter_column("customer", "root_id", nullable=False)
    op.create_foreign_key(
        op.f("customer_root_id_fkey"), "customer", "customer", ["root_id"], ["id"]
    )
    op.create_index(op.f("customer_root_id_idx"), "customer", ["root_id"])
    op.create_table(
        "customer_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "evidence IN ('token', 'code', 'email', 'agent')",
            name=op.f("customer_link_evidence_check"),
        ),
        sa.CheckConstraint(
            "evidence <> 'agent' OR agent_id IS NOT NULL",
            name=op.f("customer_link_decided_by_check"),
        ),
        sa.CheckConstraint("customer_id <> other_id", name=op.f("customer_link_two_check")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_reason IS NULL)", name=op.f("customer_link_undone_check")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("customer_link_agent_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("customer_link_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["customer.id"], name=op.f("customer_link_other_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["agent.id"], name=op.f("customer_link_undone_by_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_link_pkey")),
    )
    op.create_index(op.f("customer_link_customer_id_idx"), "customer_link", ["customer_id"])
    op.create_index(op.f("customer_link_other_id_idx"), "customer_link", ["other_id"])
    op.add_column("conversation", sa.Column("identity_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("conversation_identity_id_fkey"), "conversation", "identity", ["identity_id"], ["id"]
    )
    # Until now a customer had one address.
    op.execute(
        """UPDATE conversation SET identity_id =
             (SELECT id FROM identity WHERE identity.customer_id = conversation.customer_id
               ORDER BY id LIMIT 1)"""
    )
    op.execute(
        """UPDATE message SET identity_id = conversation.identity_id FROM conversation
            WHERE conversation.id = message.conversation_id
              AND message.identity_id IS NULL AND NOT message.internal"""
    )
    for table, condition in OPEN.items():
        op.add_column(table, sa.Column("joined_to", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"{table}_joined_to_fkey"), table, table, ["joined_to"], ["id"])
        op.create_index(op.f(f"{table}_joined_to_idx"), table, ["joined_to"])
        _one_open(table, f"{condition} AND joined_to IS NULL")
    op.create_table(
        "delivery",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("identity_id", sa.BigInteger(), nullable=False),
        sa.Column("external_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("delivery_identity_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("delivery_message_id_fkey")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("delivery_pkey")),
    )
    op.create_index("delivery_external", "delivery", ["external_ids"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("delivery")
    for table, condition in OPEN.items():
        # What is at rest ends: only one can be open again.
        if table == "conversation":
            op.execute(
                """UPDATE conversation SET state = 'closed', outcome = 'abandoned',
                     closed_at = now() WHERE joined_to IS NOT NULL AND state <> 'closed'"""
            )
        else:
            op.execute(
                """UPDATE ticket SET state = 'resolved', resolved_at = now(), snoozed_until = NULL
                    WHERE joined_to IS NOT NULL AND state <> 'resolved'"""
            )
        op.drop_index(f"{table}_one_open", table_name=table)
        op.drop_column(table, "joined_to")
        op.create_index(
            f"{table}_one_open",
            table,
            ["customer_id"],
            unique=True,
            postgresql_where=sa.text(condition),
        )
    op.execute("UPDATE message SET identity_id = NULL WHERE author <> 'customer'")
    op.drop_column("conversation", "identity_id")
    op.drop_table("customer_link")
    op.drop_column("customer", "root_id")


def _one_open(table: str, condition: str) -> None:
    op.drop_index(f"{table}_one_open", table_name=table)
    op.create_index(
        f"{table}_one_open",
        table,
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text(condition),
    )
