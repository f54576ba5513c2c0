"""What was kept long enough goes, day by day: from the history, and from the knowledge base.

Every worker thinks of it, one begins, and the job of a lane does it in pieces; whoever dies in the
middle leaves the rest to the next (:mod:`ticketing.purging`).
"""

from __future__ import annotations

import time

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from connectors import personal
from connectors.store import Store
from connectors.worker import Handler, Settle
from knowledge_base import forgetting, misses
from ticketing import accesses, agents, lanes, purging, retention
from ticketing.lanes import Work
from ticketing.models import Purge

PURGE = "retention.purge"
# After these seconds another job goes on, well within what one may take.
PIECE_S = 3.0
# Questions, and drafts of tickets, of one piece: who sorts or publishes waits for it.
TOGETHER = 200
# What is of a conversation all whose words are gone, and of which nothing was said since.
_GONE = "conversation.purged_to >= GREATEST(conversation.last_message_at, conversation.closed_at)"
_BEFORE = "now() - make_interval(days => CAST(:days AS int))"
# A question's key begins with its conversation's number: see `connectors.gaps`. One that was being
# sorted in while its conversation went is found the next day. One that somebody still writes about
# goes when they have left the draft for as long.
_QUESTIONS = sql(
    f"""SELECT question.key FROM kb_gap_question AS question
         JOIN conversation ON conversation.id::text = split_part(question.key, ':', 1)
        WHERE {_GONE} AND question.at < {_BEFORE}
          AND NOT EXISTS (
            SELECT FROM kb_gap AS mine
              JOIN kb_gap AS one
                ON COALESCE(one.into_id, one.id) = COALESCE(mine.into_id, mine.id)
              JOIN kb_article AS article
                ON article.id = one.article_id AND article.locale = one.locale
             WHERE mine.id = question.gap_id AND article.state IN ('draft', 'review')
               AND article.updated_at >= {_BEFORE})
        ORDER BY question.key LIMIT :limit"""
)
_DRAFTED = sql(
    f"""SELECT ticket.code FROM kb_article AS article
         JOIN kb_revision AS log ON log.article_id = article.id AND log.locale = article.locale
         JOIN ticket ON ticket.code = log.content->>'source'
         JOIN conversation ON conversation.id = ticket.conversation_id
        WHERE article.state IN ('draft', 'review') AND {_GONE}
          AND NOT EXISTS (SELECT FROM kb_revision AS published
                           WHERE published.article_id = article.id
                             AND published.locale = article.locale AND published.action = 'publish')
        GROUP BY ticket.code HAVING max(article.updated_at) < {_BEFORE}
        ORDER BY ticket.code LIMIT :limit"""
)


def sweep(session: Session) -> None:
    """Begin what is to go today, if nobody has, and delete what is never kept for longer."""
    misses.sweep(session, zone=accesses.zone(session))
    agents.sweep(session)
    for number in retention.begin(session):
        _go_on(session, number)


def step(session: Session, purge_id: int) -> bool:
    """One piece; ``False`` when nothing is left that is to go today."""
    purge = retention.get(session, purge_id, lock=True)
    if purge.finished_at is not None:
        return False
    gone = {}
    if retention.holds(session, purge):
        gone = purging.step(session, purge) or _forget(session, purge)
    if not gone:
        retention.finish(session, purge)
        return False
    retention.count(session, purge, gone)
    return True


def _forget(session: Session, purge: Purge) -> dict[str, int]:
    """What the knowledge base has of conversations that are gone."""
    if purge.retention.kind != "conversations":
        return {}
    asked = {"days": purge.retention.days, "limit": TOGETHER}
    keys = session.scalars(_QUESTIONS, asked).all()
    tickets = session.scalars(_DRAFTED, asked).all()
    if not keys and not tickets:
        return {}
    forgetting.forget(
        session,
        keys=keys,
        tickets=tickets,
        written=lambda said, locale: personal.without(said, locale=locale),
    )
    return {"questions": len(keys)}


def handlers(store: Store) -> dict[str, Handler]:
    """By kind of job."""

    async def handle(work: Work) -> Settle:
        number = int(work.payload["purge"])
        end = time.monotonic() + PIECE_S
        more = True
        while more and time.monotonic() < end:
            more = await store.run(step, number)

        def settle(session: Session) -> None:
            if more:
                _go_on(session, number, after=work.job)

        return settle

    return {PURGE: handle}


def _go_on(session: Session, purge_id: int, *, after: int = 0) -> None:
    lanes.enqueue(
        session,
        lane=f"purge:{purge_id}",
        kind=PURGE,
        dedup=f"{purge_id}:{after}",
        payload={"purge": purge_id},
    )
