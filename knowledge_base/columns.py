"""What articles are called by, part for part, in the files people have. Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = ("id", "title", "locale", "questions", "tags", "body")
# Ours first; then what other help centres and people call the same.
_CALLED = {
    "아이디": "id", "slug": "id",
    "제목": "title", "name": "title",
    "언어": "locale", "language": "locale", "lang": "locale",
    "질문": "questions", "question": "questions", "문의": "questions",
    "대표질문": "questions", "유사질문": "questions", "예상질문": "questions",
    "태그": "tags", "tag": "tags", "labels": "tags", "label": "tags",
    "상태": "state", "status": "state",
    "본문": "body", "내용": "body", "답변": "body", "answer": "body", "content": "body",
    "답": "body",
}  # fmt: skip
_PAIR = {"q": "questions", "a": "body"}  # of which neither says anything without the other
# The help centre's subjects are first tags, so that is where another one's subjects go.
_SUBJECTS = (
    "category", "카테고리", "대분류", "분류", "구분", "중분류", "소분류",
    "section", "섹션", "주제", "topic",
)  # fmt: skip
# What an import reads; a table may have other columns.
READ = frozenset({*COLUMNS, "state", "draft", *_SUBJECTS})
# Of these there may be several: 질문1, 질문2, or 대표질문 and 유사질문.
_LISTS = {"questions": r"[\n|]", "tags": r"[\n|,]"}
# How a form marks what has to be filled in.
_REMARK = re.compile(r"(?<=\S)\s*(?:[(（].*|[*:：]+\s*)$", re.DOTALL)
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
    said = [_REMARK.sub("", name.strip().lower()) for name in names]
    if said.count("q") and said.count("a"):
        said = [_PAIR.get(name, name) for name in said]
    taken = set(said).difference(_LISTS)
    return [name if _ours(name) in taken else _ours(name) for name in said]


def _ours(name: str) -> str:
    joined = name.replace(" ", "")
    numbered = _CALLED.get(re.sub(r"[_-]?\d+$", "", joined), "")
    return numbered if numbered in _LISTS else _CALLED.get(joined, name)


def said_twice(names: list[str]) -> dict[str, list[str]]:
    """Of a table's columns those that would be the same one of an article's, by our name."""
    found: dict[str, list[str]] = {}
    for ours, name in zip(named(names), names, strict=True):
        if ours in (*COLUMNS, "state") and ours not in _LISTS:
            found.setdefault(ours, []).append(" ".join(name.split()))
    return {ours: same for ours, same in found.items() if len(same) > 1}


def values(row: Mapping[str, Any]) -> dict[str, Any]:
    """One row under our names, with lists from what people write in one cell: a JSON list, lines,
    or ``|`` between them."""
    return cells([str(name) for name in row], [*row.values()])


def cells(names: list[str], row: Sequence[Any]) -> dict[str, Any]:
    """The same of a table's row, of which several columns may hold questions, or tags."""
    found: dict[str, Any] = {}
    for name, value in zip(named(names), row, strict=False):
        said = _listed(value, _LISTS[name]) if name in _LISTS else value
        before = found.get(name)
        both = isinstance(before, list) and isinstance(said, list)
        found[name] = before + said if both else said
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


def _listed(value: Any, separators: str) -> Any:
    if isinstance(value, str):
        return _split(value, separators)
    if isinstance(value, list):
        return [str(one) if isinstance(one, int | float) else one for one in value]
    return value


def _split(value: str, separators: str) -> list[str]:
    if value.lstrip().startswith("["):
        try:
            listed = json.loads(value)
        except ValueError:
            listed = None
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return listed
    return [one.strip() for one in re.split(separators, value) if one.strip()]
