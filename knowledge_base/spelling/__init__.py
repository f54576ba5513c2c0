"""Slips of the finger, and what was meant: what a base says, its customers mean to type."""

from __future__ import annotations

from collections.abc import Iterable

from knowledge_base import keyboard, text
from knowledge_base.spelling.english import EnglishSpelling, has_english
from knowledge_base.spelling.korean import KoreanSpelling


def in_korean(typed: str) -> str:
    """What was typed on an English keyboard, in Korean; empty for what is English."""
    return "" if has_english(typed) else keyboard.korean(typed)


class Spelling:
    """What words the articles use, and which of them a customer mistyped."""

    def __init__(self, asked: Iterable[str], told: Iterable[str] = ()) -> None:
        """``asked`` are titles and questions, ``told`` are bodies, which only say what words there
        are."""
        asked, told = [*asked], [*told]
        self._korean = KoreanSpelling(asked, told)
        self._english = EnglishSpelling([*asked, *told])

    def corrected(self, question: str) -> str:
        """The question with its slips mended; itself where there are none."""
        if text.has_hangul(question):
            return self._korean.corrected(question)
        return self._english.corrected(question)
