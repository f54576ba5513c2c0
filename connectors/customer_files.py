"""Files of customers and purchases: read whatever comes, written so that spreadsheets open them.

A cell that a spreadsheet would take for a formula gets an apostrophe before it in CSV, and is
marked as text in a workbook; what is read drops that apostrophe again.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from knowledge_base import tables
from knowledge_base.errors import Invalid as Unreadable
from ticketing import customer_import
from ticketing.errors import Invalid
from ticketing.models import CustomerImport
from ticketing.record import Author
from ticketing.spelling import NO_XML

FORMATS = ("csv", "xlsx", "jsonl")
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}
MOST_NAMED = 100
_NO_XML = str.maketrans("", "", NO_XML)
_RISKY = ("=", "+", "-", "@", "\t", "\r")

Lines = Iterator[tuple[int, Sequence[str] | None]]


def begin(
    session: Session, file: BinaryIO, name: str, *, by: Author, kind: str = ""
) -> CustomerImport:
    """A batch with the rows of a file that are not hidden there; the others are named in it.

    Raises :class:`Invalid`, also where all of them are.
    """
    left_out: list[str] = []
    lines = read(file, name, left_out)
    try:
        batch = customer_import.begin(session, lines, file_name=name, by=by, kind=kind)
    except Invalid as error:
        if error.code == "empty" and left_out:
            what = ", ".join(left_out[:MOST_NAMED])
            raise Invalid("file", "hidden", f"shows nothing to read; left out: {what}") from None
        raise
    more = ["…"] * (len(left_out) > MOST_NAMED)
    batch.left_out = [*left_out[:MOST_NAMED], *more]
    session.flush()
    return batch


def read(file: BinaryIO, name: str, left_out: list[str] | None = None) -> Lines:
    """Row numbers as a spreadsheet counts, and cells; ``None`` for a row that cannot be read.

    What is hidden in a workbook is not read and, at the end, named in ``left_out``. Raises
    :class:`Invalid` for a file of another kind or of another encoding than we know.
    """
    suffix = PurePath(name).suffix.lower()
    try:
        if suffix == ".xlsx":
            yield from tables.xlsx_lines(file, PurePath(name).name, left_out)
        elif suffix in (".csv", ".tsv", ".txt"):
            yield from _csv(tables.decode(file.read(), PurePath(name).name))
        elif suffix in (".jsonl", ".ndjson"):
            yield from _json_lines(tables.decode(file.read(), PurePath(name).name))
        else:
            raise Invalid("file", "kind", "is none of .csv, .xlsx and .jsonl")
    except Unreadable as error:
        raise Invalid("file", "unreadable", error.reason) from None


def _csv(text: str) -> Lines:
    row = 0
    try:
        for row, cells in enumerate(tables.csv_lines(text), start=1):
            yield row, cells
    except csv.Error:
        yield row + 1, None


def _json_lines(text: str) -> Lines:
    objects: list[tuple[int, dict[str, Any] | None]] = []
    columns: dict[str, None] = {}
    for row, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        objects.append((row, values if isinstance(values, dict) else None))
        if isinstance(values, dict) and len(columns) < tables.MAX_COLUMNS:
            columns |= dict.fromkeys(values)
    columns = dict.fromkeys([*columns][: tables.MAX_COLUMNS])
    yield 0, list(columns)
    for row, found in objects:
        yield row, None if found is None else [_said(found.get(column)) for column in columns]


def _said(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def guarded(cell: str) -> str:
    """A cell in which no spreadsheet sees a formula."""
    # What begins with apostrophes of its own gets one more, so that reading gives it back.
    return f"'{cell}" if cell.lstrip("'").startswith(_RISKY) else cell


def csv_pieces(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """A CSV that Excel in Korea opens as it is: UTF-8 with its mark, lines with CRLF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([guarded(cell) for cell in head])
    yield b"\xef\xbb\xbf" + out.getvalue().encode()
    for row in rows:
        out.seek(0)
        out.truncate()
        writer.writerow([guarded(cell) for cell in row])
        yield out.getvalue().encode("utf-8", "replace")


def json_pieces(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """A JSON object for each row."""
    for row in rows:
        said = {name: cell for name, cell in zip(head, row, strict=True) if cell}
        yield json.dumps(said, ensure_ascii=False).encode() + b"\n"


def write_xlsx(file: BinaryIO, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A workbook with one sheet, in which every cell is text."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def cell(value: str) -> Any:
        plain = ILLEGAL_CHARACTERS_RE.sub("", value).translate(_NO_XML)
        made = WriteOnlyCell(sheet, value=plain)
        if value.startswith(_RISKY):
            made.data_type = "s"
            made.quotePrefix = True
        return made

    for row in itertools.chain([head], rows):
        sheet.append([cell(value) for value in row])
    book.save(file)


def write(file: BinaryIO, form: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The rows in one of :data:`FORMATS`."""
    if form == "xlsx":
        write_xlsx(file, head, rows)
        return
    for piece in (csv_pieces if form == "csv" else json_pieces)(head, rows):
        file.write(piece)
