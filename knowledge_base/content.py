"""What an article may hold: checked once, at the edge, for every way in. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knowledge_base.errors import Invalid

LOCALES = ("ko", "en")
MAX_ID, MAX_TITLE, MAX_QUESTION, MAX_BODY, MAX_TAG = 100, 200, 500, 100_000, 50
MAX_QUESTIONS, MAX_TAGS = 500, 30

# Ids end up in URLs and file names: no slash, no space, no control character.
_ID = re.compile(r"[^\W_][\w.?!+~-]*")


@dataclass(frozen=True, slots=True)
class Content:
    """Checked content of one article; build it with :func:`check`."""

    id: str
    locale: str
    title: str
    questions: tuple[str, ...]
    body: str
    tags: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """What a revision keeps."""
        return {
            "title": self.title,
            "questions": [*self.questions],
            "tags": [*self.tags],
            "body": self.body,
        }


def check(
    *,
    id: object,
    locale: object,
    title: object,
    questions: object = (),
    body: object = "",
    tags: object = (),
) -> Content:
    """Return checked content, or raise :class:`Invalid` naming the first bad field.

    Texts are trimmed, line ends become ``\\n``; repeated questions and tags are dropped. Hangul in
    pieces, as a Mac writes it, is put together: to a search and to a subject it is other letters.
    """
    checked_id = check_id(id)
    if locale not in LOCALES:
        raise Invalid("locale", f"must be one of {', '.join(LOCALES)}")
    return Content(
        id=checked_id,
        locale=str(locale),
        title=_line("title", title, MAX_TITLE),
        questions=_lines("questions", questions, MAX_QUESTIONS, MAX_QUESTION),
        body=_text("body", body, MAX_BODY),
        tags=_lines("tags", tags, MAX_TAGS, MAX_TAG),
    )


def check_id(id: object) -> str:
    """Return what an article can be called by in addresses, or raise :class:`Invalid`."""
    checked = _text("id", id, MAX_ID)
    if not _ID.fullmatch(checked) or not unicodedata.is_normalized("NFC", str(id)):
        raise Invalid(
            "id", "use letters, digits and - _ . ? ! + ~, beginning with a letter or digit"
        )
    return checked


def _text(field: str, value: object, limit: int) -> str:
    if not isinstance(value, str):
        raise Invalid(field, "is missing" if value is None else "must be text")
    text = unicodedata.normalize("NFC", value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        raise Invalid(field, "is empty")
    if len(text) > limit:
        raise Invalid(field, f"has {len(text):,} characters, at most {limit:,} are allowed")
    if "\0" in text:
        raise Invalid(field, "holds a NUL character")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Invalid(field, "holds half a surrogate pair, which is not a character")
    return text


def _line(field: str, value: object, limit: int) -> str:
    return " ".join(_text(field, value, limit).split())


def _lines(field: str, value: object, most: int, limit: int) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise Invalid(field, "must be a list of texts")
    lines = tuple(dict.fromkeys(_line(field, item, limit) for item in value))
    if len(lines) > most:
        raise Invalid(field, f"has {len(lines)} entries, at most {most} are allowed")
    return lines
