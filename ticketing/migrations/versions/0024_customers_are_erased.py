"""Customers are erased, and what they changed goes only with them

Revision: 0024, after 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Histories could not be rewritten before, but their lines could be taken out one by one. They go
# when what they are the history of goes, which is when the foreign key's own trigger deletes them.
WITH_ITS_OWNER = """CREATE FUNCTION changes_go_with_their_owner() RETURNS trigger
    LANGUAGE plpgsql AS $$BEGIN
      IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'what was changed goes only with whom or what it is the history of';
      END IF;
      RETURN OLD;
    END$$"""
# Until it is finished, what is left to do changes; who did it, when, why and to whom never does.
KEPT = """CREATE FUNCTION erasures_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE moving text[] := ARRAY['finished_at', 'remaining'];
    BEGIN
      IF TG_OP = 'DELETE' OR OLD.finished_at IS NOT NULL
         OR to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving THEN
        RAISE EXCEPTION 'that somebody was erased stays as it was written';
      END IF;
      RETURN NEW;
    END$$"""
HISTORIES = ("customer_change", "purchase_change")


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customers", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "begun_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column(
            "remaining", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint(
            "source IN ('console', 'api', 'cli')", name=op.f("erasure_source_check")
        ),
        sa.CheckConstraint(
            "char_length(reason) BETWEEN 1 AND 200", name=op.f("erasure_reason_check")
        ),
        sa.CheckConstraint(
            "finished_at IS NULL OR remaining = '{}'::jsonb", name=op.f("erasure_finished_check")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("erasure_agent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("erasure_pkey")),
    )
    op.create_index("erasure_customers", "erasure", ["customers"], postgresql_using="gin")
    op.execute(KEPT)
    op.execute(
        "CREATE TRIGGER erasure_kept BEFORE UPDATE OR DELETE ON erasure "
        "FOR EACH ROW EXECUTE FUNCTION erasures_are_kept()"
    )
    op.add_column("customer", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("customer_erased_check"),
        "customer",
        "erased_at IS NULL OR (num_nonnulls(name, email, phone, birthday, address,"
        " preferred_channel, preferences, tier, owner_id) = 0 AND custom = '{}'::jsonb)",
    )
    op.execute(WITH_ITS_OWNER)
    for table in HISTORIES:
        op.execute(
            f"CREATE TRIGGER {table}_with_owner BEFORE DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION changes_go_with_their_owner()"
        )


def downgrade() -> None:
    for table in HISTORIES:
        op.execute(f"DROP TRIGGER {table}_with_owner ON {table}")
    op.execute("DROP FUNCTION changes_go_with_their_owner()")
    op.drop_constraint(op.f("customer_erased_check"), "customer", type_="check")
    op.drop_column("customer", "erased_at")
    op.drop_table("erasure")
    op.execute("DROP FUNCTION erasures_are_kept()")
