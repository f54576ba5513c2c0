"""Surveys in their full form

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NOW = sa.text("now()")
WEEK = sa.text("(now() + '7 days'::interval)")
NONE = sa.text("'[]'::jsonb")
JSON = postgresql.JSONB(astext_type=sa.Text())
TIME = sa.DateTime(timezone=True)


CHECKS = {
    "changed": "(earlier = '[]'::jsonb) = (changed_at IS NULL)",
    "changed_after_rated": "changed_at IS NULL OR rated_at IS NOT NULL",
    "skipped": "skipped IS NULL OR rated_at IS NULL",
}


def upgrade() -> None:
    op.add_column("csat", sa.Column("earlier", JSON, server_default=NONE, nullable=False))
    op.add_column("csat", sa.Column("expires_at", TIME, server_default=WEEK, nullable=False))
    op.add_column("csat", sa.Column("changed_at", TIME, nullable=True))
    op.add_column("csat", sa.Column("skipped", sa.Text(), nullable=True))
    op.add_column("csat", sa.Column("conversation_id", sa.BigInteger(), nullable=True))
    op.execute("UPDATE csat SET expires_at = asked_at + '7 days'::interval")
    op.alter_column("csat", "ticket_id", nullable=True)
    op.create_foreign_key(
        op.f("csat_conversation_id_fkey"), "csat", "conversation", ["conversation_id"], ["id"]
    )
    op.create_unique_constraint(op.f("csat_conversation_id_key"), "csat", ["conversation_id"])
    op.create_check_constraint(
        op.f("csat_about_check"), "csat", "(ticket_id IS NULL) <> (conversation_id IS NULL)"
    )
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"csat_{name}_check"), "csat", rule)
    op.create_table(
        "nps",
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("moment", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("earlier", JSON, server_default=NONE, nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("asked_at", TIME, server_default=NOW, nullable=False),
        sa.Column("expires_at", TIME, server_default=WEEK, nullable=False),
        sa.Column("rated_at", TIME, nullable=True),
        sa.Column("changed_at", TIME, nullable=True),
        sa.Column("skipped", sa.Text(), nullable=True),
        sa.CheckConstraint("score BETWEEN 0 AND 10", name=op.f("nps_score_check")),
        sa.CheckConstraint("(score IS NULL) = (rated_at IS NULL)", name=op.f("nps_rated_check")),
        sa.CheckConstraint(
            "comment IS NULL OR score IS NOT NULL", name=op.f("nps_comment_after_score_check")
        ),
        *(
            sa.CheckConstraint(rule, name=op.f(f"nps_{name}_check"))
            for name, rule in CHECKS.items()
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("nps_conversation_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("nps_customer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("nps_pkey")),
        sa.UniqueConstraint("customer_id", "moment", name=op.f("nps_customer_id_moment_key")),
    )
    op.create_index(op.f("nps_customer_id_idx"), "nps", ["customer_id"], unique=False)
    op.create_table(
        "survey_policy",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sample", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('agent', 'bot', 'nps')", name=op.f("survey_policy_kind_check")
        ),
        sa.CheckConstraint("sample BETWEEN 0 AND 100", name=op.f("survey_policy_sample_check")),
        sa.CheckConstraint("quiet_days BETWEEN 0 AND 3650", name=op.f("survey_policy_quiet_check")),
        sa.PrimaryKeyConstraint("kind", name=op.f("survey_policy_pkey")),
    )
    op.create_table(
        "recovery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("csat_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", TIME, server_default=NOW, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("done_by", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(done_at IS NULL) = (done_by IS NULL)", name=op.f("recovery_done_check")
        ),
        sa.CheckConstraint(
            "(done_at IS NULL) = (outcome IS NULL)", name=op.f("recovery_outcome_check")
        ),
        sa.ForeignKeyConstraint(["csat_id"], ["csat.id"], name=op.f("recovery_csat_id_fkey")),
        sa.ForeignKeyConstraint(["owner_id"], ["agent.id"], name=op.f("recovery_owner_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("recovery_pkey")),
        sa.UniqueConstraint("csat_id", name=op.f("recovery_csat_id_key")),
    )
    op.create_index(op.f("recovery_owner_id_idx"), "recovery", ["owner_id"], unique=False)
    op.create_index(
        "recovery_open",
        "recovery",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("recovery")
    op.drop_table("survey_policy")
    op.drop_table("nps")
    # The schema before knows neither ratings of the bot nor questions that were not put.
    op.execute("DELETE FROM csat WHERE ticket_id IS NULL OR skipped IS NOT NULL")
    for name in ("about", *CHECKS):
        op.drop_constraint(op.f(f"csat_{name}_check"), "csat", type_="check")
    op.drop_constraint(op.f("csat_conversation_id_key"), "csat", type_="unique")
    op.drop_constraint(op.f("csat_conversation_id_fkey"), "csat", type_="foreignkey")
    op.alter_column("csat", "ticket_id", nullable=False)
    for name in ("conversation_id", "skipped", "changed_at", "expires_at", "earlier"):
        op.drop_column("csat", name)
