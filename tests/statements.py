"""What is sent to the database, noted while a block runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session


@contextlib.contextmanager
def noted(session: Session | None = None) -> Iterator[list[tuple[str, Any]]]:
    """The statements with their parameters, in order: of a session, or of all there are."""
    made: list[tuple[str, Any]] = []

    def note(connection: Connection, cursor: Any, sql: str, given: Any, *_: Any) -> None:
        made.append((sql, given))

    bind = Engine if session is None else session.get_bind()
    event.listen(bind, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(bind, "before_cursor_execute", note)
