"""The sentences of an article, and which of them a message is most like.

"my friend will go", after store pickup, shares no word with "If someone else is coming, just
forward them the code", but its vector is near; that of "i'm hungry" is near to nothing there.
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
_SHORT = 6  # letters that say nothing alone


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, heading or row of a table, and the number of the passage it stands in; None of
    a title or question, which stands over all of them."""

    text: str
    passage: int | None


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


def is_whole(sentence: str) -> bool:
    """Whether it is a sentence or a row of a table, and no heading."""
    return _WHOLE.search(sentence) is not None


def of(document: Document) -> Sequence[Sentence]:
    """What a message is compared with: an article's sentences, title and questions."""
    parts = [one.whole for one in passages.of(document.body)] or [rendering.to_plain(document.body)]
    found = [
        Sentence(said, number)
        for number, part in enumerate(parts)
        for said in split(part)
        if len(said) >= _SHORT
    ]
    return [*(Sentence(one, None) for one in document.short_texts), *found][:MOST]
