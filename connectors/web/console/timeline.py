"""A customer's history as agents read it: days, episodes, and every line with its author."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ticketing import customers, history
from ticketing.models import Conversation, Message

LINES = 300
# However far back somebody wants to read: a page with more would be slow.
MOST = 6000

Line = Annotated[int, Query(ge=0, le=2**63 - 1)]


def entries(
    session: Session,
    *,
    customer_id: uuid.UUID,
    zone: dt.tzinfo,
    back_to: int = 0,
    limit: int = LINES,
) -> tuple[list[dict[str, Any]], int | None]:
    """``(what to show in order, the line before it if older ones were left out)``.

    The newest ``limit`` lines; with an older line to go ``back_to``, as many more from before it.
    An entry is a ``day``, an ``episode`` or a ``line``; a line that follows one of the same
    author within the same minutes is ``joined`` to it.
    """
    newer = _since(session, customer_id, back_to) if back_to else 0
    if newer > limit:
        limit = min(newer + limit - 1, MOST)
    lines = history.timeline(session, customer_id=customer_id, limit=limit + 1)
    earlier = lines[0].id if len(lines) > limit and limit < MOST else None
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
    return shown, earlier


def _since(session: Session, customer_id: uuid.UUID, line: int) -> int:
    """How many lines there are from this one on; none if it is not one of theirs."""
    theirs = Message.customer_id.in_(customers.members(customer_id)) & (
        Message.kind != history.EDIT
    )
    if session.scalar(select(Message.id).where(Message.id == line, theirs)) is None:
        return 0
    return session.scalars(select(func.count()).where(theirs, Message.id >= line)).one()


def latest(session: Session, conversation_ids: Sequence[int]) -> dict[int, Message]:
    """The last thing that a customer or an agent said in each of these conversations."""
    newest = (
        select(func.max(Message.id))
        .where(
            Message.conversation_id.in_(conversation_ids),
            Message.author.in_(("customer", "agent")),
            Message.internal.is_(False),
            Message.kind != history.EDIT,
        )
        .group_by(Message.conversation_id)
    )
    found = session.scalars(select(Message).where(Message.id.in_(newest)))
    return {line.conversation_id: line for line in found}


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
