"""Files of articles, written by tests and read as an import reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from knowledge_base import archives, importing, reading
from knowledge_base.content import Content

HEAD = ["id", "title", "locale", "questions", "tags", "body"]


def taken(place: Path) -> list[Content]:
    """What is read there, of which nothing may be refused."""
    with archives.unpacked(place) as folder:
        rows = reading.read(folder)
        assert [row.problem for row in rows if row.problem] == []
        return importing.contents(rows)


def refused(place: Path) -> list[tuple[str, str]]:
    return [(row.where, row.problem) for row in reading.read(place) if row.problem]


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def workbook(path: Path, *rows: list[Any], hidden: Sequence[int] = ()) -> Path:
    book = Workbook()
    assert book.active is not None
    for row in (HEAD, *rows):
        book.active.append(row)
    for number in hidden:
        book.active.row_dimensions[number].hidden = True
    book.save(path)
    return path
