"""Articles as files have them: Markdown with front matter, CSV, XLSX, JSON lines."""

from __future__ import annotations

import csv
import json
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from knowledge_base import columns, html_cells, pages, tables, wrapping
from knowledge_base.content import MAX_ID, MAX_TITLE
from knowledge_base.errors import Invalid
from knowledge_base.tables import MAX_FILE
from knowledge_base.text import language

_FRONT = re.compile(r"\s*---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
# A picture's address, which may have brackets: ``image (1).png`` is what a second one is called.
_SHOWN = re.compile(r"!\[[^\]]{0,500}\]\(\s*(<[^>\n:]+>|(?:[^()\s:]|\([^()\s:]*\))+)")
# A link, of which the address has no scheme: ``[관세](관세.md)``, ``[…](<../a b.md#part>)``.
_LED = re.compile(r"(?<!!)(\[[^\]\n]{0,500}\]\(\s*)(<[^>\n:]+>|(?:[^()\s:]|\([^()\s:]*\))+)")
# One of Obsidian's: ``[[관세]]``, ``[[관세#누가|누가 내나요]]``.
_NOTED = re.compile(r"(?<!!)\[\[([^\[\]|#\n]{1,200})(?:#[^\[\]|\n]*)?(?:\|([^\[\]\n]{1,200}))?\]\]")
_OF_ITS_FOLDER = ("index", "_index", "README")
_MARKDOWN = (".md", ".markdown")
# Notion puts no front matter into what it exports, but its own id behind the name.
_NOTION = re.compile(r"(.*) ([0-9a-f]{32})")
# What a cell of a workbook shows whose formula found nothing.
_ERROR = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")
MOST_ABOVE = 10
_HEADING = re.compile(r"\s*# +(.+?)[ #]*(?:\n|\Z)")


# By folder, its files as they are called when Hangul is not in pieces, as on a Mac.
Names = dict[Path, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Row:
    """One article as read; ``where`` names it to the person who wrote the file."""

    where: str
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None  # why the row could not even be read
    # Pictures beside the file, by the address that the body has for them.
    pictures: Mapping[str, Path] = field(default_factory=dict)
    hidden: bool = False  # in its workbook, as its sheet may be: no import brings it


def read(path: Path | str) -> list[Row]:
    """Read a folder of Markdown files or a .csv, .xlsx, .jsonl or .md file.

    A .zip is unpacked first, see :mod:`knowledge_base.archives`. A row that cannot be read is a
    :class:`Row` with its ``problem``. Raises :class:`Invalid` if there is nothing to read at
    ``path`` at all.
    """
    place = Path(path)
    rows = _read(place)
    if not rows:
        raise Invalid("path", f"{place.name} holds no articles")
    return rows


def unread(rows: Iterable[Row]) -> list[str]:
    """The columns that hold something and that no import reads, as the table calls them."""
    found: dict[str, None] = {}
    for row in rows:
        said = (name for name, value in row.values.items() if value not in (None, "", []))
        new = (name for name in said if name and name not in columns.READ)
        found |= dict.fromkeys(" ".join(name.split()) for name in new)
    return [*found]


def hidden(rows: Iterable[Row]) -> list[str]:
    """What is hidden in its workbook: rows, as ``5-9`` where one follows the other, and sheets."""
    found: list[str] = []
    places = (row.where.rpartition(" ") for row in rows if row.hidden)
    for (sheet, space, is_row), group in groupby(
        places, key=lambda one: (one[0], one[1], one[2].isdigit())
    ):
        names = [one[2] for one in group]
        said = tables.spans(map(int, names)) if is_row else names
        found += [f"{sheet}{space}{one}" for one in said]
    return found


def _read(place: Path) -> list[Row]:
    if place.is_dir():
        files = sorted(one for one in place.rglob("*") if _is_article(one.relative_to(place)))
        files = [one for one in files if one.is_file()]
        if not files:
            raise Invalid("path", f"{place.name} holds no .md files")
        names: Names = {}
        return _linked([_markdown(one, str(one.relative_to(place)), place, names) for one in files])
    if not place.is_file():
        raise Invalid("path", f"there is no file or folder {place}")
    if place.stat().st_size > MAX_FILE:
        raise Invalid("path", f"{place.name} is larger than {MAX_FILE // 1024 // 1024} MiB")
    suffix = place.suffix.lower()
    if suffix in _MARKDOWN:
        return [_markdown(place, place.name, place.parent, {})]
    if suffix in (".jsonl", ".ndjson"):
        return [*_json_lines(tables.decode(place.read_bytes(), place.name))]
    if suffix in (".csv", ".tsv"):
        return [*_csv(tables.decode(place.read_bytes(), place.name))]
    if suffix == ".xlsx":
        return [*_xlsx(place)]
    raise Invalid("path", f"{place.name}: expected a folder, .md, .zip, .csv, .xlsx or .jsonl")


def _is_article(place: Path) -> bool:
    """Whether a file in the folder is one; what an editor or Git keeps there is hidden."""
    hidden = any(part.startswith(".") for part in place.parts)
    return place.suffix.lower() in _MARKDOWN and not hidden


def _markdown(path: Path, where: str, root: Path, names: Names) -> Row:
    try:
        if path.stat().st_size > MAX_FILE:
            raise Invalid("path", "the file is too large")
        text = tables.decode(path.read_bytes(), where).replace("\r\n", "\n")
        front = _FRONT.match(text)
        if front is not None:
            values = _as_written(front.group(1) or "")
        elif (values := _notion(path.stem, text) or _headed(text)) is None:
            return Row(where, problem="no front matter: begin the file with a line '---' or '# …'")
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
    if front is not None:
        row["body"] = text[front.end() :]
        if not columns.values(row).get("title"):
            row |= _headed(row["body"]) or {}
    row["body"] = wrapping.unwrapped(str(row["body"]))
    found = _pictures(row["body"], path.parent, root, names)
    said = columns.values(row)
    # Most who write Markdown name the file, and keep a folder of one language.
    if said.get("id") is None:
        said["id"] = pages.slug(
            "", path.stem if path.stem not in _OF_ITS_FOLDER else path.parent.name
        )
    if said.get("locale") is None:
        said["locale"] = language(f"{said.get('title')} {row['body'][:500]}", "ko")
    return Row(where, said, pictures=found)


def _linked(rows: Sequence[Row]) -> list[Row]:
    """The rows of a folder, of which a link to another file leads to its article."""
    places = {unicodedata.normalize("NFC", row.where): row.values.get("id") for row in rows}
    named = [(posixpath.splitext(place)[0], id) for place, id in places.items() if id is not None]
    notes = dict(named)
    for place, id in named:  # a note is called by its name alone, where there is only one
        name = posixpath.basename(place)
        notes[name] = id if notes.get(name, id) == id else None

    def noted(found: re.Match[str]) -> str:
        id = notes.get(unicodedata.normalize("NFC", found[1].strip()))
        said = (found[2] or found[1]).strip()
        return found[0] if id is None else f"[{said}](/help/{str(id).strip()})"

    def within(row: Row) -> Row:
        def there(found: re.Match[str]) -> str:
            path = unquote(re.split(r"[?#]", found[2].strip("<>"))[0])
            place = posixpath.normpath(posixpath.join(posixpath.dirname(row.where), path))
            id = places.get(unicodedata.normalize("NFC", place)) if path else None
            return found[0] if id is None else f"{found[1]}/help/{str(id).strip()}"

        body = _NOTED.sub(noted, _LED.sub(there, str(row.values.get("body") or "")))
        return replace(row, values={**row.values, "body": body}) if body else row

    return [within(row) for row in rows]


def _as_written(text: str) -> Any:
    """YAML in which a title ``1.10``, ``007``, ``yes`` or ``2026-01-02`` is what stands there."""
    loader = yaml.SafeLoader(text)
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in known if tag.endswith(":null")]
        for first, known in loader.yaml_implicit_resolvers.items()
    }
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _notion(name: str, text: str) -> dict[str, Any] | None:
    """A page as Notion exports it: called by its title, which is its first line again."""
    known = _NOTION.fullmatch(unicodedata.normalize("NFC", name))
    if known is None:
        return None
    heading = _HEADING.match(text)
    title, body = (heading[1], text[heading.end() :]) if heading else (known[1], text)
    return {
        # Two pages may have one title.
        "id": f"{pages.slug('', title)[: MAX_ID - 7]}-{known[2][-6:]}",
        "title": title,
        "locale": language(f"{title} {body[:500]}", "ko"),
        "body": body,
    }


