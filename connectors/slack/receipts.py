"""The reactions under people's messages: each says what became of one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ticketing import history, lanes
from ticketing.lanes import Work
from ticketing.models import Job, Message

REACT = "slack.react"

WAITING = "incoming_envelope"
DELIVERED = "white_check_mark"
EDITED = "pencil2"
INTERNAL = "lock"
NOT_DELIVERED = "warning"


def receipt(session: Session, work: Work, name: str) -> None:
    """Queue the reaction that says what became of the message that ``work`` is."""
    mark(session, channel=work.payload["channel"], ts=work.payload["ts"], name=name)


def mark(
    session: Session, *, channel: str, ts: str, name: str, instead: Sequence[str] = (WAITING,)
) -> None:
    """Queue a reaction under a message, in the place of those ``instead`` that it was given."""
    given = session.scalars(
        select(Job.payload["name"].astext).where(
            Job.kind == REACT, Job.dedup.in_([_dedup(channel, ts, one) for one in instead])
        )
    ).all()
    for one in given:
        if one != name:
            _queue(session, channel, ts, one, remove=True)
    _queue(session, channel, ts, name)


def sent(session: Session, seq: int) -> str:
    """The reaction for an answer that was just written: not every customer has it yet."""
    channel = history.channel(session, session.get_one(Message, seq))
    at_once = channel in history.READ_HERE and channel not in history.FETCHED
    return DELIVERED if at_once else WAITING


def lane(channel: str) -> str:
    """Apart from the posts, so that neither waits for the other."""
    return f"out:slack:{channel}:receipts"


def _queue(session: Session, channel: str, ts: str, name: str, *, remove: bool = False) -> None:
    lanes.enqueue(
        session,
        lane=lane(channel),
        kind=REACT,
        dedup=_dedup(channel, ts, f"-{name}" if remove else name),
        payload={"channel": channel, "ts": ts, "name": name, "remove": remove},
    )


def _dedup(channel: str, ts: str, name: str) -> str:
    return f"{channel}:{ts}:{name}"
