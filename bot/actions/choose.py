"""An article the customer picked from a choice."""

from __future__ import annotations

from bot.actions import reply
from bot.actions.reply import Reply
from bot.actions.turn import Turn
from knowledge_base import dialogue
from knowledge_base.answers import chosen


def choose_article(turn: Turn) -> Reply:
    """The chosen article's text, if it is still published."""
    asked = turn.context().last_question
    spoken = dialogue.spoken(asked or "")
    found = (
        chosen(turn.index, turn.article, locale=turn.locale, question=spoken)
        if turn.article
        else None
    )
    if found is None:
        return reply.say("article_gone", turn.locale, buttons=[reply.person_button(turn.locale)])
    return reply.picked(found, turn.locale, question=asked)
