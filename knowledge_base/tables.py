"""Tables as files have them: CSV in any usual encoding, and Excel workbooks."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any, BinaryIO, NamedTuple

from knowledge_base import number_formats
from knowledge_base.errors import Invalid

MAX_FILE = 64 * 1024 * 1024
# A cell that somebody left in a sheet's last column would make each of its rows 16,384 cells long.
MAX_COLUMNS = 1000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_MARK = re.compile(
    rb"""(?:<(?:\w+:)?mergeCell\s[^<>]*?ref=["']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})["']
    |<(?:\w+:)?(row)(?=[\s/>]))[^<>]*>""",
    re.VERBOSE,
)
_NUMBER = re.compile(rb"""\sr=["'](\d{1,7})["']""")
_HIDDEN = re.compile(rb"""\shidden=["'](?:1|true)["']""")
_MOST_MERGED = 10_000
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# What openpyxl raises for a workbook that lacks a part, or has one that is no XML (a SyntaxError).
_DAMAGED = (
    zipfile.BadZipFile, SyntaxError, LookupError, ValueError, TypeError, AttributeError, OSError,
    EOFError, RuntimeError, zlib.error,
)  # fmt: skip
# What an export put before a cell that a spreadsheet would take for a formula.
GUARDED = re.compile(r"^'(?='*[=+\-@\t\r])")


def decode(raw: bytes, name: str) -> str:
    """The text of a file, with Hangul put together that a Mac wrote in pieces: a column's name in
    pieces is no name that we know. Raises :class:`Invalid` for what is none."""
    # Excel in Korea saves CSV as CP949; UTF-8 that is not valid is that.
    marked = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ["utf-16"] if marked else ["utf-8-sig", "cp949"]
    if not marked and b"\0" in raw:
        # No text has zeros, but half of every sign and line's end in UTF-16, also without a mark.
        encodings = ["utf-16-be" if raw.index(b"\0") % 2 == 0 else "utf-16-le"]
    for encoding in encodings:
        try:
            text = unicodedata.normalize("NFC", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (encoding[-3:] not in ("-be", "-le") or "\n" in text):
            return text
    raise Invalid("path", f"{name} is neither UTF-8, UTF-16 nor CP949 text")


def csv_lines(text: str) -> Iterator[list[str]]:
    """The cells of each row. Raises ``csv.Error`` where a row is none.

    A quote that is never closed would make one cell of all rows behind it: that is no row.
    """
    csv.field_size_limit(MAX_FILE)
    head, _, rest = text.partition("\n")
    if said := re.fullmatch(r'"?sep=(.)"?\r?', head):  # a line for Excel alone
        delimiter, text = said[1], rest
    else:
        delimiter = max(",;\t", key=head.count)
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


class Line(NamedTuple):
    """A row of a sheet: its number, its cells as text, and whether it is hidden there."""

    number: int
    cells: list[str]
    hidden: bool = False


class Sheet(NamedTuple):
    """A sheet of a workbook; its rows are read while they are walked through."""

    name: str
    hidden: bool
    lines: Iterator[Line]


def xlsx_lines(
    file: BinaryIO, name: str, left_out: list[str] | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Row number and cells of what is not hidden in the first sheet that is not, as text but for
    programs: days are ``2026-01-02``, and numbers have no signs. Raises :class:`Invalid`.

    To ``left_out`` is added what else there is, at the end: rows as ``5-9``, and sheets.
    """
    first, others = True, left_out if left_out is not None else []
    for sheet in xlsx_sheets(file, name, as_shown=False):
        if sheet.hidden or not first:
            if left_out is not None and any(any(line.cells) for line in sheet.lines):
                others.append(f'"{sheet.name}"')
            continue
        first, hidden = False, []
        for line in sheet.lines:
            if not line.hidden:
                yield line.number, line.cells
            elif any(line.cells):
                hidden.append(line.number)
        others += spans(hidden)


def spans(numbers: Iterable[int]) -> list[str]:
    """Rising numbers as people write them: ``2``, and ``5-9`` where one follows the other."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        begins = not found or number > found[-1][1] + 1
        found[len(found) - (not begins) :] = [(number if begins else found[-1][0], number)]
    return [f"{first}-{last}" if last > first else str(first) for first, last in found]


def xlsx_sheets(file: BinaryIO, name: str, *, as_shown: bool = True) -> Iterator[Sheet]:
    """Every sheet, with cells as they are shown: ``15%``, ``₩1,000``. Raises :class:`Invalid`.

    Cells of one column that are merged, as a category over its questions is, all say the same.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(file) as archive:
            # A small file may unpack to gigabytes.
            if sum(one.file_size for one in archive.infolist()) > 8 * MAX_FILE:
                raise Invalid("path", f"{name} unpacks to too much")
        book = load_workbook(file, read_only=True, data_only=True)
        sheets = [*book.worksheets]
    except (InvalidFileException, *_DAMAGED) as error:
        raise Invalid("path", f"{name} is not an Excel workbook") from error
    try:
        if all(sheet.sheet_state != "visible" for sheet in sheets):
            raise Invalid("path", f"{name} is not an Excel workbook")
        for sheet in sheets:
            hidden = sheet.sheet_state != "visible"
            yield Sheet(sheet.title, hidden, _lines(file, name, sheet, as_shown=as_shown))
    finally:
        book.close()


def _lines(file: BinaryIO, name: str, sheet: Any, *, as_shown: bool) -> Iterator[Line]:
    try:
        # Programs other than Excel write a size that is not so, and the rest would not be read.
        sheet.reset_dimensions()
        with zipfile.ZipFile(file) as archive, archive.open(sheet._worksheet_path) as raw:
            merged, hidden = _marked(raw)
        going_on: dict[int, tuple[int, str]] = {}
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            line = [
                "" if one.value is None else _shown(one) if as_shown else _cell(one.value)
                for one in cells[: _filled(cells)]
            ]
            going_on = {column: one for column, one in going_on.items() if one[0] >= number}
            if going_on and any(line):
                line += [""] * (max(going_on) + 1 - len(line))
                for column, (_, value) in going_on.items():
                    line[column] = line[column] or value
            for column, last in merged.get(number, ()):
                if column < len(line):
                    going_on[column] = (last, line[column])
            yield Line(number, line, number in hidden)
    except _DAMAGED as error:
        # The sheet is read while it is walked through, so its end may be what is missing.
        raise Invalid("path", f"{name} is a damaged Excel workbook") from error


def _filled(cells: Sequence[Any]) -> int:
    """How many cells there are up to the last one with something in it."""
    return next((at for at in range(len(cells), 0, -1) if cells[at - 1].value is not None), 0)


def _marked(sheet: IO[bytes]) -> tuple[dict[int, list[tuple[int, int]]], set[int]]:
    """By their first row, the column and the last row of cells that are merged downwards; and the
    rows that are hidden, by hand or by a filter.

    openpyxl tells of either only after it has read all of a workbook into memory.
    """
    from openpyxl.utils import column_index_from_string

    found: dict[int, list[tuple[int, int]]] = {}
    hidden: set[int] = set()
    kept, count, row = b"", 0, 0
    while piece := sheet.read(256 * 1024):
        kept += piece
        for one in _MARK.finditer(kept):
            if one[5]:
                number = _NUMBER.search(one[0])
                row = int(number[1]) if number else row + 1
                if _HIDDEN.search(one[0]):
                    hidden.add(row)
            elif one[1] == one[3] and count < _MOST_MERGED:
                count += 1
                column = column_index_from_string(one[1].decode()) - 1
                found.setdefault(int(one[2]), []).append((column, int(one[4])))
        begun = kept[kept.rfind(b"<") :] if b"<" in kept else b""
        kept = begun if b">" not in begun and len(begun) < 1000 else b""
    return found, hidden


def escaped(text: str) -> str:
    """A text as a cell of Excel holds it, which has a way to write what XML has no place for."""
    text = _ESCAPED.sub(lambda found: f"_x005F_{found[0][1:]}", text)
    return _CONTROLS.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _shown(cell: Any) -> str:
    """A cell as Excel shows it, if its format says how."""
    from openpyxl.utils.datetime import from_excel

    value = cell.value
    if value is None or isinstance(value, str | bool):
        return _cell(value)
    code = number_formats.KOREAN.get(cell.style_array.numFmtId, cell.number_format)
    if isinstance(value, int | float) and number_formats.is_date(code):
        value = from_excel(value, cell.parent.parent.epoch)
    # Programs write a day as its midnight.
    midnight = isinstance(value, dt.datetime) and value.time() == dt.time() and "h" in code
    said = None if midnight else number_formats.shown(value, code)
    return _cell(value) if said is None else said


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(
            lambda found: chr(int(found[1], 16)), unicodedata.normalize("NFC", value)
        )
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    # A number typed into a text column comes as 12.0, and a computed one as 0.30000000000000004.
    if isinstance(value, float) and (value.is_integer() or "e" in f"{value:.11g}"):
        return str(int(value)) if value.is_integer() else str(value)
    return f"{value:.11g}" if isinstance(value, float) else str(value)
