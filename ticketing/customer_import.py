"""Customers and purchases out of files: row by row, in pieces that can be gone on with.

A batch is filled with the file's rows, then looked at (nothing is written) or run; each
:func:`step` is one transaction. Every value that a batch changes is kept with its number, so that
:mod:`ticketing.import_undo` brings the earlier one back.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from ticketing import custom_fields, import_columns, import_customers, import_purchases
from ticketing.errors import Conflict, Invalid, NotFound
from ticketing.import_columns import REQUIRED
from ticketing.import_customers import Found, Line
from ticketing.models import CustomerImport, CustomerImportRow
from ticketing.record import Author

# Rows of a step: few enough that each takes a second or two, also on a busy machine.
CHUNK = 100
MOST_ROWS = 1_000_000
# Lines above the columns' names: a title, who made the file, when.
MOST_ABOVE = 10
ABANDONED = dt.timedelta(days=30)
_GUARDED = re.compile(r"^'(?='*[=+\-@\t\r])")
Row = tuple[int, Sequence[str] | None]
_COUNTS = ("added", "updated", "unchanged", "refused")


def begin(
    session: Session,
    lines: Iterable[Row],
    *,
    file_name: str,
    by: Author,
    kind: str = "",
) -> CustomerImport:
    """A batch with the rows of a file: ``(row, cells)``, ``None`` for one that cannot be read.

    The first line has the names of the columns, and says the kind where none is given; a title and
    the like may stand above it. Raises :class:`Invalid` for a file without them, or without rows.
    """
    columns, rows = _head(iter(lines))
    kind = kind or import_columns.kind_of(columns)
    batch = CustomerImport(
        kind=kind,
        file_name=file_name[-200:],
        by_name=by.name,
        agent_id=by.agent_id,
        columns=columns,
        mapping=import_columns.guess(kind, columns, custom_fields.listing(session)),
    )
    # What was never gone on with is somebody's data that nobody needs.
    session.execute(
        delete(CustomerImport).where(
            CustomerImport.state.in_(("mapping", "checked")),
            CustomerImport.created_at < func.now() - ABANDONED,
        )
    )
    session.add(batch)
    session.flush()
    batch.rows = _keep(session, batch.id, rows, width=len(columns))
    if not batch.rows:
        raise Invalid("file", "empty", "has no rows under its first line")
    session.flush()
    return batch


def _head(rows: Iterator[Row]) -> tuple[list[str], Iterator[Row]]:
    """The names of the columns and the rows below: the first of some lines that says more than
    those above and has a name that somebody or an order is found by, else the first of all."""
    above: list[Row] = []
    most = 0
    for row in rows:
        cells = _names(row)
        said = sum(map(bool, cells))
        if said > most and import_columns.has_key(cells):
            return cells, rows
        most = max(most, said)
        if said:
            above.append(row)
        if len(above) > MOST_ABOVE:
            break
    if not above:
        raise Invalid("file", "empty", "is empty")
    return _names(above[0]), chain(above[1:], rows)


def _names(row: Row) -> list[str]:
    return [_GUARDED.sub("", cell).strip()[:100] for cell in row[1] or ()]


def get(session: Session, batch_id: int, *, lock: bool = False) -> CustomerImport:
    """A batch. Raises :class:`NotFound`."""
    batch = session.get(CustomerImport, batch_id, with_for_update=lock, populate_existing=lock)
    if batch is None:
        raise NotFound("there is no such batch")
    return batch


def assign(session: Session, batch: CustomerImport, mapping: Sequence[str]) -> None:
    """Say which column is which field. Raises :class:`Invalid`, :class:`Conflict` when it runs."""
    if batch.state not in ("mapping", "checked"):
        raise Conflict("this batch is being worked on, or done", reason="busy")
    known = import_columns.fields(batch.kind, custom_fields.listing(session))
    chosen = [field for field in mapping if field]
    if len(mapping) != len(batch.columns) or not set(chosen) <= set(known):
        raise Invalid("mapping", "unknown", "names a field that there is not")
    if len(set(chosen)) != len(chosen):
        raise Invalid("mapping", "twice", "has a field twice")
    batch.mapping = list(mapping)
    batch.state = "mapping"


def start(session: Session, batch: CustomerImport, *, check: bool) -> None:
    """Have the rows looked at (``check``) or written, from the first one.

    Raises :class:`Invalid` when no column says what a row is about, :class:`Conflict` when it is
    running or done.
    """
    if batch.state not in ("mapping", "checked"):
        raise Conflict("this batch is being worked on, or done", reason="busy")
    required = REQUIRED[batch.kind]
    missing = [field for field in required if field not in batch.mapping]
    if len(missing) == len(required) or (batch.kind == "purchases" and missing):
        raise Invalid("columns", "missing", f"lack {', '.join(missing)}")
    session.execute(
        update(CustomerImportRow)
        .where(CustomerImportRow.import_id == batch.id)
        .values(key=None, outcome=None, field=None, code=None)
    )
    batch.state = "checking" if check else "running"
    batch.done = batch.added = batch.updated = batch.unchanged = batch.refused = 0


def step(session: Session, batch_id: int, *, size: int = CHUNK) -> bool:
    """Do the next rows of a started batch; whether there are more. The caller commits."""
    batch = get(session, batch_id, lock=True)
    if batch.state not in ("checking", "running"):
        return False
    rows = _next(session, batch, size)
    if rows:
        with session.begin_nested() as savepoint:
            found = _work(session, batch, rows)
            if batch.state == "checking":
                session.flush()
                savepoint.rollback()
        _settle(session, batch, found)
        batch = get(session, batch_id, lock=True)
        for name in _COUNTS:
            # Several rows may be the lines of one order.
            number = len({one.key or one.row for one in found if one.outcome == name})
            setattr(batch, name, getattr(batch, name) + number)
        batch.done = rows[-1].row
    if len(rows) >= size:
        return True
    if batch.state == "checking":
        batch.state = "checked"
    else:
        batch.state = "done"
        batch.finished_at = session.execute(select(func.now())).scalar_one()
        session.execute(
            delete(CustomerImportRow).where(
                CustomerImportRow.import_id == batch.id, CustomerImportRow.outcome != "refused"
            )
        )
    return False


def refused(session: Session, batch_id: int, *, limit: int = 1000) -> list[dict[str, Any]]:
    """Why rows were refused: ``{"row", "field", "code", "value"}``, in the file's order."""
    mapping = get(session, batch_id).mapping
    rows = session.scalars(
        select(CustomerImportRow)
        .where(CustomerImportRow.import_id == batch_id, CustomerImportRow.outcome == "refused")
        .order_by(CustomerImportRow.row)
        .limit(limit)
    )
    return [
        {
            "row": one.row,
            "field": one.field or "",
            "code": one.code or "",
            "value": _said(one.cells, mapping, one.field or ""),
        }
        for one in rows
    ]


