"""Questions of customers who left where they were to choose are gaps, too

Revision: 0035, after 0034
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    of("'left', 'unknown', 'rejected', 'hand_off', 'solved'")


def downgrade() -> None:
    # The older version has no word for them: nothing that was offered was the answer.
    op.execute(
        """UPDATE kb_gap_question
              SET kinds = CASE WHEN kinds = ARRAY['left'] THEN ARRAY['unknown']
                               ELSE array_remove(kinds, 'left') END
            WHERE 'left' = ANY (kinds)"""
    )
    of("'unknown', 'rejected', 'hand_off', 'solved'")


def of(kinds: str) -> None:
    op.drop_constraint(op.f("ck_kb_gap_question_kinds"), "kb_gap_question", type_="check")
    op.create_check_constraint(
        op.f("ck_kb_gap_question_kinds"), "kb_gap_question", f"kinds <@ ARRAY[{kinds}]"
    )
