"""A customer's history as agents read it: days, episodes, and every line with its author."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing import history
from ticketing.models import Conversation, Customer, Message

LINES = 300


def entries(
    session: Session, *, customer_id: uuid.UUID, zone: dt.tzinfo, limit: int = LINES
) -> tuple[list[dict[str, Any]], bool]:
    """``(what to show in order, whether older lines were left out)``.

    An entry is a ``day``, an ``episode`` or a ``line``; a line that follows one of the same
    author within the same minutes is ``joined`` to it.
    """
    lines = history.timeline(session, customer_id=customer_id, limit=limit + 1)
    cut = len(lines) > limit
    lines = lines[-limit:]
    episodes = _episodes(session, lines)
    channels = history.channels(session, lines)
    told = set(channels.values()) != {"web"}
    fetched = history.fetched(session, lines)
    shown: list[dict[str, Any]] = []
    before: Message | None = None
    for line in lines:
        if before is None or before.at.astimezone(zone).date() != line.at.astimezone(zone).date():
            shown.append({"what": "day", "id": f"day-{line.id}", "at": line.at})
        if before is not None and before.conversation_id != line.conversation_id:
            ended = episodes[before.conversation_id].outcome
            shown.append({"what": "episode", "id": f"episode-{line.id}", "ended": ended})
        joined = shown[-1:] != [] and shown[-1]["what"] == "line" and _continues(before, line)
        shown.append(
            {
                "what": "line",
                "id": f"line-{line.id}",
                "line": line,
                "style": _style(line),
                "joined": joined,
                # Who has only ever been on the web is on the web.
                "channel": channels.get(line.identity_id or 0, "") if told else "",
                # Only where the customer has to come for it: whether they have it.
                "fetched": fetched.get(line.id),
            }
        )
        before = line
    return shown, cut


def latest(session: Session, customer_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Message]:
    """The last thing said between each person and an agent, by the root of their customers."""
    roots = select(Customer.root_id).where(Customer.id.in_(customer_ids))
    newest = (
        select(Customer.root_id, func.max(Message.id).label("id"))
        .join(Message, Message.customer_id == Customer.id)
        .where(
            Customer.root_id.in_(roots),
            Message.author.in_(("customer", "agent")),
            Message.internal.is_(False),
            Message.kind != history.EDIT,
        )
        .group_by(Customer.root_id)
        .subquery()
    )
    found = session.execute(select(newest.c.root_id, Message).where(Message.id == newest.c.id))
    return {row[0]: row[1] for row in found}


def _style(line: Message) -> str:
    if line.kind == "note":
        return "note"
    return "system" if line.author == "system" else line.author


def _continues(before: Message | None, line: Message) -> bool:
    return (
        before is not None
        and before.author == line.author
        and before.kind == line.kind
        and before.author_name == line.author_name
        and line.author != "system"
        and line.at - before.at < dt.timedelta(minutes=3)
    )


def _episodes(session: Session, lines: Sequence[Message]) -> dict[int, Conversation]:
    ids = {line.conversation_id for line in lines}
    found = session.scalars(select(Conversation).where(Conversation.id.in_(ids)))
    return {one.id: one for one in found}
