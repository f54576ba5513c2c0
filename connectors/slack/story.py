"""``/ticket history``: a customer's one history over all their channels, for an agent alone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from connectors.slack.blocks import CHANNELS, SPEAKERS, Block, date, plain
from connectors.slack.mrkdwn import clip, escape
from ticketing import customers, history
from ticketing.models import Message, Ticket

# A message has at most fifty blocks, and a line of the history is two.
LINES = 20
WORDS = 500


def blocks(session: Session, ticket: Ticket) -> list[Block]:
    """The newest lines, oldest first, each with its time, channel and author; notes are marked."""
    lines = history.timeline(session, customer_id=ticket.customer_id, limit=LINES)
    channels = history.channels(session, lines)
    title = f"{ticket.code} · {clip(customers.label(ticket.customer), 80)}"
    made: list[Block] = [{"type": "header", "text": plain(title)}]
    for line in lines:
        where = "" if line.internal else channels.get(line.identity_id or 0, "web")
        words = clip(line.text.strip() or "-", WORDS)
        made += [
            {"type": "context", "elements": [{"type": "mrkdwn", "text": _above(line, where)}]},
            {"type": "section", "text": plain(words)},
        ]
    return made


def _above(line: Message, channel: str) -> str:
    who = SPEAKERS.get(line.author, line.author)
    if line.author_name:
        who = f"{who} {escape(clip(line.author_name, 80))}"
    where = "🔒 내부 Internal" if line.internal else escape(CHANNELS.get(channel, channel))
    return f"{date(line.at)} · {where} · {who}"
