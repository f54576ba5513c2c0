"""The modals of a ticket: give it to somebody, put it off, note something. Pure: views out.

``private_metadata`` carries what the modal is about; Slack gives it back as it was.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.slack.blocks import Block, choice, plain

View = dict[str, Any]

NOTE_LIMIT = 3000
# In the place of an agent: nobody has it any more.
QUEUE = "queue"
# Minutes from now; what is chosen most, so that nobody has to pick a date for it.
SPANS = {
    "30": "30분 뒤 · In 30 minutes",
    "60": "1시간 뒤 · In an hour",
    "180": "3시간 뒤 · In 3 hours",
    "1440": "내일 이 시간 · This time tomorrow",
    "4320": "3일 뒤 · In 3 days",
    "10080": "다음 주 이 시간 · This time next week",
}


def assign(about: Mapping[str, str], *, people: Sequence[tuple[int, str]], holder: str) -> View:
    """Who shall have the ticket: agents as ``(id, name)``, and everybody if somebody has it.

    A hundred choices at most, as Slack allows.
    """
    text = "누구에게 줄까요? · Who shall have it?"
    everybody = [choice(QUEUE, "대기열로 돌려놓기 · Back to the queue")] if holder else []
    options = [*everybody, *(choice(str(number), name) for number, name in people)][:100]
    blocks = [pick("agent", text, options)]
    if holder:
        blocks.insert(0, words(f"지금 담당: {holder} · Now with {holder}"))
    return modal("plan", "배정 · Assign", "배정 · Assign", about, blocks)


def snooze(about: Mapping[str, str]) -> View:
    """How long nobody needs to look at it: one of the usual spans, or an exact time."""
    spans = [choice(minutes, title) for minutes, title in SPANS.items()]
    exact: Block = {
        "type": "input",
        "optional": True,
        "label": plain("또는 정한 시각 · Or an exact time"),
        "element": {"type": "datetimepicker", "action_id": "until"},
    }
    blocks = [
        pick("minutes", "언제 다시 볼까요? · When to come back?", spans, first=True),
        exact,
        words("고객이 글을 쓰면 바로 돌아와요 · It comes back at once when the customer writes"),
    ]
    return modal("plan", "미루기 · Snooze", "미루기 · Snooze", about, blocks)


def note(about: Mapping[str, str]) -> View:
    """Words for colleagues."""
    blocks = [
        write("note", "고객에게 보이지 않아요 · The customer never sees this", limit=NOTE_LIMIT)
    ]
    return modal("plan", "내부 메모 · Note", "남기기 · Keep", about, blocks)


def modal(
    name: str, title: str, submit: str, about: Mapping[str, Any], blocks: Sequence[Block]
) -> View:
    """A modal; titles and buttons have at most 24 characters."""
    return {
        "type": "modal",
        "callback_id": name,
        "private_metadata": json.dumps(about, ensure_ascii=False, separators=(",", ":")),
        "title": plain(title),
        "submit": plain(submit),
        "close": plain("취소 · Cancel"),
        "blocks": list(blocks),
    }


def pick(name: str, label: str, options: Sequence[Block], *, first: bool = False) -> Block:
    """A list to choose one from; ``first``: its first entry is chosen already."""
    element: Block = {"type": "static_select", "action_id": name, "options": list(options)}
    if first:
        element["initial_option"] = options[0]
    return {"type": "input", "block_id": name, "label": plain(label), "element": element}


def write(
    name: str,
    label: str,
    *,
    limit: int,
    text: str = "",
    lines: bool = True,
    optional: bool = False,
) -> Block:
    """A field to write in, with ``text`` in it already."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": name,
        "multiline": lines,
        "max_length": limit,
    }
    if text:
        element["initial_value"] = text[:limit]
    if not optional:
        element["min_length"] = 1
    # What is wrong with a field is said under the block of its name.
    made: Block = {"type": "input", "block_id": name, "optional": optional}
    return made | {"label": plain(label), "element": element}


def words(text: str) -> Block:
    """A line to read."""
    return {"type": "context", "elements": [plain(text)]}
