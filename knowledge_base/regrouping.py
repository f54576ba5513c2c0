"""Gaps put right by hand: merged where they ask one thing, a question taken out where it does not.

A merge moves nothing. The part points to the whole and keeps its questions and its words, so that
new questions like either find the whole, and it can be taken apart again as it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased

from knowledge_base import gaps
from knowledge_base.errors import Conflict, Invalid, NotFound
from knowledge_base.models import Gap, GapQuestion

# What is answered or dismissed is done with; merged into it, a question would be done with unseen.
MERGEABLE = ("open", "drafted")


def merge(session: Session, id: int, *, into: int, by: str) -> Gap:
    """Make a gap, with what was merged into it, a part of another; returns the whole.

    If only one of them has a draft, or nothing but what was merged into it, that one is the whole.
    Merged already: nothing happens. Raises :class:`NotFound`, :class:`Conflict` if one is part of
    a third or done with, and :class:`Invalid` for a gap and itself or one in the other language.
    """
    gaps.lock(session)
    if id == into:
        raise Invalid("into", "is the same gap")
    held = {one: gaps.get(session, one, for_update=True) for one in sorted((id, into))}
    part, whole = held[id], held[into]
    for one, other in ((part, whole), (whole, part)):
        if one.into_id == other.id:
            return other
    if any(one.into_id is not None or one.state not in MERGEABLE for one in (part, whole)):
        raise Conflict("one of the gaps is done with, or a part of another")
    if part.locale != whole.locale:
        raise Invalid("into", "is in another language")
    # A part has questions of its own, or nothing could be taken apart again.
    if (part.size == 0, part.state == "drafted") > (whole.size == 0, whole.state == "drafted"):
        part, whole = whole, part
    # First its own parts: nothing is a part of a part.
    session.execute(update(Gap).where(Gap.into_id == part.id).values(into_id=whole.id))
    part.into_id, part.changed_by, part.changed_at = whole.id, by, func.now()
    if part.state == "drafted" and whole.state == "open":
        whole.state, whole.article_id = part.state, part.article_id
    session.flush()
    if not part.size:
        session.delete(part)
        session.flush()
    return whole


def separate(session: Session, id: int, *, by: str) -> Gap:
    """Make a part a gap of its own again, as it was; returns the gap that it was in.

    Raises :class:`NotFound`, and :class:`Conflict` if it is no part, or all that is left there.
    """
    gaps.lock(session)
    into = gaps.get(session, id).into_id
    if into is None:
        raise Conflict("it is a gap of its own already")
    members = _locked(session, into)
    if sum(one.size for one in members.values()) == members[id].size:
        raise Conflict("nothing would be left there")
    _release(session, members[id], members[into], by)
    return members[into]


def take_out(session: Session, key: str, *, of: int, by: str) -> Gap:
    """Make a question of a gap, and those that say the same word for word, a gap of its own.

    Returns the new gap. Raises :class:`NotFound`, and :class:`Conflict` if it is in another gap by
    now or the only thing that is asked in this one.
    """
    gaps.lock(session)
    row = session.get(GapQuestion, key)
    if row is None:
        raise NotFound("there is no such question")
    members = _locked(session, of)
    if row.gap_id not in members or members[of].into_id is not None:
        raise Conflict("it is in another gap by now")
    asked = session.execute(
        select(GapQuestion.gap_id, func.count())
        .where(GapQuestion.gap_id.in_(members), GapQuestion.text == row.text)
        .group_by(GapQuestion.gap_id)
    )
    same = {number: int(times) for number, times in asked}
    if sum(same.values()) == sum(one.size for one in members.values()):
        raise Conflict("nothing else is asked there")
    if len(same) == 1 and row.gap_id != of and same[row.gap_id] == members[row.gap_id].size:
        return _release(session, members[row.gap_id], members[of], by)
    return _split_off(session, row, {members[number]: times for number, times in same.items()}, by)


def _locked(session: Session, id: int) -> dict[int, Gap]:
    """A gap and its parts, held until the commit. Raises :class:`NotFound`."""
    held = select(Gap).where(gaps.is_of(id)).order_by(Gap.id).with_for_update()
    found = session.scalars(held.execution_options(populate_existing=True))
    members = {one.id: one for one in found}
    if id not in members:
        raise NotFound("there is no such gap")
    return members


def _release(session: Session, part: Gap, whole: Gap, by: str) -> Gap:
    part.into_id, part.changed_by, part.changed_at = None, by, func.now()
    session.flush()
    _entitle(session, whole)
    return part


def _split_off(session: Session, row: GapQuestion, times: dict[Gap, int], by: str) -> Gap:
    from knowledge_base import clusters

    asked = row.text
    one = clusters.features(asked)
    made = Gap(locale=next(iter(times)).locale, state="open", title=asked, size=sum(times.values()))
    made.features = {name: weight * made.size for name, weight in one.items()}
    made.first_at, made.last_at, made.changed_by = row.at, row.at, by
    session.add(made)
    session.flush()
    numbers = [gap.id for gap in times]
    session.execute(
        update(GapQuestion)
        .where(GapQuestion.gap_id.in_(numbers), GapQuestion.text == asked)
        .values(gap_id=made.id)
    )
    _span(session, made)
    for gap, number in times.items():
        shrink(session, gap, [asked] * number)
    return made


def shrink(session: Session, gap: Gap, gone: Sequence[str]) -> None:
    """Make a gap what is left of it without these questions, whose rows it has lost.

    One that has none left is deleted, once nothing is merged into it any more.
    """
    from knowledge_base import clusters

    features = dict(gap.features)
    for asked in gone:
        features = clusters.without(features, clusters.features(asked))
    gap.features = features
    gap.size = session.scalar(select(func.count()).where(GapQuestion.gap_id == gap.id)) or 0
    _span(session, gap)
    whole = None if gap.into_id is None else gaps.get(session, gap.into_id, for_update=True)
    for one in (gap, whole):
        if one is not None:
            _entitle(session, one)
    if gap.size or session.scalar(select(Gap.id).where(Gap.into_id == gap.id).limit(1)):
        return
    session.delete(gap)
    session.flush()
    if whole is not None and not whole.size:
        shrink(session, whole, [])


def _entitle(session: Session, gap: Gap) -> None:
    """Call a gap as somebody asks; one with nothing of its own as what is merged into it."""
    mine = GapQuestion.gap_id == gap.id
    for scope in (mine, gaps.is_in(gap.id)):
        said = select(GapQuestion.text).where(scope)
        if session.scalar(said.where(GapQuestion.text == gap.title).limit(1)) is not None:
            return
        newest = said.order_by(GapQuestion.at.desc(), GapQuestion.key).limit(1)
        if (title := session.scalar(newest)) is not None:
            gap.title = title
            session.flush()
            return


def _span(session: Session, gap: Gap) -> None:
    asked = select(func.min(GapQuestion.at), func.max(GapQuestion.at))
    first, last = session.execute(asked.where(GapQuestion.gap_id == gap.id)).one()
    gap.first_at, gap.last_at = first or gap.first_at, last or gap.last_at


def nearest(session: Session, id: int, *, limit: int) -> list[tuple[Gap, int]]:
    """What a gap can be merged with, and how often that was asked: by likeness, the nearest first.

    The likeness of two that were merged of several is that of the two parts most alike.
    """
    from knowledge_base import clusters

    gap = gaps.get(session, id)
    whole = aliased(Gap)
    rows = session.scalars(
        select(Gap)
        .join(whole, whole.id == func.coalesce(Gap.into_id, Gap.id))
        .where(whole.locale == gap.locale, whole.state.in_(MERGEABLE) | (whole.id == id))
        .order_by(Gap.id)
    ).all()
    wholes = {row.id: row for row in rows if row.into_id is None}
    mine = [row.features for row in rows if id in (row.id, row.into_id)]
    others = [row for row in rows if id not in (row.id, row.into_id)]
    best: dict[int, float] = {}
    size: dict[int, int] = {}
    like = clusters.alike([one.features for one in others], mine)
    for row, near in zip(others, like, strict=True):
        number = row.into_id or row.id
        best[number] = max(best.get(number, 0.0), near)
        size[number] = size.get(number, 0) + row.size
    order = sorted(best, key=lambda one: (-best[one], one))
    return [(wholes[one], size[one]) for one in order[:limit]]
