"""``sangdam token``: what lets programs in, as agents."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from connectors.cli import changed, opened, show
from connectors.settings import Settings
from ticketing import agents, api_tokens
from ticketing.errors import NotFound, Refused
from ticketing.models import AgentToken

Add = Callable[..., argparse.ArgumentParser]

BY = "sangdam token"


def add_commands(group: Any, add: Add) -> None:
    """The commands below ``sangdam token``."""
    new = add(group, "create", create, "a new API token")
    new.add_argument("--role", choices=agents.ROLES, required=True)
    new.add_argument("--name", required=True, help="the agent's; made if there is none")
    new.add_argument("--label", default="", help="what the token is for")
    new.add_argument("--expires", type=int, metavar="DAYS", help="without it, never")
    add(group, "list", listing, "all API tokens, with when each was last used")
    gone = add(group, "revoke", revoke, "an API token lets nobody in any more")
    gone.add_argument("number", type=int, metavar="NUMBER", help="as `sangdam token list` says")


def create(settings: Settings, args: argparse.Namespace) -> int:
    """A new API token for an agent, who is made if there is none of that name."""

    def issue(session: Session) -> tuple[str, dict[str, Any]]:
        agent = agents.by_name(session, args.name)
        if agent is None:
            agent = agents.add(session, name=args.name, role=args.role)
        elif agent.role != args.role:
            raise Refused(f"{agent.name} has the role {agent.role}, not {args.role}")
        life = None if args.expires is None else dt.timedelta(days=args.expires)
        token, kept = api_tokens.create(session, agent, by=BY, label=args.label, life=life)
        return token, _told(kept)

    if args.expires is not None and abs(args.expires) > api_tokens.LONGEST_LIFE.days:
        raise Refused(f"a token expires after 1 to {api_tokens.LONGEST_LIFE.days} days")
    token, kept = changed(settings, issue)
    show({"token": token, **kept}, args, token)
    return 0


def listing(settings: Settings, args: argparse.Namespace) -> int:
    """Number, agent, what it is for, and when it was made, last used and expires."""
    with opened(settings) as sessions, sessions() as session:
        now = session.execute(select(func.now())).scalar_one()
        rows = [_told(one) for one in api_tokens.every(session)]
    lines = [
        f"{row['number']}  {row['agent']} ({row['role']})"
        + (f"  {row['label']}" if row["label"] else "")
        + f"  made {_day(row['created_at'])}"
        + (f"  last used {_minute(row['used_at'])}" if row["used_at"] else "  no use known")
        + _end(row["expires_at"], now)
        for row in rows
    ]
    show(rows, args, "\n".join(lines) or "None.")
    return 0


def revoke(settings: Settings, args: argparse.Namespace) -> int:
    """The token lets nobody in from the next request on."""

    def end(session: Session) -> dict[str, Any]:
        try:
            return _told(api_tokens.revoke(session, args.number, by=BY))
        except NotFound as error:
            raise Refused(f"{error}: see `sangdam token list`") from None

    told = changed(settings, end)
    show({**told, "revoked": True}, args, f"Revoked token {args.number} of {told['agent']}.")
    return 0


def _told(token: AgentToken) -> dict[str, Any]:
    return {
        "number": token.id,
        "agent": token.agent.name,
        "role": token.agent.role,
        "label": token.label,
        "created_at": token.created_at.isoformat(),
        "used_at": token.used_at and token.used_at.isoformat(),
        "expires_at": token.expires_at and token.expires_at.isoformat(),
    }


def _day(at: str) -> str:
    return f"{dt.datetime.fromisoformat(at).astimezone():%Y-%m-%d}"


def _minute(at: str) -> str:
    return f"{dt.datetime.fromisoformat(at).astimezone():%Y-%m-%d %H:%M}"


def _end(at: str | None, now: dt.datetime) -> str:
    if at is None:
        return ""
    return f"  {'expired' if dt.datetime.fromisoformat(at) <= now else 'expires'} {_day(at)}"
