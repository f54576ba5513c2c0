"""What a card and its thread say of promises: when something is due, what happened because it was.

Pure, as ``blocks``. Mentions are the only markup that we make, and only of the agents' own ids.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.slack.blocks import Block, date, plain
from connectors.slack.mrkdwn import clip, escape

EVENTS = frozenset(
    {
        "sla_warned", "sla_broken", "offered_again", "lead_told", "returned", "left", "released",
        "offered", "assigned", "given",
        "recovery", "bot_rated_low",
    }
)  # fmt: skip
KINDS = {
    "first": "첫 답변 First answer",
    "next": "다음 답변 Next answer",
    "resolution": "해결 Resolution",
}
REASONS = {
    "owner": "이 고객의 전담 상담원 · this customer's own agent",
    "topic": "담당 주제 · takes this topic",
    "language": "고객의 언어 · the customer's language",
    "load": "근무 중, 맡은 문의가 가장 적음 · on duty with the fewest tickets",
}
_USER = re.compile(r"[UW][A-Z0-9]{2,30}")


@dataclasses.dataclass(frozen=True, slots=True)
class Promise:
    """A promise that runs out at ``due_at``. ``told``: 0 nothing yet, 1 soon, 2 broken."""

    kind: str
    due_at: dt.datetime
    told: int


def marks(
    running: Sequence[Promise], *, waits: bool, offer: tuple[str, str] | None = None
) -> list[Block]:
    """The elements of the card's state that say what is due; the nearest promise, and all broken.

    ``waits``: the customer waits for words of ours. ``offer``: who it was offered to, and why.

    The words are those of the last change of the card: Slack shows the times in words of its own.
    """
    made: list[Block] = []
    for number, one in enumerate(running):
        if number and one.told < 2:
            continue
        mark = {0: "⏰", 1: "⏳ 곧 soon", 2: "🔴 넘김 overdue"}[one.told]
        made.append({"type": "mrkdwn", "text": f"{mark} · {KINDS[one.kind]} {date(one.due_at)}"})
    if not waits:
        made.append(plain("⚪ 고객의 답을 기다리는 중 · Waiting for the customer"))
    if offer is not None:
        name, why = offer
        made.append(plain(f"📨 {clip(name, 80)} 님에게 먼저 offered first · {reason(why)}"))
    return made


def line(payload: Mapping[str, Any]) -> tuple[str, list[Block]]:
    """A line of the thread about a promise, as ``(text for notifications, blocks)``."""
    words = _words(payload)
    called = mentions(payload)
    # escape() leaves our words as they are, but not a name in them.
    text = escape(words) + (f" {called}" if called else "")
    if payload["event"] == "recovery":
        due = dt.datetime.fromtimestamp(int(payload["due"]), dt.UTC)
        text += f" · 기한 due {date(due)}"
    return text, [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}]


def mentions(payload: Mapping[str, Any]) -> str:
    """Those who are to notice a line, as Slack mentions them."""
    users = [user for user in payload.get("mentions") or [] if _USER.fullmatch(str(user))]
    return " ".join(f"<@{user}>" for user in users)


def reason(why: str) -> str:
    """Why somebody was offered a ticket, from the word that is kept with it."""
    word, _, detail = why.partition(":")
    words = REASONS.get(word, word)
    return f"{words} ({clip(detail, 80)})" if detail else words


def _words(payload: Mapping[str, Any]) -> str:
    name = clip(str(payload.get("agent") or ""), 80)
    minutes = payload.get("minutes", 0)
    kind = KINDS.get(str(payload.get("kind")), "")
    match payload["event"]:
        case "sla_warned":
            return f"⏳ {kind}: 약속한 시각이 다가와요 · due soon"
        case "sla_broken":
            return f"🔴 {kind}: 약속한 시각이 지났어요 · overdue"
        case "offered_again":
            return f"⏰ {minutes}분째 담당자가 없어요 · Nobody has taken this for {minutes} min"
        case "lead_told":
            return (
                f"⚠️ {minutes}분째 담당자가 없어 팀 리더에게 알려요. 고객에게도 알렸어요 · "
                f"Still nobody after {minutes} min: telling a lead; the customer was told, too"
            )
        case "returned":
            return (
                f"⚠️ {name} 님의 답이 없어 다시 모두의 문의예요. 고객에게도 알렸어요 · "
                f"No answer from {name}: anybody's again; the customer was told, too"
            )
        case "left":
            return (
                f"⚠️ {name} 님이 상담을 그만두어 다시 모두의 문의예요 · "
                f"{name} has left: anybody's again"
            )
        case "released":
            return (
                f"↩️ {name} 님이 대기열로 돌려놓아 다시 모두의 문의예요 · "
                f"{name} put it back into the queue: anybody's again"
            )
        case "given" if payload["by"] == payload["agent"]:
            return f"➡️ {name} 님이 이어서 맡아요 · {name} has taken this over"
        case "given":
            by = clip(str(payload["by"]), 80)
            return f"➡️ {by} 님이 {name} 님에게 맡겼어요 · {by} gave this to {name}"
        case "recovery":
            return (
                f"🚨 낮은 평가 {payload['score']}/5 · {name} 님이 고객에게 연락해 주세요 · "
                f"Low rating: {name} gets in touch"
            )
        case "bot_rated_low":
            article = f" · {clip(str(payload['article']), 150)}" if payload.get("article") else ""
            return (
                f"🚨 챗봇 답변에 낮은 평가 Low rating of the bot {payload['score']}/5 · "
                f"{clip(str(payload['customer']), 80)}{article} · {name}"
            )
        case "offered":
            return f"📨 {name} 님에게 먼저 제안해요 · Offered first to {name} · {_why(payload)}"
        case _:
            return f"📨 {name} 님에게 자동 배정 · Assigned to {name} · {_why(payload)}"


def _why(payload: Mapping[str, Any]) -> str:
    return reason(str(payload.get("why") or ""))
