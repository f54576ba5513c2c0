"""The inbox and one ticket: claim, reply, note, resolve."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
import unicodedata
import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from connectors import desk, wishes
from connectors.desk import dead
from connectors.desk import macros as sending
from connectors.web.chat import check_text
from connectors.web.console import (
    first_steps,
    frame,
    live,
    macros,
    marking,
    merging,
    planning,
    tags,
    ticket_links,
    timeline,
    uploads,
)
from connectors.web.console.frame import ConsoleRoute, Here, Me, Sender, Viewer
from connectors.web.console.portions import Portions, going_on
from connectors.web.console.uploads import Uploader
from connectors.web.console.words import say
from connectors.web.gateway import Gateway
from connectors.web.problems import Problem
from ticketing import (
    accesses,
    attachments,
    contacts,
    csat,
    customers,
    routing,
    sla,
    ticket_search,
    tickets,
)
from ticketing import tags as ticket_tags
from ticketing.models import Agent, Message, Ticket

View = Literal["waiting", "mine", "open", "resolved"]
SHOWN = 200
TEXT_LIMIT = 8000
TYPING_S = 2.0

router = APIRouter(route_class=ConsoleRoute)


@router.get("")
async def inbox(
    request: Request,
    here: Here,
    me: Me,
    view: Annotated[View, Query()] = "waiting",
    tag: Annotated[str, Query(max_length=40)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    portions: Portions = 1,
) -> Response:
    """Tickets waiting, mine, all open, or resolved; all, or those with a tag. Or what ``q`` finds,
    among all."""
    tag = tag.replace("\x00", "")
    wanted = unicodedata.normalize("NFC", q.replace("\x00", "")).strip()
    at_home = me.agent.role == "admin" and view == "waiting" and not (tag or wanted)
    base = here.public_url or str(request.base_url).rstrip("/")

    def read(session: Session) -> dict[str, Any]:
        which = ticket_search.search(wanted) if wanted else _which(me, view, tag)
        found, total = tickets.counted(session, which, limit=portions * SHOWN + 1)
        people = {ticket.customer_id for ticket in found[: portions * SHOWN]}
        if wanted:
            accesses.found(session, people, by=me.author)
        else:
            accesses.listed(session, people, by=me.author)
        said = ticket_search.lines(session, found, wanted)
        last = timeline.latest(session, [ticket.conversation_id for ticket in found])
        failed = dead.undelivered(session, [ticket.id for ticket in found])
        tagged = ticket_tags.of(session, [ticket.id for ticket in found])
        asked = wishes.asked(session, [ticket.id for ticket in found])
        rows = [
            {
                **_row(ticket, last.get(ticket.conversation_id), asked.get(ticket.id, "")),
                **marking.found(ticket, said.get(ticket.conversation_id), wanted),
                "undelivered": ticket.id in failed,
                "tags": tagged.get(ticket.id, []),
            }
            for ticket in found
        ]
        return {
            "view": view,
            "q": wanted,
            "mark": lambda text: marking.marked(text, wanted),
            "tag": tag,
            "tag_counts": ticket_tags.counts(session),
            **going_on(request, rows, portions, SHOWN, total=total),
            "standings": sla.standings(session, [ticket.id for ticket in found]),
            "here": "tickets",
            "steps": first_steps.left(session, here.settings) if at_home and not found else [],
            "snippet": f'<script src="{base}/widget.js" async></script>',
        }

    return await frame.show(request, here, me, "inbox", read, parts=("inbox", "tabs"))


@router.get("/tickets")
async def tickets_page(request: Request) -> Response:
    """The inbox by its longer name."""
    return Response(status_code=303, headers={"Location": "/console"})


@router.get("/tickets/{code}")
async def ticket_page(
    request: Request, here: Here, me: Me, code: str, line: timeline.Line = 0
) -> Response:
    """One ticket: the whole conversation, the customer, what the bot tried."""

    def read(session: Session) -> dict[str, Any]:
        ticket = tickets.get(session, code)
        related = ticket_links.shown(session, ticket)
        beside = {one.ticket.customer_id for one in related["linked"]}
        accesses.opened(session, ticket.customer_id, by=me.author, beside=beside)
        entries, cut = timeline.entries(
            session, customer_id=ticket.customer_id, zone=me.zone, back_to=line
        )
        others = [
            one
            for one in tickets.listing(session, customer_id=ticket.customer_id)
            if one.id != ticket.id
        ]
        return {
            "here": "tickets",
            "ticket": ticket,
            "customer": ticket.customer,
            "holder": _holder(ticket, me),
            "standings": sla.standings(session, [ticket.id]),
            "contacts": contacts.listing(session, ticket.customer_id),
            "undelivered": bool(dead.undelivered(session, [ticket.id])),
            "entries": entries,
            "cut": cut,
            "others": others,
            "score": csat.score(session, customer_id=ticket.customer_id),
            "survey": csat.of_ticket(session, ticket),
            "identities": customers.identities(session, ticket.customer_id),
            "addresses": customers.addresses(
                session, ticket.customer_id, now=ticket.conversation.identity_id
            ),
            "key": str(uuid.uuid4()),
            **planning.choices(session, ticket, me),
            **related,
            **macros.shown(session, ticket),
            **merging.shown(session, ticket),
            **tags.shown(session, ticket, me.lang),
        }

    parts = ("state", "plan", "hint", "conversation", "customer", "tags", "ticket_links", "tried")
    return await frame.show(request, here, me, "ticket", read, parts=parts)


@router.post("/tickets/{code}/claim")
async def claim(request: Request, here: Here, me: Sender, code: str) -> Response:
    """Take a waiting ticket; one of two who try at once wins."""

    def act(session: Session) -> None:
        agent = session.merge(me.agent)
        desk.claim(session, code=code, agent=agent)
        _at_work(session, here, me, agent)

    await here.store.run(act)
    return frame.done(request, _path(code), said=say("said.claimed", me.lang))


@router.post("/tickets/{code}/say")
async def write(request: Request, here: Here, me: Uploader, code: str) -> Response:
    """A reply to the customer, or a note for colleagues, with files: a note unless it says else."""
    # One more than is taken is read, so that it can be said how many are.
    async with uploads.form(request, here, files=attachments.A_MESSAGE + 1) as found:
        words = Words.read(found)
        files = await uploads.examined(found)

    def act(session: Session) -> None:
        agent = session.merge(me.agent)
        line: dict[str, Any] = {"code": code, "agent": agent, "text": words.text}
        line |= {"files": files, "client_id": words.key or None}
        if words.to_customer and words.macro is not None:
            sending.send(session, **line, macro_id=words.macro, to=words.to)
        elif words.to_customer:
            desk.reply(session, **line, to=words.to)
        else:
            desk.note(session, **line)
        if words.to_customer:
            _at_work(session, here, me, agent)

    await here.store.run(act)
    said = say("said.sent" if words.to_customer else "said.noted", me.lang)
    fresh = {"text": "", "key": str(uuid.uuid4()), "macro": ""}
    return frame.done(request, _path(code), said=said, fields=fresh)


def _at_work(session: Session, here: Gateway, me: Viewer, agent: Agent) -> None:
    if not frame.in_slack(here, me):
        routing.at_work(session, agent)


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """What an agent writes. ``to`` is an address of the customer, else where they are now.

    ``macro`` is the one that a reply was made of, which may do more than be sent.
    """

    text: str
    to_customer: bool
    key: str
    to: int | None
    macro: int | None

    @classmethod
    def read(cls, found: FormData) -> Words:
        """Of the composer's fields; without words there has to be a file. Raises Problem."""
        text = str(found.get("text") or "")
        mode, with_files = found.get("mode"), bool(uploads.several(found))
        if mode not in ("reply", "note", None):
            raise Problem(422, "error.422")
        return cls(
            text="" if with_files and not text.strip() else _fit(text),
            to_customer=mode == "reply",
            key=str(found.get("key") or ""),
            to=_number(found, "to"),
            macro=_number(found, "macro"),
        )


