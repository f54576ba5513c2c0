"""What a customer left in the knowledge base, deleted with them.

That is what they asked in vain, the drafts that were made of nothing else, and saved questions
that name them. What curators published is the shop's own text and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session, aliased

from knowledge_base import gaps
from knowledge_base.models import Article, GapQuestion, Question, Revision, SavedQuestion


def forget(session: Session, *, customers: Sequence[UUID], tickets: Sequence[str]) -> None:
    """Delete their questions, and the drafts that were made of them or of their ``tickets``."""
    gaps.lock(session)
    for customer in customers:
        for gap, texts in gaps.forget(session, customer=customer).items():
            kept = session.scalars(
                select(GapQuestion.text).where(GapQuestion.gap_id == gap).distinct()
            ).all()
            if kept:
                _take_out(session, f"gap:{gap}", texts - set(kept))
            else:
                _drop(session, [f"gap:{gap}"])
    _drop(session, tickets)


def forget_saved(session: Session, words: Sequence[str]) -> None:
    """Delete the saved questions that hold one of these: an address, a number of somebody."""
    for word in words:
        session.execute(
            delete(SavedQuestion).where(SavedQuestion.question.icontains(word, autoescape=True))
        )


def _drafts(session: Session, sources: Sequence[str]) -> list[Article]:
    """Articles from there that customers have never seen."""
    log = aliased(Revision)
    same = (log.article_id == Article.id) & (log.locale == Article.locale)
    return list(
        session.scalars(
            select(Article)
            .where(Article.state.in_(("draft", "review")))
            .where(exists().where(same, log.content["source"].astext.in_(sources)))
            .where(~exists().where(same, log.action == "publish"))
        )
    )


def _drop(session: Session, sources: Sequence[str]) -> None:
    for draft in _drafts(session, sources):
        session.execute(
            delete(Article).where(Article.id == draft.id, Article.locale == draft.locale)
        )
        session.expunge(draft)


def _take_out(session: Session, source: str, texts: set[str]) -> None:
    """Out of a draft that others' questions are in, too, and out of its log."""
    for draft in _drafts(session, [source]):
        mine = (Question.article_id == draft.id) & (Question.locale == draft.locale)
        session.execute(delete(Question).where(mine, Question.text.in_(texts)))
        log = session.scalars(
            select(Revision).where(Revision.article_id == draft.id, Revision.locale == draft.locale)
        )
        for entry in log:
            left = [one for one in entry.content.get("questions", []) if one not in texts]
            entry.content = entry.content | {"questions": left}
        session.expire(draft)
    session.flush()
