"""Text to terms: content morphemes for Korean, plain words for everything else. Pure and fast."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kiwipiepy import Kiwi

MAX_ANALYSED = 1000  # characters of a question or passage that are looked at

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_WORD = re.compile(r"[^\W_]+")
# What composing makes of letters that stand alone, as in "ㅠㅠ", and what they were.
_LONE = dict(
    zip(range(0x1100, 0x1113), "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", strict=True)
) | dict(zip(range(0x1161, 0x1176), map(chr, range(0x314F, 0x3164)), strict=True))
_SENTENCE_END = re.compile(
    r"(?:(?<=[?？])\s*|(?<![\s,.])[\s,.]++)(?:그리고|그리구|또한|and also)\s+"
    r"|(?<=[.!…~。])\s+|(?<=[?？])\s*|\n+",
    re.IGNORECASE,
)


def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


# Nouns, verbs, adjectives, roots, adverbs, foreign words, numbers; no particles, endings, signs.
CONTENT = _words("NNG NNP NNB NR NP VV VA VX VCN XR MAG MM SL SH SN W_SERIAL W_EMAIL W_URL UN")
# Verbs and pronouns so common that they say nothing about what is asked.
_STOP = _words(
    "하 되 있 이 것 거 수 저 제 나 내 주 싶 보 좀 그 이거 그거 알 않 못하 안 때 뭐 무엇 어떻"
)
_STOP_TAGS = _words("NNB NP VV VA VX MAG MM NNG")
_STOP_EN = _words(
    "a an the i you we he she it me my your is are was were be been am do does did to of in on for "
    "and or at by with from that this can could would will shall may might please"
)

_load_lock = threading.Lock()
_kiwi: Kiwi | None = None


def kiwi() -> Kiwi:
    """The one analyser of this process; loaded at the first call (about a second)."""
    global _kiwi
    if _kiwi is None:
        with _load_lock:
            if _kiwi is None:
                from kiwipiepy import Kiwi

                # Typo and multi-word dictionaries cost seconds and 200 MB and gain nothing here.
                _kiwi = Kiwi(num_workers=1, load_typo_dict=False, load_multi_dict=False)
    return _kiwi


def normalise(text: str, *, length: int = MAX_ANALYSED) -> str:
    """One form of a text for comparison: composed, lower case, single spaces, bounded length."""
    # Half surrogate pairs are no characters; no library below takes them.
    whole = text[: length * 3].encode("utf-8", "replace").decode()
    composed = unicodedata.normalize("NFKC", whole).translate(_LONE)
    return " ".join(composed.casefold().split())[:length]


def letters(text: str) -> str:
    """What two ways to type the same thing have in common: its letters and digits."""
    return "".join(one for one in normalise(text) if one.isalnum())


def has_hangul(text: str) -> bool:
    """Whether any Korean letter is in the text."""
    return _HANGUL.search(text) is not None


def language(text: str, default: str = "en") -> str:
    """``ko`` with Hangul, ``en`` with Latin letters only, else ``default``."""
    if has_hangul(text):
        return "ko"
    return "en" if re.search(r"[A-Za-z]", text) else default


def terms_of_all(normalised: Sequence[str]) -> list[tuple[str, ...]]:
    """:func:`terms` of many texts."""
    return [terms(one) for one in normalised]


# A rebuild asks for every text again, in the same order: a smaller cache than the base is none.
@lru_cache(maxsize=250_000)
def terms(text: str) -> tuple[str, ...]:
    """Content terms of an already normalised text, with repetitions, in order."""
    if not has_hangul(text):
        words = tuple(_stem(word) for word in _WORD.findall(text) if word not in _STOP_EN)
        return words or tuple(_WORD.findall(text))
    found = []
    for form, tag in morphemes(text):
        if tag not in CONTENT or (tag in _STOP_TAGS and form in _STOP):
            continue
        found.append(_stem(form) if tag == "SL" else form)
    return tuple(found)


def morphemes(text: str) -> tuple[tuple[str, str], ...]:
    """Form and tag of every morpheme of an already normalised text with Hangul."""
    return tuple((one.form, one.tag) for one in analysed(text))


class Morpheme(NamedTuple):
    """A morpheme, where in the text it stands, the number of its sentence, and how likely it is
    there: a logarithm, the less, the more unusual."""

    form: str
    tag: str
    start: int
    end: int
    sentence: int
    score: float


@lru_cache(maxsize=1000)
def analysed(text: str) -> tuple[Morpheme, ...]:
    """Every morpheme of an already normalised text with Hangul."""
    return tuple(
        Morpheme(
            form=token.form,
            tag=token.tag.split("-")[0],
            start=token.start,
            end=token.end,
            sentence=token.sent_position,
            score=token.score,
        )
        for token in kiwi().tokenize(text, normalize_coda=True)
    )


def sentences(text: str) -> list[str]:
    """The sentences of a message, in order: by lines, signs and "and also", in Korean by endings as
    well, which is how they end where nobody types a full stop."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if not has_hangul(piece):
            found.append(piece)
            continue
        normal = normalise(piece)
        ends = {one.sentence: one.end for one in analysed(normal)}
        start = 0
        for end in ends.values():
            found.append(normal[start:end])
            start = end
    return [one.strip() for one in found if any(letter.isalnum() for letter in one)]


def prefixes(normalised: str) -> set[str]:
    """What terms a long text may hold, without morphemes, which cost 8 µs a character.

    Korean puts what is meant first and particles behind it: every beginning of a word counts.
    """
    found: set[str] = set()
    for word in set(_WORD.findall(normalised)):
        if has_hangul(word):
            found.update(word[:end] for end in range(2, min(len(word), 8) + 1))
        elif word not in _STOP_EN:
            found.add(_stem(word))
    return found


def _stem(word: str) -> str:
    # Only plural and verb endings; more would be a dictionary's task, and n-grams do the rest.
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


def passages(plain: str, *, size: int = 400) -> Sequence[str]:
    """Split plain text into passages of whole paragraphs of about ``size`` characters."""
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", plain):
        piece = paragraph.strip()
        if not piece:
            continue
        if found and len(found[-1]) + len(piece) < size:
            found[-1] = f"{found[-1]}\n\n{piece}"
        else:
            found.append(piece)
    return found
