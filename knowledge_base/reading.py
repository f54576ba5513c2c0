"""Articles as files have them: Markdown with front matter, CSV, XLSX, JSON lines."""

from __future__ import annotations

import contextlib
import csv
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import yaml

from knowledge_base import tables
from knowledge_base.errors import Invalid
from knowledge_base.tables import MAX_FILE

MAX_FILES = 20_000
COLUMNS = ("id", "title", "locale", "questions", "tags", "body")
_KOREAN_COLUMNS = {
    "아이디": "id", "제목": "title", "언어": "locale", "질문": "questions", "태그": "tags",
    "본문": "body", "내용": "body", "답변": "body",
}  # fmt: skip
_FRONT = re.compile(r"---[ \t]*\n(.*?\n)?---[ \t]*(?:\n|\Z)", re.DOTALL)
_SHOWN = re.compile(r"!\[[^\]]*\]\(\s*([^)\s:]+)")
_UNPACKED = (".md", ".png", ".jpg", ".jpeg", ".gif", ".webp")


@dataclass(frozen=True, slots=True)
class Row:
    """One article as read; ``where`` names it to the person who wrote the file."""

    where: str
    values: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None  # why the row could not even be read
    # Pictures beside the file, by the address that the body has for them.
    pictures: Mapping[str, Path] = field(default_factory=dict)


def read(path: Path | str) -> list[Row]:
    """Read a folder of Markdown files or a .csv, .xlsx, .jsonl or .md file.

    A .zip is unpacked first, see :func:`unpacked`. A row that cannot be read is a :class:`Row`
    with its ``problem``. Raises :class:`Invalid` if there is nothing to read at ``path`` at all.
    """
    place = Path(path)
    if place.is_dir():
        files = sorted(one for one in place.rglob("*.md") if one.is_file())
        if not files:
            raise Invalid("path", f"{place.name} holds no .md files")
        return [_markdown(one, str(one.relative_to(place)), root=place) for one in files]
    if not place.is_file():
        raise Invalid("path", f"there is no file or folder {place}")
    if place.stat().st_size > MAX_FILE:
        raise Invalid("path", f"{place.name} is larger than {MAX_FILE // 1024 // 1024} MiB")
    suffix = place.suffix.lower()
    if suffix == ".md":
        return [_markdown(place, place.name, root=place.parent)]
    if suffix in (".jsonl", ".ndjson"):
        return [*_json_lines(tables.decode(place.read_bytes(), place.name))]
    if suffix in (".csv", ".tsv"):
        return [*_csv(tables.decode(place.read_bytes(), place.name))]
    if suffix == ".xlsx":
        return [*_xlsx(place)]
    raise Invalid("path", f"{place.name}: expected a folder, .md, .zip, .csv, .xlsx or .jsonl")


@contextlib.contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The folder of a .zip while the block runs; any other path as it is.

    Only Markdown files and pictures are unpacked. Raises :class:`Invalid` for what is no zip file
    or unpacks to too much.
    """
    if path.suffix.lower() != ".zip":
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="sangdam-import-") as made:
        _unpack(path, Path(made))
        yield Path(made)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            wanted = [one for one in archive.infolist() if _is_wanted(one)]
            # Sizes are claims, so the bytes that really come are counted, too.
            left = 4 * MAX_FILE
            if len(wanted) > MAX_FILES or sum(one.file_size for one in wanted) > left:
                raise Invalid("path", f"{path.name} unpacks to too much")
            for one in wanted:
                file = folder.joinpath(*_parts(one))
                file.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(one) as packed, file.open("wb") as out:
                    while piece := packed.read(256 * 1024):
                        left -= len(piece)
                        if left < 0:
                            raise Invalid("path", f"{path.name} unpacks to too much")
                        out.write(piece)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError) as error:  # or it has a password
        raise Invalid("path", f"{path.name} is not a zip file that can be read") from error


def _is_wanted(one: zipfile.ZipInfo) -> bool:
    parts = _parts(one)
    hidden = not parts or any(part in ("..", "__MACOSX") or part[0] == "." for part in parts)
    return not (one.is_dir() or hidden) and Path(parts[-1]).suffix.lower() in _UNPACKED


def _parts(one: zipfile.ZipInfo) -> list[str]:
    """The path inside the archive, without anything that leads out of it."""
    name = one.filename
    if not one.flag_bits & 0x800:  # Windows in Korea packs names as CP949 and does not say so
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("cp949")
    return [part for part in re.split(r"[/\\]", name.replace(":", "_")) if part not in ("", ".")]


def _markdown(path: Path, where: str, *, root: Path) -> Row:
    try:
        if path.stat().st_size > MAX_FILE:
            raise Invalid("path", "the file is too large")
        text = tables.decode(path.read_bytes(), where).replace("\r\n", "\n")
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
    return Row(where, _listed(row), pictures=_pictures(str(row["body"]), path, root))


def _pictures(body: str, path: Path, root: Path) -> dict[str, Path]:
    """The files that the body shows, if they are in the folder that is read."""
    found = {}
    for address in set(_SHOWN.findall(body)):
        try:
            file = (path.parent / unquote(address)).resolve()
            if file.is_relative_to(root.resolve()) and file.is_file():
                found[address] = file
        except (OSError, ValueError):  # no name that a file can have
            continue
    return found


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
    last = 0

    def counted() -> Iterator[tuple[int, list[str]]]:
        nonlocal last
        for numbered in tables.csv_lines(text):
            last = numbered[0]
            yield numbered

    try:
        yield from _table(counted())
    except csv.Error as error:
        yield Row(str(last + 1), problem=f"not a valid CSV line: {error}")


def _xlsx(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        yield from _table(tables.xlsx_lines(file, path.name))


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
        values = [tables.GUARDED.sub("", cell) for cell in cells]
        yield Row(str(number), _listed(dict(zip(names, values, strict=False))))


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
