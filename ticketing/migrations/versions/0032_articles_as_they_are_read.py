"""Articles that are stored already say the same as if they were brought today

Revision: 0032, after 0031

Hangul in pieces, as a Mac writes it, is put together: a search finds no other letters. And a line
of an article is a line to customers from now on, so sentences that came wrapped in Markdown files
become one line each: customers read what they read before. What curators typed, and what came in
tables, stays as it is.
"""

import sqlalchemy as sa
from alembic import op
from markdown_it import MarkdownIt

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

# None of the characters that are put together is one that JSON needs.
COMPOSED = (
    """UPDATE kb_article SET title = normalize(title), body = normalize(body),
          tags = (SELECT coalesce(array_agg(tag ORDER BY first), '{}')
                    FROM (SELECT normalize(one) AS tag, min(place) AS first
                            FROM unnest(tags) WITH ORDINALITY AS of (one, place)
                           GROUP BY 1) AS composed)
        WHERE title IS NOT NFC NORMALIZED OR body IS NOT NFC NORMALIZED
           OR array_to_string(tags, ' ') IS NOT NFC NORMALIZED""",
    "UPDATE kb_question SET text = normalize(text) WHERE text IS NOT NFC NORMALIZED",
    """UPDATE kb_revision SET content = normalize(content::text)::jsonb
        WHERE content::text IS NOT NFC NORMALIZED""",
)
FROM_FILES = """(SELECT article_id, locale FROM kb_imported_article
    JOIN kb_import ON kb_import.id = import_id
   WHERE lower(source) !~ '[.](csv|tsv|xlsx|jsonl|ndjson)$')"""
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def upgrade() -> None:
    database = op.get_bind()
    changed = sum(database.execute(sa.text(one)).rowcount for one in COMPOSED)
    articles = f"""SELECT id, locale, body FROM kb_article
        WHERE position(chr(10) IN body) > 0 AND (id, locale) IN {FROM_FILES}"""
    for id, locale, body in database.execute(sa.text(articles)).all():
        if (made := unwrapped(body)) != body:
            database.execute(
                sa.text("UPDATE kb_article SET body = :made WHERE (id, locale) = (:id, :locale)"),
                {"made": made, "id": id, "locale": locale},
            )
            changed += 1
    revisions = f"""SELECT seq, content->>'body' FROM kb_revision
        WHERE position(chr(10) IN content->>'body') > 0 AND (article_id, locale) IN {FROM_FILES}"""
    for seq, body in database.execute(sa.text(revisions)).all():
        if (made := unwrapped(body)) != body:
            database.execute(
                sa.text(
                    "UPDATE kb_revision SET content = jsonb_set(content, '{body}', "
                    "to_jsonb(CAST(:made AS text))) WHERE seq = :seq"
                ),
                {"made": made, "seq": seq},
            )
    if changed:
        op.execute("UPDATE kb_version SET version = version + 1")


def downgrade() -> None:
    # The older version reads both alike.
    pass


def unwrapped(markdown: str) -> str:
    """The text with the lines of each of its paragraphs joined, except where one is broken."""
    lines = markdown.split("\n")
    gone = set()
    for token in MARKDOWN.parse(markdown):
        if token.type != "inline" or token.map is None:
            continue
        last, above = token.map[0], ""
        for place, said in enumerate(token.content.split("\n"), start=last):
            backslashes = len(above) - len(above.rstrip("\\"))
            if place > last and not above.endswith("  ") and backslashes % 2 == 0:
                lines[last] = f"{lines[last].rstrip()} {said.strip()}"
                gone.add(place)
            else:
                last = place
            above = said
    return "\n".join(line for place, line in enumerate(lines) if place not in gone)
