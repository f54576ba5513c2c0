"""Articles in passages: what a search finds of them, and what a chat shows.

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

SHORT = 200  # characters of plain text that a chat gets whole, headings and all
LONG = 700  # characters that a chat gets of a passage; of an article without headings, of all
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
    """The passages of an article's body, in order; none of a body that a chat can say whole.

    A leading heading counts as the title, which is said anyway. However short: what stands under
    a heading of its own is seldom answered by what stands before it.
    """
    blocks, length = rendering.blocks(markdown), len(rendering.to_plain(markdown))
    divided = any(block.is_heading for block in blocks[1:])
    if length <= (SHORT if divided else LONG):
        return ()
    found: list[Passage] = []
    heading, anchor = "", ""
    for place, block in enumerate(blocks):
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
    there are vectors. A term counts the more, the fewer passages have it, twice in a heading, and
    nothing if it is in the ``title``, because all of the article is about that.
    """
    asked = {*terms} - _terms(title)
    held = [asked & _words(passage) for passage in passages]
    holders = Counter(term for one in held for term in one)
    weight = {term: math.log((1 + len(passages)) / holders[term]) for term in holders}
    total = sum(weight.values()) or 1.0
    named = [asked & _terms(passage.heading) for passage in passages]
    scores = np.array(
        [
            sum(weight[term] for term in (*one, *heading)) / total
            for one, heading in zip(held, named, strict=True)
        ]
    )
    if cosines is not None:
        scores = scores + cosines[: len(scores)]
    return int(scores.argmax()) if len(scores) else 0


@lru_cache(maxsize=20_000)
def _words(passage: Passage) -> frozenset[str]:
    # Morphemes take some milliseconds: of those articles alone that are found first.
    normal = text.normalise(passage.whole, length=4 * SIZE)
    return frozenset({*text.prefixes(normal), *text.terms(normal)})


def _terms(short: str) -> frozenset[str]:
    return frozenset(text.terms(text.normalise(short)))
