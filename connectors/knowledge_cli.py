"""``sangdam kb …``: articles in and out, questions asked, answers judged."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.settings import Settings
from knowledge_base.errors import KnowledgeBaseError
from ticketing.db import Sessions, committed
from ticketing.errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from knowledge_base.reading import Row
    from knowledge_base.search import Index

Command = Callable[[Settings, argparse.Namespace], int]
Add = Callable[[Any, str, Command, str], argparse.ArgumentParser]

AUTHOR = "sangdam kb"
SAMPLE = Path(__file__).resolve().parent.parent / "knowledge_base" / "sample"
SHOWN_REFUSALS = 50


def add_commands(group: Any, add: Add) -> None:
    """Register the ``kb`` commands in ``group``; ``add`` is the CLI's way to make one."""
    taking = add(group, "import", run_import, "add or update articles and publish them")
    taking.add_argument(
        "path",
        help="a folder, .md, .zip, .csv, .xlsx or .jsonl, or the address of a page or sitemap",
    )
    taking.add_argument("--dry-run", action="store_true", help="show the report, write nothing")
    taking.add_argument("--draft", action="store_true", help="do not publish what is imported")
    add(
        group,
        "sample",
        run_sample,
        "bring the sample shop's articles, unless there ever were others or customers are real",
    ).set_defaults(path=str(SAMPLE), dry_run=False, draft=False)
    undoing = add(group, "undo-import", run_undo, "take a whole import back")
    undoing.add_argument("batch", type=int, help="the number that the import was reported with")
    giving = add(group, "export", run_export, "write the published articles as Markdown files")
    giving.add_argument("directory", type=Path)
    giving.add_argument("--all", action="store_true", help="drafts and retired articles too")
    asking = add(group, "ask", run_ask, "what a customer would get for a question")
    asking.add_argument("text")
    asking.add_argument("--locale", choices=("ko", "en"), help="default: what the text is in")
    judging = add(group, "eval", run_eval, "judge the answers to labelled questions (JSON lines)")
    judging.add_argument("file", type=Path, nargs="?", help="default: none, with --saved")
    judging.add_argument(
        "--saved", action="store_true", help="judge the questions that curators saved"
    )


def run_sample(settings: Settings, args: argparse.Namespace) -> int:
    """As :func:`run_import`; 0 as well where nothing is to be done."""
    from knowledge_base import articles

    if settings.production:
        _print(args, {"skipped": True}, "customers are real (SANGDAM_PRODUCTION); nothing was done")
        return 0
    with _sessions(settings) as sessions, sessions() as session:
        used = articles.ever_used(session)
    if used:
        _print(args, {"skipped": True}, "there were articles already; nothing was done")
        return 0
    return run_import(settings, args)