def _headed(text: str) -> dict[str, Any] | None:
    """A page as people write it anywhere: called by the heading that it begins with."""
    heading = _HEADING.match(text)
    return {"title": heading[1], "body": text[heading.end() :]} if heading else None


def _pictures(body: str, folder: Path, root: Path, names: Names) -> dict[str, Path]:
    """The files that the body shows, if they are in the folder that is read."""
    found = {}
    for address in set(_SHOWN.findall(body)):
        file = folder
        try:
            for part in re.split(r"[/\\]", unquote(address.strip("<>"))):
                file = file.parent if part == ".." else file / _called(file, part, names)
            if file.resolve().is_relative_to(root.resolve()) and file.is_file():
                found[address] = file.resolve()
        except (OSError, ValueError):  # no name that a file can have
            continue
    return found


def _called(folder: Path, part: str, names: Names) -> str:
    """What a file is really called whose name may have its Hangul in pieces, here or there."""
    if (folder / part).exists():
        return part
    if folder not in names:
        inside = folder.iterdir() if folder.is_dir() else ()
        names[folder] = {unicodedata.normalize("NFC", one.name): one.name for one in inside}
    return names[folder].get(unicodedata.normalize("NFC", part), part)


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
            yield Row(str(number), _without_tags(columns.values(values)))
        else:
            yield Row(str(number), problem="a JSON object is expected on every line")


