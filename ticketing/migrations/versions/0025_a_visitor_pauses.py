"""How long a visitor has to wait before the next message is taken

Revision: 0025, after 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# The history is the count: what was accepted twice is one line of it, and it is the same for every
# process. A function, because a statement does not see what was committed while it waited for the
# visitor's lane, and a volatile one does. ``more`` are those before it in the same statement.
WAIT = """CREATE FUNCTION visitor_wait(address bigint, allowed integer, more bigint)
    RETURNS double precision LANGUAGE plpgsql VOLATILE AS $$
    DECLARE earlier timestamptz;
    BEGIN
      IF more >= allowed THEN RETURN 60; END IF;
      SELECT at INTO earlier FROM message
       WHERE identity_id = address AND author = 'customer' AND kind <> 'edit'
       ORDER BY id DESC OFFSET allowed - more - 1 LIMIT 1;
      RETURN COALESCE(GREATEST(0,
        EXTRACT(EPOCH FROM earlier + interval '1 minute' - clock_timestamp())), 0);
    END$$"""


def upgrade() -> None:
    op.execute(WAIT)


def downgrade() -> None:
    op.execute("DROP FUNCTION visitor_wait(bigint, integer, bigint)")
