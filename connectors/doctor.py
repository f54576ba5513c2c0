"""``sangdam doctor``: looks at everything Sangdam depends on and says what is wrong."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NotRequired, TypedDict

import httpx
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from connectors.settings import Settings
from knowledge_base import batches
from ticketing import migrate
from ticketing.db import connect

ROOT = Path(__file__).resolve().parent.parent
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
# Models, logs and the database of a small shop; below this PostgreSQL soon stops writing.
DISK_MIN = 1024**3

# Not connected at all, or turned away: wrong password, no such user or database, no room.
_NO_WAY_IN = {None, "28000", "28P01", "3D000", "53300"}


class Finding(TypedDict):
    """One thing that was looked at: ``says`` tells a person what is so, or what to do."""

    what: str
    ok: bool
    says: str
    warning: NotRequired[bool]


def examine(settings: Settings, *, database_url: str) -> list[Finding]:
    """Look at everything; never raises for what it finds. Takes some seconds: models load."""
    findings = [*_database(settings, database_url), _rasa(settings), *_actions(settings), _bot()]
    findings += [_embedding(settings), _disk(settings), _secret(settings)]
    findings += [*_slack(settings), *_telegram(settings), *_kakao(settings), *_mail(settings)]
    return findings


def finding(what: str, ok: bool, says: str, *, warning: bool = False) -> Finding:
    """What was found; a ``warning`` is about something that works and deserves a look."""
    found: Finding = {"what": what, "ok": ok, "says": says}
    return {**found, "warning": True} if warning else found


def _database(settings: Settings, url: str) -> Iterator[Finding]:
    try:
        engine = connect(url, pool_size=1)
    except ValueError as error:
        yield finding("database", False, str(error))
        return
    try:
        with engine.connect() as connection:
            version = connection.scalar(text("SHOW server_version"))
        yield finding("database", True, f"PostgreSQL {version}")
        current = migrate.is_current(engine)
        says = "current" if current else "out of date: run `sangdam migrate`"
        yield finding("schema", current, says)
        if current and settings.production:
            yield from _sample(engine)
    except (SQLAlchemyError, OSError) as error:
        yield finding("database", False, f"cannot be reached: {why(error)}")
    finally:
        engine.dispose()


def _sample(engine: Engine) -> Iterator[Finding]:
    with Session(engine) as session:
        found = batches.sample(session)
    if found is not None:
        batch, count = found
        says = (
            f"the sample shop's {count} articles answer customers: sangdam kb undo-import {batch}"
        )
        yield finding("knowledge base", True, says, warning=True)


def why(error: Exception) -> str:
    """Why the database cannot be used, in PostgreSQL's words where they are about the way to it.

    Of other errors the kind and PostgreSQL's code only: their words can hold what customers said.
    """
    said = error.orig if isinstance(error, OperationalError) else None
    if said is None or getattr(said, "sqlstate", None) not in _NO_WAY_IN:
        state = getattr(getattr(error, "orig", None), "sqlstate", None)
        return type(error).__name__ + (f" ({state})" if state else "")
    return " ".join(str(said).split())[:300]


def _rasa(settings: Settings) -> Finding:
    if not settings.rasa_url:
        return finding("Rasa", True, "SANGDAM_RASA_URL is empty: `make run` starts one")
    try:
        answer = httpx.get(settings.rasa_url.rstrip("/") + "/", timeout=3)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return finding(
            "Rasa", False, f"{settings.rasa_url} does not answer ({type(error).__name__})"
        )
    ok = answer.status_code == 200 and "Rasa" in answer.text
    says = answer.text.strip()[:80] if ok else f"{settings.rasa_url} answers, but is not Rasa"
    return finding("Rasa", ok, says)


def _actions(settings: Settings) -> Iterator[Finding]:
    if not settings.actions_url:
        return
    what = "action server"
    try:
        answer = httpx.get(settings.actions_url.removesuffix("/webhook") + "/health", timeout=3)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        says = f"{settings.actions_url} does not answer ({type(error).__name__})"
        yield finding(what, False, says)
        return
    ok = answer.status_code == 200
    says = "answers" if ok else f"{settings.actions_url} answers, but is no action server"
    yield finding(what, ok, says)


def _bot() -> Finding:
    what = "the bot's Python 3.10"
    if not BOT_PYTHON.exists():
        return finding(what, False, "bot/.venv is missing: `make run` makes it")
    code = (
        "import sys, importlib.metadata as m; "
        "print('%d.%d' % sys.version_info[:2], m.version('rasa'))"
    )
    try:
        done = subprocess.run(
            [str(BOT_PYTHON), "-c", code], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return finding(what, False, f"bot/.venv does not run ({type(error).__name__})")
    python, _, rasa = done.stdout.strip().partition(" ")
    if done.returncode or not rasa:
        return finding(what, False, "Rasa is not installed in bot/.venv: `make run` installs it")
    return finding(what, python == "3.10", f"Python {python} with Rasa {rasa}")


def _embedding(settings: Settings) -> Finding:
    from knowledge_base.embedding import EncoderUnavailable, open_encoder

    encoder = open_encoder(settings.embedding_model or None)
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # progress bars of the libraries
            dimensions = encoder.encode(["ready?"], query=True).shape[1]
    except EncoderUnavailable as error:
        return finding("embedding model", False, f"{error}; search goes on with words alone")
    return finding("embedding model", True, f"{encoder.name}, {dimensions} dimensions")


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    says = f"{free / 1024**3:.1f} GiB free for {settings.data_dir}"
    if free < DISK_MIN:
        says += "; make room, below 1 GiB the database will soon stop writing"
    return finding("disk", free >= DISK_MIN, says)


def _secret(settings: Settings) -> Finding:
    what = "secret key"
    if settings.secret_key:
        long_enough = len(settings.secret_key) >= 32
        says = "set" if long_enough else "SANGDAM_SECRET_KEY has fewer than 32 characters"
        return finding(what, long_enough, says)
    path = settings.data_dir / "secret_key"
    if not path.exists():
        return finding(what, True, "none yet; the first start makes one in the data folder")
    if path.stat().st_mode & 0o077:
        return finding(what, False, f"{path} can be read by others: chmod 600 it")
    return finding(what, True, "kept in the data folder, readable by its owner alone")


def _slack(settings: Settings) -> Iterator[Finding]:
    if not settings.slack_bot_token:
        yield finding("Slack", True, "not set up: agents use the console")
        return
    from connectors.slack.doctor import at_a_glance

    yield from at_a_glance(settings)


def _telegram(settings: Settings) -> Iterator[Finding]:
    if settings.telegram_bot_token:
        from connectors.telegram.doctor import examine

        yield _first("Telegram", "telegram", examine(settings, database_url=""))


def _kakao(settings: Settings) -> Iterator[Finding]:
    """KakaoTalk signs nothing: whoever guesses the secret writes as any of its customers."""
    if settings.kakao_secret:
        from connectors.kakao.doctor import SHORTEST

        short = len(settings.kakao_secret) < SHORTEST
        says = f"SANGDAM_KAKAO_SECRET has fewer than {SHORTEST} characters: it can be guessed"
        yield finding("KakaoTalk", True, says if short else "its secret is set", warning=short)


def _mail(settings: Settings) -> Iterator[Finding]:
    if settings.smtp_url:
        from connectors.mail.doctor import examine

        yield _first("mail server", "mail", examine(settings, database_url=""))


def _first(what: str, part: str, found: list[Finding]) -> Finding:
    """Of what a closer look finds: whether we are let in at all."""
    entry = found[0]
    closer = "" if entry["ok"] else f"; `sangdam doctor {part}` looks closer"
    return {**entry, "what": what, "says": entry["says"] + closer}
