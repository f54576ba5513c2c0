"""What customers say, accepted: their lanes, the lines of history and the work, in one statement.

It is the statement that every message waits for, so it is one and not four, and one for all that
visitors of the web write in the same moment, which finds out whose tokens they bring, too.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ticketing import history, lanes
from ticketing.customers import token_hash
from ticketing.db import Left
from ticketing.errors import Erased
from ticketing.lanes import Work

# The state of a line that would hang on a customer who is gone: a foreign key's.
NO_SUCH_CUSTOMER = "23503"


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


# A lane is held before the first line gets its number (see `history.record`): what is sorted has
# been read to its end. A job is inserted from its line, so that there is one for each line and none
# for a line that was there before. The episode is looked for before the locks are there: one that
# closes in between is found closed by whoever does the job. An address that is linked to somebody
# else's meanwhile is found out likewise.
_STATEMENT = """WITH {given},
       who AS (
         SELECT given.*, customer.id AS customer, customer.root_id, 'in:' || root_id AS lane
           FROM given JOIN identity ON identity.id = given.identity
           JOIN customer ON customer.id = identity.customer_id),
       {held},
       line AS (
         INSERT INTO message (conversation_id, customer_id, identity_id, author, kind, text, meta,
           external_id)
         SELECT open.id, who.customer, who.identity, 'customer', who.kind, who.text,
                who.meta, who.external_id
           FROM held, {said} AS who, customer AS member, conversation AS open
          WHERE who.lane = held.key AND member.root_id = who.root_id
            AND open.customer_id = member.id
            AND open.state <> 'closed' AND open.joined_to IS NULL AND NOT open.aside
          ORDER BY who.place
         ON CONFLICT (identity_id, external_id) DO NOTHING
         RETURNING id, conversation_id, customer_id, identity_id, external_id),
       work AS (
         INSERT INTO job (lane, kind, dedup, payload, attempts)
         SELECT held.key, 'turn', line.identity_id || ':' || line.external_id,
                jsonb_build_object('identity', line.identity_id, 'external_id', line.external_id),
                {attempts}
           FROM line JOIN who
             ON who.identity = line.identity_id AND who.external_id = line.external_id
           JOIN held ON held.key = who.lane
          ORDER BY line.id
         ON CONFLICT (kind, dedup) DO NOTHING
         RETURNING id, lane, kind, dedup, payload, attempts, failures),
       newest AS (
         SELECT DISTINCT ON (conversation_id) conversation_id, identity_id FROM line
          ORDER BY conversation_id, id DESC),
       latest AS (
         UPDATE conversation SET last_message_at = now(), identity_id = newest.identity_id
           FROM newest WHERE conversation.id = newest.conversation_id){rest}"""
# A lane that somebody holds is waited for, and one that is not there yet is made.
_ACCEPT = text(
    _STATEMENT.format(
        given="""given AS (
         SELECT CAST(:identity AS bigint) AS identity, CAST(:external_id AS text) AS external_id,
                CAST(:kind AS text) AS kind, CAST(:text AS text) AS text, :meta AS meta,
                1 AS place)""",
        held="""held AS (
         INSERT INTO lane (key, ready_at) SELECT lane, now() FROM who
         ON CONFLICT (key) DO UPDATE SET ready_at = COALESCE(lane.ready_at, EXCLUDED.ready_at)
         RETURNING key)""",
        said="who",
        attempts="0",
        rest="""
       SELECT id, customer_id FROM line""",
    )
).bindparams(bindparam("meta", type_=JSONB))
# Locked in the order of their keys, as everybody does who locks several. A lane that had work keeps
# its time and its owner. One that had none gets a time and, unless leased, an owner who begins.
# What a visitor said in the last minute is counted when their lane is held: nobody adds to it then.
_ACCEPT_FREE = text(
    _STATEMENT.format(
        given="""given AS (
         SELECT identity_id AS identity, external_id, 'text' AS kind, text, jsonb '{}' AS meta,
                place
           FROM unnest(CAST(:tokens AS text[]), CAST(:external_ids AS text[]),
                       CAST(:texts AS text[]))
             WITH ORDINALITY AS words (token, external_id, text, place)
           JOIN chat_session ON token_hash = decode(token, 'hex'))""",
        held="""held AS (
         SELECT key, ready_at IS NULL AS idle, CAST(:owner AS text) IS NOT NULL
                AND ready_at IS NULL AND (until IS NULL OR until < now()) AS begins
           FROM lane JOIN (SELECT DISTINCT lane FROM who) one ON one.lane = key
          ORDER BY key COLLATE "C" FOR UPDATE OF lane SKIP LOCKED),
       paced AS MATERIALIZED (
         SELECT who.*, CASE WHEN CAST(:allowed AS integer) > 0 THEN visitor_wait(who.identity,
                  CAST(:allowed AS integer),
                  row_number() OVER (PARTITION BY who.identity ORDER BY who.place) - 1)
                ELSE 0 END AS wait
           FROM held JOIN who ON who.lane = held.key)""",
        said="(SELECT * FROM paced WHERE wait = 0)",
        attempts="""CASE WHEN held.begins
                  AND line.id = min(line.id) OVER (PARTITION BY held.key) THEN 1 ELSE 0 END""",
        rest=""",
       woken AS (
         UPDATE lane SET ready_at = now(),
                owner = CASE WHEN begins THEN :owner ELSE owner END,
                until = CASE WHEN begins THEN now() + make_interval(secs => :lease)
                             ELSE until END,
                fence = CASE WHEN begins THEN fence + 1 ELSE fence END
           FROM (SELECT DISTINCT held.key, held.begins FROM held JOIN work ON work.lane = held.key
                  WHERE held.idle) one
          WHERE lane.key = one.key RETURNING lane.key, lane.fence)
       (SELECT DISTINCT ON (line.id) line.id AS seq, line.customer_id, who.place, begun.*
          FROM line JOIN who
            ON who.identity = line.identity_id AND who.external_id = line.external_id
          LEFT JOIN (SELECT work.*, woken.fence FROM work JOIN woken ON woken.key = work.lane
                      WHERE work.attempts = 1) begun
            ON begun.dedup = line.identity_id || ':' || line.external_id
         ORDER BY line.id, who.place)
       UNION ALL
       SELECT NULL, NULL, who.place, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
         FROM who JOIN lane ON lane.key = who.lane
        WHERE lane.key NOT IN (SELECT key FROM held)""",
    )
)


def accept(session: Session, line: Line) -> int | None:
    """The ``seq`` of the line, whose turn is queued with it.

    ``None`` if its external id was accepted before, or its person has no open episode. Raises
    :class:`Erased` if they were erased while their lane was waited for.
    """
    given = {
        "identity": line.identity_id,
        "external_id": line.external_id,
        "kind": line.kind,
        "text": line.text,
        "meta": line.meta,
    }
    try:
        row = session.connection().execute(_ACCEPT, given).one_or_none()
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) != NO_SUCH_CUSTOMER:
            raise
        raise Erased("there is no such customer") from None
    if row is None:
        return None
    history.touch(session, row.customer_id, "own")
    session.info["enqueued"] = True
    seq: int = row.id
    return seq


def accept_free(
    session: Session, said: Sequence[Words], *, owner: str | None = None, allowed: int = 0
) -> list[int | Left]:
    """:func:`accept` for the words of several without waiting for any lane, in one statement.

    One person's keep their order. Left out are words whose lane somebody else holds just now, and
    those for which :func:`accept` says ``None``, as are the same ones twice here, or whose token is
    not valid, or whose visitor has said ``allowed`` in the last minute (0: as much as they like).

    With ``owner``, a worker, lanes that were empty are leased to it as by
    :func:`ticketing.lanes.claim`, and their heads are put down in ``session.info["begun"]``.
    """
    given = {
        # As text: the driver takes five times as long to write an array of bytes, 0.1 ms for each.
        "tokens": [token_hash(words.token).hex() for words in said],
        "external_ids": [words.external_id for words in said],
        "texts": [words.text for words in said],
        "owner": owner,
        "allowed": allowed,
        "lease": lanes.LEASE_S,
    }
    accepted: list[int | Left] = [Left.ALONE] * len(said)
    begun: list[Work] = []
    for row in session.connection().execute(_ACCEPT_FREE, given):
        accepted[row.place - 1] = Left.HELD if row.seq is None else row.seq
        if row.seq is None:
            continue
        history.touch(session, row.customer_id, "own")
        if owner is not None and row.fence is not None:
            begun.append(lanes.started(row, owner, row.fence))
        else:
            session.info["enqueued"] = True
    session.info["begun"] = begun
    return accepted
