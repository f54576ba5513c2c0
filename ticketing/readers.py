"""What customers see of their history, and what of it is new to them: never an internal line."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

# A stream whose reader never reads holds so many lines in memory.
STREAM_PAGE = 50


@dataclasses.dataclass(frozen=True, slots=True)
class Reader:
    """A customer's screen, which shows what there is up to the line ``after``."""

    customer_id: uuid.UUID
    after: int = 0


# Every open chat reads it all the time.
_VISIBLE = text(
    """SELECT reader.place, line.*
         FROM unnest(CAST(:customers AS uuid[]), CAST(:afters AS bigint[]))
                WITH ORDINALITY AS reader (customer, after, place),
              LATERAL (
           SELECT id, author, author_name, kind, text, buttons, article, at, external_id, vote, meta
             FROM message
            WHERE customer_id IN (SELECT id FROM customer WHERE root_id =
                    (SELECT root_id FROM customer WHERE id = reader.customer))
              AND id > reader.after AND NOT internal
            ORDER BY id LIMIT :limit) line
        ORDER BY place, line.id"""
)


def visible(session: Session, reader: Reader, *, limit: int = STREAM_PAGE) -> Sequence[Row[Any]]:
    """What is new to the reader, in order.

    Plain rows with the columns of :class:`Message`.
    """
    return visible_to_each(session, [reader], limit=limit)[0]


def visible_to_each(
    session: Session, readers: Sequence[Reader], *, limit: int = STREAM_PAGE
) -> list[list[Row[Any]]]:
    """:func:`visible` for several, in one statement."""
    asked = {
        "customers": [reader.customer_id for reader in readers],
        "afters": [reader.after for reader in readers],
        "limit": limit,
    }
    found: list[list[Row[Any]]] = [[] for _ in readers]
    for row in session.connection().execute(_VISIBLE, asked):
        found[row.place - 1].append(row)
    return found
