"""``sangdam dead``: list, read, retry and discard what was given up."""

from __future__ import annotations

import argparse
import json
import os
import pwd
from collections.abc import Callable
from functools import partial
from typing import Any

from connectors import causes, outside
from connectors.cli import changed, opened, show
from connectors.desk import dead
from connectors.settings import Settings
from ticketing import customers, dead_letters
from ticketing.models import Job

Add = Callable[..., argparse.ArgumentParser]


def add_commands(group: Any, add: Add) -> None:
    """The commands below ``sangdam dead``."""
    add(group, "list", listing, "work that was given up")
    for name, run, about in (
        ("show", read, "one dead letter, with what it would have said"),
        ("discard", discard, "give a dead letter up for good"),
    ):
        add(group, name, run, about).add_argument("id", type=int, metavar="ID")
    again = add(group, "retry", retry, "give a dead letter, or all for Slack, another life")
    which = again.add_mutually_exclusive_group(required=True)
    which.add_argument("id", type=int, metavar="ID", nargs="?")
    which.add_argument("--slack", action="store_true", help="all that Slack did not show")


def listing(settings: Settings, args: argparse.Namespace) -> int:
    """Work that was given up, newest first."""
    with opened(settings) as sessions, sessions() as session:
        letters = [_facts(job) for job in dead_letters.listing(session)]
    lines = [
        f"{row['id']}  {row['kind']}  {row['lane']}  {dead.reason(row['error'])}" for row in letters
    ]
    show(letters, args, "\n".join(lines) or "None.")
    return 0


def read(settings: Settings, args: argparse.Namespace) -> int:
    """One dead letter: why, whom it is about, and what it would have said."""
    with opened(settings) as sessions, sessions() as session:
        job = dead_letters.get(session, args.id)
        about = dead.about(session, job)
        customer = None
        if about.customer is not None:
            customer = {"id": str(about.customer.id), "name": customers.label(about.customer)}
        said = dead.reason(job.error)
        facts = {
            **_facts(job),
            "what_happened": causes.what(said, "en") if said else "",
            "what_to_do": causes.remedy(said, "en") if said else "",
            "customer": customer,
            "ticket": None if about.ticket is None else about.ticket.code,
            "text": about.words,
        }
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        shown = {**facts, "customer": customer and f"{customer['name']} ({customer['id']})"}
        for name, value in shown.items():
            if value not in (None, ""):
                print(f"{name.replace('_', ' ')}: {value}")
    return 0


def retry(settings: Settings, args: argparse.Namespace) -> int:
    """Give a dead letter another life, or all that Slack did not show."""
    if args.slack:
        ids = changed(settings, partial(dead_letters.retry_all, kinds=outside.SHOWN))
        show({"requeued": ids}, args, f"{len(ids)} are queued again.")
        return 0
    changed(settings, lambda session: dead_letters.retry(session, args.id))
    show({"requeued": args.id}, args, f"{args.id} is queued again.")
    return 0


def discard(settings: Settings, args: argparse.Namespace) -> int:
    """Give a dead letter up for good, in the name of the system's account."""
    by = f"{account()} (sangdam dead discard)"
    changed(settings, lambda session: dead_letters.discard(session, args.id, by=by))
    show({"discarded": args.id, "by": by}, args, f"{args.id} is discarded.")
    return 0


def _facts(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "state": job.state,
        "kind": job.kind,
        "lane": job.lane,
        "attempts": job.attempts,
        "error": job.error,
        "created_at": job.created_at.isoformat(),
        "since": None if job.changed_at is None else job.changed_at.isoformat(),
        "discarded_by": job.discarded_by,
    }


def account() -> str:
    """Who runs this command; a container's user may have no name."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
