"""English words with a slip of the finger, and what was meant.

After Norvig 2007, "How to Write a Spelling Corrector": a word that nobody knows and that one letter
makes a known one of, or a space two. Known is what the articles say, and what MiniLM has a word
piece for. A word that the articles say is meant first, the one they say most often; then two words
without their space; then the most common word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from string import ascii_lowercase

from knowledge_base import text
from knowledge_base.embedding import default_model_path

SHORTEST, LONGEST = 4, 20  # letters; shorter words are one letter away from too many others
MOST = 5  # words of one message
# Of shorter pieces of MiniLM's the most common are words ("for", "my"), and few of the others.
SHORT_WORDS = 2600
_WORD = re.compile(r"(?<![\w'’@./-])[A-Za-z]+(?!\w|['’@./-]\w)")
# What is typed without its apostrophe, and is no slip.
_SHORTENED = frozenset(
    {"cant", "dont", "wont", "didnt", "doesnt", "isnt", "arent", "wasnt", "werent"}
    | {"couldnt", "wouldnt", "shouldnt", "hasnt"}
)
_PIECES = frozenset({"al", "de", "el", "et", "ii", "la", "le", "re", "st", "un"})  # and no words


class EnglishSpelling:
    """What English words the articles use."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._said = Counter(
            word.lower() for one in texts if not text.has_hangul(one) for word in _WORD.findall(one)
        )

    def corrected(self, question: str) -> str:
        """The question with its slips mended; itself where there are none."""
        known = english()
        if not known:
            return question
        left = MOST

        def mended(found: re.Match[str]) -> str:
            nonlocal left
            typed = found.group()
            word = typed.lower()
            if not left or not SHORTEST <= len(word) <= LONGEST or self._knows(word, known):
                return typed
            left -= 1
            near = _one_letter_off(word)
            meant = max(
                near & self._said.keys(), key=lambda one: (self._said[one], one), default=""
            )
            return (
                meant
                or self._apart(word, known)
                or min(near & known.keys(), key=lambda one: known[one], default=typed)
            )

        return _WORD.sub(mended, question)

    def _apart(self, word: str, known: Mapping[str, int]) -> str:
        """The two words that it is without the space between them; empty if it is none."""

        def rarity(part: str) -> int | None:
            if len(part) > 1 and part in self._said:
                return 0
            return known.get(part) or short().get(part)

        found: list[tuple[int, str]] = []
        for at in range(1, len(word)):
            first, second = rarity(word[:at]), rarity(word[at:])
            if first is not None and second is not None:
                found.append((max(first, second), f"{word[:at]} {word[at:]}"))
        return min(found)[1] if found else ""

    def _knows(self, word: str, known: Mapping[str, int]) -> bool:
        """Whether it, or what it is an ending of, is a word."""
        return word in _SHORTENED or any(one in self._said or one in known for one in _forms(word))


@cache
def english() -> Mapping[str, int]:
    """English words of :data:`SHORTEST` letters and more, by how common they are, the most common
    first: those of MiniLM's vocabulary, which is in that order. Empty where it is not installed."""
    return {one: place for one, place in _vocabulary().items() if len(one) >= SHORTEST}


@cache
def short() -> Mapping[str, int]:
    """The same of shorter words."""
    return {
        one: place
        for one, place in _vocabulary().items()
        if place < SHORT_WORDS
        and (1 < len(one) < SHORTEST or one in ("a", "i"))
        and one not in _PIECES
    }


@cache
def _vocabulary() -> Mapping[str, int]:
    path = default_model_path()
    if path is None:
        return {}
    pieces = (path / "vocab.txt").read_text(encoding="utf-8").split()
    return {one: place for place, one in enumerate(pieces) if one.isascii() and one.isalpha()}


def has_english(typed: str) -> bool:
    """Whether a word of :data:`SHORTEST` letters and more is English."""
    known = english()
    return any(
        form in known
        for word in re.findall("[a-z]+", typed.lower())
        if len(word) >= SHORTEST
        for form in _forms(word)
    )


def _forms(word: str) -> set[str]:
    """It, and what it may be an ending of."""
    return {word, *(word.removesuffix(ending) for ending in ("s", "es", "ed", "d", "ing"))}


def _one_letter_off(word: str) -> set[str]:
    """One letter lost, too many, another one, or two that changed places."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    lost = {a + letter + b for a, b in halves for letter in ascii_lowercase}
    other = {a + letter + b[1:] for a, b in halves if b for letter in ascii_lowercase}
    extra = {a + b[1:] for a, b in halves if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1}
    return lost | other | extra | swapped
