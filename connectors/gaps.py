"""What customers asked in vain, gathered from the history for the knowledge base's gaps."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from connectors import personal, wishes
from connectors.drafts import free_id
from connectors.store import Store
from knowledge_base import articles, content, drafts, gaps
from knowledge_base.errors import Conflict
from knowledge_base.gaps import Asked
from knowledge_base.models import Gap
from ticketing.models import Customer, Message, Ticket

PASS = 1000  # rows sorted in one transaction
SINCE = "365 days"

# A question of an episode counts once, however it went on: left with a choice, not known, turned
# down, handed over, answered by a person. What was turned down is what was asked before the "no";
# who asked for a person first of all asks with what they wrote after that.
_NEW = sql(
    f"""
    WITH asked AS (
      SELECT m.conversation_id, m.customer_id, m.id AS line, m.at,
             CASE WHEN m.kind = 'unknown' AND NOT m.meta ? 'rejected'
                  THEN 'unknown' ELSE 'rejected' END AS kind,
             COALESCE(before.question, m.meta->>'question') AS question,
             NULL AS ticket, NULL AS answer
        FROM message m
        LEFT JOIN LATERAL (
             SELECT e.meta->>'question' AS question FROM message e
              WHERE m.meta ? 'rejected' AND e.conversation_id = m.conversation_id AND e.id < m.id
                AND e.author = 'bot' AND e.kind IN ('answer', 'clarify', 'unknown')
                AND NOT e.meta ? 'rejected'
              ORDER BY e.id DESC LIMIT 1) before ON true
       WHERE m.author = 'bot' AND (m.kind = 'unknown' OR m.vote = 'down' OR m.meta ? 'rejected')
      UNION ALL
      SELECT m.conversation_id, m.customer_id, m.id, m.at, 'left', m.meta->>'question', NULL, NULL
        FROM message m JOIN conversation c ON c.id = m.conversation_id
       WHERE m.author = 'bot' AND m.kind = 'clarify' AND m.meta ? 'asked' AND c.state = 'closed'
         AND NOT m.meta ? 'rejected'
         AND NOT EXISTS (SELECT FROM message n
                          WHERE n.conversation_id = m.conversation_id AND n.id > m.id
                            AND n.author = 'customer')
      UNION ALL
      SELECT t.conversation_id, t.customer_id, NULL, t.opened_at,
             CASE WHEN t.state = 'resolved' AND said.answer IS NOT NULL
                  THEN 'solved' ELSE 'hand_off' END,
             {wishes.ASKED},
             t.code, CASE WHEN t.state = 'resolved' THEN said.answer END
        FROM ticket t
        LEFT JOIN LATERAL (
             SELECT string_agg(a.text, E'\\n\\n' ORDER BY a.id) AS answer FROM message a
              WHERE a.conversation_id = t.conversation_id AND a.author = 'agent'
                AND NOT a.internal AND a.kind = 'text' AND a.text <> '') said ON true
       WHERE t.reason <> 'agent_opened'
    ), keyed AS (
      SELECT *, conversation_id || ':' || md5(lower(btrim(question))) AS key
        FROM asked
       WHERE btrim(COALESCE(question, '')) <> '' AND at > now() - CAST(:since AS interval)
    )
    SELECT * FROM keyed
     WHERE (at, key, kind) > (:at, :key, :kind)
       AND NOT EXISTS (SELECT FROM kb_gap_question q
                        WHERE q.key = keyed.key AND keyed.kind = ANY (q.kinds))
     ORDER BY at, key, kind LIMIT :limit
    """
)

_GIVEN = {"since": SINCE, **wishes.GIVEN}

Place = tuple[dt.datetime, str, str]
START: Place = (dt.datetime.min.replace(tzinfo=dt.UTC), "", "")


def fresh(session: Session, *, after: Place = START, limit: int = PASS) -> list[Any]:
    """Rows that no gap knows yet, the oldest first, behind a place among them."""
    place = dict(zip(("at", "key", "kind"), after, strict=True))
    return list(session.execute(_NEW, {**_GIVEN, "limit": limit, **place}))


def sort_in(session: Session, rows: Sequence[Asked]) -> bool:
    """Put rows into the gaps; False if somebody else does that just now."""
    if not gaps.try_lock(session):
        return False
    # Whoever is erased meanwhile waits for us, or is gone already with what they asked.
    there = set(
        session.scalars(
            select(Customer.id)
            .where(Customer.id.in_({row.customer for row in rows}), Customer.erased_at.is_(None))
            .with_for_update(read=True)
        )
    )
    gaps.sort_in(session, [row for row in rows if row.customer in there])
    drafts.published_since(session, {row.key for row in rows})
    return True


async def sort_all(store: Store) -> None:
    """Sort all that is new, in short transactions; leaves it to whoever is at it already."""
    place = START
    while True:
        rows = await store.read(fresh, after=place)
        found = [asked(row) for row in rows]
        # Morphemes take their time, and no transaction waits for them: they are remembered.
        await asyncio.to_thread(gaps.prepare, found)
        if not found or not await store.run(sort_in, found) or len(rows) < PASS:
            return
        place = (rows[-1].at, rows[-1].key, rows[-1].kind)


def asked(row: Any) -> Asked:
    """A row of :func:`fresh` as the knowledge base takes it."""
    return Asked(
        key=row.key,
        kind=row.kind,
        text=" ".join(row.question.split())[: content.MAX_QUESTION],
        customer=row.customer_id,
        at=row.at,
        line=row.line,
        ticket=row.ticket,
        answer=row.answer,
    )


def draft(session: Session, id: int, *, by: str) -> tuple[str, str]:
    """Make an article's draft of a gap: its id and language. A second click finds the first one.

    What customers and agents wrote comes without the personal data that has a form. Where no
    person has answered yet, the body says that it is to be written; it cannot be published so.
    Raises :class:`Conflict` if it was merged into another meanwhile.
    """
    gap = gaps.get(session, id, for_update=True)
    if gap.into_id is not None:
        raise Conflict("this gap was merged into another")
    if gap.article_id is not None and articles.versions(session, id=gap.article_id):
        return gap.article_id, gap.locale
    questions, answer = drafts.wording(session, id)
    asked = cleaned([gap.title, *questions], gap.locale)
    # Words that nothing had to be taken out of make a better title, and an id for good.
    title = next((one for one in asked if not personal.placeholder(one)), asked[0])
    title = title[: content.MAX_TITLE]
    body = personal.without(answer, locale=gap.locale) if answer else TO_WRITE[gap.locale]
    made = articles.create(
        session,
        id=free_id(session, title, gap.id),
        locale=gap.locale,
        title=title,
        questions=asked[1:],
        body=body[: content.MAX_BODY],
        author=by,
        source=f"gap:{gap.id}",
    )
    gaps.mark(session, id, state="drafted", by=by, article=made.id)
    return made.id, made.locale


def cleaned(questions: Iterable[str], locale: str) -> list[str]:
    """Questions as a draft has them."""
    found = [personal.without(one, locale=locale) for one in questions]
    return [one[: content.MAX_QUESTION].strip() for one in found]


def wordings(session: Session, id: int, *, locale: str) -> list[str]:
    """How a gap in this language is asked, for an article that is there already: words that
    nothing personal had to be taken out of. None for a gap that does not exist."""
    found = session.get(Gap, id)
    if found is None or found.locale != locale:
        return []
    asked = cleaned(drafts.wording(session, id)[0], locale)
    return [one for one in dict.fromkeys(asked) if not personal.placeholder(one)]


def told(session: Session, codes: Collection[str]) -> set[str]:
    """Those of these tickets whose customers got an article's answer while they waited."""
    rows = session.scalars(
        select(Ticket.code)
        .join(Message, Message.conversation_id == Ticket.conversation_id)
        .where(Ticket.code.in_(codes), Message.meta["waited"].astext == Ticket.code)
    )
    return set(rows)


TO_WRITE = {
    "ko": "(여기에 답을 적어 주세요. 아직 아무도 답하지 않은 질문이에요.)",
    "en": "(Write the answer here. Nobody has answered this yet.)",
}
