"""``sangdam``: the commands. They read the settings and print; the work is done elsewhere."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from connectors import settings as configuration
from connectors.settings import Settings, SettingsError
from ticketing import agents, migrate
from ticketing.db import Sessions, committed, connect, embedded, session_factory
from ticketing.errors import Refused
from ticketing.models import Agent

T = TypeVar("T")
Command = Callable[[Settings, argparse.Namespace], int]

# What libraries read when they are loaded, here and in all we start.
ENVIRONMENT = {
    # Matrices are small: with several threads on busy cores each waits for the others.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Output that is decorated would hide what ours say.
    "TRANSFORMERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The URL of the configured server, or of the embedded one while the block runs."""
    if settings.database_url:
        yield settings.database_url
    else:
        writable(settings.data_dir)
        with embedded(settings.data_dir) as url:
            yield url


def writable(folder: Path) -> None:
    """See that everything of ours can be kept in ``folder``. Raises :class:`Refused`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise Refused(
            f"nothing can be kept in {folder} ({error.strerror}): "
            "name a folder of yours in SANGDAM_DATA_DIR"
        ) from error


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[Sessions]:
    """Sessions on a database whose schema is current. Raises :class:`Refused` when it is not."""
    with database(settings) as url:
        engine = connect(url, pool_size=4)
        try:
            if not migrate.is_current(engine):
                raise Refused("the database needs `sangdam migrate` first")
            yield session_factory(engine)
        finally:
            engine.dispose()


def changed(settings: Settings, function: Callable[[Session], T]) -> T:
    """What ``function`` gives in a transaction, as :func:`committed`; raises as :func:`opened`."""
    with opened(settings) as sessions:
        return committed(sessions, function)


def show(value: Any, args: argparse.Namespace, human: str) -> None:
    """Print for a program (``--json``) or for a person."""
    print(json.dumps(value, ensure_ascii=False) if args.json else human)


def serve(settings: Settings, args: argparse.Namespace) -> int:
    """Run the gateway."""
    from connectors.server import serve as run

    with database(settings) as url:
        engine = connect(url, pool_size=1)
        current = migrate.is_current(engine)
        engine.dispose()
        if not current:
            raise Refused("the database needs `sangdam migrate` first")
        code = run(settings, database_url=url, exit_with_parent=args.exit_with_parent)
    if any(not one.daemon for one in threading.enumerate() if one is not threading.main_thread()):
        # Everything is stopped but the import of a large library, which cannot be. Python would
        # wait for its end, and whoever asked us to stop would not.
        logging.shutdown()
        os._exit(code)
    return code


def up(settings: Settings, args: argparse.Namespace) -> int:
    """Run everything on this machine: database, Rasa, actions, gateway."""
    from connectors.launch import up as run

    writable(settings.data_dir)
    return run(settings)


def run_migrations(settings: Settings, args: argparse.Namespace) -> int:
    """Bring the database to this version's schema."""
    with database(settings) as url:
        engine = connect(url, pool_size=2)
        try:
            migrate.upgrade(engine)
        finally:
            engine.dispose()
    show({"migrated": True}, args, "The database is up to date.")
    return 0


def backup(settings: Settings, args: argparse.Namespace) -> int:
    """The whole database as one file, also while customers write."""
    from ticketing.backup import dump

    with database(settings) as url:
        made = dump(url, args.file)
    value = {"file": str(args.file), "bytes": made.bytes, "schema": made.schema}
    kept = "" if settings.secret_key else f" Keep {settings.data_dir / 'secret_key'} beside it."
    show(value, args, f"Wrote {args.file} ({made.bytes / 1000:,.0f} kB).{kept}")
    return 0


def restore(settings: Settings, args: argparse.Namespace) -> int:
    """A backup back into the database; all of it, or nothing is changed."""
    from ticketing.backup import restore as run

    with database(settings) as url:
        done = run(url, args.file, replace=args.replace)
    value = {"file": str(args.file), "from_schema": done.backup_schema, "schema": done.schema}
    show(value, args, f"Restored {args.file}.")
    return 0


