"""Slash commands: ``/ticket`` finds and opens, ``/reply`` answers the customer, ``/note`` notes.

What is found or done is answered to the person alone, by a job of the outbox: nothing is said
before it is true. What customers wrote is shown to agents and to nobody else, and whose it was is
kept in the transaction that queues the answer: see :mod:`ticketing.accesses`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from sqlalchemy.orm import Session

from connectors import desk
from connectors.channel import DeliveryFailed
from connectors.slack import linking, story
from connectors.slack.api import Person
from connectors.slack.blocks import Block, plain
from connectors.slack.hints import answer, words
from connectors.slack.mrkdwn import clip, whisper
from connectors.slack.pressing import tried
from connectors.slack.rows import row, rows
from connectors.slack.workspace import Workspace, account, acting, author
from connectors.worker import Settle
from ticketing import accesses, customers, ticket_search, tickets
from ticketing.lanes import Work
from ticketing.models import Agent, Ticket

log = logging.getLogger(__name__)

SHOWN = 10
# Why somebody may not, as `workspace.refusal` calls it, and what they are told here.
NOT_YOU = {"not_linked": "link_first", "not_member": "no_guests"}
# The same verbs in Korean.
_VERBS = {
    **dict.fromkeys(("목록", "대기"), "list"),
    **dict.fromkeys(("내", "내접수"), "mine"),
    **dict.fromkeys(("검색", "찾기"), "search"),
    **dict.fromkeys(("기록", "내역"), "history"),
    **dict.fromkeys(("도움말", "도움"), "help"),
    "열기": "open",
    "연결": "link",
}
_CODE = re.compile(r"T-[A-Z0-9]{6}", re.IGNORECASE | re.ASCII)

Said = tuple[str, list[Block]]


class Unclear(Exception):
    """The command cannot be done as it was given: a hint and its values."""

    def __init__(self, hint: str, **values: object) -> None:
        super().__init__(hint)
        self.hint = hint
        self.values = values


async def handle(workspace: Workspace, work: Work) -> Settle:
    """The handler of a command."""
    person = await account(workspace, work, work.payload["user"])
    link = await _thread_link(workspace, work)

    def settle(session: Session) -> None:
        try:
            text, blocks = _done(session, workspace, work, person, link)
        except Unclear as error:
            text, blocks = words(error.hint, **error.values), []
        answer(session, work, text, blocks=blocks)

    return settle


def _done(
    session: Session, workspace: Workspace, work: Work, person: Person | None, link: str
) -> Said:
    command, (verb, rest) = work.payload["command"], _verb(work)
    if command == "ticket" and verb in ("", "help"):
        return words("help"), []
    if command == "ticket" and verb == "link":
        return linking.link(session, user=work.payload["user"], person=person, code=rest), []
    agent, refused = acting(session, work.payload["user"], person)
    if agent is None or refused is not None:
        raise Unclear(NOT_YOU.get(refused or "", "not_verified"))
    if command == "reply":
        return _reply(session, agent, work.payload["text"])
    if command == "note":
        return _note(session, agent, *_addressed(session, agent, work.payload["text"]))
    match verb:
        case "list":
            found = tickets.listing(session, states=["open"])
            return _listed(session, workspace, "waiting", found, agent)
        case "mine":
            found = tickets.listing(session, states=["claimed"], assignee_id=agent.id)
            return _listed(session, workspace, "mine", found, agent)
        case "search" if rest:
            found = list(session.scalars(ticket_search.search(rest).limit(200)))
            return _listed(session, workspace, "found", found, agent)
        case "open" if rest:
            return _opened(session, workspace, _known(session, rest.split()[0]), link, agent)
        case "history":
            ticket, _ = about(session, agent, rest)
            accesses.opened(session, ticket.customer_id, by=author(agent))
            return ticket.code, story.blocks(session, ticket)
        case _ if _CODE.fullmatch(verb):
            return _opened(session, workspace, _known(session, verb), link, agent)
        case "search":
            raise Unclear("search_what")
        case "open":
            raise Unclear("open_which")
    return f"{words('no_verb', verb=clip(verb, 40))}\n{words('help')}", []


def _verb(work: Work) -> tuple[str, str]:
    verb, *rest = work.payload["text"].split(None, 1) or [""]
    return _VERBS.get(verb, verb.lower()), rest[0] if rest else ""


def _listed(
    session: Session, workspace: Workspace, title: str, found: list[Ticket], agent: Agent
) -> Said:
    people = {ticket.customer_id for ticket in found[:SHOWN]}
    if title == "found":
        accesses.found(session, people, by=author(agent))
    else:
        accesses.listed(session, people, by=author(agent))
    text = words(title, count=len(found))
    if not found:
        return words(f"{title}_none"), []
    blocks: list[Block] = [{"type": "section", "text": plain(text)}]
    for view in rows(session, found[:SHOWN], console=workspace.console):
        blocks += row(view)
    if len(found) > SHOWN:
        more = plain(words("more", count=len(found) - SHOWN))
        blocks.append({"type": "context", "elements": [more]})
    return text, blocks


def _opened(
    session: Session, workspace: Workspace, ticket: Ticket, link: str, agent: Agent
) -> Said:
    accesses.opened(session, ticket.customer_id, by=author(agent))
    (view,) = rows(session, [ticket], console=workspace.console)
    links = [f"<{link}|스레드 · Thread>"] if link else []
    return ticket.code, row(view, links=links, question=1200)


def _reply(session: Session, agent: Agent, text: str) -> Said:
    """As in the thread: who has the ticket speaks to the customer, a marked message is a note."""
    ticket, text = _addressed(session, agent, text)
    internal, _ = whisper(text)
    if internal:
        return _note(session, agent, ticket, text)
    if ticket.state == "resolved":
        raise Unclear("done")
    if ticket.state == "open":
        raise Unclear("claim_before", code=ticket.code)
    if ticket.assignee is not None and ticket.assignee_id != agent.id:
        raise Unclear("taken", winner=ticket.assignee.name)
    _try(session, lambda: desk.reply(session, code=ticket.code, agent=agent, text=text))
    return words("replied", code=ticket.code), []


def _note(session: Session, agent: Agent, ticket: Ticket, text: str) -> Said:
    _, text = whisper(text)
    if not text.strip():
        raise Unclear("no_words")
    _try(session, lambda: desk.note(session, code=ticket.code, agent=agent, text=text))
    return words("noted", code=ticket.code), []


def _try(session: Session, act: Callable[[], object]) -> None:
    said = tried(session, act)
    if said is not None:
        raise Unclear(said[0], **said[1])


def _addressed(session: Session, agent: Agent, text: str) -> tuple[Ticket, str]:
    """The ticket a command is about, and its words, of which there are some."""
    ticket, rest = about(session, agent, text)
    if not rest.strip():
        raise Unclear("no_words")
    return ticket, rest


def about(session: Session, agent: Agent, text: str) -> tuple[Ticket, str]:
    """The ticket a command is about, and the rest of it. Without a code, the only one they have.

    Raises :class:`Unclear` when there is no such ticket, or not one.
    """
    first, *rest = text.split(None, 1) or [""]
    ticket = tickets.find(session, first)
    if ticket is None:
        if _CODE.fullmatch(first):
            raise Unclear("no_ticket", code=first)
        rest = [text]
        found = tickets.listing(session, states=["claimed"], assignee_id=agent.id, limit=SHOWN)
        if len(found) != 1:
            accesses.listed(session, {one.customer_id for one in found}, by=author(agent))
            named = ((one.code, clip(customers.label(one.customer), 40)) for one in found)
            codes = ", ".join(f"{code} ({name})" for code, name in named)
            raise Unclear("which_ticket" if found else "none_claimed", codes=codes)
        ticket = found[0]
    return ticket, rest[0] if rest else ""


def _known(session: Session, code: str) -> Ticket:
    ticket = tickets.find(session, code)
    if ticket is None:
        raise Unclear("no_ticket", code=code)
    return ticket


async def _thread_link(workspace: Workspace, work: Work) -> str:
    """The address of the thread of the ticket to open, if there is one and Slack says it."""
    verb, rest = _verb(work)
    code = rest.split()[0] if verb == "open" and rest else verb
    if work.payload["command"] != "ticket" or not _CODE.fullmatch(f"T-{code[-6:]}"):
        return ""
    place = await workspace.store.read(_thread, code)
    if place is None:
        return ""
    try:
        return await workspace.slack.permalink(channel=place[0], ts=place[1])
    except DeliveryFailed as error:
        log.warning("a link to a thread is left out: %s", error)
        return ""


def _thread(session: Session, code: str) -> tuple[str, str] | None:
    ticket = tickets.find(session, code)
    found = None if ticket is None else tickets.thread(session, ticket.id)
    return None if found is None else (found.place, found.thread)
