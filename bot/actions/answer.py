"""A question: the knowledge base decides whether there is an answer."""

from __future__ import annotations

import re

from bot.actions import feedback, reply
from bot.actions.reply import Reply
from bot.actions.turn import SURE, Turn
from knowledge_base import smalltalk
from knowledge_base.answers import Clarify, Unknown

# Whole syllables or letters; "ㅋㅋㅋ", "ㅠㅠ" and emoji are a nod, not a question.
_SYLLABLE = re.compile(r"[^\W_\u3131-\u318e\u1100-\u11ff]")


def answer(turn: Turn) -> Reply:
    """The article, a choice of articles, or an honest "I don't know"."""
    if not _SYLLABLE.search(turn.text) or not smalltalk.strip(turn.text):
        return reply.say("listening", turn.locale)
    if feedback.turns_down(turn.text) and turn.context().shown_articles:
        # "Not that, the delivery fee" taken for a question: what was shown is not the answer.
        return feedback.not_helpful(turn)
    result = turn.look_up(turn.text)
    if isinstance(result, Clarify) and turn.intent == "out_of_scope" and turn.confidence >= SURE:
        # A choice of articles would only look silly under a question about the weather.
        result = Unknown(candidates=result.candidates)
    return reply.found(result, turn.locale)
