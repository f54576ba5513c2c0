"""``sangdam agent``: who works here, as the console's page of agents has it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from connectors.cli import changed, login_link, opened, show
from connectors.desk import leaving
from connectors.settings import Settings
from ticketing import agents
from ticketing.errors import Refused
from ticketing.models import Agent

Add = Callable[..., argparse.ArgumentParser]
# Who changed something, in the history of agents.
BY = "sangdam agent"


def add_commands(group: Any, add: Add) -> None:
    """The commands below ``sangdam agent``."""
    new = add(group, "add", add_one, "a new agent")
    new.add_argument("--name", required=True)
    new.add_argument("--role", choices=agents.ROLES, default="agent")
    new.add_argument("--slack-user", metavar="U…")
    add(group, "list", listing, "all agents, also those who left")
    for name, run, about in (
        ("link", link, "a new one-time login link, and a code for Slack"),
        ("role", role, "give an agent another role"),
        ("leave", leave, "an agent leaves: nothing lets them in any more"),
        ("return", come_back, "an agent who had left works here again"),
    ):
        made = add(group, name, run, about)
        made.add_argument("--name", required=True)
        if name == "role":
            made.add_argument("--role", choices=agents.ROLES, required=True)


def add_one(settings: Settings, args: argparse.Namespace) -> int:
    """A new agent, with a one-time link to the console."""

    def add(session: Session) -> str:
        agent = agents.add(session, name=args.name, role=args.role, slack_user=args.slack_user)
        return login_link(session, agent, settings)

    address = changed(settings, add)
    show(
        {"agent": args.name, "role": args.role, "login": address},
        args,
        f"Added {args.name} ({args.role}). Log in once, within a day: {address}",
    )
    return 0


def link(settings: Settings, args: argparse.Namespace) -> int:
    """A new one-time link for an agent who lost the password; the old password stays until then.

    With Slack, also a one-time code with which their Slack account says who it is.
    """

    def renew(session: Session) -> tuple[str, str | None]:
        agent = _named(session, args.name)
        if not agent.active:
            raise Refused(f"{agent.name} has left")
        code = agents.slack_code(session, agent, by="cli") if settings.slack() else None
        return login_link(session, agent, settings), code

    address, code = changed(settings, renew)
    slack = None if code is None else f"/ticket link {code}"
    human = address if slack is None else f"{address}\nIn Slack, within 15 minutes: {slack}"
    show({"agent": args.name, "login": address, "slack": slack}, args, human)
    return 0


def listing(settings: Settings, args: argparse.Namespace) -> int:
    """Name, role, whether they still work here, and their Slack account."""
    with opened(settings) as sessions, sessions() as session:
        rows = [
            {
                "agent": agent.name,
                "role": agent.role,
                "active": agent.active,
                "slack_user": agent.slack_user,
                "has_password": agent.password_hash is not None,
            }
            for agent in agents.every(session)
        ]
    lines = [
        "  ".join(
            (
                str(row["agent"]),
                str(row["role"]) if row["active"] else "left",
                str(row["slack_user"] or ""),
                "" if row["has_password"] or not row["active"] else "has not logged in yet",
            )
        ).rstrip()
        for row in rows
    ]
    show(rows, args, "\n".join(lines) or "None.")
    return 0


def role(settings: Settings, args: argparse.Namespace) -> int:
    """Another role, from the agent's next request on."""

    def change(session: Session) -> None:
        agents.set_role(session, _named(session, args.name), args.role, by=BY)

    changed(settings, change)
    show({"agent": args.name, "role": args.role}, args, f"{args.name} is {args.role}.")
    return 0


def leave(settings: Settings, args: argparse.Namespace) -> int:
    """Nothing lets the agent in any more; their tickets go back to the queue."""

    def end(session: Session) -> int:
        agent = _named(session, args.name)
        if not agent.active:
            raise Refused(f"{agent.name} has left already")
        return leaving.leave(session, agent, by=BY)

    count = changed(settings, end)
    human = f"{args.name} has left. Tickets that go back to the queue: {count}."
    show({"agent": args.name, "active": False, "tickets": count}, args, human)
    return 0


def come_back(settings: Settings, args: argparse.Namespace) -> int:
    """An agent who had left works here again, with a new one-time link."""

    def begin(session: Session) -> str:
        agent = _named(session, args.name)
        if not agents.come_back(session, agent, by=BY):
            raise Refused(f"{agent.name} works here")
        return login_link(session, agent, settings)

    address = changed(settings, begin)
    human = f"{args.name} is back. Log in once, within a day: {address}"
    show({"agent": args.name, "active": True, "login": address}, args, human)
    return 0


def _named(session: Session, name: str) -> Agent:
    agent = agents.by_name(session, name)
    if agent is None:
        raise Refused(f"there is no agent {name}")
    return agent
