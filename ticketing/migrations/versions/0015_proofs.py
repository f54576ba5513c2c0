"""Proofs of who somebody is: signed claims, one-time codes, and what was refused

Revision: 0015, after 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NOW = sa.text("now()")


def upgrade() -> None:
    op.add_column(
        "identity",
        sa.Column(
            "claims", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
    )
    op.create_table(
        "link_code",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("evidence IN ('code', 'email')", name=op.f("link_code_evidence_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("link_code_customer_id_fkey")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("link_code_pkey")),
    )
    op.create_index(op.f("link_code_customer_id_idx"), "link_code", ["customer_id"])
    op.create_table(
        "link_refusal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("identity_id", sa.BigInteger(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("link_refusal_identity_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("link_refusal_pkey")),
    )
    op.create_index("link_refusal_recent", "link_refusal", ["identity_id", "at"])


def downgrade() -> None:
    op.drop_table("link_refusal")
    op.drop_table("link_code")
    op.drop_column("identity", "claims")
