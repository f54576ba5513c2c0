"""What the drafts of articles have in common, wherever they are made from."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy.orm import Session

from knowledge_base import articles

SLUG = 60


def free_id(session: Session, title: str, number: int) -> str:
    """An id that says what it is about, and that no article in any language has.

    ``number`` makes it one of its own where the words do not.
    """
    plain = unicodedata.normalize("NFC", title).lower()
    slug = re.sub(r"[\W_]+", "-", plain)[:SLUG].strip("-") or f"draft-{number}"
    return f"{slug}-{number}" if articles.versions(session, id=slug) else slug
