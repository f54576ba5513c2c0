"""Over to a person."""

from __future__ import annotations

from bot.actions import asides, reply
from bot.actions.reply import Reply
from bot.actions.turn import Turn


def hand_off(turn: Turn) -> Reply:
    """The customer asked for a person: always granted, whatever was said before.

    "상담 끝" has a word of that wish, and is none.
    """
    if asides.is_over(turn.text):
        return asides.kind_word(turn, "goodbye")
    return reply.hand_off("customer_asked", turn.locale)
