"""Over to a person."""

from __future__ import annotations

from bot.actions import reply
from bot.actions.reply import Reply
from bot.actions.turn import Turn


def hand_off(turn: Turn) -> Reply:
    """The customer asked for a person: always granted, whatever was said before."""
    return reply.hand_off("customer_asked", turn.locale)