def doctor(settings: Settings, args: argparse.Namespace) -> int:
    """Look at everything Sangdam depends on, or closer at one part, and say what is wrong."""
    from connectors import doctor as whole
    from connectors.kakao import doctor as kakao
    from connectors.mail import doctor as mail
    from connectors.slack import doctor as slack
    from connectors.telegram import doctor as telegram

    parts = {
        "slack": slack.examine,
        "kakao": kakao.examine,
        "telegram": telegram.examine,
        "mail": mail.examine,
    }
    examine = parts.get(args.part, whole.examine)
    with database(settings) as url:
        findings = examine(settings, database_url=url)
    for finding in findings:
        mark = "BAD" if not finding["ok"] else "!! " if finding.get("warning") else "ok "
        if not args.json:
            print(f"{mark}  {finding['what']}: {finding['says']}")
    if args.json:
        print(json.dumps(findings, ensure_ascii=False))
    return 0 if all(finding["ok"] for finding in findings) else 1


def login_link(session: Session, agent: Agent, settings: Settings) -> str:
    """A one-time address that lets ``agent`` into the console and set a password."""
    from connectors.web.auth import invitation

    base = settings.public_url.rstrip("/") or f"http://127.0.0.1:{settings.port}"
    return invitation(session, agent, base=base)


def first_login(session: Session, settings: Settings) -> str | None:
    """The first start's link: while nobody can log in yet, the administrator gets a new one."""
    if agents.anyone_can_log_in(session):
        return None
    admin = agents.by_name(session, "admin") or agents.add(session, name="admin", role="admin")
    return login_link(session, admin, settings)


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    from connectors import agents_cli, customers_cli, dead_cli, knowledge_cli, tokens_cli

    main_parser = argparse.ArgumentParser(prog="sangdam", description="Sangdam, customer service.")
    commands = main_parser.add_subparsers(required=True, metavar="COMMAND")

    def add(group: Any, name: str, run: Command, about: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = group.add_parser(name, help=about, description=about)
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="print JSON")
        return made

    serving = add(commands, "serve", serve, "run the gateway")
    serving.add_argument("--exit-with-parent", action="store_true", help=argparse.SUPPRESS)
    add(commands, "up", up, "run everything on this machine")
    add(commands, "migrate", run_migrations, "bring the database to this version's schema")
    add(commands, "backup", backup, "the whole database as one file").add_argument(
        "file", type=Path, metavar="FILE"
    )
    back = add(commands, "restore", restore, "a backup back into the database")
    back.add_argument("file", type=Path, metavar="FILE")
    back.add_argument("--replace", action="store_true", help="delete the data that is there")
    look = add(commands, "doctor", doctor, "check everything Sangdam depends on")
    look.add_argument(
        "part",
        nargs="?",
        choices=["slack", "kakao", "telegram", "mail"],
        help="look closer at this part alone",
    )

    tokens_cli.add_commands(
        commands.add_parser("token", help="API tokens").add_subparsers(required=True), add
    )
    agents_cli.add_commands(
        commands.add_parser("agent", help="agents").add_subparsers(required=True), add
    )
    dead_cli.add_commands(
        commands.add_parser("dead", help="dead letters").add_subparsers(required=True), add
    )
    customers_cli.add_commands(
        commands.add_parser("customers", help="customers and purchases").add_subparsers(
            required=True
        ),
        add,
    )
    knowledge_cli.add_commands(
        commands.add_parser("kb", help="the knowledge base").add_subparsers(required=True), add
    )
    return main_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it worked, 1 when it was refused, 2 for wrong usage or settings."""
    args = parser().parse_args(argv)
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    try:
        settings = configuration.load(env_file=Path(".env"))
        code: int = args.run(settings, args)
        sys.stdout.flush()
        return code
    except SettingsError as error:
        print(f"sangdam: these settings need attention:\n{error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # who reads what we print has read enough, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes at its end
        return 1
    except OSError as error:
        named = error.filename is not None and error.strerror is not None
        words = f"{error.filename}: {error.strerror}" if named else str(error)
        print(f"sangdam: {words}", file=sys.stderr)
        return 1
    except (Refused, ValueError) as error:
        print(f"sangdam: {error}", file=sys.stderr)
        return 1
    except SQLAlchemyError as error:
        from connectors.doctor import why

        print(f"sangdam: the database said no: {why(error)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
