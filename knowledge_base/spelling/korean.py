"""Korean words with a slip of the finger, and what was meant.

As for English (Norvig 2007), what may be meant is a word of the articles, one key away from what
was typed; and as with his language model, what is around it decides. Kiwi says how likely each
morpheme is where it stands: a slip hardly at all, the word that was meant far more. Keys and not
syllables are compared, because keys are what fingers miss ("뱃오" is 배송 with two swapped); what
sounds alike is mostly one key away as well ("베송").
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from knowledge_base import keyboard, text

SHORTEST = 4  # keys of a word; shorter ones are one key away from too many others
MOST = 5  # words of one message
# What is less likely than this a key is looked at, so that most questions cost nothing. Of slips in
# the development questions that the right word would mend, 95 in 100 are less likely.
UNLIKELY = -2.3
# By how much it must be more likely with another word. Of 3,044 questions as people wrote them 20
# gain as much, of which eleven have a slip; of those with a slip nine in ten.
GAIN = 6.0
TRIED = 4  # words that may be meant, the longest first, then those that are said most
AROUND = 20  # characters before and behind a word, which make it likely or not
LONGEST = 30  # syllables of what may be one word
_RUN = re.compile(r"[ㄱ-ㅣ가-힣]{2,}")


class KoreanSpelling:
    """What Korean words the articles use."""

    def __init__(self, asked: Iterable[str], told: Iterable[str]) -> None:
        """``asked`` are titles and questions, whose words may be meant; ``told`` are bodies."""
        texts = [text.normalise(one) for one in asked if text.has_hangul(one)]
        found = (term for terms in text.terms_of_all(texts) for term in terms)
        self._said = Counter(term for term in found if _RUN.fullmatch(term))
        self._whole = {word for one in (*texts, *told) for word in _RUN.findall(one)}
        keys = ((word, keyboard.keys(word)) for word in self._said)
        self._words = [(word, typed) for word, typed in keys if len(typed) >= SHORTEST]
        # A word is found by its keys and by all but one of them (Garbe 2012, "SymSpell"), kept as
        # hashes: of a large base there are hundreds of thousands.
        forms = [
            (hash(form), number)
            for number, (_, typed) in enumerate(self._words)
            for form in {typed, *_one_lost(typed)}
        ]
        forms.sort()
        self._hashes = np.array([form for form, _ in forms], np.int64)
        self._numbers = np.array([number for _, number in forms], np.int32)

    def corrected(self, question: str) -> str:
        """The question with its slips mended, normalised; itself where there are none."""
        normal = text.normalise(question)
        mended: list[tuple[int, int, str]] = []
        for start, end in islice(self._unlikely(normal), MOST):
            typed = normal[start:end]
            before, behind = normal[max(start - AROUND, 0) : start], normal[end : end + AROUND]
            likely = {one: _likelihood(before + one + behind) for one in self._near(typed)}
            best = max(likely, key=lambda one: likely[one], default="")
            if best and likely[best] - _likelihood(before + typed + behind) > GAIN:
                mended.append((start, end, best))
        if not mended:
            return question
        for start, end, word in reversed(mended):
            normal = normal[:start] + word + normal[end:]
        return normal

    def _unlikely(self, normal: str) -> Iterator[tuple[int, int]]:
        """Where words, or what stands behind a known word in one, are hardly any."""
        morphemes = text.analysed(normal)
        starts = [one.start for one in morphemes]
        for run in _RUN.finditer(normal):
            first, end = run.span()
            found, score, keys, last = [], 0.0, 0, end
            inside = morphemes[bisect_left(starts, first) : bisect_left(starts, end)]
            for one in reversed(inside):
                score += one.score
                keys += len(keyboard.keys(normal[one.start : last]))
                last = one.start
                # In the middle of a word only nouns begin; endings are written in many ways.
                if score < UNLIKELY * keys and (one.start == first or one.tag[0] in "NU"):
                    # To Kiwi a known word and a slip behind it are one unknown noun.
                    known = self._beginning(normal[one.start : one.end - 1])
                    found.append(one.start + known)
            for start in reversed(found):
                behind_known = start == first or self._knows(normal[first:start])
                if (
                    1 < end - start <= LONGEST
                    and behind_known
                    and not self._knows(normal[start:end])
                ):
                    yield start, end
                    break

    def _knows(self, typed: str) -> bool:
        """Whether the articles have it, or it begins with a word of theirs."""
        return typed in self._whole or self._beginning(typed) > 0

    def _beginning(self, typed: str) -> int:
        """How much of it, from its beginning, is a word of the articles; 0 if none is."""
        ends = range(min(len(typed), LONGEST), 1, -1)
        return next((end for end in ends if typed[:end] in self._said), 0)

    def _near(self, typed: str) -> list[str]:
        """What ``typed`` is if its beginning is a word with one slip."""
        keys = keyboard.keys(typed)
        found: dict[str, tuple[int, int]] = {}
        for end in range(SHORTEST - 1, len(keys) + 1):
            beginning = keys[:end]
            hashes = [hash(form) for form in {beginning, *_one_lost(beginning)}]
            starts = np.searchsorted(self._hashes, hashes, "left")
            ends = np.searchsorted(self._hashes, hashes, "right")
            numbers = {
                int(self._numbers[place])
                for low, high in zip(starts, ends, strict=True)
                for place in range(low, high)
            }
            for word, meant in (self._words[number] for number in numbers):
                if _one_slip(meant, beginning):
                    whole = keyboard.syllables(meant + keys[end:])
                    if not keyboard.LONE.search(whole):
                        rank = (len(meant), self._said[word])
                        found[whole] = max(found.get(whole, rank), rank)
        return sorted(found, key=lambda one: (found[one], one), reverse=True)[:TRIED]


def _likelihood(words: str) -> float:
    return sum(one.score for one in text.analysed(words))


def _one_lost(keys: str) -> Iterator[str]:
    return (keys[:at] + keys[at + 1 :] for at in range(len(keys)))


def _one_slip(meant: str, typed: str) -> bool:
    """Whether one key is another one, lost, too many, or two have changed places."""
    same = 0
    for one, other in zip(meant, typed, strict=False):
        if one != other:
            break
        same += 1
    meant, typed = meant[same:], typed[same:]
    if len(meant) == len(typed):
        swapped = meant[:2] == typed[1::-1] and meant[2:] == typed[2:]
        return bool(meant) and (meant[1:] == typed[1:] or swapped)
    return meant[1:] == typed or meant == typed[1:]
