"""Reviews: who writes asks, and who may publish says yes (by publishing) or sends it back."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge_base import articles, catalogue
from knowledge_base.errors import Invalid
from knowledge_base.models import Article, Revision

MAX_NOTE = 500


def ask(
    session: Session, *, id: str, locale: str, author: str, revision: int | None = None
) -> Article:
    """Put the working copy before somebody who may publish it; asking twice changes nothing.

    :class:`Invalid` where there is nothing that customers do not see already, :class:`Conflict`
    as for ``articles.update``.
    """
    article = articles.get_at(session, id=id, locale=locale, revision=revision)
    if article.published_revision == article.revision:
        raise Invalid("state", "is published as it is; there is nothing to review")
    if not article.in_review:
        article.review_revision = article.revision
        if article.state != "published":
            article.state = "review"
        articles.record(
            session, article, articles.content_of(article), author=author, action="review"
        )
        session.flush()
        session.refresh(article, ["updated_at"])
    return article


def send_back(
    session: Session, *, id: str, locale: str, author: str, note: str = "", revision: int
) -> Article:
    """Answer a review with no; ``note`` says what is missing and is kept in the log."""
    article = articles.get_at(session, id=id, locale=locale, revision=revision)
    if not article.in_review:
        raise Invalid("state", "is not in review")
    article.review_revision = None
    if article.state == "review":
        article.state = "draft"
    said = " ".join(note.replace("\0", "").split())[:MAX_NOTE]
    articles.record(
        session, article, articles.content_of(article), author=author, action="return", note=said
    )
    session.flush()
    session.refresh(article, ["updated_at"])
    return article


def waiting(session: Session) -> int:
    """How many articles wait for a review, in whichever language."""
    held = select(func.count(Article.id.distinct())).where(Article.review_revision.is_not(None))
    return session.scalar(held) or 0


def sent_back(session: Session, *, to: str) -> int:
    """How many articles were sent back to who asked for their review, and wait for a change."""
    log = (Revision.article_id == Article.id) & (Revision.locale == Article.locale)
    asked = select(Revision.author).where(log, Revision.action == "review")
    by = asked.order_by(Revision.seq.desc()).limit(1).correlate(Article).scalar_subquery()
    held = select(func.count(Article.id.distinct())).where(catalogue.in_state("back"), by == to)
    return session.scalar(held) or 0
