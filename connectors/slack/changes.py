"""What people change in the threads afterwards: edits, deletions, and notes sent after all."""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import desk, outside
from connectors.channel import DeliveryFailed
from connectors.desk import changing
from connectors.desk.agent import locked
from connectors.slack.blocks import REOPEN_SEND
from connectors.slack.hints import offer, tell
from connectors.slack.inbound import EVENT, message_dedup
from connectors.slack.mrkdwn import calls, readable, whisper
from connectors.slack.receipts import (
    DELIVERED,
    EDITED,
    INTERNAL,
    NOT_DELIVERED,
    WAITING,
    mark,
    sent,
)
from connectors.slack.workspace import Workspace
from connectors.worker import Settle, last_try
from ticketing import history, lanes
from ticketing.lanes import Work
from ticketing.models import Agent, Job, Message, Ticket, TicketThread

log = logging.getLogger(__name__)


def apply(
    session: Session,
    work: Work,
    ticket: Ticket,
    *,
    agent: Agent | None,
    refused: str | None,
    names: dict[str, str],
) -> None:
    """Do in the history what somebody did to their message, or tell them why not."""
    payload = work.payload
    ticket = locked(session, ticket.code)
    line = history.came_from(session, ticket, origin(payload["channel"], payload["ts"]))
    if line is None:
        _not_taken(session, work)
    elif line.meta.get("changed") == "deleted" or _older(payload["at"], line):
        log.info("a change that came after a later one is ignored")
    elif not line.internal and (refused is not None or agent is None or agent.id != line.agent_id):
        tell(session, work, refused or "not_linked", user=payload["user"])
    elif payload["what"] == "deleted":
        _delete(session, work, ticket, line)
    else:
        _edit(session, work, ticket, line, names)


def _edit(
    session: Session, work: Work, ticket: Ticket, line: Message, names: dict[str, str]
) -> None:
    payload = work.payload
    internal, text = whisper(readable(payload["text"], names))
    if not text.strip():
        tell(session, work, "no_words_left")
    elif (internal or calls(payload["text"])) and not line.internal:
        # It cannot be taken back by calling it a note: who has seen it has seen it.
        tell(session, work, "still_sent")
    else:
        changing.change(session, ticket, line, text=text)
        line.meta = line.meta | {"changed_at": payload["at"]}
        # An edit has no receipt of its own in Slack; the pencil says that it arrived.
        mark(session, channel=payload["channel"], ts=payload["ts"], name=EDITED)
        mine = line.agent_id is not None and line.agent_id == ticket.assignee_id
        if line.internal and not internal and not calls(payload["text"]) and mine:
            tell(session, work, "still_note")


def _delete(session: Session, work: Work, ticket: Ticket, line: Message) -> None:
    gone = changing.delete(session, line)
    if not gone:
        tell(session, work, "stays")
    elif not line.internal and changing.was_resolved_since(session, ticket, line):
        tell(session, work, "deleted_late")


def _not_taken(session: Session, work: Work) -> None:
    """A change of something that is not in the history: it has not come yet, or never got there."""
    payload = work.payload
    dedup = message_dedup(payload["channel"], payload["ts"])
    job = session.scalar(select(Job).where(Job.kind == EVENT, Job.dedup == dedup))
    newest = {key: payload[key] for key in ("text", "files")}
    if payload["what"] == "deleted":
        newest["withdrawn"] = True
    if job is None:
        # Slack's events come in any order. This one holds the whole message as it is now, so it
        # is the message; when the first version comes, it is a repetition.
        lanes.enqueue(
            session,
            lane=work.lane,
            kind=EVENT,
            dedup=dedup,
            payload={**payload, "what": "message", **newest},
        )
    elif job.state == "pending":  # behind us in this lane
        job.payload = job.payload | newest
    elif payload["what"] == "changed":
        tell(session, work, "never_sent")
    else:
        log.info("a message that went nowhere was deleted")


def _older(at: str, line: Message) -> bool:
    before = line.meta.get("changed_at")
    return before is not None and _number(at) <= _number(before)


def _number(ts: str) -> tuple[int, str]:
    seconds, _, part = ts.partition(".")
    return int(seconds), part.ljust(9, "0")


def send(session: Session, work: Work, agent: Agent) -> None:
    """Send a note to the customer, by the button under it. Only its writer may.

    Raises :class:`Conflict` when a colleague holds the ticket.
    """
    payload = work.payload
    code, _, ts = payload["value"].partition(":")
    ticket = locked(session, code)
    line = history.came_from(session, ticket, origin(payload["channel"], ts))
    if line is None or line.agent_id != agent.id:
        tell(session, work, "gone")
        return
    if not line.internal:
        log.info("a note that was sent before is not sent again")
        return
    if ticket.state == "resolved":
        if payload["action"] != REOPEN_SEND:
            offer(session, work, "closed", action=REOPEN_SEND, value=f"{code}:{ts}")
            return
        desk.reopen(session, code=code, agent=agent)
    seq = changing.send(session, ticket, line, agent=agent)
    mark(
        session,
        channel=payload["channel"],
        ts=ts,
        name=DELIVERED if seq is None else sent(session, seq),
        instead=(WAITING, INTERNAL, NOT_DELIVERED),
    )


async def card_gone(workspace: Workspace, work: Work) -> Settle:
    """The handler of a deleted card: there is a new one at once, for what comes next.

    Slack would show that in the channel, outside of any thread. Raises :class:`DeliveryFailed`
    while a card is being posted: it is asked again when that is settled.
    """
    place, thread = work.payload["channel"], work.payload["thread"]
    known = select(TicketThread).where(TicketThread.place == place, TicketThread.thread == thread)

    def too_early(session: Session) -> bool:
        """Whether it may be a card of which we have not heard yet where it was posted."""
        posting = outside.being_posted(session, place)  # first: it is known when that is over
        return posting and session.scalar(known) is None

    if not last_try(work) and await workspace.store.read(too_early):
        raise DeliveryFailed("a deletion, while the posting of a card is not settled yet")

    def settle(session: Session) -> None:
        shown = session.scalar(known)
        ticket = None if shown is None else session.get_one(Ticket, shown.ticket_id)
        if shown is None or ticket is None or ticket.state == "resolved":
            log.info("a deleted message was no card that is needed")
        else:
            shown.looks = ""  # so that it is updated, which it cannot be
            outside.changed(session, ticket)

    return settle


def origin(channel: str, ts: str) -> str:
    """Where a line came from, as the history keeps it."""
    return f"slack:{channel}:{ts}"
