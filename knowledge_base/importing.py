"""Articles in from files and out to a folder: Markdown with front matter, CSV, XLSX, JSONL.

An import writes everything or nothing: one refused row and nothing is written.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from knowledge_base import articles
from knowledge_base.content import Content, check
from knowledge_base.errors import Conflict, Invalid
from knowledge_base.models import Article

MAX_FILE = 64 * 1024 * 1024
COLUMNS = ("id", "title", "locale", "questions", "tags", "body")
_KOREAN_COLUMNS = {
    "아이디": "id", "제목": "title", "언어": "locale", "질문": "questions", "태그": "tags",
    "본문": "body", "내용": "body", "답변": "body",
}  # fmt: skip
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One article as read; ``where`` names it to the person who wrote the file."""

    where: str
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None  # why the row could not even be read


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or would do: with refusals or in a dry run nothing was written."""

    added: int
    updated: int
    unchanged: int
    refused: tuple[Mapping[str, str], ...]  # {"row", "reason"}
    written: bool

    def as_json(self) -> dict[str, Any]:
        """For ``sangdam kb import --json``."""
        return {
            "added": self.added,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": [dict(one) for one in self.refused],
            "written": self.written,
        }


def read(path: Path | str) -> list[Row]:
    """Read a folder of Markdown files or a .csv, .xlsx, .jsonl or .md file.

    A row that cannot be read is a :class:`Row` with its ``problem``. Raises :class:`Invalid` if
    there is nothing to read at ``path`` at all.
    """
    place = Path(path)
    if place.is_dir():
        files = sorted(one for one in place.rglob("*.md") if one.is_file())
        if not files:
            raise Invalid("path", f"{place.name} holds no .md files")
        return [_markdown(one, str(one.relative_to(place))) for one in files]
    if not place.is_file():
        raise Invalid("path", f"there is no file or folder {place}")
    if place.stat().st_size > MAX_FILE:
        raise Invalid("path", f"{place.name} is larger than {MAX_FILE // 1024 // 1024} MiB")
    suffix = place.suffix.lower()
    if suffix == ".md":
        return [_markdown(place, place.name)]
    if suffix in (".jsonl", ".ndjson"):
        return [*_json_lines(_decode(place.read_bytes(), place.name))]
    if suffix in (".csv", ".tsv"):
        return [*_csv(_decode(place.read_bytes(), place.name))]
    if suffix == ".xlsx":
        return [*_xlsx(place)]
    raise Invalid("path", f"{place.name}: expected a folder, .md, .csv, .xlsx or .jsonl")


def import_rows(
    session: Session,
    rows: Iterable[Row | Mapping[str, Any]],
    *,
    publish: bool = True,
    author: str,
    dry_run: bool = False,
) -> Report:
    """Add or update the articles of ``rows`` and, by default, publish them; the caller commits.

    All or nothing: with any refusal, and in a ``dry_run``, nothing is written, and the counts
    say what would have been. An article that says the same and is published already is unchanged.
    """
    checked, refused = _check(rows)
    with session.begin_nested() as savepoint:
        # One order of locks for everybody: the version first, then articles by key.
        articles.bump_version(session)
        existing = _locked(session, [content for _, content in checked])
        added = updated = unchanged = 0
        for where, content in sorted(checked, key=lambda one: (one[1].id, one[1].locale)):
            article = existing.get((content.id, content.locale))
            try:
                changed = False
                if article is None:
                    article = articles.insert_checked(
                        session, content=content, author=author, action="import"
                    )
                    added += 1
                else:
                    changed = articles.update_checked(
                        session, article=article, content=content, author=author, action="import"
                    )
                    if publish:
                        changed |= articles.mark_published(session, article=article, author=author)
                    updated, unchanged = updated + changed, unchanged + (not changed)
                    continue
                if publish:
                    articles.mark_published(session, article=article, author=author)
            except Conflict as error:
                refused.append({"row": where, "reason": f"{error} (just now, by somebody else)"})
        write = not refused and not dry_run
        if not write or not (added or updated):
            savepoint.rollback()
    if not write:
        session.expire_all()
    return Report(added, updated, unchanged, tuple(refused), write)


def export(session: Session, directory: Path | str, *, state: str | None = "published") -> int:
    """Write articles as ``LOCALE/ID.md`` with front matter; returns how many.

    Importing the folder again finds everything unchanged. ``state=None`` exports drafts and
    retired ones too.
    """
    target = Path(directory)
    found = articles.list(session, state=state, limit=1_000_000)
    for article in found:
        folder = target / article.locale
        folder.mkdir(parents=True, exist_ok=True)
        name = quote(article.id, safe="!+") + ".md"
        (folder / name).write_text(to_markdown(article), encoding="utf-8", newline="\n")
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


def _check(
    rows: Iterable[Row | Mapping[str, Any]],
) -> tuple[list[tuple[str, Content]], list[Mapping[str, str]]]:
    checked: list[tuple[str, Content]] = []
    refused: list[Mapping[str, str]] = []
    first: dict[tuple[str, str], str] = {}
    for number, one in enumerate(rows, start=1):
        row = one if isinstance(one, Row) else Row(str(number), one)
        if row.problem is not None:
            refused.append({"row": row.where, "reason": row.problem})
            continue
        values = {name: row.values.get(name) for name in COLUMNS}
        for name in ("questions", "tags"):
            values[name] = () if values[name] is None else values[name]
        try:
            content = check(**values)
        except Invalid as error:
            refused.append({"row": row.where, "reason": str(error)})
            continue
        key = (content.id, content.locale)
        if key in first:
            reason = f"id: {content.id!r} ({content.locale}) is in row {first[key]} already"
            refused.append({"row": row.where, "reason": reason})
            continue
        first[key] = row.where
        checked.append((row.where, content))
    return checked, refused


def _locked(session: Session, contents: Sequence[Content]) -> dict[tuple[str, str], Article]:
    found: dict[tuple[str, str], Article] = {}
    keys = sorted((one.id, one.locale) for one in contents)
    for start in range(0, len(keys), 1000):
        rows = session.scalars(
            select(Article)
            .where(tuple_(Article.id, Article.locale).in_(keys[start : start + 1000]))
            .order_by(Article.id, Article.locale)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found.update({(one.id, one.locale): one for one in rows})
    return found


def _decode(raw: bytes, name: str) -> str:
    # Excel in Korea saves CSV as CP949; UTF-8 that is not valid is that.
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if marked else ["utf-8-sig", "cp949"]
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("path", f"{name} is neither UTF-8 nor CP949 text")


def _markdown(path: Path, where: str) -> Row:
    try:
        if path.stat().st_size > MAX_FILE:
            raise Invalid("path", "the file is too large")
        text = _decode(path.read_bytes(), where).replace("\r\n", "\n")
        front = _FRONT.match(text)
        if front is None:
            return Row(where, problem="no front matter: the file must begin with a line '---'")
        values = yaml.safe_load(front.group(1) or "")
    except Invalid as error:
        return Row(where, problem=error.reason)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 2}" if mark else ""
        return Row(where, problem=f"the front matter is not valid YAML{line}")
    except (OSError, RecursionError, ValueError) as error:
        return Row(where, problem=f"cannot be read: {type(error).__name__}")
    if not isinstance(values, dict):
        return Row(where, problem="the front matter must hold id, title, locale, …")
    row = {str(key).strip().lower(): value for key, value in values.items()}
    row["body"] = text[front.end() :]
    return Row(where, _listed(row))


def _json_lines(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            yield Row(str(number), problem="not a valid JSON line")
            continue
        if isinstance(values, dict):
            yield Row(str(number), _listed(values))
        else:
            yield Row(str(number), problem="a JSON object is expected on every line")


def _csv(text: str) -> Iterator[Row]:
    csv.field_size_limit(MAX_FILE)
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        yield from _table((reader.line_num, cells) for cells in reader)
    except csv.Error as error:
        yield Row(str(reader.line_num), problem=f"not a valid CSV line: {error}")


def _xlsx(path: Path) -> Iterator[Row]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            # A small file may unpack to gigabytes.
            if sum(one.file_size for one in archive.infolist()) > 8 * MAX_FILE:
                raise Invalid("path", f"{path.name} unpacks to too much")
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise Invalid("path", f"{path.name} is not an Excel workbook") from error
    try:
        sheet = book.worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        yield from _table(enumerate(([_cell(one) for one in cells] for cells in lines), start=1))
    finally:
        book.close()


def _cell(value: object) -> str:
    if value is None:
        return ""
    # A number typed into a text column comes as 12.0.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _table(lines: Iterable[tuple[int, Sequence[str]]]) -> Iterator[Row]:
    names: list[str] = []
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            names = [cell.strip().lower() for cell in cells]
            names = [_KOREAN_COLUMNS.get(name, name) for name in names]
            missing = [one for one in ("id", "title", "locale", "body") if one not in names]
            if missing:
                found = ", ".join(names)[:200]
                raise Invalid(
                    "columns", f"the first line lacks {', '.join(missing)} (it has: {found})"
                )
            continue
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            yield Row(str(number), problem="has more cells than the first line has names")
            continue
        yield Row(str(number), _listed(dict(zip(names, cells, strict=False))))


def _listed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Lists from what people write in one cell: a JSON list, lines, or ``|`` between them."""
    row = dict(values)
    for name, separators in (("questions", r"[\n|]"), ("tags", r"[\n|,]")):
        value = row.get(name)
        if isinstance(value, str):
            row[name] = _split(value, separators)
        elif isinstance(value, list):
            # YAML reads `- 2026` as a number and `- yes` as a truth value.
            row[name] = [str(one) if isinstance(one, int | float) else one for one in value]
    for name in ("id", "title"):
        if isinstance(row.get(name), int | float):
            row[name] = str(row[name])
    return row


def _split(value: str, separators: str) -> list[str]:
    if value.lstrip().startswith("["):
        try:
            listed = json.loads(value)
        except ValueError:
            listed = None
        if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
            return listed
    return [one.strip() for one in re.split(separators, value) if one.strip()]
