"""The sentences of an article, and which of them a message is most like.

"명절에도 해요?" shares no word with "설날과 추석 당일만 쉬어요.", but its vector is near; that of
"배가 고파요" is near to nothing that a shop says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base import passages, rendering
from knowledge_base.matching import Document

MOST = 80  # of one article; the rest is not compared
_ENDS = re.compile(r"(?<=[.!?。])\s+|\n+")
_WHOLE = re.compile(r"[.!?。]\W*$|\|")  # or a row of a table, but no heading
_ITEM = re.compile(r"\s*(?:•|\d+\.)\s")
_SHORT = 6  # letters that say nothing alone


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, item or row of an article, or one of its headings, its title or a question.

    ``passage`` is the number of the passage it stands in, None of a title or question, which stands
    over all of them; ``told`` whether it is what the article says, and none of its headings.
    """

    text: str
    passage: int | None = None
    told: bool = False


@dataclass(frozen=True, slots=True)
class Near:
    """How near a message is to an article: 0 is no nearer than articles are on average, 1 the same.

    ``likeness`` is that of its nearest title, question or sentence; ``sentence`` the nearest of
    what its body says, and ``closeness`` the likeness of that.
    """

    document: Document
    likeness: float
    sentence: Sentence
    closeness: float


def split(plain: str) -> list[str]:
    """The sentences, headings and rows of a plain text."""
    return [one.strip(" •") for one in _ENDS.split(plain)]


def wholes(plain: str) -> list[str]:
    """The sentences, items and rows of a plain text, without its headings."""
    found = []
    for line in plain.splitlines():
        is_item = _ITEM.match(line) is not None
        found += [one for one in split(line) if is_item or _WHOLE.search(one)]
    return [one for one in found if any(letter.isalpha() for letter in one)]


def of(document: Document) -> Sequence[Sentence]:
    """What a message is compared with: an article's title, questions, headings and sentences."""
    found = [Sentence(one) for one in document.short_texts]
    parts = passages.of(document.body)
    for number, part in enumerate(parts):
        found.append(Sentence(part.heading, number))
        found.extend(Sentence(said, number, told=True) for said in split(part.text))
    for block in () if parts else rendering.blocks(document.body):
        told = not block.is_heading
        found.extend(Sentence(said, 0, told=told) for said in split(block.text))
    return [one for one in found if len(one.text) >= _SHORT or one.passage is None][:MOST]
