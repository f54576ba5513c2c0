"""Korean words by the consonants that their syllables begin with (초성): ㅎㅂ is 환불. Pure."""

from __future__ import annotations

import re

from knowledge_base.text import normalise

_FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_SYLLABLES = range(0xAC00, 0xD7A4)
_OF_EACH = 588  # syllables that begin with one consonant
_OF = {one: _FIRST[(one - _SYLLABLES.start) // _OF_EACH] for one in _SYLLABLES}
# Keyboards put two consonants together that may end a syllable.
_APART = str.maketrans({
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ",
    "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
})  # fmt: skip
_WORD = re.compile(f"[{_FIRST}]+")
FEWEST = 2  # one consonant is a syllable that is not typed to its end


def asked(text: str) -> tuple[str, ...]:
    """The words of a search of nothing but initials; none for any other."""
    found = normalise(text.translate(_APART), length=200).split()
    whole = sum(map(len, found)) >= FEWEST and all(_WORD.fullmatch(one) for one in found)
    return tuple(found) if whole else ()


def of(text: str) -> str:
    """A text by its initials; all that is no Korean syllable as it is."""
    return text.translate(_OF)


def begin(wanted: str, held: str) -> bool:
    """Whether words of a text of which :func:`of` is ``held`` begin so, spaces left out or not."""
    pattern = r"\s?".join(map(re.escape, wanted))
    return re.search(rf"(?<![^\W_]){pattern}", held) is not None
