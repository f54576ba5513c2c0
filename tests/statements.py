"""What a session sends to the database, noted while a block runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session


@contextlib.contextmanager
def noted(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """The statements with their parameters, in order."""
    made: list[tuple[str, Any]] = []

    def note(connection: Connection, cursor: Any, sql: str, given: Any, *_: Any) -> None:
        made.append((sql, given))

    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(bind, "before_cursor_execute", note)
