"""Linked, merged and split tickets; tags; macros; what the figures look up

Revision: 0018, after 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tag_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('word', 'topic', 'channel', 'language')", name=op.f("tag_rule_kind_check")
        ),
        sa.CheckConstraint("char_length(tag) BETWEEN 1 AND 40", name=op.f("tag_rule_tag_check")),
        sa.CheckConstraint(
            "char_length(value) BETWEEN 1 AND 80", name=op.f("tag_rule_value_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("tag_rule_pkey")),
        sa.UniqueConstraint("tag", "kind", "value", name=op.f("tag_rule_tag_kind_value_key")),
    )
    op.create_table(
        "macro",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text_ko", sa.Text(), server_default="", nullable=False),
        sa.Column("text_en", sa.Text(), server_default="", nullable=False),
        sa.Column("tags", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("resolves", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "priority IS NULL OR priority IN ('low', 'normal', 'high', 'urgent')",
            name=op.f("macro_priority_check"),
        ),
        sa.CheckConstraint("text_ko <> '' OR text_en <> ''", name=op.f("macro_text_check")),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 60", name=op.f("macro_name_check")),
        sa.ForeignKeyConstraint(["changed_by"], ["agent.id"], name=op.f("macro_changed_by_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("macro_pkey")),
    )
    op.create_index(
        "macro_name", "macro", [sa.literal_column("lower(name)").label("plain_name")], unique=True
    )
    op.create_table(
        "ticket_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "before",
            JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('follow_up', 'related', 'merged', 'split')",
            name=op.f("ticket_link_kind_check"),
        ),
        sa.CheckConstraint("ticket_id <> other_id", name=op.f("ticket_link_two_check")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("ticket_link_agent_id_fkey")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["ticket.id"], name=op.f("ticket_link_other_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("ticket_link_ticket_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["agent.id"], name=op.f("ticket_link_undone_by_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ticket_link_pkey")),
    )
    op.create_index(
        "ticket_link_merged",
        "ticket_link",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'merged' AND undone_at IS NULL"),
    )
    op.create_index(
        "ticket_link_once",
        "ticket_link",
        ["ticket_id", "other_id", "kind"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index(op.f("ticket_link_other_id_idx"), "ticket_link", ["other_id"], unique=False)
    op.create_table(
        "ticket_tag",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint("char_length(tag) BETWEEN 1 AND 40", name=op.f("ticket_tag_tag_check")),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("ticket_tag_ticket_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "tag", name=op.f("ticket_tag_pkey")),
    )
    op.create_index("ticket_tag_tag", "ticket_tag", ["tag"], unique=False)
    op.add_column(
        "conversation",
        sa.Column("aside", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_index("conversation_opened", "conversation", ["opened_at"], unique=False)
    op.create_index(
        "message_at",
        "message",
        ["at"],
        unique=False,
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    op.add_column(
        "team", sa.Column("reopen_days", sa.Integer(), server_default="7", nullable=False)
    )
    op.add_column(
        "ticket", sa.Column("aside", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_index("ticket_first_reply", "ticket", ["first_reply_at"], unique=False)
    op.create_index("ticket_opened", "ticket", ["opened_at"], unique=False)
    op.create_index("ticket_resolved", "ticket", ["resolved_at"], unique=False)
    op.drop_index("conversation_one_open", table_name="conversation")
    op.create_index(
        "conversation_one_open",
        "conversation",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed' AND joined_to IS NULL AND NOT aside"),
    )
    op.drop_index("ticket_one_open", table_name="ticket")
    op.create_index(
        "ticket_one_open",
        "ticket",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved' AND joined_to IS NULL AND NOT aside"),
    )


def downgrade() -> None:
    # Of several open ones of a customer the one they talk in stays open.
    op.execute(
        "UPDATE conversation SET state = 'closed', outcome = 'handed_off', closed_at = now()"
        " WHERE aside AND state <> 'closed'"
    )
    op.execute(
        "UPDATE ticket SET state = 'resolved', resolved_at = now(), snoozed_until = NULL"
        " WHERE aside AND state <> 'resolved'"
    )
    op.drop_index("conversation_one_open", table_name="conversation")
    op.create_index(
        "conversation_one_open",
        "conversation",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'closed' AND joined_to IS NULL"),
    )
    op.drop_index("ticket_one_open", table_name="ticket")
    op.create_index(
        "ticket_one_open",
        "ticket",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'resolved' AND joined_to IS NULL"),
    )
    op.drop_index("ticket_resolved", table_name="ticket")
    op.drop_index("ticket_opened", table_name="ticket")
    op.drop_index("ticket_first_reply", table_name="ticket")
    op.drop_column("ticket", "aside")
    op.drop_column("team", "reopen_days")
    op.drop_index(
        "message_at",
        table_name="message",
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    op.drop_index("conversation_opened", table_name="conversation")
    op.drop_column("conversation", "aside")
    op.drop_index("ticket_tag_tag", table_name="ticket_tag")
    op.drop_table("ticket_tag")
    op.drop_index(op.f("ticket_link_other_id_idx"), table_name="ticket_link")
    op.drop_index(
        "ticket_link_once", table_name="ticket_link", postgresql_where=sa.text("undone_at IS NULL")
    )
    op.drop_index(
        "ticket_link_merged",
        table_name="ticket_link",
        postgresql_where=sa.text("kind = 'merged' AND undone_at IS NULL"),
    )
    op.drop_table("ticket_link")
    op.drop_index("macro_name", table_name="macro")
    op.drop_table("macro")
    op.drop_table("tag_rule")