def _said(cells: Sequence[str], mapping: Sequence[str], field: str) -> str:
    """What the row says in the column of a field."""
    place = mapping.index(field) if field in mapping else len(cells)
    return _GUARDED.sub("", cells[place]).strip() if field and place < len(cells) else ""


def refused_cells(session: Session, batch_id: int) -> list[tuple[list[str], str, str]]:
    """``(cells, field, code)`` of every refused row, in the file's order."""
    rows = session.execute(
        select(CustomerImportRow.cells, CustomerImportRow.field, CustomerImportRow.code)
        .where(CustomerImportRow.import_id == batch_id, CustomerImportRow.outcome == "refused")
        .order_by(CustomerImportRow.row)
    )
    return [(cells, field or "", code or "") for cells, field, code in rows]


def discard(session: Session, batch_id: int) -> None:
    """Forget a batch of which nothing was written. Raises :class:`Conflict` for another one."""
    batch = get(session, batch_id, lock=True)
    if batch.state not in ("mapping", "checked"):
        raise Conflict("this batch is being worked on, or done", reason="busy")
    session.delete(batch)
    session.flush()


def listing(session: Session, *, limit: int = 50) -> list[CustomerImport]:
    """The latest batches."""
    return list(
        session.scalars(select(CustomerImport).order_by(CustomerImport.id.desc()).limit(limit))
    )


