"""Hello, thanks, are you a bot, anger: answered kindly, unless a question came with it."""

from __future__ import annotations

import re

from bot.actions import reply
from bot.actions.asides import (
    aside,
    asked_on,
    begins,
    helped_on,
    kind_word,
    known_by,
    names_oneself,
    wants_help,
)
from bot.actions.offers import taken_up
from bot.actions.reply import Reply
from bot.actions.turn import SURE, Turn
from knowledge_base import elliptical, smalltalk
from knowledge_base.answers import Answer, Clarify

_MISTAKEN = ("complain", "greet")
# "제휴 문의드립니다" is no greeting: something is asked about.
# Nobody nods in numbers, and "2년 됐어요" has the verb of "됐어요"; "5분만요" is a nod.
_STATES = re.compile(
    r"\d(?!.*(?:만|기다|잠시|잠깐))"
    r"|잘못\s*(?:보냈|입금|송금|눌렀|적었|썼|넣었|골랐|선택|시켰|주문|샀|결제)"
    r"|\b(?:sent|paid|ordered|typed|entered|chose|picked) (?:it |the )?wrong"
)
_INQUIRES = re.compile(r"(?:문의|질문)\s*(?:드려요?|드립니다|드릴게요|합니다|해요|할게요|요)?\W*$")

INTENTS = (
    "greet",
    "goodbye",
    "thanks",
    "acknowledge",
    "bot_challenge",
    "language",
    "complain",
)


def small_talk(turn: Turn) -> Reply:
    """The knowledge base's answer to a question in the message, else a kind word."""
    if (said := taken_up(turn) or aside(turn)) is not None:
        return said
    if smalltalk.strip(turn.text):
        # "It doesn't work!" is anger and says what of, "I've worn it" is like "I've got it"; of
        # "that is quick" and "see you" nothing is asked.
        unsure = turn.confidence < SURE
        states = turn.intent in ("complain", "acknowledge")
        continued = turn.continued(stated=unsure or states)
        meant = unsure or elliptical.lasts(turn.text)
        if continued is not None and (meant or continued["kind"] == "answer"):
            return continued
        result = turn.look_up(turn.text)
        unclear = isinstance(result, Clarify) and turn.intent in ("greet", "complain")
        if isinstance(result, Answer) or unclear or _asks(turn):
            return reply.found(result, turn.locale)
    if elliptical.is_tried(turn.text) and turn.context().told:
        return reply.tried(turn.locale)
    if names_oneself(turn) and turn.intent not in ("thanks", "goodbye"):
        return known_by(turn)
    if wants_help(turn.text) and turn.context().last_question is not None:
        return helped_on(turn)
    if turn.confidence < SURE and begins(turn.text):
        return asked_on(turn)
    return kind_word(turn, turn.intent if turn.intent in INTENTS else "greet")


def _asks(turn: Turn) -> bool:
    """Whether something is asked all the same, and it is not enough to say something kind."""
    rest = smalltalk.strip(turn.text)
    asked, unsure = bool(elliptical.of_its_own(rest)), turn.confidence < SURE
    if turn.intent == "greet" and _INQUIRES.search(turn.text) and elliptical.subject(rest):
        return True
    if turn.intent == "acknowledge" and _STATES.search(rest) and not elliptical.promises(rest):
        return True
    if turn.intent in ("thanks", "goodbye"):
        return asked
    # "구독 서비스도 있나요?" has a word of many complaints.
    return unsure and (turn.intent == "acknowledge" or (turn.intent in _MISTAKEN and asked))
