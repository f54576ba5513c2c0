"""Korean typed while the keyboard was set to English: "ghksqnf" is 환불.

The arrangement of keys is KS X 5002 (두벌식), the syllables are composed as Unicode has it (chapter
3.12).
"""

from __future__ import annotations

import re
from functools import lru_cache

_KEYS = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        strict=True,
    )
)


def _split(letters: str) -> list[str]:
    return letters.split()


_FIRST = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
# Two letters that are typed one after the other for one vowel or one end of a syllable.
_VOWELS = _split("ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ")
_LAST = ["", *_split("ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ ㅁ ㅂ")]
_LAST += _split("ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ")


def _any(parts: list[str]) -> str:
    return "|".join(sorted(parts, key=len, reverse=True))


# A consonant before a vowel begins the next syllable.
_SYLLABLE = re.compile(f"([{_FIRST}])({_any(_VOWELS)})((?:{_any(_LAST[1:])})(?![ㅏ-ㅣ])|)")
_SYLLABLES = 0xAC00  # the first of them
_WORD = re.compile(r"[A-Za-z]+")
LONE = re.compile(r"[ㄱ-ㅣ]")  # a letter that makes no syllable
FEWEST = 4  # letters of a word; many shorter ones are syllables by chance, as "to do" is 새 애
_SIGHS = "ㅠㅜㅋㅎ"  # stand alone behind a word


def korean(typed: str) -> str:
    """What the keys say in Korean; empty where they do not make whole syllables, sighs aside."""
    words = _WORD.findall(typed)
    # The lock for capitals is none in Korean.
    made = [_composed(word.lower() if word.isupper() else word) for word in words]
    if not all(made) or max(map(len, words), default=0) < FEWEST:
        return ""
    found = iter(made)
    return _WORD.sub(lambda _: next(found), typed)


def keys(korean: str) -> str:
    """The letters that are typed for a text, as they stand on the keys; all else as it is."""
    return "".join(_typed(one) for one in korean)


def syllables(letters: str) -> str:
    """The reverse of :func:`keys`; letters that make no syllable stay alone."""
    return _SYLLABLE.sub(
        lambda one: chr(
            _SYLLABLES
            + (_FIRST.index(one[1]) * len(_VOWELS) + _VOWELS.index(one[2])) * len(_LAST)
            + _LAST.index(one[3])
        ),
        letters,
    )


@lru_cache(maxsize=12_000)
def _typed(character: str) -> str:
    vowel, last = divmod(ord(character) - _SYLLABLES, len(_LAST))
    first, vowel = divmod(vowel, len(_VOWELS))
    if not 0 <= first < len(_FIRST):
        return character
    return _FIRST[first] + _VOWELS[vowel] + _LAST[last]


def _composed(word: str) -> str:
    # Shift changes some keys only.
    whole = syllables("".join(_KEYS.get(key) or _KEYS[key.lower()] for key in word))
    return "" if LONE.search(whole.rstrip(_SIGHS)) else whole
