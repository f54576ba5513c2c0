"""``sangdam customers …``: customers and purchases listed, imported, taken back and exported."""

from __future__ import annotations

import argparse
import itertools
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from connectors import customer_files, erasing
from connectors.cli import opened, show
from connectors.dead_cli import account
from connectors.settings import Settings
from ticketing import (
    customer_export,
    customer_import,
    customer_search,
    customers,
    downloads,
    erasure,
    import_undo,
    spelling,
)
from ticketing.db import DATABASE_ERRORS, Sessions, committed, overslept, passes
from ticketing.errors import Refused
from ticketing.models import CustomerImport
from ticketing.record import Author

Add = Callable[..., argparse.ArgumentParser]
SHOWN_REFUSALS = 50
COUNTED = ("messages", "files", "tickets", "orders", "ratings")
ALL = 1_000_000
WAIT_S = 60


def add_commands(group: Any, add: Add) -> None:
    """The commands below ``sangdam customers``."""
    look = add(group, "list", listing, "customers, those who wrote last first")
    look.add_argument("--search", default="", metavar="TEXT", help="name, e-mail, number, order")
    look.add_argument("--limit", type=int, default=50)
    take = add(group, "import", run_import, "customers or purchases from a .csv, .xlsx or .jsonl")
    take.add_argument("path", type=Path, metavar="PATH")
    take.add_argument("--dry-run", action="store_true", help="show the report, write nothing")
    take.add_argument("--kind", choices=("customers", "purchases"), default="")
    back = add(group, "undo-import", run_undo, "take a batch back")
    back.add_argument("batch", type=int, metavar="BATCH")
    give = add(group, "export", run_export, "all customers, or all purchases")
    give.add_argument("file", nargs="?", type=Path, metavar="FILE", help="default: CSV, printed")
    give.add_argument("--kind", choices=("customers", "purchases"), default="customers")
    give.add_argument("--reason", default="", help="what the file is for; it is kept")
    gone = add(group, "erase", run_erase, "erase a person over all their channels, for good")
    gone.add_argument("id", metavar="ID", help="the customer's id")
    gone.add_argument("--reason", required=True, help="why; it is kept, so name nobody in it")


def listing(settings: Settings, args: argparse.Namespace) -> int:
    """Customers, those who wrote last first."""
    with opened(settings) as sessions, sessions() as session:
        limit = max(1, min(args.limit, 10_000))
        found = [
            {
                "id": str(one.id),
                "name": one.name,
                "email": one.email,
                "phone": one.phone,
                "tier": one.tier,
                "last_message_at": last and last.isoformat(),
                "label": customers.label(one),
            }
            for one, last in customer_search.find(session, search=args.search, limit=limit)
        ]
    lines = []
    for row in found:
        phone = spelling.national(row["phone"]) if row["phone"] else ""
        parts = (row["id"], row["label"], row["tier"], row["email"], phone)
        lines.append("  ".join(part for part in parts if part))
    plain = [{name: value for name, value in row.items() if name != "label"} for row in found]
    show(plain, args, "\n".join(lines) or "None.")
    return 0


def run_import(settings: Settings, args: argparse.Namespace) -> int:
    """0 when every row was accepted, 1 when some were refused; the others are written."""
    by = Author(name=f"{account()} (sangdam customers import)", source="cli")
    with opened(settings) as sessions:

        def begin(session: Session) -> int:
            with args.path.open("rb") as file:
                batch = customer_files.begin(session, file, args.path.name, by=by, kind=args.kind)
            customer_import.start(session, batch, check=args.dry_run)
            return batch.id

        number = committed(sessions, begin)
        work(sessions, number, customer_import.step, quiet=args.json)

        def end(session: Session) -> tuple[CustomerImport, list[dict[str, Any]]]:
            batch = customer_import.get(session, number)
            refused = customer_import.refused(session, number, limit=ALL)
            if args.dry_run:
                session.delete(batch)
            return batch, refused

        batch, refused = committed(sessions, end)
    fields = zip(batch.columns, batch.mapping, strict=True)
    ignored = [column for column, field in fields if column and not field]
    report = {
        "added": batch.added,
        "updated": batch.updated,
        "unchanged": batch.unchanged,
        # What stands there is somebody's data: it is in the file, and in no log.
        "refused": [
            {name: one[name] for name in ("row", "field", "code")} | {"reason": reason(one)}
            for one in refused
        ],
        "batch": None if args.dry_run else number,
        "ignored": ignored,
        "left_out": batch.left_out,
    }
    lines = [f"refused  row {one['row']}: {reason(one)}" for one in refused[:SHOWN_REFUSALS]]
    if len(refused) > SHOWN_REFUSALS:
        lines.append(f"… and {len(refused) - SHOWN_REFUSALS} more; --json shows all")
    lines += [f"ignored  column {column}" for column in ignored]
    if batch.left_out:
        lines.append(f"left out hidden rows and other sheets: {', '.join(batch.left_out)}")
    counts = ", ".join(f"{report[name]} {name}" for name in ("added", "updated", "unchanged"))
    kept = "nothing was written" if args.dry_run else f"batch {number}"
    show(report, args, "\n".join([*lines, f"{counts}, {len(refused)} refused; {kept}"]))
    return 1 if refused else 0


