"""A ticket in a row, as lists of tickets show it: in answers to commands and in Home."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors import wishes
from connectors.slack.blocks import CLAIM, PRIORITIES, Block, button, plain
from connectors.slack.mrkdwn import clip
from ticketing import customers, tickets
from ticketing.models import Ticket

QUESTION = 150


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """What a list says of a ticket; ``console`` is its page there, empty where there is none."""

    code: str
    customer: str
    question: str
    state: str
    priority: str
    assignee: str | None
    opened_at: dt.datetime
    wrote_at: dt.datetime | None
    snoozed_until: dt.datetime | None
    console: str


def rows(session: Session, found: Sequence[Ticket], *, console: str) -> list[Row]:
    """The tickets as rows, in their order."""
    wrote = tickets.last_written(session, found)
    asked = wishes.asked(session, [ticket.id for ticket in found])
    return [
        Row(
            code=ticket.code,
            customer=customers.label(ticket.customer),
            question=asked.get(ticket.id, ticket.question),
            state=ticket.state,
            priority=ticket.priority,
            assignee=ticket.assignee.name if ticket.assignee else None,
            opened_at=ticket.opened_at,
            wrote_at=wrote.get(ticket.id),
            snoozed_until=ticket.snoozed_until,
            console=f"{console}/tickets/{ticket.code}" if console else "",
        )
        for ticket in found
    ]


def row(
    view: Row, *, claim: bool = False, links: Sequence[str] = (), question: int = QUESTION
) -> list[Block]:
    """Two blocks: who asks what, and since when. ``links`` are further ones, in mrkdwn.

    ``claim``: with a button for one that waits; ``question``: the most characters of it.
    """
    title = f"{view.code} · {clip(view.customer, 80)} · {_state(view)}"
    text = f"{title}\n{clip(view.question, question)}" if view.question else title
    first: Block = {"type": "section", "text": plain(text)}
    if claim and view.state == "open":
        first["accessory"] = button(CLAIM, "담당하기 · Claim", view.code)
    if view.console:
        links = [f"<{view.console}|콘솔 · Console>", *links]
    if not links:
        links = [f"`/ticket open {view.code}`"]
    words = [f"접수 opened {_ago(view.opened_at)}"]
    if view.wrote_at is not None:
        words.append(f"고객 글 last message {_ago(view.wrote_at)}")
    if view.snoozed_until is not None:
        words.append(f"💤 {_at(view.snoozed_until)}")
    second: Block = {
        "type": "context",
        "elements": [{"type": "mrkdwn", "text": " · ".join([*words, *links])}],
    }
    return [first, second]


def _state(view: Row) -> str:
    match view.state:
        case "claimed":
            words = f"🟢 {clip(view.assignee or '', 80)}"
        case "resolved":
            words = "✅ 해결 Resolved"
        case _:
            words = "⏳ 대기 Waiting"
    return words if view.priority == "normal" else f"{PRIORITIES[view.priority]} · {words}"


def _ago(at: dt.datetime) -> str:
    """How long it is for whoever looks, when they look; Slack counts."""
    utc = at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{{ago}}|{utc}>"


def _at(at: dt.datetime) -> str:
    utc = at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{utc}>"
