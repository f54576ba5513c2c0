"""What customers say, accepted: their lanes, the lines of history and the work, in one statement.

It is the statement that every message waits for, so it is one and not four, and one for all that
visitors of the web write in the same moment, which finds out whose tokens they bring, too.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from ticketing import history
from ticketing.customers import token_hash
from ticketing.db import Left


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """What a customer said; ``customer_id`` is whose address ``identity_id`` is."""

    customer_id: uuid.UUID
    identity_id: int
    external_id: str
    text: str
    kind: str = "text"
    meta: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """What a visitor of the web wrote; ``token`` is who they are."""

    token: str
    external_id: str
    text: str


# A lane is there before the first line gets its number (see `history.record`): what is sorted has
# been read to its end. A job is inserted from its line, so that there is one for each line and none
# for a line that was there before. The episode is looked for before the locks are there: one that
# closes in between is found closed by whoever does the job. An address that is linked to somebody
# else's meanwhile is found out likewise.
_STATEMENT = """WITH {given},
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
         RETURNING id, conversation_id, customer_id, identity_id, external_id),
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
       (SELECT DISTINCT ON (line.id) line.id, line.customer_id, who.place
          FROM line JOIN who
            ON who.identity = line.identity_id AND who.external_id = line.external_id
         ORDER BY line.id, who.place)"""
# A lane that somebody holds is waited for, and one that is not there yet is made.
_ACCEPT = text(
    _STATEMENT.format(
        given="""given AS (
         SELECT CAST(:identity AS bigint) AS identity, CAST(:external_id AS text) AS external_id,
                CAST(:kind AS text) AS kind, CAST(:text AS text) AS text, :meta AS meta,
                1 AS place)""",
        woken="""woken AS (
         INSERT INTO lane (key, ready_at) SELECT lane, now() FROM who
         ON CONFLICT (key) DO UPDATE SET ready_at = COALESCE(lane.ready_at, EXCLUDED.ready_at)
         RETURNING key)""",
    )
).bindparams(bindparam("meta", type_=JSONB))
# Locked in the order of their keys, as everybody does who locks several.
_ACCEPT_FREE = text(
    _STATEMENT.format(
        given="""given AS (
         SELECT identity_id AS identity, external_id, 'text' AS kind, text, jsonb '{}' AS meta,
                place
           FROM unnest(CAST(:tokens AS text[]), CAST(:external_ids AS text[]),
                       CAST(:texts AS text[]))
             WITH ORDINALITY AS words (token, external_id, text, place)
           JOIN chat_session ON token_hash = decode(token, 'hex'))""",
        woken="""held AS (
         SELECT key FROM lane JOIN (SELECT DISTINCT lane FROM who) one ON one.lane = key
          ORDER BY key COLLATE "C" FOR UPDATE OF lane SKIP LOCKED),
       woken AS (
         UPDATE lane SET ready_at = COALESCE(ready_at, now()) FROM held
          WHERE lane.key = held.key RETURNING lane.key)""",
    )
    + """
       UNION ALL
       SELECT NULL, who.customer, who.place
         FROM who JOIN lane ON lane.key = who.lane
        WHERE lane.key NOT IN (SELECT key FROM held)"""
)


def accept(session: Session, line: Line) -> int | None:
    """The ``seq`` of the line, whose turn is queued with it.

    ``None`` if its external id was accepted before, or its person has no open episode.
    """
    given = {
        "identity": line.identity_id,
        "external_id": line.external_id,
        "kind": line.kind,
        "text": line.text,
        "meta": line.meta,
    }
    return _accept(session, _ACCEPT, given)[0].get(1)


def accept_free(session: Session, said: Sequence[Words]) -> list[int | Left]:
    """:func:`accept` for the words of several without waiting for any lane, in one statement.

    One person's keep their order. Left out are words whose lane somebody else holds just now, and
    those for which :func:`accept` says ``None``, as are the same ones twice here, or whose token is
    not valid.
    """
    given = {
        # As text: the driver takes five times as long to write an array of bytes, 0.1 ms for each.
        "tokens": [token_hash(words.token).hex() for words in said],
        "external_ids": [words.external_id for words in said],
        "texts": [words.text for words in said],
    }
    new, held = _accept(session, _ACCEPT_FREE, given)
    return [
        new.get(place, Left.HELD if place in held else Left.ALONE)
        for place, _ in enumerate(said, 1)
    ]


def _accept(
    session: Session, statement: TextClause, given: dict[str, Any]
) -> tuple[dict[int, int], set[int]]:
    """The ``seq`` of what was accepted, by its place among what was given; and who has to wait."""
    new: dict[int, int] = {}
    held: set[int] = set()
    for seq, customer_id, place in session.connection().execute(statement, given):
        if seq is None:
            held.add(place)
            continue
        new[place] = seq
        history.touch(session, customer_id, "own")
    if new:
        session.info["enqueued"] = True
    return new, held
