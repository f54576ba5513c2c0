"""Articles out: a folder of Markdown, the same as a zip file, or one table."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import yaml
from sqlalchemy.orm import Session

from knowledge_base import articles, pictures, tables
from knowledge_base.columns import COLUMNS
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


def folder(session: Session, directory: Path | str, *, state: str | None = "published") -> int:
    """Write articles as ``LOCALE/ID.md`` with front matter, their pictures beside; how many.

    Importing the folder again finds everything unchanged. ``state=None`` exports drafts and
    retired ones too.
    """
    target = Path(directory)
    found = articles.list(session, state=state, limit=1_000_000)
    for article in found:
        place = target / article.locale
        place.mkdir(parents=True, exist_ok=True)
        name = quote(article.id, safe="!+") + ".md"
        made = pictures.USED.sub(
            lambda found: _beside(session, found[1], target), to_markdown(article)
        )
        (place / name).write_text(made, encoding="utf-8", newline="\n")
    return len(found)


def to_markdown(article: Article) -> str:
    """One article as a Markdown file with front matter."""
    front = yaml.safe_dump(
        {
            "id": article.id,
            "title": article.title,
            "locale": article.locale,
            "questions": [*article.questions],
            "tags": [*article.tags],
        },
        allow_unicode=True,
        sort_keys=False,
        width=10_000,
    )
    return f"---\n{front}---\n\n{article.body}\n"


def file(session: Session, kind: str, *, state: str | None = "published") -> bytes:
    """The same articles as one file of :data:`FORMATS`; a zip file holds the pictures, too.

    Raises :class:`Invalid` for an article that the format cannot hold.
    """
    if kind == "zip":
        return _zip(session, state)
    found = articles.list(session, state=state, limit=1_000_000)
    if kind == "jsonl":
        lines = (json.dumps(_values(one), ensure_ascii=False) + "\n" for one in found)
        return "".join(lines).encode()
    return _xlsx(found) if kind == "xlsx" else _csv(found)


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


def _values(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "title": article.title,
        "locale": article.locale,
        "questions": [*article.questions],
        "tags": [*article.tags],
        "body": article.body,
    }


def _cells(article: Article) -> Iterator[str]:
    values = _values(article)
    for name in COLUMNS:
        value = values[name]
        # A list as JSON: a question may hold what separates them.
        yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) else text


def _csv(found: Sequence[Article]) -> bytes:
    made = io.StringIO(newline="")
    table = csv.writer(made)
    table.writerow(COLUMNS)
    for article in found:
        table.writerow([_guarded(one) for one in _cells(article)])
    # With a mark, so that Excel reads Korean as it is.
    return made.getvalue().encode("utf-8-sig")


def _xlsx(found: Sequence[Article]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("articles")
    sheet.append(COLUMNS)
    for article in found:
        line = [tables.escaped(_guarded(one)) for one in _cells(article)]
        if max(map(len, line)) > _LONGEST_CELL:
            reason = f"of {article.id!r} is longer than a cell of Excel; use csv or zip"
            raise Invalid("body", reason)
        sheet.append(line)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()
