"""What customers left in the knowledge base, deleted with them or with what they said.

That is what they asked in vain, the drafts that were made of nothing else, and saved questions and
searches that name them. What curators published is the shop's own text and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import Session, aliased

from knowledge_base import drafts, gaps, regrouping
from knowledge_base.content import MAX_TITLE
from knowledge_base.models import (
    Article,
    Gap,
    GapQuestion,
    Question,
    Revision,
    SavedQuestion,
    SearchMiss,
)


def forget(
    session: Session,
    *,
    customers: Sequence[UUID] = (),
    keys: Sequence[str] = (),
    tickets: Sequence[str],
    written: Callable[[str, str], str],
) -> None:
    """Delete the questions of ``customers``, or those of these ``keys``, and the drafts that were
    made of them or of ``tickets``.

    ``written`` is how a draft in a language has what somebody said.
    """
    gaps.lock(session)
    for sources in (None, tickets):
        # Whoever publishes or throws away a draft has it before its gap.
        draft = _made_of(sources).with_only_columns(Article.id, Article.locale)
        session.execute(draft.order_by(Article.id, Article.locale).with_for_update(of=Article))
    found = [forget_questions(session, customer=customer) for customer in customers]
    if keys:
        found.append(forget_questions(session, keys=keys))
    for one in found:
        for whole, (numbers, texts) in one.items():
            if session.scalar(select(exists().where(gaps.is_in(whole)))):
                _take_out(session, _unsaid(session, texts), written)
            else:
                _drop(session, _drafts(session, [f"gap:{number}" for number in numbers]))
                _take_out(session, texts, written)
    _drop(session, _drafts(session, tickets))


def forget_questions(
    session: Session, *, customer: UUID | None = None, keys: Sequence[str] = ()
) -> dict[int, tuple[set[int], set[str]]]:
    """Delete a customer's questions, or those of these keys; gaps without another are gone, too.

    Returns what was deleted, questions and answers, by gap, with the numbers of what is merged in
    it. The caller holds :func:`gaps.lock`.
    """
    rows = session.execute(
        delete(GapQuestion)
        .where(GapQuestion.key.in_(keys) if customer is None else GapQuestion.customer == customer)
        .returning(GapQuestion.gap_id, GapQuestion.text, GapQuestion.answer)
    ).all()
    lost: dict[int, list[str]] = {}
    for number, asked, _ in rows:
        lost.setdefault(number, []).append(asked)
    wholes = {number: gaps.whole(session, number) for number in lost}
    found: dict[int, tuple[set[int], set[str]]] = {}
    for whole in wholes.values():
        found[whole] = {*session.scalars(select(Gap.id).where(gaps.is_of(whole)))}, set()
    for number, asked, answer in rows:
        found[wholes[number]][1].update((asked, answer) if answer else (asked,))
    for number, texts in sorted(lost.items()):
        regrouping.shrink(session, gaps.get(session, number, for_update=True), texts)
    return found


def forget_words(session: Session, words: Sequence[str]) -> None:
    """Delete the saved questions, and what was searched for, that hold one of these: an address, a
    number of somebody."""
    for word in words:
        for kept in (SavedQuestion.question, SearchMiss.words):
            session.execute(delete(kept.class_).where(kept.icontains(word, autoescape=True)))


def _drafts(session: Session, sources: Sequence[str] | None = None) -> list[Article]:
    """Articles from there, or from any gap, that customers have never seen."""
    return list(session.scalars(_made_of(sources)))


def _made_of(sources: Sequence[str] | None) -> Select[Article]:
    log = aliased(Revision)
    source = log.content["source"].astext
    wanted = source.startswith("gap:") if sources is None else source.in_(sources)
    same = (log.article_id == Article.id) & (log.locale == Article.locale)
    return (
        select(Article)
        .where(Article.state.in_(("draft", "review")))
        .where(exists().where(same, wanted))
        .where(~exists().where(same, log.action == "publish"))
    )


def _unsaid(session: Session, texts: set[str]) -> set[str]:
    """Those that nobody else asked or answered with."""
    for said in (GapQuestion.text, GapQuestion.answer):
        texts = texts.difference(session.scalars(select(said).where(said.in_(texts))))
    return texts


def _drop(session: Session, unwanted: Sequence[Article]) -> None:
    for draft in unwanted:
        session.execute(
            delete(Article).where(Article.id == draft.id, Article.locale == draft.locale)
        )
        session.expunge(draft)


def _take_out(session: Session, texts: set[str], written: Callable[[str, str], str]) -> None:
    """Out of the drafts that were made of gaps, and out of their logs: what was merged or taken
    out since can be in any of them.

    One whose title or body is theirs is dropped, and can be made anew of what is left.
    """
    for draft in _drafts(session) if texts else ():
        theirs = {written(one, draft.locale) for one in texts}
        titles = {one[:MAX_TITLE] for one in theirs}
        if draft.title in titles or draft.body in theirs:
            _drop(session, [draft])
            drafts.undrafted(session, article=draft.id, locale=draft.locale)
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
