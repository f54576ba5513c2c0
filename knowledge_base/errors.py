"""What the knowledge base refuses, named for what the caller does next."""

from __future__ import annotations


class KnowledgeBaseError(Exception):
    """Any refusal by the knowledge base; its text may be shown to a curator."""


class Invalid(KnowledgeBaseError):
    """The given article content is not acceptable: show ``field`` and the reason, write nothing."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class NotFound(KnowledgeBaseError):
    """There is no such article in that locale."""


class Conflict(KnowledgeBaseError):
    """Somebody else was first: reload, show both, ask again."""

    def __init__(self, reason: str, *, current_revision: int | None = None) -> None:
        super().__init__(reason)
        self.current_revision = current_revision


class Taken(Conflict):
    """There is an article with this id already: choose another one, or change that article."""
