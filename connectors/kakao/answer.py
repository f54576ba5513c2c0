"""Lines of the history as a skill response 2.0, within the platform's limits; no I/O.

Sources: "응답 타입별 JSON 포맷" and "AI 챗봇 콜백 개발 가이드" of the Kakao Business guide.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from connectors.channel import Outgoing
from connectors.kakao.payload import FETCH
from connectors.phrases import say
from connectors.splitting import shorten, split

OUTPUTS = 3
TEXT = 1000
CARD_TEXT = 400
CARD_BUTTONS = 3
QUICK_REPLIES = 10
LABEL = 14
# Payloads of the buttons that ask how it was.
RATINGS = ("/rate", "/not_solved")


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """A line the customer has not seen, or not further than ``shown`` characters of it."""

    line: Outgoing
    shown: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """A line that is in an answer; ``shown``: how far, ``None`` for all of it."""

    seq: int
    shown: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A skill response, which lines are in it, and whether others still wait."""

    body: dict[str, Any]
    parts: Sequence[Part]
    more: bool


def answer(
    lines: Sequence[Waiting], *, locale: str, web_url: str | None = None, fetching: bool = False
) -> Answer:
    """As many of the lines as fit, oldest first.

    ``web_url`` is where the customer goes on in a browser; ``fetching`` gives them the button that
    asks for news. Without lines it says that nothing is new.
    """
    room = OUTPUTS - (web_url is not None)
    outputs: list[dict[str, Any]] = []
    parts: list[Part] = []
    replies: list[dict[str, Any]] = []
    for waiting in lines:
        words = _words(waiting.line, locale)
        made = _outputs(waiting.line, words, waiting.shown)
        left = room - len(outputs)
        joined = _joined(outputs, made)
        if joined is None and len(made) > left:
            if not outputs:  # longer than an answer can be: the rest follows
                outputs = made[:left]
                parts.append(Part(waiting.line.seq, _end(words, outputs, waiting.shown)))
            break
        outputs = joined if joined is not None else [*outputs, *made]
        parts.append(Part(waiting.line.seq))
        # What an earlier line offers stays open only if it asks for a rating.
        beneath = [] if _in_cards(waiting.line) else waiting.line.buttons
        replies = [_reply(button) for button in beneath] + [
            reply for reply in replies if _rates(reply)
        ]
    more = len(parts) < len(lines) or any(part.shown is not None for part in parts)
    if not outputs:
        outputs = [_text(say("nothing_new", locale))]
    if web_url is not None:
        outputs.append(_card(say("go_on_there", locale), say("go_on", locale), web_url))
    if more:
        replies = [_fetch("show_more", locale), *replies]
    elif fetching:
        replies = [*replies[: QUICK_REPLIES - 1], _fetch("check", locale)]
    return Answer(response(outputs, replies), parts, more)


def notice(key: str, locale: str, *, web_url: str | None = None) -> dict[str, Any]:
    """A response that says one phrase, with the button that asks for news."""
    outputs = [_text(say(key, locale))]
    if web_url is not None:
        outputs.append(_card(say("go_on_there", locale), say("go_on", locale), web_url))
    return response(outputs, [_fetch("check", locale)])


def later(locale: str) -> dict[str, Any]:
    """The response that announces another one at the callback URL."""
    return {
        "version": "2.0",
        "useCallback": True,
        "data": {"text": say("looking", locale)},
    }


def response(
    outputs: Sequence[dict[str, Any]], replies: Sequence[dict[str, Any]] = ()
) -> dict[str, Any]:
    """A skill response."""
    template: dict[str, Any] = {"outputs": list(outputs[:OUTPUTS])}
    if replies:
        template["quickReplies"] = list(replies[:QUICK_REPLIES])
    return {"version": "2.0", "template": template}


def _words(line: Outgoing, locale: str) -> str:
    """A line's words as they are read, with who says them and what hangs on it."""
    text = line.text
    if line.author == "agent" and line.author_name:
        text = f"{line.author_name}: {text}"
    for file in line.attachments:
        text += "\n" + say("file_on_web", locale, name=str(file["name"]))
    url = _url(line)
    if url is not None and len(text) > CARD_TEXT:
        text += f"\n\n{line.article['title']}\n{url}" if line.article else ""
    return text


def _url(line: Outgoing) -> str | None:
    url = "" if line.article is None else str(line.article["url"])
    return url if url.startswith(("http://", "https://")) else None


def _outputs(line: Outgoing, words: str, shown: int) -> list[dict[str, Any]]:
    url = _url(line)
    if url is not None and words.strip() and len(words) <= CARD_TEXT:
        return [_card(words, say("read_more", line.locale), url)]
    left = words[shown:].lstrip()
    made = [_text(piece) for piece in split(left, TEXT)] if left or not shown else []
    return [*made, _cards(line)] if _in_cards(line) else made


def _in_cards(line: Outgoing) -> bool:
    """Whether it offers more than stands under an answer, such as a scale from 0 to 10."""
    return len(line.buttons) > QUICK_REPLIES


def _cards(line: Outgoing) -> dict[str, Any]:
    """All buttons of a line as cards side by side; a scale's say from where to where they go."""
    items = []
    for first in range(0, len(line.buttons), CARD_BUTTONS):
        buttons = line.buttons[first : first + CARD_BUTTONS]
        scores = [str(one["title"]) for one in buttons if str(one["payload"]).startswith("/rate{")]
        about = scores or [str(one["title"]) for one in buttons]
        text = " ~ ".join(dict.fromkeys((about[-1], about[0])))
        items.append({"description": text, "buttons": [_reply(button) for button in buttons]})
    return {"carousel": {"type": "textCard", "items": items}}


def _joined(
    outputs: Sequence[dict[str, Any]], made: Sequence[dict[str, Any]]
) -> list[dict[str, Any]] | None:
    """Both as one bubble, where the last one and the new one are short texts."""
    if not outputs or len(made) != 1:
        return None
    last, new = outputs[-1].get("simpleText"), made[0].get("simpleText")
    if last is None or new is None or len(last["text"]) + len(new["text"]) + 2 > TEXT:
        return None
    return [*outputs[:-1], _text(f"{last['text']}\n\n{new['text']}")]


def _end(words: str, outputs: Sequence[dict[str, Any]], shown: int) -> int:
    """How far in ``words`` these pieces go, which begin at ``shown``."""
    for output in outputs:
        piece = output["simpleText"]["text"]
        shown = words.index(piece, shown) + len(piece)
    return shown


def _text(text: str) -> dict[str, Any]:
    return {"simpleText": {"text": text}}


def _card(text: str, label: str, url: str) -> dict[str, Any]:
    button = {"action": "webLink", "label": shorten(label, LABEL), "webLinkUrl": url}
    return {"textCard": {"description": text, "buttons": [button]}}


def _reply(button: dict[str, Any]) -> dict[str, Any]:
    """A button: its whole title is what the customer then says; ``extra`` says which it was."""
    title = str(button["title"])
    return {
        "label": shorten(title, LABEL),
        "action": "message",
        "messageText": title,
        "extra": {"payload": str(button["payload"])},
    }


def _rates(reply: dict[str, Any]) -> bool:
    payload = str(reply["extra"].get("payload", ""))
    return payload.startswith(RATINGS)


def _fetch(key: str, locale: str) -> dict[str, Any]:
    title = say(key, locale)
    return {"label": title, "action": "message", "messageText": title, "extra": FETCH}