def run_undo(settings: Settings, args: argparse.Namespace) -> int:
    """0 when all is as it was, 1 when something was changed since and stays."""
    with opened(settings) as sessions:

        def begin(session: Session) -> None:
            batch = customer_import.get(session, args.batch, lock=True)
            import_undo.start(session, batch, by=f"{account()} (sangdam customers undo-import)")

        committed(sessions, begin)
        work(sessions, args.batch, import_undo.step, quiet=args.json)
        with sessions() as session:
            batch = customer_import.get(session, args.batch)
            report = {"batch": batch.id, "restored": batch.restored, "kept": batch.kept}
    lines = [
        f"kept  {one.get('name') or one.get('customer') or one.get('order')}"
        f"{' ' + one['field'] if 'field' in one else ''}: changed since"
        for one in batch.kept
    ]
    show(report, args, "\n".join([*lines, f"{batch.restored} restored, {len(batch.kept)} kept"]))
    return 1 if batch.kept else 0


def run_export(settings: Settings, args: argparse.Namespace) -> int:
    """Everybody of whom anything is known, or every order, in a format by the file's name."""
    form = "csv" if args.file is None else args.file.suffix.lower().removeprefix(".")
    if form not in customer_files.FORMATS:
        raise Refused(f"{args.file.name}: expected .csv, .xlsx or .jsonl")
    if args.file is None and args.json:
        form = "jsonl"
    why = _why(args)
    by = Author(name=f"{account()} (sangdam customers export)", source="cli")
    written = 0
    with opened(settings) as sessions, sessions() as session:
        head, own = customer_export.columns(session, args.kind)
        rows = itertools.chain.from_iterable(customer_export.pieces(session, args.kind, own))

        def counted() -> Any:
            nonlocal written
            for row in rows:
                written += 1
                yield row

        def keep() -> None:
            downloads.keep(session, file=args.kind, form=form, rows=written, reason=why, by=by)
            session.commit()

        if args.file is None:
            customer_files.write(sys.stdout.buffer, form, head, counted())
            sys.stdout.buffer.flush()
            keep()
            return 0
        partial = args.file.with_name(f".{args.file.name}.{secrets.token_hex(4)}")
        try:
            # As a backup: nobody else on this machine reads it.
            made = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(made, "wb") as file:
                customer_files.write(file, form, head, counted())
            keep()
            partial.replace(args.file)
        finally:
            partial.unlink(missing_ok=True)
    show({"exported": written, "file": str(args.file)}, args, f"{written} rows in {args.file}")
    return 0


def _why(args: argparse.Namespace) -> str:
    """What the file is for: asked for where somebody can be asked.

    Scripts that were written before go on for one release; that they gave no reason is kept.
    """
    if not args.reason.strip() and sys.stdin.isatty() and sys.stderr.isatty():
        print("What is this file for? It is kept: ", end="", file=sys.stderr, flush=True)
        return downloads.why(sys.stdin.readline())
    if not args.reason.strip():
        print("sangdam: give --reason; without one the next release refuses", file=sys.stderr)
        return ""
    return downloads.why(args.reason)