def run_import(settings: Settings, args: argparse.Namespace) -> int:
    """All or nothing: 0 when every row was accepted, 1 when one was refused."""
    from connectors import publishing, website
    from connectors.fetching import Fetcher
    from connectors.pictures import media_type
    from knowledge_base import archives, batches, importing, reading

    if website.is_address(args.path):
        source = args.path
    else:
        is_sample = Path(args.path).resolve() == SAMPLE
        source = batches.SAMPLE if is_sample else Path(args.path).name
    with _sessions(settings) as sessions, _refusals():
        with (
            archives.unpacked(Path(args.path)) as path,
            tempfile.TemporaryDirectory(prefix="sangdam-import-") as folder,
        ):
            if website.is_address(args.path):
                with Fetcher() as fetcher, _counted("pages") as progress:
                    rows = website.read(
                        args.path, fetcher=fetcher, folder=Path(folder), progress=progress
                    )
                # Of a site, what could be read is enough.
                unread = [{"row": one.where, "reason": one.problem} for one in rows if one.problem]
                rows = [one for one in rows if not one.problem]
            else:
                rows, unread = reading.read(path), []
            rows = [*rows]
            breaks = [] if args.draft else _breaks(settings, sessions, rows)

            def write(session: Session) -> importing.Report:
                with _counted("articles") as progress:
                    report = importing.import_rows(
                        session,
                        rows,
                        author=AUTHOR,
                        publish=not args.draft,
                        dry_run=args.dry_run,
                        source=source,
                        picture_type=media_type,
                        progress=progress,
                    )
                    if report.batch is not None:
                        once = f"import:{report.batch}"
                        publishing.announce(session, report.published, by=AUTHOR, once=once)
                return report

            report = committed(sessions, write)
        if report.written and (report.added or report.updated):
            with _progress():
                index(settings, sessions).refresh()
    refused = [*unread, *report.refused]
    found = {
        **report.as_json(),
        "refused": [dict(one) for one in refused],
        "breaks": breaks,
        "ignored": reading.unread(rows),
        "hidden": reading.hidden(rows),
    }
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for one in refused[:SHOWN_REFUSALS]:
            print(f"refused  {one['row']}: {one['reason']}")
        if len(refused) > SHOWN_REFUSALS:
            print(f"… and {len(refused) - SHOWN_REFUSALS} more; --json shows all")
        counts = (
            f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
            f"{len(refused)} refused"
        )
        for one in report.replaced[:SHOWN_REFUSALS]:
            print(f"changes  {one['id']} ({one['locale']}): {', '.join(one['changes'])}")
        if len(report.replaced) > SHOWN_REFUSALS:
            print(f"… and {len(report.replaced) - SHOWN_REFUSALS} more; --json shows all")
        for one in report.new[:SHOWN_REFUSALS]:
            print(f"adds     {one['id']} ({one['locale']}): {one['title']}")
        if len(report.new) > SHOWN_REFUSALS:
            print(f"… and {len(report.new) - SHOWN_REFUSALS} more; --json shows all")
        if found["ignored"]:
            print(f"ignored  columns: {', '.join(found['ignored'])}")
        if found["hidden"]:
            print(f"hidden   in the workbook, left out: {', '.join(found['hidden'])}")
        for one in breaks:
            print(f"breaks   {one['question']}: {one['before']} now, {one['after']} with this")
        print(counts if report.written else f"{counts}; nothing was written")
        if report.batch is not None:
            print(f"sangdam kb undo-import {report.batch} takes it back")
    return 1 if refused else 0


