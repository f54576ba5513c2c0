"""The customer's record: fields with their history, purchases

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What is looked for in names: without spaces, in one case, Hangul as whole syllables. The bodies
# are parsed when they are made, so a backup comes back whatever its search path is.
PLAIN = """CREATE FUNCTION customer_plain(value text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN replace(lower(normalize(value, NFC)), ' ', '')"""
# Pieces of what is known: any two characters of which one is not ASCII, any three that are, and
# any four digits of a number. All pieces of a part of it are pieces of the whole.
PIECES = r"""CREATE FUNCTION customer_pieces(name text, email text, phone text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
    DECLARE
        word text;
        found text[] := '{}';
        digits text;
    BEGIN
        IF name IS NULL AND email IS NULL AND phone IS NULL THEN RETURN found; END IF;
        FOREACH word IN ARRAY ARRAY[replace(lower(normalize(name, NFC)), ' ', ''), lower(email)]
        LOOP
            FOR place IN 1 .. coalesce(length(word), 0) - 1 LOOP
                IF octet_length(substr(word, place, 2)) > 2 THEN
                    found := found || substr(word, place, 2);
                END IF;
                IF place < length(word) - 1 AND octet_length(substr(word, place, 3)) = 3 THEN
                    found := found || substr(word, place, 3);
                END IF;
            END LOOP;
        END LOOP;
        digits := translate(phone, '+-() ', '');
        FOR place IN 1 .. coalesce(length(digits), 0) - 3 LOOP
            found := found || ('p' || substr(digits, place, 4));
        END LOOP;
        RETURN found;
    END $$"""
KEPT = """CREATE FUNCTION changes_are_kept() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'what was changed stays as it was written'; END$$"""


def upgrade() -> None:
    op.create_table(
        "customer_field",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name_ko", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("choices", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("place", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'choice') = (jsonb_array_length(choices) > 0)",
            name=op.f("customer_field_choices_check"),
        ),
        sa.CheckConstraint("key ~ '^[a-z][a-z0-9_]{0,39}$'", name=op.f("customer_field_key_check")),
        sa.CheckConstraint(
            "kind IN ('text', 'number', 'date', 'boolean', 'choice')",
            name=op.f("customer_field_kind_check"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("customer_field_pkey")),
    )
    op.create_table(
        "customer_import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="mapping", nullable=False),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("rows", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("added", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kept", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("restored", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'undone') = (undone_at IS NOT NULL)",
            name=op.f("customer_import_undone_check"),
        ),
        sa.CheckConstraint(
            "kind IN ('customers', 'purchases')", name=op.f("customer_import_kind_check")
        ),
        sa.CheckConstraint(
            "state IN ('mapping', 'checking', 'checked', 'running', 'done', 'undoing', 'undone')",
            name=op.f("customer_import_state_check"),
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("customer_import_agent_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_import_pkey")),
    )
    op.create_index(
        op.f("customer_import_agent_id_idx"), "customer_import", ["agent_id"], unique=False
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("consent_withdrawn_check")
        ),
        sa.CheckConstraint("withdrawn_at >= given_at", name=op.f("consent_order_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("consent_customer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("consent_pkey")),
    )
    op.create_index(
        "consent_in_force",
        "consent",
        ["customer_id", "purpose"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index("consent_of", "consent", ["customer_id", "id"], unique=False)
    op.create_table(
        "customer_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old", JSONB(), nullable=True),
        sa.Column("new", JSONB(), nullable=True),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "source IN ('console', 'slack', 'api', 'cli', 'import', 'undo', 'order', 'customer',"
            " 'token')",
            name=op.f("customer_change_source_check"),
        ),
        sa.CheckConstraint("old IS DISTINCT FROM new", name=op.f("customer_change_changes_check")),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("customer_change_agent_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["customer_import.id"], name=op.f("customer_change_batch_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("customer_change_customer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_change_pkey")),
    )
    op.create_index(
        op.f("customer_change_agent_id_idx"), "customer_change", ["agent_id"], unique=False
    )
    op.create_index(
        "customer_change_batch",
        "customer_change",
        ["batch_id", "id"],
        unique=False,
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index("customer_change_of", "customer_change", ["customer_id", "id"], unique=False)
    op.create_table(
        "customer_import_row",
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cells", JSONB(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(outcome = 'refused') = (code IS NOT NULL)",
            name=op.f("customer_import_row_refused_check"),
        ),
        sa.CheckConstraint(
            "outcome IN ('added', 'updated', 'unchanged', 'refused')",
            name=op.f("customer_import_row_outcome_check"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["customer_import.id"],
            name=op.f("customer_import_row_import_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("import_id", "row", name=op.f("customer_import_row_pkey")),
    )
    op.create_index(
        "customer_import_row_key", "customer_import_row", ["import_id", "key"], unique=False
    )
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="paid", nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), server_default="KRW", nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("currency ~ '^[A-Z]{3}$'", name=op.f("purchase_currency_check")),
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'cancelled', 'refunded')",
            name=op.f("purchase_status_check"),
        ),
        sa.CheckConstraint(
            "amount >= 0 AND refunded BETWEEN 0 AND amount", name=op.f("purchase_amount_check")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("purchase_customer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("purchase_pkey")),
        sa.UniqueConstraint("number", name=op.f("purchase_number_key")),
    )
    op.create_index(
        "purchase_number_prefix",
        "purchase",
        [sa.text("lower(number) text_pattern_ops")],
        unique=False,
    )
    op.create_index("purchase_of", "purchase", ["customer_id", "ordered_at"], unique=False)
    op.create_table(
        "purchase_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column("old", JSONB(), nullable=True),
        sa.Column("new", JSONB(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("undoes", sa.BigInteger(), nullable=True),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "source IN ('api', 'import', 'undo')", name=op.f("purchase_change_source_check")
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["customer_import.id"], name=op.f("purchase_change_batch_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("purchase_change_purchase_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("purchase_change_pkey")),
    )
    op.create_index(
        "purchase_change_batch",
        "purchase_change",
        ["batch_id", "id"],
        unique=False,
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index(
        op.f("purchase_change_purchase_id_idx"), "purchase_change", ["purchase_id"], unique=False
    )
    op.create_table(
        "purchase_item",
        sa.Column("purchase_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("purchase_item_amount_check")),
        sa.CheckConstraint("quantity >= 1", name=op.f("purchase_item_quantity_check")),
        sa.ForeignKeyConstraint(
            ["purchase_id"],
            ["purchase.id"],
            name=op.f("purchase_item_purchase_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("purchase_id", "place", name=op.f("purchase_item_pkey")),
    )
    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('delivery', 'defect', 'payment', 'service', 'other')",
            name=op.f("claim_kind_check"),
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by IS NULL)"
            " AND (settled_at IS NULL) = (settlement IS NULL)",
            name=op.f("claim_settled_check"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
            name=op.f("claim_customer_id_fkey"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name=op.f("claim_ticket_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("claim_pkey")),
    )
    op.create_index("claim_of", "claim", ["customer_id", "id"], unique=False)
    op.create_index(
        "claim_ticket",
        "claim",
        ["ticket_id"],
        unique=False,
        postgresql_where=sa.text("ticket_id IS NOT NULL"),
    )
    op.add_column("customer", sa.Column("birthday", sa.Date(), nullable=True))
    op.add_column("customer", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("customer", sa.Column("preferred_channel", sa.Text(), nullable=True))
    op.add_column("customer", sa.Column("preferences", sa.Text(), nullable=True))
    op.add_column("customer", sa.Column("tier", sa.Text(), nullable=True))
    op.add_column("customer", sa.Column("owner_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "customer",
        sa.Column("custom", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
    )
    op.create_check_constraint(
        op.f("customer_preferred_channel_check"),
        "customer",
        "preferred_channel IN ('web', 'telegram', 'kakao', 'email', 'phone')",
    )
    op.execute(PLAIN)
    op.execute(PIECES)
    op.create_index(
        "customer_email", "customer", [sa.text("lower(email) text_pattern_ops")], unique=False
    )
    op.create_index(
        "customer_name_prefix",
        "customer",
        [sa.text("customer_plain(name) text_pattern_ops")],
        unique=False,
    )
    op.create_index(
        "customer_named",
        "customer",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("name IS NOT NULL"),
    )
    op.create_index(op.f("customer_owner_id_idx"), "customer", ["owner_id"], unique=False)
    op.create_index(
        "customer_phone",
        "customer",
        ["phone"],
        unique=False,
        postgresql_where=sa.text("phone IS NOT NULL"),
    )
    op.create_index(
        "customer_pieces",
        "customer",
        [sa.text("customer_pieces(name, email, phone)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_foreign_key(op.f("customer_owner_id_fkey"), "customer", "agent", ["owner_id"], ["id"])
    op.execute(KEPT)
    for table in ("customer_change", "purchase_change"):
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION changes_are_kept()"
        )


def downgrade() -> None:
    op.drop_constraint(op.f("customer_owner_id_fkey"), "customer", type_="foreignkey")
    op.drop_index("customer_pieces", table_name="customer", postgresql_using="gin")
    op.drop_index(
        "customer_phone", table_name="customer", postgresql_where=sa.text("phone IS NOT NULL")
    )
    op.drop_index(op.f("customer_owner_id_idx"), table_name="customer")
    op.drop_index(
        "customer_named", table_name="customer", postgresql_where=sa.text("name IS NOT NULL")
    )
    op.drop_index("customer_name_prefix", table_name="customer")
    op.drop_index("customer_email", table_name="customer")
    op.execute("DROP FUNCTION customer_pieces(text, text, text)")
    op.execute("DROP FUNCTION customer_plain(text)")
    op.drop_constraint(op.f("customer_preferred_channel_check"), "customer", type_="check")
    op.drop_column("customer", "custom")
    op.drop_column("customer", "owner_id")
    op.drop_column("customer", "tier")
    op.drop_column("customer", "preferences")
    op.drop_column("customer", "preferred_channel")
    op.drop_column("customer", "address")
    op.drop_column("customer", "birthday")
    op.drop_index(
        "claim_ticket", table_name="claim", postgresql_where=sa.text("ticket_id IS NOT NULL")
    )
    op.drop_index("claim_of", table_name="claim")
    op.drop_table("claim")
    op.drop_table("purchase_item")
    op.drop_index(op.f("purchase_change_purchase_id_idx"), table_name="purchase_change")
    op.drop_index(
        "purchase_change_batch",
        table_name="purchase_change",
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.drop_table("purchase_change")
    op.drop_index("purchase_of", table_name="purchase")
    op.drop_index("purchase_number_prefix", table_name="purchase")
    op.drop_table("purchase")
    op.drop_index("customer_import_row_key", table_name="customer_import_row")
    op.drop_table("customer_import_row")
    op.drop_index("customer_change_of", table_name="customer_change")
    op.drop_index(
        "customer_change_batch",
        table_name="customer_change",
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.drop_index(op.f("customer_change_agent_id_idx"), table_name="customer_change")
    op.drop_table("customer_change")
    op.drop_index("consent_of", table_name="consent")
    op.drop_index(
        "consent_in_force", table_name="consent", postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.drop_table("consent")
    op.drop_index(op.f("customer_import_agent_id_idx"), table_name="customer_import")
    op.drop_table("customer_import")
    op.drop_table("customer_field")
    op.execute("DROP FUNCTION changes_are_kept()")
