"""Which tests share a process, and which begin first, when pytest-xdist runs them in several."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

# Minutes, a browser, the real Rasa, or all of them: one after the other in one process, so that
# none takes the processors from another, and begun first, so that none is left over at the end.
HEAVY = ("tests/chaos/test_short_run.py", "tests/journeys", "tests/bot")


class ByFile(LoadScopeScheduling):
    """A file's tests go to one process, for the fixtures they share, and so do all of HEAVY."""

    def _split_scope(self, nodeid: str) -> str:
        return "heavy" if nodeid.startswith(HEAVY) else str(PurePosixPath(nodeid.split("::", 1)[0]))


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests that are :data:`HEAVY` before all others, and leave the order otherwise."""

    def rank(item: pytest.Item) -> int:
        found = [at for at, name in enumerate(HEAVY) if item.nodeid.startswith(name)]
        return found[0] if found else len(HEAVY)

    items.sort(key=rank)
