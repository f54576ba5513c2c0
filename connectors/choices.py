"""What a customer means who answers offered choices in words: "2번", "the second one", a title.

Where a messenger has no buttons, the choices are shown as a numbered list (:func:`numbered`).
"""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.orm import Session

from connectors import ratings
from ticketing import history
from ticketing.customers import members
from ticketing.models import Message

# Longer than any title that is chosen by typing it.
LONGEST = 100

_ORDINALS = {
    **{"첫": 1, "두": 2, "세": 3, "네": 4, "다섯": 5, "여섯": 6, "일곱": 7, "여덟": 8, "아홉": 9},
    **{"열": 10, "둘": 2, "셋": 3, "넷": 4, "하나": 1, "마지막": -1},
    **{"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9, "십": 10},
    **{"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7},
    **{"eighth": 8, "ninth": 9, "tenth": 10, "last": -1},
    **{"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8},
    **{"nine": 9, "ten": 10},
}
_POLITE = (
    r"(?:\s*(?:거|것|꺼|걸|선택|항목)?\s*(?:로|으로)?\s*(?:요|이요|이에요|예요|입니다|할게요|할래요"
    r"|해\s*주세요|해줘|주세요|줘|골라\s*주세요|선택할게요|부탁해요|부탁드려요|부탁드립니다)?)"
)
_KO = re.compile(
    r"(?:"
    r"(?P<digits>\d{1,2})\s*(?:번째|번|점)?"
    r"|(?P<native>첫|두|세|네|다섯|여섯|일곱|여덟|아홉|열)\s*번\s*째"
    r"|(?P<short>첫|둘|셋|넷|다섯|여섯|일곱|여덟|아홉|열)째"
    r"|(?P<sino>일|이|삼|사|오|육|칠|팔|구|십)번(?!\s*(?:거|것|꺼|걸))"
    r"|(?P<last>마지막)(?:\s*번째)?"
    r")" + _POLITE
)
_WORD = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last"
    "|one|two|three|four|five|six|seven|eight|nine|ten"
)
_EN = re.compile(
    r"(?:i(?:'ll| will)? (?:take|want|choose|pick) )?(?:the )?"
    r"(?:number |no\.? ?|option |choice |#)?"
    rf"(?:(?P<digits>\d{{1,2}})(?:st|nd|rd|th)?|(?P<word>{_WORD}))"
    r"(?: (?:one|option|choice|answer))?(?:,? please)?"
)
# A title that has a number of its own: the stars of a rating, a list somebody numbered.
_OWN_NUMBER = re.compile(r"\W{0,3}(\d{1,2})\s*(?:[·.):\-]|점|$)")


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(text.split()).strip(" .!?~…,()[]\"'“”‘’")


def ordinal(text: str) -> int | None:
    """The place that ``text`` names and nothing else: 1 for the first, -1 for the last."""
    plain = _plain(text)
    for pattern in (_KO, _EN):
        if match := pattern.fullmatch(plain):
            named = {k: v for k, v in match.groupdict().items() if v is not None}
            kind, word = next(iter(named.items()))
            return int(word) if kind == "digits" else _ORDINALS[word]
    return None


def numbered(buttons: Sequence[dict[str, Any]]) -> list[tuple[int, str]]:
    """Each choice's number and title. Titles that begin with numbers of their own keep those."""
    titles = [str(button["title"]) for button in buttons]
    found = [_OWN_NUMBER.match(title) for title in titles]
    own = [int(match.group(1)) for match in found if match]
    if len(own) < 2 or len(set(own)) < len(own):
        return list(enumerate(titles, 1))
    more = max(own)
    numbers = []
    for match in found:
        more += match is None
        numbers.append(more if match is None else int(match.group(1)))
    return list(zip(numbers, titles, strict=True))


def listed(buttons: Sequence[dict[str, Any]]) -> str:
    """The choices as lines of text, for messengers without buttons."""
    lines = []
    for number, title in numbered(buttons):
        own = _OWN_NUMBER.match(title)
        lines.append(title if own and int(own.group(1)) == number else f"{number}. {title}")
    return "\n".join(lines)


def chosen(text: str, buttons: Sequence[dict[str, Any]]) -> str | None:
    """The payload of the choice that ``text`` names, and nothing beside it; else ``None``.

    A rating in words is none: it is understood where surveys are known, also those that are over.
    """
    if not buttons or len(text) > LONGEST:
        return None
    payload = _named(text, buttons)
    rates = payload is not None and payload.startswith("/rate{") and ratings.may_be(text)
    return None if rates else payload


def _named(text: str, buttons: Sequence[dict[str, Any]]) -> str | None:
    plain = _plain(text)
    for button in buttons:
        if plain and plain == _plain(str(button["title"])):
            return str(button["payload"])
    place = ordinal(text)
    if place is None:
        return None
    if place == -1:
        return str(buttons[-1]["payload"])
    # "5" and "5번" are the number that was shown; "다섯 번째" would be its place, which differs
    # only where the titles have numbers of their own.
    shown = [number for number, _ in numbered(buttons)]
    by_number = re.search(r"\d", text) is not None
    wanted = shown.index(place) if by_number and place in shown else place - 1
    if (by_number and place not in shown) or not 0 <= wanted < len(buttons):
        return None
    return str(buttons[wanted]["payload"])


def offered(
    session: Session, *, customer_id: uuid.UUID, before: int | None = None
) -> Sequence[dict[str, Any]]:
    """The choices in the newest thing said to this person; none once anything came after them.

    With ``before``, the number of a line of theirs: what was offered when they said that.
    """
    newest = session.execute(
        select(Message.author, Message.buttons)
        .where(
            Message.customer_id.in_(members(customer_id)),
            Message.internal.is_(False),
            Message.kind != history.EDIT,
            Message.id < before if before is not None else true(),
        )
        .order_by(Message.id.desc())
        .limit(1)
    ).first()
    if newest is None or newest.author == "customer":
        return []
    choices: Sequence[dict[str, Any]] = newest.buttons
    return choices


def pick(session: Session, *, customer_id: uuid.UUID, text: str) -> str | None:
    """The payload of the offered choice that ``text`` names, if it names one."""
    if len(text) > LONGEST:
        return None
    return chosen(text, offered(session, customer_id=customer_id))


def meant(
    session: Session, *, identity_id: int, customer_id: uuid.UUID, external_id: str, text: str
) -> str | None:
    """The same for a message that may come again: its words mean what they meant the first time.

    The caller holds the customer's lane.
    """
    known = history.find(session, identity_id=identity_id, external_id=external_id)
    if known is None:
        return pick(session, customer_id=customer_id, text=text)
    if known.meta.get("payload") is None or len(text) > LONGEST:
        return None
    # Other words under the same id are another message, which the desk then refuses.
    return chosen(text, offered(session, customer_id=customer_id, before=known.id))
