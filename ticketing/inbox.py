"""What customers say, accepted: their lane, the line of history and the work, in one statement.

It is the statement that every message waits for, so it is one and not four.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from ticketing import history

# The line is inserted from the lane's row, so that the row is locked before the line gets its
# number (see `history.record`), and the job from the line, so that there is one for each line and
# none for a line that was there before. The episode is looked for before the lock is there: one
# that closes in between is found closed by whoever does the job.
# An address that is linked to somebody else's meanwhile is found out likewise.
_ACCEPT = text(
    """WITH who AS (
         SELECT customer.id, customer.root_id FROM identity
           JOIN customer ON customer.id = identity.customer_id WHERE identity.id = :identity),
       woken AS (
         INSERT INTO lane (key, ready_at) SELECT 'in:' || root_id, now() FROM who
         ON CONFLICT (key) DO UPDATE SET ready_at = COALESCE(lane.ready_at, EXCLUDED.ready_at)
         RETURNING key),
       line AS (
         INSERT INTO message (conversation_id, customer_id, identity_id, author, kind, text, meta,
           external_id)
         SELECT open.id, who.id, :identity, 'customer', :kind, :text, :meta, :external_id
           FROM woken, who, customer AS member, conversation AS open
          WHERE member.root_id = who.root_id AND open.customer_id = member.id
            AND open.state <> 'closed' AND open.joined_to IS NULL AND NOT open.aside
         ON CONFLICT (identity_id, external_id) DO NOTHING
         RETURNING id, conversation_id),
       work AS (
         INSERT INTO job (lane, kind, dedup, payload)
         SELECT woken.key, 'turn', :dedup, :payload FROM woken, line
         ON CONFLICT (kind, dedup) DO NOTHING)
       UPDATE conversation SET last_message_at = now(), identity_id = :identity FROM line
        WHERE conversation.id = line.conversation_id RETURNING line.id"""
).bindparams(bindparam("meta", type_=JSONB), bindparam("payload", type_=JSONB))


def accept(
    session: Session,
    *,
    customer_id: uuid.UUID,
    identity_id: int,
    external_id: str,
    kind: str,
    text: str,
    meta: dict[str, Any],
) -> int | None:
    """The ``seq`` of the new line, whose turn is queued with it.

    ``customer_id`` is whose address it is. ``None`` when this external id was accepted before, or
    the person has no open episode.
    """
    seq: int | None = (
        session.connection()
        .execute(
            _ACCEPT,
            {
                "identity": identity_id,
                "external_id": external_id,
                "kind": kind,
                "text": text,
                "meta": meta,
                "dedup": f"{identity_id}:{external_id}",
                "payload": {"identity": identity_id, "external_id": external_id},
            },
        )
        .scalar()
    )
    if seq is not None:
        session.info["enqueued"] = True
        history.touch(session, customer_id, "own")
    return seq
