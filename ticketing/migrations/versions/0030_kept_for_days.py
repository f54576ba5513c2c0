"""How long conversations and the access log are kept, and what went because of it

Revision: 0030, after 0029
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# What was said of it holds for all time, except that a row may go when it was kept long enough.
ACCESSES = """CREATE FUNCTION accesses_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
      IF TG_OP = 'DELETE' AND OLD.at < now() - make_interval(days => (
           SELECT days FROM retention WHERE kind = 'accesses' ORDER BY id DESC LIMIT 1)) THEN
        RETURN OLD;
      END IF;
      RAISE EXCEPTION 'that somebody looked stays as it was written, for as long as is set';
    END$$"""
# It only counts while it runs.
PURGES = """CREATE FUNCTION purges_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE moving text[] := ARRAY['finished_at', 'counts'];
    BEGIN
      IF TG_OP = 'DELETE' OR OLD.finished_at IS NOT NULL
         OR to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving THEN
        RAISE EXCEPTION 'what went on a day stays as it was written';
      END IF;
      RETURN NEW;
    END$$"""
NOW = sa.text("clock_timestamp()")


def upgrade() -> None:
    op.create_table(
        "retention",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "kind IN ('conversations', 'accesses')", name=op.f("retention_kind_check")
        ),
        sa.CheckConstraint(
            "days BETWEEN CASE kind WHEN 'accesses' THEN 365 ELSE 90 END AND 36500",
            name=op.f("retention_days_check"),
        ),
        sa.CheckConstraint(
            "source IN ('console', 'api', 'cli')", name=op.f("retention_source_check")
        ),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("retention_agent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("retention_pkey")),
    )
    op.create_index("retention_newest", "retention", ["kind", "id"])
    kept("retention", "changes_are_kept")
    op.create_table(
        "purge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("retention_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "counts", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("begun_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["retention_id"], ["retention.id"], name=op.f("purge_retention_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("purge_pkey")),
        sa.UniqueConstraint("retention_id", "day", name=op.f("purge_retention_id_day_key")),
    )
    op.execute(PURGES)
    kept("purge", "purges_are_kept")
    op.add_column("conversation", sa.Column("purged_to", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "conversation_kept",
        "conversation",
        ["last_message_at"],
        postgresql_where=sa.text(
            "purged_to IS NULL OR purged_to < last_message_at OR purged_to < closed_at"
        ),
    )
    op.execute(ACCESSES)
    op.execute("DROP TRIGGER access_kept ON access")
    kept("access", "accesses_are_kept")


def downgrade() -> None:
    # What went is gone; the older version keeps for ever what is left.
    op.execute("DROP TRIGGER access_kept ON access")
    kept("access", "changes_are_kept")
    op.execute("DROP FUNCTION accesses_are_kept()")
    op.drop_index("conversation_kept", table_name="conversation")
    op.drop_column("conversation", "purged_to")
    op.drop_table("purge")
    op.execute("DROP FUNCTION purges_are_kept()")
    op.drop_table("retention")


def kept(table: str, function: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()"
    )
