"""Gaps merged and taken apart by curators, and what their drafts ask, which follows.

A draft is what answers who waits; one that lacks a question leaves its customer waiting, and one
that keeps a question it does not belong to answers it wrongly. Drafts that customers have seen are
the curators' own: they stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from connectors import personal
from connectors.gaps import TO_WRITE, cleaned
from knowledge_base import articles, drafts, gaps, regrouping
from knowledge_base.content import MAX_BODY, MAX_QUESTIONS
from knowledge_base.models import Article


def merge(session: Session, id: int, *, into: int, by: str) -> int:
    """Merge two gaps, and each one's words into the draft of the other; the number of the whole,
    which is the one that was asked more often, from whichever page they are merged.

    Raises what :func:`knowledge_base.regrouping.merge` does.
    """
    gaps.lock(session)
    if id != into and gaps.whole(session, id) == gaps.whole(session, into):
        return gaps.whole(session, id)  # a second click finds what the first one made
    times, others = (gaps.summary(session, one, examples=0).size for one in (id, into))
    if times > others:
        id, into = into, id
    held = [(gap, other, _drafts(session, gap)) for gap, other in ((id, into), (into, id))]
    said = {gap: drafts.wording(session, gap)[0] for gap in (id, into)}
    whole = regrouping.merge(session, id, into=into, by=by).id
    _, answer = drafts.wording(session, whole)
    for _, other, mine in held:
        for draft in mine:
            _ask(session, draft, more=said[other], answer=answer, by=by)
    return whole


def separate(session: Session, id: int, *, by: str) -> int:
    """Make a part a gap of its own again; the number of the gap that it was in.

    Raises what :func:`knowledge_base.regrouping.separate` does.
    """
    gaps.lock(session)
    held = _drafts(session, gaps.whole(session, id))
    whole = regrouping.separate(session, id, by=by)
    part = gaps.get(session, id)
    mine, rest = gaps.texts(session, id), gaps.texts(session, whole.id)
    for draft in held:
        _ask(
            session, draft, less=rest - mine if draft.id == part.article_id else mine - rest, by=by
        )
    return whole.id


def take_out(session: Session, key: str, *, of: int, by: str) -> None:
    """Make a question a gap of its own, and take it out of the drafts that it does not belong to.

    Raises what :func:`knowledge_base.regrouping.take_out` does.
    """
    gaps.lock(session)
    held = _drafts(session, of)
    made = regrouping.take_out(session, key, of=of, by=by)
    for draft in held:
        if draft.id != made.article_id:
            _ask(session, draft, less=gaps.texts(session, made.id), by=by)


def _drafts(session: Session, gap: int) -> Sequence[Article]:
    """Of a gap and its parts, held until the commit: whoever publishes takes articles first."""
    found = sorted(gaps.written(session, gap), key=lambda one: one.id)
    held = [articles.get(session, id=one.id, locale=one.locale, lock=True) for one in found]
    return [one for one in held if one.state != "retired" and drafts.unseen(session, one)]


def _ask(
    session: Session,
    draft: Article,
    *,
    more: Iterable[str] = (),
    less: Iterable[str] = (),
    answer: str | None = None,
    by: str,
) -> None:
    gone = {*cleaned(less, draft.locale)}
    kept = [one for one in draft.questions if one not in gone]
    new = [one for one in cleaned(more, draft.locale) if one not in kept]
    body = draft.body
    if answer and body in TO_WRITE.values():
        body = personal.without(answer, locale=draft.locale)[:MAX_BODY]
    articles.update(
        session,
        id=draft.id,
        locale=draft.locale,
        questions=[*kept, *new][:MAX_QUESTIONS],
        body=body,
        author=by,
    )
