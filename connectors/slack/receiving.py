"""What agents write in Slack's threads, done at the desk: answers and notes. Exactly once each.

A job's effect is written in the transaction that ends the job. Who may do what is decided there,
by the database; Slack is asked before only whether the account is a full member.
"""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from connectors import desk, outside
from connectors.channel import DeliveryFailed
from connectors.slack import changes
from connectors.slack.api import Person
from connectors.slack.blocks import CLAIM_SEND, REOPEN_SEND, SEND
from connectors.slack.changes import origin
from connectors.slack.files import PATIENCE, Fetched
from connectors.slack.hint_words import FILE_REASONS
from connectors.slack.hints import offer, tell, tell_once, why
from connectors.slack.inbound import EVENT
from connectors.slack.mrkdwn import calls, mentioned, readable, whisper
from connectors.slack.receipts import (
    INTERNAL,
    NOT_DELIVERED,
    WAITING,
    mark,
    receipt,
    sent,
)
from connectors.slack.workspace import Workspace, account, acting, known_member
from connectors.worker import Settle, last_try
from ticketing import agents, history, tickets
from ticketing.errors import Conflict
from ticketing.lanes import Work
from ticketing.models import Agent, Job, Ticket

log = logging.getLogger(__name__)

NAMES = 20


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What the database knows before Slack is asked."""

    agent: bool
    ticket: bool
    # What is said under a notice in the channel is among colleagues.
    notice: bool = False


async def handle(workspace: Workspace, work: Work) -> Settle:
    """The handler of what people write in threads, change and delete."""
    payload = work.payload
    known = await workspace.store.run(look, work)
    try:
        person, names, fetched = await _ask(workspace, work, known)
    except DeliveryFailed:
        await workspace.store.run(on_its_way, work, internal=workspace.internal)
        raise

    def settle(session: Session) -> None:
        if payload.get("withdrawn"):
            log.info("a message that was deleted before it was handled is left out")
        else:
            act(session, work, person, names, fetched, internal=workspace.internal)

    return settle


async def _ask(
    workspace: Workspace, work: Work, known: Known
) -> tuple[Person | None, dict[str, str], Fetched]:
    """What only Slack knows. Raises :class:`DeliveryFailed` when it should be asked again."""
    payload = work.payload
    last = last_try(work)
    if known.notice:
        return None, {}, Fetched()
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
    return person, names, fetched


def on_its_way(session: Session, work: Work, *, internal: bool) -> None:
    """Mark the answers that have to wait: this one, which is tried again, and those behind it.

    In the web chat an answer is delivered by the commit that keeps it, mostly within a second of
    its writing: then its one reaction is the tick. Only what waits is marked before, and what
    still has to go to a messenger until that has taken it.
    """
    waiting = session.scalars(
        select(Job).where(Job.lane == work.lane, Job.state == "pending", Job.kind == EVENT)
    ).all()
    for job in waiting:
        payload = job.payload
        if internal or payload["what"] != "message" or calls(payload["text"]):
            continue
        if whisper(readable(payload["text"]))[0]:
            continue
        agent = agents.by_slack(session, payload["user"])
        ticket = tickets.by_thread(session, place=payload["channel"], thread=payload["thread"])
        if agent is None or ticket is None or ticket.state != "claimed":
            continue
        if ticket.assignee_id == agent.id:
            mark(session, channel=payload["channel"], ts=payload["ts"], name=WAITING)


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
    thread = payload["thread"]
    ticket = tickets.by_thread(session, place=payload["channel"], thread=thread) is not None
    return Known(
        agent=agents.by_slack(session, payload["user"]) is not None,
        ticket=ticket,
        notice=not ticket and bool(payload.get("ours")) and _under_notice(session, thread),
    )


def _under_notice(session: Session, thread: str) -> bool:
    posted = exists().where(Job.kind == outside.NOTICE, Job.payload["ts"].astext == thread)
    return bool(session.scalar(select(posted)))


def act(
    session: Session,
    work: Work,
    person: Person | None,
    names: dict[str, str],
    fetched: Fetched,
    *,
    internal: bool = False,
) -> None:
    """Do what the job says, or tell the person why not."""
    payload = work.payload
    agent, refused = acting(session, payload["user"], person)
    ticket = tickets.by_thread(session, place=payload["channel"], thread=payload["thread"])
    if payload["what"] == "outside":
        _outside(session, work, agent)
    elif ticket is None:
        log.info("a message in a thread without ticket is ignored")
        if payload.get("ours") and not _under_notice(session, payload["thread"]):
            tell(session, work, "unknown_thread")
    elif payload["what"] in ("changed", "deleted"):
        changes.apply(session, work, ticket, agent=agent, refused=refused, names=names)
    else:
        if refused is None and agent is not None:
            _write(session, work, ticket, agent, names, fetched, all_internal=internal)
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
    *,
    all_internal: bool,
) -> None:
    payload = work.payload
    internal, text = whisper(readable(payload["text"], names))
    line: dict[str, Any] = {"code": ticket.code, "agent": agent, "text": text}
    line |= {"files": fetched.files, "external_id": origin(payload["channel"], payload["ts"])}
    button = f"{ticket.code}:{payload['ts']}"
    called = calls(payload["text"])
    _tell_failed(session, work, fetched)
    if not text.strip() and not fetched.files:
        if not fetched.failed:
            tell(session, work, "no_text")
            receipt(session, work, NOT_DELIVERED)
    elif internal:
        desk.note(session, **line)
        receipt(session, work, INTERNAL)
    elif ticket.state == "resolved":
        desk.note(session, **line)
        receipt(session, work, NOT_DELIVERED if ticket.assignee_id == agent.id else INTERNAL)
        offer(session, work, "closed", action=REOPEN_SEND, value=button)
    elif not desk.reach(session, ticket.conversation):
        desk.note(session, **line)
        receipt(session, work, NOT_DELIVERED)
        tell(session, work, "unreachable")
    elif ticket.assignee_id != agent.id or all_internal or called:
        desk.note(session, **line)
        receipt(session, work, INTERNAL)
        if ticket.state == "open" and called:
            return  # nobody who means to answer
        if ticket.state == "open":
            offer(session, work, "claim_first", action=CLAIM_SEND, value=button)
        elif ticket.assignee_id == agent.id:
            hint = "called" if called and not all_internal else "internal"
            offer(session, work, hint, action=SEND, value=button)
    else:
        try:
            with session.begin_nested():
                _, seq = desk.reply(session, **line)
        except Conflict as error:  # resolved or taken over while this message waited
            tell(session, work, "refused", why=why(error))
            receipt(session, work, NOT_DELIVERED)
        else:
            if history.fetches(session, ticket.conversation_id):
                tell_once(session, work, "waits_for_customer")
            if not _is_here(session, work, ticket):
                # Written in the thread of a ticket that rests: where it goes on, it is seen, too.
                outside.agent_wrote(session, ticket, seq=seq, agent=agent, text=text)
            receipt(session, work, sent(session, seq))


def _is_here(session: Session, work: Work, ticket: Ticket) -> bool:
    shown = tickets.thread(session, ticket.id)
    place = work.payload["channel"], work.payload["thread"]
    return shown is None or (shown.place, shown.thread) == place


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
    desk.whisper(
        session,
        code=ticket.code,
        name=person.name,
        text=text,
        external_id=origin(payload["channel"], payload["ts"]),
        files=fetched.files,
    )
    receipt(session, work, INTERNAL)
    tell_once(session, work, "whispered")


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
