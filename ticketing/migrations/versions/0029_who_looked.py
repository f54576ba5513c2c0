"""Who looked at whose data: downloads become one kind of access

Revision: 0029, after 0028
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

SAME = "id, form, customer_id, rows, reason, by_name, agent_id, source, place, at"


def upgrade() -> None:
    op.create_table(
        "access",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("people", ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("form", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        *who(),
        sa.Column("whom", sa.Uuid(), nullable=True),
        sa.Column("span", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "what IN ('opened', 'listed', 'searched', 'downloaded')", name=op.f("access_what_check")
        ),
        sa.CheckConstraint(
            "CASE what WHEN 'downloaded' "
            "THEN file IN ('customers', 'purchases', 'person', 'figures') "
            "ELSE file = '' AND form = '' AND reason = '' END",
            name=op.f("access_file_check"),
        ),
        sa.CheckConstraint(
            "(what = 'opened' OR file = 'person') = (customer_id IS NOT NULL)",
            name=op.f("access_whose_check"),
        ),
        sa.CheckConstraint(
            "CASE what WHEN 'downloaded' THEN whom IS NULL AND span IS NULL "
            "ELSE whom IS NOT NULL AND span IS NOT NULL AND agent_id IS NOT NULL END",
            name=op.f("access_once_check"),
        ),
        *common("access"),
        sa.UniqueConstraint(
            *("agent_id", "what", "whom", "span", "source", "place"),
            name=op.f("access_agent_id_what_whom_span_source_place_key"),
        ),
    )
    op.execute(
        f"INSERT INTO access (what, file, people, {SAME}) SELECT 'downloaded', what, "
        f"array_remove(ARRAY[customer_id], NULL), {SAME} FROM download ORDER BY id"
    )
    go_on("access")
    op.create_index(op.f("access_at_id_idx"), "access", ["at", "id"])
    op.create_index("access_people", "access", ["people"], postgresql_using="gin")
    keep("access")
    op.drop_table("download")


def downgrade() -> None:
    # Who opened and searched goes, and rows of figures: the older version has no place for them.
    op.create_table(
        "download",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *who(),
        sa.CheckConstraint(
            "what IN ('customers', 'purchases', 'person')", name=op.f("download_what_check")
        ),
        sa.CheckConstraint(
            "(what = 'person') = (customer_id IS NOT NULL)", name=op.f("download_whose_check")
        ),
        *common("download"),
    )
    op.execute(
        f"INSERT INTO download (what, {SAME}) SELECT file, {SAME} FROM access "
        "WHERE what = 'downloaded' AND file <> 'figures' ORDER BY id"
    )
    go_on("download")
    keep("download")
    op.drop_table("access")


def who() -> "list[sa.Column[Any]]":
    return [
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
    ]


def common(table: str) -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(
            "source IN ('console', 'api', 'cli')", name=op.f(f"{table}_source_check")
        ),
        sa.CheckConstraint("char_length(reason) <= 200", name=op.f(f"{table}_reason_check")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f(f"{table}_agent_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"{table}_pkey")),
    ]


def go_on(table: str) -> None:
    """Number the next row after those that were copied."""
    op.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} "
        "HAVING max(id) IS NOT NULL"
    )


def keep(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION changes_are_kept()"
    )
