"""What customers say, accepted: their lanes, the lines of history and the work, in one statement.

It is the statement that every message waits for, so it is one and not four, and one for all that
come in the same moment.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from ticketing import history


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """What a customer said; ``customer_id`` is whose address ``identity_id`` is."""

    customer_id: uuid.UUID
    identity_id: int
    external_id: str
    text: str
    kind: str = "text"
    meta: dict[str, Any] = dataclasses.field(default_factory=dict)


# A lane is there before the first line gets its number (see `history.record`): what is sorted has
# been read to its end. A job is inserted from its line, so that there is one for each line and none
# for a line that was there before. The episode is looked for before the locks are there: one that
# closes in between is found closed by whoever does the job. An address that is linked to somebody
# else's meanwhile is found out likewise.
_STATEMENT = """WITH given AS (
         SELECT * FROM unnest(CAST(:identities AS bigint[]), CAST(:external_ids AS text[]),
             CAST(:kinds AS text[]), CAST(:texts AS text[]), :metas)
           WITH ORDINALITY AS given (identity, external_id, kind, text, meta, place)),
       who AS (
         SELECT given.*, customer.id AS customer, customer.root_id, 'in:' || root_id AS lane
           FROM given JOIN identity ON identity.id = given.identity
           JOIN customer ON customer.id = identity.customer_id),
       {woken},
       line AS (
         INSERT INTO message (conversation_id, customer_id, identity_id, author, kind, text, meta,
           external_id)
         SELECT open.id, who.customer, who.identity, 'customer', who.kind, who.text,
                who.meta, who.external_id
           FROM woken, who, customer AS member, conversation AS open
          WHERE who.lane = woken.key AND member.root_id = who.root_id
            AND open.customer_id = member.id
            AND open.state <> 'closed' AND open.joined_to IS NULL AND NOT open.aside
          ORDER BY who.place
         ON CONFLICT (identity_id, external_id) DO NOTHING
         RETURNING id, conversation_id, identity_id, external_id),
       work AS (
         INSERT INTO job (lane, kind, dedup, payload)
         SELECT who.lane, 'turn', line.identity_id || ':' || line.external_id,
                jsonb_build_object('identity', line.identity_id, 'external_id', line.external_id)
           FROM line JOIN who
             ON who.identity = line.identity_id AND who.external_id = line.external_id
          ORDER BY line.id
         ON CONFLICT (kind, dedup) DO NOTHING),
       newest AS (
         SELECT DISTINCT ON (conversation_id) conversation_id, identity_id FROM line
          ORDER BY conversation_id, id DESC),
       latest AS (
         UPDATE conversation SET last_message_at = now(), identity_id = newest.identity_id
           FROM newest WHERE conversation.id = newest.conversation_id)
       SELECT id, identity_id, external_id FROM line"""
_METAS = bindparam("metas", type_=ARRAY(JSONB))
# A lane that somebody holds is waited for, and one that is not there yet is made.
_ACCEPT = text(
    _STATEMENT.format(
        woken="""woken AS (
         INSERT INTO lane (key, ready_at) SELECT lane, now() FROM who
         ON CONFLICT (key) DO UPDATE SET ready_at = COALESCE(lane.ready_at, EXCLUDED.ready_at)
         RETURNING key)"""
    )
).bindparams(_METAS)
# Locked in the order of their keys, as everybody does who locks several.
_ACCEPT_FREE = text(
    _STATEMENT.format(
        woken="""held AS (
         SELECT key FROM lane JOIN (SELECT DISTINCT lane FROM who) one ON one.lane = key
          ORDER BY key COLLATE "C" FOR UPDATE OF lane SKIP LOCKED),
       woken AS (
         UPDATE lane SET ready_at = COALESCE(ready_at, now()) FROM held
          WHERE lane.key = held.key RETURNING lane.key)"""
    )
).bindparams(_METAS)


def accept(session: Session, line: Line) -> int | None:
    """The ``seq`` of the line, whose turn is queued with it.

    ``None`` if its external id was accepted before, or its person has no open episode.
    """
    return _accept(session, _ACCEPT, [line])[0]


def accept_free(session: Session, lines: Sequence[Line]) -> list[int | None]:
    """:func:`accept` for several without waiting for any lane; one person's keep their order.

    ``None`` also for a line whose lane somebody else holds just now, or whose external id is that
    of a line before it.
    """
    return _accept(session, _ACCEPT_FREE, lines)


def _accept(session: Session, statement: TextClause, lines: Sequence[Line]) -> list[int | None]:
    asked = {
        "identities": [line.identity_id for line in lines],
        "external_ids": [line.external_id for line in lines],
        "kinds": [line.kind for line in lines],
        "texts": [line.text for line in lines],
        "metas": [line.meta for line in lines],
    }
    rows = session.connection().execute(statement, asked)
    new: dict[tuple[int, str], int] = {(row[1], row[2]): row[0] for row in rows}
    if new:
        session.info["enqueued"] = True
    accepted = []
    for line in lines:
        seq = new.pop((line.identity_id, line.external_id), None)
        if seq is not None:
            history.touch(session, line.customer_id, "own")
        accepted.append(seq)
    return accepted
