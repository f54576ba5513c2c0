"""Which tests share a process, and which begin first, when pytest-xdist runs them in several."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadScopeScheduling

# Minutes each. Begun last, one of them would go on alone while the other process has nothing to do.
LONGEST = (
    "tests/chaos/test_short_run.py",
    "tests/journeys",
    "tests/connectors/slack/test_desk.py",
)


class ByFile(LoadScopeScheduling):
    """A file's tests go to one process, for the fixtures they share; all journeys to one, too."""

    def _split_scope(self, nodeid: str) -> str:
        file = PurePosixPath(nodeid.split("::", 1)[0])
        return str(file.parent if file.parent.name == "journeys" else file)


def longest_first(items: list[pytest.Item]) -> None:
    """Put the tests of :data:`LONGEST` before all others, and leave the order otherwise."""

    def rank(item: pytest.Item) -> int:
        found = [at for at, name in enumerate(LONGEST) if item.nodeid.startswith(name)]
        return found[0] if found else len(LONGEST)

    items.sort(key=rank)