def _number(found: FormData, name: str) -> int | None:
    given = str(found.get(name) or "")
    if not given:
        return None
    if not (given.isascii() and given.isdigit() and 0 < int(given) < 2**63):
        raise Problem(422, "error.422")
    return int(given)


@router.post("/tickets/{code}/resolve")
async def resolve(request: Request, here: Here, me: Sender, code: str) -> Response:
    """Close the ticket and ask the customer how it was."""

    def act(session: Session) -> None:
        desk.resolve(session, code=code, agent=session.merge(me.agent))

    await here.store.run(act)
    return frame.done(request, _path(code), said=say("said.resolved", me.lang))


@router.post("/tickets/{code}/typing", status_code=204)
async def typing(request: Request, here: Here, me: Sender, code: str) -> Response:
    """The agent writes a reply: colleagues see who does, the customer dots. Never for a note."""
    last: dict[tuple[int, str], float] = _typed(request)
    now = time.monotonic()
    if now - last.get((me.agent.id, code), -TYPING_S) >= TYPING_S:
        last[(me.agent.id, code)] = now

        def about(session: Session) -> tuple[str, bool]:
            ticket = tickets.get(session, code)
            mine = ticket.state == "claimed" and ticket.assignee_id == me.agent.id
            return str(ticket.customer_id), mine or ticket.state == "open"

        customer, told = await here.store.read(about)
        here.hub.signal([live.colleagues(customer)], f"{live.WRITING}:{me.agent.id}")
        if told:
            here.hub.signal([customer], "typing:agent")
    return Response(status_code=204)


