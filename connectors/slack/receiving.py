"""What agents write in Slack's threads, done at the desk: answers and notes. Exactly once each.

A job's effect is written in the transaction that ends the job. Who may do what is decided there,
by the database; Slack is asked before only whether the account is a full member.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from connectors import desk
from connectors.channel import DeliveryFailed
from connectors.slack.api import Person
from connectors.slack.files import PATIENCE, Fetched
from connectors.slack.hints import (
    DELIVERED,
    FILE_REASONS,
    INTERNAL,
    NOT_DELIVERED,
    receipt,
    tell,
)
from connectors.slack.inbound import EVENT, message_dedup
from connectors.slack.mrkdwn import mentioned, readable, whisper
from connectors.slack.workspace import Workspace, account, acting, known_member
from connectors.worker import Settle, last_try
from ticketing import agents, tickets
from ticketing.errors import Conflict
from ticketing.lanes import Work
from ticketing.models import Agent, Job, Message, Ticket

log = logging.getLogger(__name__)

NAMES = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What the database knows before Slack is asked."""

    agent: bool
    ticket: bool


async def handle(workspace: Workspace, work: Work) -> Settle:
    """The handler of what people write in threads, change and delete."""
    payload = work.payload
    known = await workspace.store.run(look, work)
    last = last_try(work)
    if payload["what"] == "message" and not known.ticket and payload["ours"] and not last:
        raise DeliveryFailed("a reply to a card whose posting is not settled yet")
    person: Person | None = None
    names: dict[str, str] = {}
    if known.agent or (known.ticket and payload["what"] == "message"):
        person = await account(workspace, work, payload["user"])
        names = await _names(workspace, work, payload.get("text", ""))
    fetched = Fetched()
    # Only for members, and for a ticket. Jobs from before an update have the files' number alone.
    files = payload.get("files")
    if known.ticket and person is not None and person.member and isinstance(files, list):
        fetched = await workspace.slack.files.fetch(files, patient=work.failures < PATIENCE)

    def settle(session: Session) -> None:
        act(session, work, person, names, fetched)

    return settle


async def _names(workspace: Workspace, work: Work, text: str) -> dict[str, str]:
    found = {}
    for user in mentioned(text)[:NAMES]:
        person = await account(workspace, work, user)
        if person is not None:
            found[user] = person.name
    return found


def look(session: Session, work: Work) -> Known:
    """Whether the user is an agent, and the thread a ticket's."""
    payload = work.payload
    return Known(
        agent=agents.by_slack(session, payload["user"]) is not None,
        ticket=tickets.by_thread(session, place=payload["channel"], thread=payload["thread"])
        is not None,
    )


def act(
    session: Session,
    work: Work,
    person: Person | None,
    names: dict[str, str],
    fetched: Fetched,
) -> None:
    """Do what the job says, or tell the person why not."""
    payload = work.payload
    agent, refused = acting(session, payload["user"], person)
    ticket = tickets.by_thread(session, place=payload["channel"], thread=payload["thread"])
    if payload["what"] == "outside":
        _outside(session, work, agent)
    elif ticket is None:
        log.info("a message in a thread without ticket is ignored")
        if payload.get("ours"):
            tell(session, work, "unknown_thread")
    elif payload["what"] in ("changed", "deleted"):
        _afterwards(session, work, ticket)
    else:
        if refused is None and agent is not None:
            _write(session, work, ticket, agent, names, fetched)
        elif agent is None and known_member(person):
            _whisper(session, work, ticket, person, names, fetched)
        else:
            tell(session, work, refused or "not_linked", user=payload["user"])
            receipt(session, work, NOT_DELIVERED)


def _write(
    session: Session,
    work: Work,
    ticket: Ticket,
    agent: Agent,
    names: dict[str, str],
    fetched: Fetched,
) -> None:
    payload = work.payload
    internal, text = whisper(readable(payload["text"], names))
    line: dict[str, Any] = {"code": ticket.code, "agent": agent, "text": text}
    line |= {"files": fetched.files, "external_id": f"slack:{payload['channel']}:{payload['ts']}"}
    _tell_failed(session, work, fetched)
    if not text.strip() and not fetched.files:
        if not fetched.failed:
            tell(session, work, "no_text")
            receipt(session, work, NOT_DELIVERED)
    elif ticket.assignee_id != agent.id or internal:
        desk.note(session, **line)
        receipt(session, work, INTERNAL)
        if ticket.state == "open" and not internal:
            tell(session, work, "claim_first")
    elif ticket.state == "resolved":
        tell(session, work, "closed")
        receipt(session, work, NOT_DELIVERED)
    else:
        try:
            with session.begin_nested():
                desk.reply(session, **line)
        except Conflict as error:  # resolved or taken over while this message waited
            tell(session, work, "refused", why=str(error))
            receipt(session, work, NOT_DELIVERED)
        else:
            receipt(session, work, DELIVERED)


def _tell_failed(session: Session, work: Work, fetched: Fetched) -> None:
    if fetched.failed:
        why = [f"{name} ({FILE_REASONS[reason]})" for name, reason in fetched.failed]
        tell(session, work, "files", files=", ".join(why))
        receipt(session, work, NOT_DELIVERED)


def _whisper(
    session: Session,
    work: Work,
    ticket: Ticket,
    person: Person,
    names: dict[str, str],
    fetched: Fetched,
) -> None:
    """A colleague who is no agent: what they write is a note, whatever it looks like."""
    payload = work.payload
    _, text = whisper(readable(payload["text"], names))
    _tell_failed(session, work, fetched)
    if not text.strip() and not fetched.files:
        if not fetched.failed:
            tell(session, work, "no_text")
            receipt(session, work, NOT_DELIVERED)
        return
    origin = f"slack:{payload['channel']}:{payload['ts']}"
    desk.whisper(
        session,
        code=ticket.code,
        name=person.name,
        text=text,
        external_id=origin,
        files=fetched.files,
    )
    receipt(session, work, INTERNAL)
    tell(session, work, "whispered")


def _outside(session: Session, work: Work, agent: Agent | None) -> None:
    """A message beside the threads: chatter, unless its writer has a customer waiting."""
    mine = (
        tickets.listing(session, states=["claimed"], assignee_id=agent.id, limit=1)
        if agent is not None
        else []
    )
    if mine:
        tell(session, work, "outside", code=mine[0].code)
    else:
        log.info("a message outside of threads is ignored")


def _afterwards(session: Session, work: Work, ticket: Ticket) -> None:
    """An edit or a deletion of something that the desk took over."""
    origin = f"slack:{work.payload['channel']}:{work.payload['ts']}"
    taken = session.scalar(
        select(Message.id).where(
            Message.conversation_id == ticket.conversation_id,
            Message.meta["from"].astext == origin,
        )
    )
    if taken is not None or not _came(session, work):
        tell(session, work, "no_edits")
    else:
        log.info("a change of a message that went nowhere is ignored")


def _came(session: Session, work: Work) -> bool:
    """Whether Slack sent the message itself yet; its events come in any order."""
    dedup = message_dedup(work.payload["channel"], work.payload["ts"])
    found = session.scalar(select(Job.id).where(Job.kind == EVENT, Job.dedup == dedup))
    return found is not None
