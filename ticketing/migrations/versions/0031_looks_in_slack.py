"""What agents ask Slack to show them is a look, too

Revision: 0031, after 0030
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    through("'console', 'api', 'slack', 'cli'")
    # Slack does not say where its people are, and nothing else is written in its place.
    op.create_check_constraint(
        op.f("access_place_check"), "access", "source <> 'slack' OR place = ''"
    )


def downgrade() -> None:
    # Looks in Slack go: the older version has no place for them.
    op.drop_constraint(op.f("access_place_check"), "access", type_="check")
    op.execute("ALTER TABLE access DISABLE TRIGGER access_kept")
    op.execute("DELETE FROM access WHERE source = 'slack'")
    op.execute("ALTER TABLE access ENABLE TRIGGER access_kept")
    through("'console', 'api', 'cli'")


def through(sources: str) -> None:
    op.drop_constraint(op.f("access_source_check"), "access", type_="check")
    op.create_check_constraint(op.f("access_source_check"), "access", f"source IN ({sources})")
