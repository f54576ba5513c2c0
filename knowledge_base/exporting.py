"""Articles out: a folder of Markdown, the same as a zip file, or one table."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import yaml
from sqlalchemy.orm import Session

from knowledge_base import articles, catalogue, columns, history, pictures, tables, wrapping
from knowledge_base.columns import COLUMNS
from knowledge_base.content import Content
from knowledge_base.errors import Invalid, NotFound
from knowledge_base.models import Article

FORMATS = {
    "zip": "application/zip",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
# A spreadsheet runs a cell that begins so; the apostrophe makes it text, and reading drops it.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_LONGEST_CELL = 32_000
_LONGEST_NAME = 200  # with its ending and what a system adds, 255 bytes may be in a name


@dataclass(frozen=True, slots=True)
class Exported:
    """What goes out of an article; ``state`` is empty for what customers see."""

    content: Content
    state: str = ""


def folder(
    session: Session, directory: Path | str, *, state: str | None = "published"
) -> list[Path]:
    """Write articles as ``LOCALE/ID.md`` with front matter, their pictures beside; the files.

    Importing the folder again finds everything unchanged. ``state=None`` exports working copies,
    with drafts and retired ones; else it is what customers see, and not what is being written.
    """
    target = Path(directory)
    written = []
    for one in _chosen(session, state):
        place = target / one.content.locale
        place.mkdir(parents=True, exist_ok=True)
        made = pictures.USED.sub(lambda found: _beside(session, found[1], target), to_markdown(one))
        path = place / f"{_file_name(one.content.id)}.md"
        path.write_text(made, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def to_markdown(one: Exported) -> str:
    """One article as a Markdown file with front matter."""
    values = _values(one)
    body = wrapping.wrapped(str(values.pop("body")))
    front = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n{body}\n"


def file(session: Session, kind: str, *, state: str | None = "published") -> bytes:
    """The same articles as one file of :data:`FORMATS`; a zip file holds the pictures, too.

    Raises :class:`Invalid` for an article that the format cannot hold.
    """
    if kind == "zip":
        return _zip(session, state)
    found = _chosen(session, state)
    if kind == "jsonl":
        lines = (json.dumps(_values(one), ensure_ascii=False) + "\n" for one in found)
        return "".join(lines).encode()
    return _xlsx(found) if kind == "xlsx" else _csv(found)


def _chosen(session: Session, state: str | None) -> list[Exported]:
    found = catalogue.listing(session, state=state, limit=1_000_000)
    if state is None:
        return [Exported(articles.content_of(one), _hidden(one)) for one in found]
    behind = [
        (one.id, one.locale, one.published_revision)
        for one in found
        if one.published_revision is not None and one.has_unpublished_changes
    ]
    shown = history.contents_at(session, behind) if behind else {}
    return [Exported(shown.get((one.id, one.locale)) or articles.content_of(one)) for one in found]


def _hidden(article: Article) -> str:
    """What an import has to know, so that it publishes nothing that nobody published."""
    if article.state == "retired":
        return "retired"
    return "" if article.state == "published" and not article.has_unpublished_changes else "draft"


def _file_name(id: str) -> str:
    """A name that every system takes; what is in it is said inside again."""
    name = quote(id, safe="!+")
    known = hashlib.sha256(id.encode()).hexdigest()[:12]
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 13]}~{known}"


def _beside(session: Session, id: str, target: Path) -> str:
    """Where a picture is written, as an article in ``LOCALE/`` shows it."""
    try:
        picture = pictures.get(session, id)
    except NotFound:
        return pictures.ADDRESS + id
    name = f"{picture.id}.{pictures.ENDINGS.get(picture.media_type, 'bin')}"
    path = target / "pictures" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pictures.content(session, picture.id))
    return f"../pictures/{name}"


def _zip(session: Session, state: str | None) -> bytes:
    made = io.BytesIO()
    with (
        tempfile.TemporaryDirectory(prefix="sangdam-export-") as place,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        folder(session, place, state=state)
        for path in sorted(Path(place).rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(place))
    return made.getvalue()


def _values(one: Exported) -> dict[str, object]:
    content = one.content
    return {
        "id": content.id,
        "title": content.title,
        "locale": content.locale,
        "questions": [*content.questions],
        "tags": [*content.tags],
        **({"state": one.state} if one.state else {}),
        "body": content.body,
    }


def _names(found: Sequence[Exported]) -> list[str]:
    return [*COLUMNS, "state"] if any(one.state for one in found) else [*COLUMNS]


def _cells(one: Exported, names: Sequence[str]) -> Iterator[str]:
    values = _values(one)
    for name in names:
        value = values.get(name, "")
        yield _one_cell(name, value) if isinstance(value, list) else str(value)


def _one_cell(name: str, listed: list[str]) -> str:
    """Each on a line, for people; as JSON where one holds what separates them."""
    lines = "\n".join(listed)
    same = columns.values({name: lines})[name] == listed
    return lines if same else json.dumps(listed, ensure_ascii=False)


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _csv(found: Sequence[Exported]) -> bytes:
    made = io.StringIO(newline="")
    table = csv.writer(made)
    names = _names(found)
    table.writerow(names)
    for one in found:
        table.writerow([_guarded(cell) for cell in _cells(one, names)])
    # With a mark, so that Excel reads Korean as it is.
    return made.getvalue().encode("utf-8-sig")


def _xlsx(found: Sequence[Exported]) -> bytes:
    from openpyxl import Workbook

    names = _names(found)
    lines = [[tables.escaped(_guarded(cell)) for cell in _cells(one, names)] for one in found]
    for one, line in zip(found, lines, strict=True):
        if max(map(len, line)) > _LONGEST_CELL:
            reason = f"of {one.content.id!r} is longer than a cell of Excel; use csv or zip"
            raise Invalid("body", reason)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("articles")
    for line in (names, *lines):
        sheet.append(line)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
