"""Long articles in passages: what a search finds of them, and what a chat shows.

A passage is what stands under one heading, or a part of it where that is long. It knows the anchor
of its heading in the help centre, so that who wants the rest lands there.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge_base import rendering, text

LONG = 700  # characters of plain text from which a chat gets one passage instead of the beginning
SIZE = 500  # about how long a passage is


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of an article as plain text. ``anchor`` is empty before the first heading."""

    heading: str
    anchor: str
    text: str

    @property
    def whole(self) -> str:
        """The heading and what stands under it."""
        return f"{self.heading}\n\n{self.text}" if self.heading else self.text


@lru_cache(maxsize=5000)
def of(markdown: str) -> tuple[Passage, ...]:
    """The passages of an article's body, in order; none of a body that is not long.

    A leading heading counts as the title, which is said anyway.
    """
    if len(rendering.to_plain(markdown)) <= LONG:
        return ()
    found: list[Passage] = []
    heading, anchor = "", ""
    for place, block in enumerate(rendering.blocks(markdown)):
        if block.is_heading:
            heading, anchor = ("", "") if place == 0 else (block.text, block.anchor)
            continue
        last = found[-1] if found else None
        if (
            last is not None
            and last.anchor == anchor
            and not block.is_table
            and len(last.text) + len(block.text) < SIZE
        ):
            found[-1] = Passage(heading, anchor, f"{last.text}\n\n{block.text}")
        else:
            found.append(Passage(heading, anchor, block.text))
    return tuple(found)


def best(
    passages: Sequence[Passage],
    terms: Sequence[str],
    *,
    title: str,
    cosines: NDArray[np.float32] | None = None,
) -> int:
    """The number of the passage that a question is about; the first if none is.

    ``terms`` are the question's, ``cosines`` the likeness of its vector with each passage's, where
    there are vectors. A term counts the more, the fewer passages have it, and nothing if it is in
    the ``title``, because all of the article is about that.
    """
    asked = {*terms}.difference(text.terms(text.normalise(title)))
    held = [asked & _words(passage) for passage in passages]
    holders = Counter(term for one in held for term in one)
    weight = {term: math.log((1 + len(passages)) / holders[term]) for term in holders}
    total = sum(weight.values()) or 1.0
    scores = np.array([sum(weight[term] for term in one) / total for one in held])
    if cosines is not None:
        scores = scores + cosines[: len(scores)]
    return int(scores.argmax()) if len(scores) else 0


@lru_cache(maxsize=20_000)
def _words(passage: Passage) -> frozenset[str]:
    normal = text.normalise(passage.whole, length=4 * SIZE)
    return frozenset({*text.prefixes(normal), *text.terms(text.normalise(passage.heading))})
