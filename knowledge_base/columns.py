"""What articles are called by, part for part, in the files people have. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

COLUMNS = ("id", "title", "locale", "questions", "tags", "body")
# Ours first; then what other help centres and people call the same.
_CALLED = {
    "아이디": "id", "slug": "id",
    "제목": "title", "name": "title",
    "언어": "locale", "language": "locale", "lang": "locale",
    "질문": "questions", "question": "questions",
    "태그": "tags", "tag": "tags", "labels": "tags", "label": "tags",
    "상태": "state", "status": "state",
    "본문": "body", "내용": "body", "답변": "body", "answer": "body", "content": "body",
}  # fmt: skip
# The help centre's subjects are first tags, so that is where another one's subjects go.
_SUBJECTS = ("category", "카테고리", "분류", "section", "섹션")
# What is not shown to customers stays so, however it is imported; other words say nothing here.
_STATES = {
    "draft": "draft", "review": "draft", "초안": "draft", "검토": "draft", "unpublished": "draft",
    "retired": "retired", "archived": "retired", "내림": "retired", "보관": "retired",
}  # fmt: skip
_LANGUAGES = {
    "kr": "ko", "kor": "ko", "korean": "ko", "한국어": "ko", "한글": "ko", "국문": "ko",
    "eng": "en", "english": "en", "영어": "en", "영문": "en",
}  # fmt: skip


def named(names: list[str]) -> list[str]:
    """The columns of a table under our names; one that is there under ours is no other."""
    said = [name.strip().lower() for name in names]
    return [name if _CALLED.get(name) in said else _CALLED.get(name, name) for name in said]


def values(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row under our names, with lists from what people write in one cell: a JSON list, lines,
    or ``|`` between them."""
    found = dict(zip(named([str(name) for name in row]), row.values(), strict=True))
    for name, separators in (("questions", r"[\n|]"), ("tags", r"[\n|,]")):
        value = found.get(name)
        if isinstance(value, str):
            found[name] = _split(value, separators)
        elif isinstance(value, list):
            found[name] = [str(one) if isinstance(one, int | float) else one for one in value]
    for name in ("id", "title"):
        if isinstance(found.get(name), int | float):
            found[name] = str(found[name])
    if isinstance(found.get("id"), str):  # a Mac writes Hangul in pieces
        found["id"] = unicodedata.normalize("NFC", found["id"])
    if isinstance(found.get("locale"), str):
        found["locale"] = _language(found["locale"])
    hidden = str(found.get("draft", "")).strip().lower() == "true"
    said = str(found.get("state") or "").strip().lower()
    found["state"] = "draft" if hidden else _STATES.get(said, "")
    subjects = [one for name in _SUBJECTS if isinstance(one := found.get(name), str) and one]
    tags = found.get("tags") or []
    if subjects and isinstance(tags, list):
        found["tags"] = [*subjects, *tags]
    return found


def _language(said: str) -> str:
    name = said.strip().lower()
    first = re.split(r"[-_]", name)[0]
    return _LANGUAGES.get(name, first if first in ("ko", "en") else said)


def _split(value: str, separators: str) -> list[str]:
    if value.lstrip().startswith("["):
        try:
            listed = json.loads(value)
        except ValueError:
            listed = None
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return listed
    return [one.strip() for one in re.split(separators, value) if one.strip()]