def _csv(text: str) -> Iterator[Row]:
    last = 0

    def counted() -> Iterator[tables.Line]:
        nonlocal last
        for cells in tables.csv_lines(text):
            last += 1  # as Excel counts, whatever a row has of lines
            yield tables.Line(last, cells)

    try:
        yield from _table(counted())
    except csv.Error as error:
        yield Row(str(last + 1), problem=f"not a valid CSV line: {error}")


def _xlsx(path: Path) -> Iterator[Row]:
    """The tables of all sheets; one that is none stands beside those that are."""
    found: list[tuple[str, list[Row]]] = []
    without: list[Row] = []
    none: NoTable | None = None
    with path.open("rb") as file:
        for sheet in tables.xlsx_sheets(file, path.name):
            try:
                rows = [*_table(sheet.lines)]
            except Invalid as error:
                if not sheet.hidden and not isinstance(error, NoTable):
                    raise
                none = none or (error if isinstance(error, NoTable) and not sheet.hidden else None)
                continue
            if not sheet.hidden:
                found.append((sheet.name, rows))
            elif rows:
                without.append(Row(f'"{sheet.name}"', hidden=True))
    if none is not None and not any(rows for _, rows in found):
        raise none
    for name, rows in found:
        for row in rows:
            yield replace(row, where=f"{name} {row.where}") if len(found) > 1 else row
    yield from without


class NoTable(Invalid):
    """A table without the columns of an article."""


def _table(lines: Iterable[tables.Line]) -> Iterator[Row]:
    names: list[str] = []
    others: list[list[str]] = []  # what stands above the columns' names, as a sheet's title
    for number, cells, hidden in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if not names:
            if _lacking([*cells]) and len(others) < MOST_ABOVE:
                others.append([*cells])
            else:
                names = _head([*cells], others)
            continue
        if hidden:
            yield Row(str(number), hidden=True)
            continue
        if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
            yield Row(str(number), problem="has more cells than the first line has names")
            continue
        yield _row_of_table(str(number), names, [tables.GUARDED.sub("", cell) for cell in cells])
    if others and not names:
        _head([], others)


def _lacking(names: list[str]) -> list[str]:
    ours = columns.named(names)
    needed = ("body",) if "questions" in ours else ("title", "body")
    return [one for one in needed if one not in ours]


def _head(names: list[str], others: list[list[str]]) -> list[str]:
    """The columns under our names, or :class:`Invalid` with what the line most like them lacks."""
    if missing := _lacking(names):
        nearest = min(others, key=lambda one: len(_lacking(one)))
        missing, found = _lacking(nearest), ", ".join(filter(None, columns.named(nearest)))[:200]
        reason = f"the first line lacks {', '.join(missing)} (it has: {found})"
        raise NoTable("columns", reason)
    for ours, same in columns.said_twice(names).items():
        raise Invalid("columns", f"{', '.join(same)} are all the {ours}; leave one")
    return columns.named(names)


def _row_of_table(where: str, names: list[str], cells: list[str]) -> Row:
    read = (cell for name, cell in zip(names, cells, strict=False) if name in columns.READ)
    if error := next((cell.strip() for cell in read if _ERROR.fullmatch(cell.strip())), ""):
        return Row(where, problem=f"a formula says {error}")
    row = _completed(_without_tags(columns.cells(names, cells)), names)
    if not row["title"].strip():
        # Nobody would look for an id or a title in a table that has no such column.
        return Row(where, problem=f"{'title' if 'title' in names else 'questions'}: is empty")
    return Row(where, row)


def _without_tags(row: dict[str, Any]) -> dict[str, Any]:
    if isinstance(body := row.get("body"), str):
        row["body"] = html_cells.to_markdown(body)
    return row


def _completed(row: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """A row of a table of questions and answers, as people have them: where it has no such column,
    its title is its first question, its id the title's words, and its language that of its text.
    """
    if "title" not in names:
        said = next(iter(row.get("questions") or ()), "")
        row["title"] = said if len(said) <= MAX_TITLE else f"{said[: MAX_TITLE - 1].rstrip()}…"
    title = row["title"] = str(row.get("title") or "")
    if "id" not in names and title:
        row["id"] = pages.slug("", title)
    if "locale" not in names:
        row["locale"] = language(f"{title} {str(row.get('body') or '')[:500]}", "ko")
    return row
