"""Hello, goodbye, thanks, are you a bot: answered kindly, unless a question came with it."""

from __future__ import annotations

from bot.actions import reply
from bot.actions.reply import Reply
from bot.actions.turn import Turn
from knowledge_base import smalltalk
from knowledge_base.answers import Answer, Clarify

INTENTS = ("greet", "goodbye", "thanks", "bot_challenge")


def small_talk(turn: Turn) -> Reply:
    """The knowledge base's answer to a question in the message, else a kind word."""
    if smalltalk.strip(turn.text):
        result = turn.look_up(turn.text)
        if isinstance(result, Answer) or (isinstance(result, Clarify) and turn.intent == "greet"):
            return reply.found(result, turn.locale)
    intent = turn.intent if turn.intent in INTENTS else "greet"
    for variant in turn.responses.get(f"utter_{intent}_{turn.locale}") or ():
        return reply.spoken(str(variant["text"]), turn.locale)
    return reply.say("glad", turn.locale)
