"""Which tests share a process, and which begin first, when pytest-xdist runs them in several."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

# Minutes of the whole product, with a browser or without: one after the other in one process, so
# that neither takes the processors from the other.
HEAVY = ("tests/chaos/test_short_run.py", "tests/journeys")
# Begun first, so that none is left over at the end. The bot's tests train it for the journeys.
EARLY = (*HEAVY, "tests/bot")


class ByFile(LoadScopeScheduling):
    """A file's tests go to one process, for the fixtures they share, and so do all of HEAVY."""

    def _split_scope(self, nodeid: str) -> str:
        return "heavy" if nodeid.startswith(HEAVY) else str(PurePosixPath(nodeid.split("::", 1)[0]))


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests that are :data:`EARLY` before all others, and leave the order otherwise."""

    def rank(item: pytest.Item) -> int:
        found = [at for at, name in enumerate(EARLY) if item.nodeid.startswith(name)]
        return found[0] if found else len(EARLY)

    items.sort(key=rank)
