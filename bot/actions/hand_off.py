"""Over to a person."""

from __future__ import annotations

import re

from bot.actions import asides, reply
from bot.actions.answer import answer
from bot.actions.reply import Reply
from bot.actions.turn import Turn

# "사람 바꿔 주세요" wants a person, "여기로 바꿔주세요" another address.
_CHANGE = re.compile(r"바[꿔꾸]")
_PERSON = re.compile(
    r"상[담당]|직원|담당|고객\s?센터|운영자|사람|인간|[팀점사]장|책임|관리자|매니저|윗\s?[사분]|전화|통화|누구|당신|너\s*말고|봇"
)


def hand_off(turn: Turn) -> Reply | list[Reply]:
    """The customer asked for a person: always granted, whatever was said before.

    "상담 끝" has a word of that wish, and so has "다른 색으로 바꿔주나요", which may be answered.
    """
    if asides.is_over(turn.text):
        return asides.kind_word(turn, "goodbye")
    if _CHANGE.search(turn.text) and not _PERSON.search(turn.text):
        found = answer(turn)
        if not isinstance(found, dict) or found["kind"] != "unknown":
            return found
    return reply.hand_off("customer_asked", turn.locale)