def run_erase(settings: Settings, args: argparse.Namespace) -> int:
    """0 when nothing is left of the person, also when that was so before."""
    by = Author(name=f"{account()} (sangdam customers erase)", source="cli")
    with opened(settings) as sessions:

        def begin(session: Session) -> int:
            whom = erasure.whom(session, args.id)
            return erasing.begin(session, whom, reason=args.reason, by=by).id

        number = committed(sessions, begin)
        _patiently(sessions, erasing.step, number)
        with sessions() as session:
            made = erasure.get(session, number)
    report = {"erasure": made.id, "customers": [str(one) for one in made.customers]}
    counts = ", ".join(f"{made.counts[name]} {name}" for name in COUNTED)
    show(report | {"counts": made.counts}, args, f"Erased: {counts} (number {made.id}).")
    return 0


def _patiently(sessions: Sessions, step: Callable[[Session, int], bool], number: int) -> None:
    """All steps, each in its own transaction; one that the database could not do is done again."""
    since = time.monotonic()
    while True:
        try:
            with sessions.begin() as session:
                more = step(session, number)
        except DATABASE_ERRORS as error:
            _wait_out(error, since)
            continue
        since = time.monotonic()
        if not more:
            return


def _wait_out(error: Exception, since: float) -> None:
    """Wait before a step is done again; raise what does not pass, or has not for ``WAIT_S``."""
    if not passes(error) or time.monotonic() - since > WAIT_S:
        raise error
    if not overslept(error):  # the server is well: at once
        time.sleep(1)  # nothing tells when a database is back


def work(
    sessions: Sessions, batch_id: int, step: Callable[[Session, int], bool], *, quiet: bool
) -> None:
    """Do all steps of a batch, each in its own transaction, and say how far it is.

    A step that the database could not do just now is done again, for as long as ``WAIT_S``: what
    it wrote before is kept, and nobody else would go on with a batch begun here.
    """
    said = 0.0
    tries = 0
    since = time.monotonic()
    while True:
        try:
            with sessions.begin() as session:
                more = step(session, batch_id)
                batch = customer_import.get(session, batch_id)
                done, rows = batch.done, batch.rows
        except IntegrityError:  # somebody brought one of the same customers in this very moment
            tries += 1
            if tries > 5:
                raise
            continue
        except DATABASE_ERRORS as error:
            _wait_out(error, since)
            continue
        tries, since = 0, time.monotonic()
        if not quiet and sys.stderr.isatty() and time.monotonic() - said > 0.5:
            said = time.monotonic()
            print(f"\rrow {min(done, rows + 1):,} of {rows + 1:,}", end="", file=sys.stderr)
        if not more:
            if said:
                print(file=sys.stderr)
            return


_FIELDS = {
    "number": "고객번호", "name": "이름", "email": "이메일", "phone": "전화번호", "tier": "등급",
    "birthday": "생일", "address": "주소", "locale": "언어", "preferred_channel": "선호채널",
    "preferences": "선호사항", "owner": "전담상담원", "order": "주문번호", "amount": "금액",
    "currency": "통화", "ordered_at": "주문일시", "status": "상태", "refunded": "환불금액",
    "items": "상품", "quantity": "수량", "item_amount": "상품금액",
}  # fmt: skip
_REASONS = {
    "missing": "비어 있어요 · is missing",
    "phone": "전화번호가 아니에요 · is not a telephone number",
    "email": "이메일 주소가 아니에요 · is not an e-mail address",
    "date": "날짜가 아니에요 · is not a date",
    "choice": "고를 수 있는 값이 아니에요 · is none of the values it can have",
    "agent": "그런 상담원이 없어요 · is no agent here",
    "long": "너무 길어요 · is too long",
    "characters": "쓸 수 없는 글자가 있어요 · has characters that cannot be kept",
    "twice": "파일의 앞 행에 이미 있어요 · is in an earlier row already",
    "several": "여러 고객에게 있어요 · is several customers'",
    "customer": "그런 고객이 없어요 · is no customer here",
    "amount": "금액이 아니에요 · is not an amount",
    "currency": "통화 코드가 아니에요 · is not a currency",
    "number": "숫자가 아니에요 · is not a number",
    "boolean": "예나 아니요가 아니에요 · is neither yes nor no",
    "unreadable": "읽을 수 없어요 · cannot be read",
    "differs": "한 주문의 행들이 서로 달라요 · differs between the rows of one order",
    "older": "이미 아는 것보다 오래됐어요 · is older than what is known",
}


def reason(one: dict[str, Any]) -> str:
    """Why a row was refused, for people, in both languages."""
    field = one["field"]
    name = f"{_FIELDS[field]} ({field})" if field in _FIELDS else field
    return f"{name}: {_REASONS.get(one['code'], one['code'])}"
