"""What all surveys have in common: one score that counts, which may be changed for an hour.

A score is saved by a conditional UPDATE, so of two clicks at once one is first. What it was before
a change stays with it and does not count.
"""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from ticketing import history
from ticketing.customers import members
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Csat, Nps, Survey

COMMENT_LIMIT = 1000
# How long a question can be answered, and a given score be changed.
EXPIRY = dt.timedelta(days=7)
CHANGEABLE = dt.timedelta(hours=1)
# How long words typed to the bot can still belong to a score.
COMMENTABLE = dt.timedelta(days=1)
SCALES: dict[type[Survey], tuple[int, int]] = {Csat: (1, 5), Nps: (0, 10)}

AnySurvey = Csat | Nps


def get(session: Session, survey_id: str, *, customer_id: uuid.UUID) -> AnySurvey:
    """The customer's own survey of either kind. Raises :class:`NotFound`, also for others'."""
    try:
        key = uuid.UUID(survey_id)
    except ValueError:
        raise NotFound("there is no such survey") from None
    theirs = members(customer_id)
    found: AnySurvey | None = session.scalar(
        select(Csat).where(Csat.id == key, Csat.customer_id.in_(theirs))
    ) or session.scalar(select(Nps).where(Nps.id == key, Nps.customer_id.in_(theirs)))
    if found is None:
        raise NotFound("there is no such survey")
    return found


def conversation_id(survey: AnySurvey) -> int:
    """The episode that it asks about, or was asked in."""
    if isinstance(survey, Csat) and survey.ticket is not None:
        return survey.ticket.conversation_id
    assert survey.conversation_id is not None, "the schema has one of the two"
    return survey.conversation_id


def rate(session: Session, survey: AnySurvey, *, score: int) -> int | None:
    """Save the score, or change it within an hour; the score it had before, if it had one.

    Raises :class:`Refused` for a score that is not on the scale, and :class:`Conflict` whose
    ``reason`` says why not: ``expired``, ``too_late`` to change it, the ``same`` as it is.
    """
    table = type(survey)
    worst, best = SCALES[table]
    if not worst <= score <= best:
        raise Refused(f"a rating is a number from {worst} to {best}")
    won = session.execute(
        update(table)
        .where(table.id == survey.id, table.rated_at.is_(None), table.skipped.is_(None))
        .where(table.expires_at > func.now())
        .values(score=score, rated_at=func.now())
        .returning(table.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if won is None:
        _change(session, survey, table, score)
    session.refresh(survey)
    history.touch(session, survey.customer_id)
    return previous(survey)


def _change(session: Session, survey: AnySurvey, table: type[AnySurvey], score: int) -> None:
    before = func.jsonb_build_object(
        "score", table.score, "at", func.coalesce(table.changed_at, table.rated_at)
    )
    changed = session.execute(
        update(table)
        .where(table.id == survey.id, table.score != score)
        .where(table.rated_at > func.now() - CHANGEABLE)
        .values(
            earlier=type_coerce(table.earlier, JSONB).op("||")(before),
            score=score,
            changed_at=func.now(),
        )
        .returning(table.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if changed is not None:
        return
    session.refresh(survey)
    if survey.rated_at is None:
        raise Conflict("this question was answerable for a week; it has expired", reason="expired")
    if survey.score == score:
        raise Conflict("this has been rated so already", reason="same")
    raise Conflict("a rating can be changed within an hour", reason="too_late")


def can_be_rated(session: Session, survey: AnySurvey) -> bool:
    """Whether the question is put and waits for its answer."""
    table = type(survey)
    waits = select(table.id).where(
        table.id == survey.id,
        table.rated_at.is_(None),
        table.skipped.is_(None),
        table.expires_at > func.now(),
    )
    return session.scalar(waits) is not None


def comment(session: Session, survey: AnySurvey, *, text: str) -> bool:
    """Keep the customer's words with their score, once; whether they are new.

    The same words again are a repetition whose answer was lost. Raises :class:`Conflict` for
    others, and where there is no score.
    """
    if not text.strip() or len(text) > COMMENT_LIMIT:
        raise Refused(f"a comment has 1 to {COMMENT_LIMIT} characters")
    table = type(survey)
    won = session.execute(
        update(table)
        .where(table.id == survey.id, table.rated_at.is_not(None), table.comment.is_(None))
        .values(comment=text.strip())
        .returning(table.id)
    ).scalar()
    if won is None:
        session.refresh(survey, ["comment"])
        if survey.comment != text.strip():
            raise Conflict("a comment comes after the rating, once")
        return False
    history.touch(session, survey.customer_id)
    return True


def commentable(session: Session, *, customer_id: uuid.UUID) -> AnySurvey | None:
    """What the person rated last, within a day, if they have added no words to it yet."""
    theirs = members(customer_id)
    found: list[AnySurvey] = []
    for table in (Csat, Nps):
        found += session.scalars(
            select(table)
            .where(table.customer_id.in_(theirs), table.rated_at > func.now() - COMMENTABLE)
            .order_by(table.rated_at.desc())
            .limit(1)
        )
    last = max(found, key=lambda survey: survey.rated_at or survey.asked_at, default=None)
    return last if last is not None and last.comment is None else None


def previous(survey: AnySurvey) -> int | None:
    """The score before the last change."""
    return int(survey.earlier[-1]["score"]) if survey.earlier else None


def skipped(session: Session, *, customer_id: uuid.UUID, limit: int = 20) -> list[AnySurvey]:
    """Questions that were not put to the person, newest first."""
    theirs = members(customer_id)
    found: list[AnySurvey] = []
    for table in (Csat, Nps):
        found += session.scalars(
            select(table)
            .where(table.customer_id.in_(theirs), table.skipped.is_not(None))
            .order_by(table.asked_at.desc())
            .limit(limit)
        )
    found.sort(key=lambda one: one.asked_at, reverse=True)
    return found[:limit]
