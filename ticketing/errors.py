"""The few ways the domain says no, named for what the caller does next."""


class Refused(Exception):
    """The request cannot be done as asked; the message says why, for a person to read.

    ``reason`` says for a program what it was, where that makes a difference.
    """

    def __init__(self, message: str = "", *, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason


class NotFound(Refused):
    """There is no such thing, or the caller may not know whether there is one."""


class Erased(NotFound):
    """The person was erased since the caller found them: who looks again finds nobody, or somebody
    new at the same address."""


class Invalid(Refused):
    """A value that a field cannot have. ``field`` says which, ``code`` why, both for a program."""

    def __init__(self, field: str, code: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.code = code


class Conflict(Refused):
    """Somebody or something was first. ``winner`` names who, where there is a name, and
    ``ticket`` the code of the ticket that stands in the way."""

    def __init__(
        self,
        message: str,
        *,
        winner: str | None = None,
        reason: str | None = None,
        ticket: str = "",
    ) -> None:
        super().__init__(message, reason=reason)
        self.winner = winner
        self.ticket = ticket


class LeaseLost(Exception):
    """Another worker holds the lane now: roll back and forget what was computed."""


class Again(Exception):
    """What the job builds on has changed meanwhile: roll back, and do it once more at once."""
