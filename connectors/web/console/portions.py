"""Lists that are longer than what is shown of them at once: more of them, in the same place.

A list is read from its beginning to as far as somebody wants to see it, and again whenever
something happens. So nothing is left out or comes twice when rows come, go or move meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query, Request

# A page with more of them would be slow, and nobody looks through it: they search.
MOST = 10

Portions = Annotated[int, Query(ge=1, le=MOST)]


def going_on(
    request: Request, found: Sequence[Any], portions: int, size: int, *, total: int | None = None
) -> dict[str, Any]:
    """The first rows of ``found``, which has one more of them if the list goes on, and the way on.

    ``total``: how many there are, where that is known.
    """
    rows = found[: portions * size]
    cut = len(found) > len(rows)
    further = request.url.include_query_params(portions=portions + 1)
    more = f"{further.path}?{further.query}" if cut and portions < MOST else ""
    return {"rows": rows, "cut": cut, "more": more, "total": total}
