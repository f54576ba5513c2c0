"""Whether an article helped: what visitors of the help centre say, one vote each."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from knowledge_base import articles
from knowledge_base.errors import NotFound
from knowledge_base.models import Vote


def cast(session: Session, *, id: str, locale: str, visitor: bytes, helpful: bool) -> None:
    """Keep a vote; the same visitor again changes it. Raises :class:`NotFound` for what customers
    do not see."""
    article = articles.get(session, id=id, locale=locale)
    if article.published_revision is None:
        raise NotFound(f"no article {id!r} in {locale!r}")
    session.execute(
        insert(Vote)
        .values(
            article_id=id,
            locale=locale,
            visitor=visitor,
            revision=article.published_revision,
            helpful=helpful,
        )
        .on_conflict_do_update(
            index_elements=[Vote.article_id, Vote.locale, Vote.visitor],
            set_={
                "helpful": helpful,
                "revision": article.published_revision,
                "at": func.now(),
            },
        )
    )


def count(session: Session, *, id: str, locale: str) -> tuple[int, int]:
    """How many found it helpful, and how many did not."""
    rows = session.execute(
        select(Vote.helpful, func.count())
        .where(Vote.article_id == id, Vote.locale == locale)
        .group_by(Vote.helpful)
    )
    found = {helpful: number for helpful, number in rows}
    return found.get(True, 0), found.get(False, 0)