def _typed(request: Request) -> dict[tuple[int, str], float]:
    state = request.app.state
    if not hasattr(state, "agents_typed") or len(state.agents_typed) > 5000:
        state.agents_typed = {}
    found: dict[tuple[int, str], float] = state.agents_typed
    return found


def _which(me: Viewer, view: str, tag: str) -> Select[Ticket]:
    states = {"mine": ["claimed"], "open": ["open", "claimed"], "resolved": ["resolved"]}
    return tickets.which(
        states=states.get(view, ["open"]),
        assignee_id=me.agent.id if view == "mine" else None,
        tag=tag,
    )


def _row(ticket: Ticket, last: Message | None, asked: str) -> dict[str, Any]:
    """A line of the inbox: what was asked, or for a running talk what was said last."""
    talk = last if ticket.state == "claimed" else None
    words = asked or ticket.question
    if talk is not None:
        words = talk.text
    elif not words and last is not None and last.kind == "text":
        words = last.text
    since: dt.datetime = ticket.opened_at if talk is None else talk.at
    return {
        "ticket": ticket,
        "words": words,
        "by": "agent" if talk is not None and talk.author == "agent" else "",
        "line": None,
        "unanswered": talk is not None and talk.author == "customer",
        "since": since,
    }


def _holder(ticket: Ticket, me: Viewer) -> str:
    """Whose turn it is, from the reader's side: nobody, me, other, or done."""
    if ticket.state == "resolved":
        return "done"
    if ticket.assignee_id is None or ticket.state == "open":
        return "nobody"
    return "me" if ticket.assignee_id == me.agent.id else "other"


def _fit(text: str) -> str:
    """The text to keep, without white space around it. Raises :class:`Problem`."""
    text = text.replace("\r\n", "\n").strip()
    try:
        check_text(text)
    except ValueError:
        raise Problem(422, "error.text") from None
    if len(text) > TEXT_LIMIT:
        raise Problem(422, "error.text")
    return text


def _path(code: str) -> str:
    return f"/console/tickets/{code}"
