"""What a customer left in the knowledge base, deleted with them.

That is what they asked in vain, the drafts that were made of nothing else, and saved questions
that name them. What curators published is the shop's own text and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session, aliased

from knowledge_base import gaps
from knowledge_base.content import MAX_TITLE
from knowledge_base.models import Article, Gap, GapQuestion, Question, Revision, SavedQuestion


def forget(
    session: Session,
    *,
    customers: Sequence[UUID],
    tickets: Sequence[str],
    written: Callable[[str, str], str],
) -> None:
    """Delete their questions, and the drafts that were made of them or of their ``tickets``.

    ``written`` is how a draft in a language has what somebody said.
    """
    gaps.lock(session)
    for customer in customers:
        for number, texts in gaps.forget(session, customer=customer).items():
            rows = session.execute(
                select(GapQuestion.text, GapQuestion.answer).where(GapQuestion.gap_id == number)
            ).all()
            kept = {one for row in rows for one in row if one}
            if kept:
                _take_out(session, number, texts - kept, written)
            else:
                _drop(session, _drafts(session, [_source(number)]))
    _drop(session, _drafts(session, tickets))


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


def _source(gap: int) -> str:
    return f"gap:{gap}"


def _drop(session: Session, drafts: Sequence[Article]) -> None:
    for draft in drafts:
        session.execute(
            delete(Article).where(Article.id == draft.id, Article.locale == draft.locale)
        )
        session.expunge(draft)


def _take_out(
    session: Session, gap: int, texts: set[str], written: Callable[[str, str], str]
) -> None:
    """Out of the drafts that others' questions are in, too, and out of their logs.

    One whose title or body is theirs is dropped, and can be made anew of what is left.
    """
    for draft in _drafts(session, [_source(gap)]):
        theirs = {written(one, draft.locale) for one in texts}
        titles = {one[:MAX_TITLE] for one in theirs}
        if draft.title in titles or draft.body in theirs:
            _drop(session, [draft])
            session.execute(
                update(Gap)
                .where(Gap.id == gap, Gap.state == "drafted")
                .values(state="open", article_id=None)
            )
            continue
        mine = (Question.article_id == draft.id) & (Question.locale == draft.locale)
        session.execute(delete(Question).where(mine, Question.text.in_(theirs)))
        log = session.scalars(
            select(Revision).where(Revision.article_id == draft.id, Revision.locale == draft.locale)
        )
        for entry in log:
            was = entry.content
            left = [one for one in was.get("questions", []) if one not in theirs]
            entry.content = was | {
                "questions": left,
                "title": draft.title if was.get("title") in titles else was.get("title"),
                "body": draft.body if was.get("body") in theirs else was.get("body"),
            }
        session.expire(draft)
    session.flush()
