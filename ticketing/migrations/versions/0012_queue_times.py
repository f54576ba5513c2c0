"""Business hours, service levels, presence

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sla_policy",
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), server_default="", nullable=False),
        sa.Column("first_minutes", sa.Integer(), nullable=False),
        sa.Column("next_minutes", sa.Integer(), nullable=False),
        sa.Column("resolution_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "priority IN ('low', 'normal', 'high', 'urgent')",
            name=op.f("sla_policy_priority_check"),
        ),
        sa.CheckConstraint(
            "first_minutes BETWEEN 1 AND 100000", name=op.f("sla_policy_first_check")
        ),
        sa.CheckConstraint("next_minutes BETWEEN 1 AND 100000", name=op.f("sla_policy_next_check")),
        sa.CheckConstraint(
            "resolution_minutes BETWEEN 1 AND 100000", name=op.f("sla_policy_resolution_check")
        ),
        sa.PrimaryKeyConstraint("priority", "tier", name=op.f("sla_policy_pkey")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), server_default="Asia/Seoul", nullable=False),
        sa.Column("country", sa.Text(), server_default="KR", nullable=False),
        sa.Column("locale", sa.Text(), server_default="", nullable=False),
        sa.Column("pickup_minutes", sa.Integer(), server_default="10", nullable=False),
        sa.Column("silent_minutes", sa.Integer(), server_default="60", nullable=False),
        sa.Column("routing", sa.Text(), server_default="offer", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("locale IN ('', 'ko', 'en')", name=op.f("team_locale_check")),
        sa.CheckConstraint(
            "routing IN ('off', 'offer', 'assign')", name=op.f("team_routing_check")
        ),
        sa.CheckConstraint("pickup_minutes BETWEEN 1 AND 1440", name=op.f("team_pickup_check")),
        sa.CheckConstraint("silent_minutes BETWEEN 0 AND 10080", name=op.f("team_silent_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("team_pkey")),
        sa.UniqueConstraint("name", name=op.f("team_name_key")),
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('email', 'phone')", name=op.f("contact_kind_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("contact_customer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_pkey")),
        sa.UniqueConstraint(
            "customer_id", "kind", "value", name=op.f("contact_customer_id_kind_value_key")
        ),
    )
    op.create_index(op.f("contact_customer_id_idx"), "contact", ["customer_id"], unique=False)
    op.create_table(
        "day_off",
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("day_off_team_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("team_id", "day", name=op.f("day_off_pkey")),
    )
    op.create_table(
        "duty",
        sa.Column("agent_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="auto", nullable=False),
        sa.Column("seen", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("languages", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("topics", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.CheckConstraint("languages <@ ARRAY['ko', 'en']", name=op.f("duty_languages_check")),
        sa.CheckConstraint("state IN ('auto', 'on', 'off')", name=op.f("duty_state_check")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("duty_agent_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("duty_team_id_fkey"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("duty_pkey")),
    )
    op.create_table(
        "opening",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("opens", sa.SmallInteger(), nullable=False),
        sa.Column("closes", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint(
            "closes > opens AND closes <= opens + 1440", name=op.f("opening_closes_check")
        ),
        sa.CheckConstraint("opens BETWEEN 0 AND 1439", name=op.f("opening_opens_check")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("opening_weekday_check")),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("opening_team_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("opening_pkey")),
        sa.UniqueConstraint(
            "team_id", "weekday", "opens", name=op.f("opening_team_id_weekday_opens_key")
        ),
    )
    op.create_table(
        "service_target",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("goal_s", sa.Integer(), nullable=False),
        sa.Column("spent_s", sa.Double(), server_default="0", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "kind IN ('first', 'next', 'resolution')", name=op.f("service_target_kind_check")
        ),
        sa.CheckConstraint(
            "(due_at IS NULL) = (warn_at IS NULL)", name=op.f("service_target_warned_before_check")
        ),
        sa.CheckConstraint(
            "since IS NOT NULL OR due_at IS NULL", name=op.f("service_target_paused_check")
        ),
        sa.CheckConstraint(
            "since IS NULL OR met_at IS NULL", name=op.f("service_target_met_check")
        ),
        sa.CheckConstraint("told BETWEEN 0 AND 2", name=op.f("service_target_told_check")),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["ticket.id"],
            name=op.f("service_target_ticket_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", "kind", name=op.f("service_target_pkey")),
    )
    op.add_column("ticket", sa.Column("team_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "ticket",
        sa.Column(
            "queued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.add_column("ticket", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "ticket", sa.Column("escalated", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.add_column("ticket", sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("offered_to_id", sa.BigInteger(), nullable=True))
    op.add_column("ticket", sa.Column("offered_why", sa.Text(), server_default="", nullable=False))
    op.create_foreign_key(
        op.f("ticket_offered_to_id_fkey"), "ticket", "agent", ["offered_to_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("ticket_team_id_fkey"), "ticket", "team", ["team_id"], ["id"], ondelete="SET NULL"
    )
    op.create_check_constraint(
        op.f("ticket_escalated_check"), "ticket", "escalated BETWEEN 0 AND 2"
    )
    # Tickets from before have waited since they came.
    op.execute("UPDATE ticket SET queued_at = opened_at")


def downgrade() -> None:
    op.drop_constraint(op.f("ticket_team_id_fkey"), "ticket", type_="foreignkey")
    op.drop_constraint(op.f("ticket_offered_to_id_fkey"), "ticket", type_="foreignkey")
    op.drop_column("ticket", "offered_why")
    op.drop_column("ticket", "offered_to_id")
    op.drop_column("ticket", "promised_at")
    op.drop_column("ticket", "escalated")
    op.drop_column("ticket", "waiting_since")
    op.drop_column("ticket", "queued_at")
    op.drop_column("ticket", "team_id")
    op.drop_table("service_target")
    op.drop_table("opening")
    op.drop_table("duty")
    op.drop_table("day_off")
    op.drop_index(op.f("contact_customer_id_idx"), table_name="contact")
    op.drop_table("contact")
    op.drop_table("team")
    op.drop_table("sla_policy")