def sample(session: Session, batch_id: int, *, limit: int = 3) -> list[list[str]]:
    """The first rows as they are in the file."""
    return list(
        session.scalars(
            select(CustomerImportRow.cells)
            .where(CustomerImportRow.import_id == batch_id)
            .order_by(CustomerImportRow.row)
            .limit(limit)
        )
    )


def _work(
    session: Session, batch: CustomerImport, rows: Sequence[CustomerImportRow]
) -> list[Found]:
    lines = [Line(one.row, _values(batch, one.cells)) for one in rows]
    by = Author(name=batch.by_name, agent_id=batch.agent_id, source="import", batch_id=batch.id)
    if batch.kind == "customers":
        key = next(field for field in REQUIRED["customers"] if field in batch.mapping)

        def earlier(keys: Iterable[str]) -> set[str]:
            return _earlier(session, batch.id, keys, before=rows[0].row)

        return import_customers.work(session, lines, key=key, earlier=earlier, by=by)
    orders = {line.values["order"] for line in lines if line.values and "order" in line.values}
    before = _earlier(session, batch.id, orders, before=rows[0].row)
    return import_purchases.work(session, lines, earlier=before, by=by)


def _values(batch: CustomerImport, cells: Sequence[str]) -> Mapping[str, str] | None:
    """What the row says, by field; an empty cell says nothing."""
    if not cells:
        return None
    pairs = zip(batch.mapping, cells, strict=False)
    said = {field: _GUARDED.sub("", cell).strip() for field, cell in pairs if field}
    return {field: value for field, value in said.items() if value}


def _next(session: Session, batch: CustomerImport, size: int) -> list[CustomerImportRow]:
    query = (
        select(CustomerImportRow)
        .where(CustomerImportRow.import_id == batch.id)
        .order_by(CustomerImportRow.row)
        .execution_options(populate_existing=True)
    )
    rows = list(session.scalars(query.where(CustomerImportRow.row > batch.done).limit(size)))
    if batch.kind == "purchases" and len(rows) == size:
        # The lines of an order follow each other, and are done together.
        place = batch.mapping.index("order")

        def order(one: CustomerImportRow) -> str | None:
            return one.cells[place].strip() if place < len(one.cells) else None

        more = session.scalars(query.where(CustomerImportRow.row > rows[-1].row).limit(size))
        for one in more:
            if order(one) is None or order(one) != order(rows[-1]):
                break
            rows.append(one)
    return rows


def _earlier(session: Session, batch_id: int, keys: Iterable[str], *, before: int) -> set[str]:
    return set(
        session.scalars(
            select(CustomerImportRow.key).where(
                CustomerImportRow.import_id == batch_id,
                CustomerImportRow.key.in_(list(keys)),
                CustomerImportRow.row < before,
            )
        )
    )  # fmt: skip


_SETTLE = text(
    """UPDATE customer_import_row AS row
          SET key = new.key, outcome = new.outcome, field = new.field, code = new.code
         FROM jsonb_to_recordset(CAST(:found AS jsonb))
              AS new (row int, key text, outcome text, field text, code text)
        WHERE row.import_id = :batch AND row.row = new.row"""
)


def _settle(session: Session, batch: CustomerImport, found: Sequence[Found]) -> None:
    values = [
        {"row": o.row, "key": o.key, "outcome": o.outcome, "field": o.field, "code": o.code}
        for o in found
    ]
    session.execute(_SETTLE, {"batch": batch.id, "found": json.dumps(values)})


def _keep(session: Session, batch_id: int, rows: Iterable[Row], *, width: int) -> int:
    """Write the rows with COPY, which takes a million of them in a minute."""
    kept = 0
    connection = session.connection().connection.driver_connection
    assert connection is not None
    copy = "COPY customer_import_row (import_id, row, cells) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(copy) as out:
        for row, cells in rows:
            if cells is not None and not any(map(str.strip, cells)):
                continue
            kept += 1
            if kept > MOST_ROWS:
                raise Invalid("file", "long", f"has more than {MOST_ROWS:,} rows")
            given = [_storable(one) for one in (cells or ())[:width]]
            out.write_row((batch_id, row, json.dumps(given, ensure_ascii=False)))
    return kept


def _storable(cell: str) -> str:
    return cell.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")[:2000]