def _breaks(settings: Settings, sessions: Sessions, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Saved questions that find less with these rows."""
    from knowledge_base import importing, regressions

    with sessions() as session:
        saved = regressions.saved(session)
    if not saved:
        return []
    pairs = regressions.foresee(index(settings, sessions), importing.contents(rows), saved)
    return [regressions.as_json(*pair) for pair in pairs]


def run_undo(settings: Settings, args: argparse.Namespace) -> int:
    """0 when all of it was taken back, 1 when somebody's later changes stay."""
    from knowledge_base import batches

    with _sessions(settings) as sessions, _refusals():
        done = committed(sessions, lambda session: batches.undo(session, args.batch, author=AUTHOR))
    lines = [f"kept  {one['article']} ({one['locale']}): {one['reason']}" for one in done.kept]
    lines.append(f"{done.removed} removed, {done.restored} restored, {len(done.kept)} kept")
    _print(args, done.as_json(), "\n".join(lines))
    return 1 if done.kept else 0


def run_export(settings: Settings, args: argparse.Namespace) -> int:
    """Files that ``kb import`` finds unchanged."""
    from knowledge_base import exporting

    with _sessions(settings) as sessions, _refusals(), sessions() as session:
        state = None if args.all else "published"
        written = exporting.folder(session, args.directory, state=state)
    _print(args, {"exported": len(written)}, f"{len(written)} articles in {args.directory}")
    # An import would bring back what has been retired or deleted since.
    others = sorted({*Path(args.directory).rglob("*.md")}.difference(written))
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        print(f"not of this export, but there: {others[0]}{more}", file=sys.stderr)
    return 0


def run_ask(settings: Settings, args: argparse.Namespace) -> int:
    """One question through the code that customers reach."""
    from connectors.phrases import language
    from knowledge_base.answers import Answer, answer

    locale = args.locale or language(args.text, "ko")
    with _sessions(settings) as sessions, _progress():
        outcome = answer(index(settings, sessions), args.text, locale=locale)
    found = {
        "outcome": type(outcome).__name__.lower(),
        "article": outcome.article.article if isinstance(outcome, Answer) else None,
        "score": outcome.candidates[0].score if outcome.candidates else 0.0,
        "text": outcome.text if isinstance(outcome, Answer) else None,
        "candidates": [
            {"article": one.article, "title": one.title, "score": one.score}
            for one in outcome.candidates
        ],
    }
    lines = [str(found["outcome"])]
    lines += [f"  {one.score:.2f}  {one.article}  {one.title}" for one in outcome.candidates]
    if isinstance(outcome, Answer):
        lines += ["", outcome.text]
    _print(args, found, "\n".join(lines))
    return 0


def run_eval(settings: Settings, args: argparse.Namespace) -> int:
    """Always JSON, for a person or a program."""
    from knowledge_base import regressions
    from knowledge_base.evaluate import evaluate

    if (args.file is None) != args.saved:
        raise Refused("give either a FILE or --saved")
    rows = [] if args.saved else read_questions(args.file)
    with _sessions(settings) as sessions, _progress():
        if args.saved:
            with sessions() as session:
                rows = regressions.rows(session)
        # A rebuild that begins while we measure would be measured too.
        searched = index(settings, sessions, poll_seconds=float("inf"))
        published = {document.article for document in searched.documents}
        result = evaluate(searched, rows, processes=cores())
    if missing := sorted({row["article"] for row in rows} - published - {None}):
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        named = ", ".join(missing[:5]) + more
        print(f"not published, so no answer can be right: {named}", file=sys.stderr)
    print(json.dumps(result, ensure_ascii=False))
    return 0


def read_questions(path: Path) -> list[dict[str, Any]]:
    """The labelled questions of a JSON-lines file. Raises :class:`Refused` with the line."""
    rows: list[dict[str, Any]] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} cannot be read: {type(error).__name__}") from None
    # Not splitlines(): a question may hold one of the other separators it knows.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise Refused(f"{path}, line {number}: not JSON") from None
        if not isinstance(row, dict) or not isinstance(row.get("question"), str):
            raise Refused(f"{path}, line {number}: an object with a question is expected")
        if "article" not in row or not isinstance(row["article"], str | None):
            raise Refused(f"{path}, line {number}: article is an id, or null if nothing answers it")
        if row.get("locale") not in ("ko", "en", None):
            raise Refused(f"{path}, line {number}: locale is ko or en")
        rows.append(row)
    return rows


def index(settings: Settings, sessions: Sessions, *, poll_seconds: float = 0.5) -> Index:
    """An index over the database's published articles, not built yet."""
    from knowledge_base.embedding import open_encoder
    from knowledge_base.search import Index

    encoder = open_encoder(settings.embedding_model or None)
    return Index(sessions, encoder, poll_seconds=poll_seconds)


def cores() -> int:
    """How many processes can work at once here; one where a process that has threads cannot be
    forked, as on macOS."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


@contextlib.contextmanager
def _sessions(settings: Settings) -> Iterator[Sessions]:
    from connectors.cli import opened

    with opened(settings) as sessions:
        yield sessions


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """What the knowledge base refuses, in the words the CLI prints."""
    try:
        yield
    except KnowledgeBaseError as error:
        raise Refused(str(error)) from error


@contextlib.contextmanager
def _counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show on a terminal how many of how many are done."""
    shows = sys.stderr.isatty()

    def tell(done: int, total: int) -> None:
        if shows:
            print(f"\r{done:,} of {total:,} {what}", end="", file=sys.stderr, flush=True)

    yield tell
    if shows:
        print(file=sys.stderr)


@contextlib.contextmanager
def _progress() -> Iterator[None]:
    """Show on stderr how far long work is, and why search is degraded."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    log = logging.getLogger("knowledge_base")
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)


def _print(args: argparse.Namespace, value: dict[str, Any], human: str) -> None:
    print(json.dumps(value, ensure_ascii=False) if args.json else human)
