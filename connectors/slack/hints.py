"""What the desk tells one person in Slack, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from connectors.slack.blocks import CLAIM_SEND, REOPEN_SEND, SEND, Block, button
from connectors.slack.hint_words import HINTS, WHY
from connectors.slack.mrkdwn import escape
from connectors.slack.receipts import lane
from ticketing import lanes
from ticketing.errors import Refused
from ticketing.lanes import Work

HINT = "slack.hint"
ANSWER = "slack.answer"


def why(error: Refused) -> tuple[str, str]:
    """What the refusal says, in Korean and in English."""
    known = WHY.get(error.reason or "")
    if known is None:
        return str(error), str(error)
    more = {"winner": getattr(error, "winner", ""), "ticket": getattr(error, "ticket", "")}
    ko, en = (line.format(**more) for line in known)
    return ko, en


def words(hint: str, **values: object) -> str:
    """The hint in both languages, for Slack; what people wrote is escaped.

    A value may be a pair of them, for each language its own.
    """
    lines = []
    for number, line in enumerate(HINTS[hint]):
        for name, value in values.items():
            said = value[number] if isinstance(value, tuple) else value
            line = line.replace("{" + name + "}", escape(str(said)))
        lines.append(line)
    return "\n".join(lines)


# What the button under a hint says, by what it does.
_TITLES = {
    SEND: "보내기 · Send to customer",
    CLAIM_SEND: "담당하고 보내기 · Claim and send",
    REOPEN_SEND: "다시 열고 보내기 · Reopen and send",
}


def tell(session: Session, work: Work, hint: str, **values: object) -> None:
    """Queue a hint for the person whose action ``work`` is."""
    _queue(session, work, hint, words(hint, **values), [])


def tell_once(
    session: Session, work: Work, hint: str, *, about: object = "", **values: object
) -> bool:
    """The same, to each person once in a thread, and once ``about`` something there; whether it
    was not told before."""
    payload = work.payload
    once = f"{payload['channel']}:{payload['thread']}:{payload['user']}"
    once += f":{about}" if about else ""
    return _queue(session, work, hint, words(hint, **values), [], once=once) is not None


def offer(session: Session, work: Work, hint: str, *, action: str, value: str) -> None:
    """:func:`tell` with a button."""
    text = words(hint)
    section = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    buttons = {"type": "actions", "elements": [button(action, _TITLES[action], value)]}
    _queue(session, work, hint, text, [section, buttons])


def _queue(
    session: Session, work: Work, hint: str, text: str, blocks: list[Block], *, once: str = ""
) -> int | None:
    payload = work.payload
    # A press on the card is answered in the channel, a message where it was written.
    there = payload["what"] in ("message", "changed", "deleted") or payload.get("in_thread")
    thread = payload["thread"] if there else None
    return lanes.enqueue(
        session,
        lane=lane(payload["channel"]),
        kind=HINT,
        dedup=f"{once or work.job}:{hint}",
        payload={
            "channel": payload["channel"],
            "user": payload["user"],
            "thread": thread,
            "text": text,
            "blocks": blocks,
        },
    )


def say_back(session: Session, work: Work, hint: str, **values: object) -> None:
    """Where a shortcut was chosen: by the address that Slack gave for it, else in the channel."""
    if work.payload["response"]:
        answer(session, work, words(hint, **values))
    else:
        tell(session, work, hint, **values)


def answer(session: Session, work: Work, text: str, *, blocks: Sequence[Block] = ()) -> None:
    """Queue an answer to the command or shortcut that ``work`` is, for that person alone."""
    payload = work.payload
    lanes.enqueue(
        session,
        lane=f"out:slack:user:{payload['user']}",
        kind=ANSWER,
        dedup=str(work.job),
        payload={"url": payload["response"], "text": text, "blocks": list(blocks)},
    )
