"""Drafts that nobody wants: one that customers never saw can be thrown away."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge_base import articles, gaps
from knowledge_base.errors import Invalid
from knowledge_base.models import Article, Revision


def unseen(session: Session, article: Article) -> bool:
    """Whether no customer was ever shown any revision of it."""
    shown = select(Revision.seq).where(
        Revision.article_id == article.id,
        Revision.locale == article.locale,
        Revision.action == "publish",
    )
    return article.published_revision is None and session.scalar(shown.limit(1)) is None


def discard(session: Session, *, id: str, locale: str, revision: int, by: str) -> None:
    """Delete a draft with its history; a gap that it was made of is to be written about again.

    Raises :class:`NotFound`, :class:`Conflict` if somebody saved since ``revision``, and
    :class:`Invalid` for what customers have seen, which is retired instead and kept.
    """
    article = articles.get_at(session, id=id, locale=locale, revision=revision)
    if not unseen(session, article):
        raise Invalid("state", "was published; it can be retired")
    session.delete(article)
    session.flush()
    gaps.undrafted(session, article=id, locale=locale, by=by)
