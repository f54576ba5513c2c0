"""A question: the knowledge base decides whether there is an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.actions import asides, feedback, reply
from bot.actions.asides import aside
from bot.actions.offers import taken_up
from bot.actions.reply import Reply
from bot.actions.turn import SURE, Turn
from knowledge_base import elliptical, smalltalk, spelling
from knowledge_base.answers import NEARLY_SURE, Answer, Clarify, Outcome, Unknown

# Whole syllables or letters; "ㅋㅋㅋ", "ㅠㅠ" and emoji are a nod, not a question.
_SYLLABLE = re.compile(r"[^\W\d_\u3131-\u318e\u1100-\u11ff]")
# A complaint that nothing answers: first of all somebody is sorry.
_COMPLAINS = re.compile(
    r"(?:왜|뭐|뭐가|어찌)\s*이리|너무\s*(?:늦|느리|느려|오래|비싸|심하|심해|불편|힘들|별로|안\s)|왜\s*이렇게|불친절|바보|멍청|쓰레기|엉망|최악|실망|짜증|화가?\s*나"
    r"|속상|[ㅠㅜ]{2}|\b(?:(?:so|too|very|really) (?:late|slow|bad|rude|poor|long)|terrible|awful"
    r"|stupid|idiot|useless|rude|disappoint\w*|unacceptable|ridiculous|worst|angry|upset)\b",
    re.IGNORECASE,
)
# What somebody says before the question: their name, that they will ask, that they bought
# something. Who says what they got, or could not buy, may have said already what is wrong.
_BEGINS = re.compile(
    r"(?<![안못])(?<![안못] )(?:샀|구매했|구입했|주문했|시켰|결제했|가입했)(?:는데|거든)요?\W*$"
    r"|(?:문의|질문|궁금|물어|여쭤|여쭙|알고|부탁)\S*\s*(?:싶은\s*)?(?:게|것이|거|건|점이|사항이)"
    r"\s*(?:좀\s*|하나\s*)?있(?:어서요?|는데요?|습니다|어요)\W*$"
    r"|(?:저는|전|제\s*이름은)\s*\S{1,8}\s*(?:이?라고\s*(?:합니다|해요))\W*$"
    r"|^(?:hi|hello|hey)?\W*my name is\b(?!.*\?)"
    r"|^(?:hi|hello|hey)?\W*i(?:['’]ve| have)? (?:just )?(?:bought|ordered|purchased)\b"
    r"(?!.*(?:\?|\b(?:no|not|never|nothing|wrong|twice|but)\b|n['’]t\b))",
    re.IGNORECASE,
)
_PUZZLED = re.compile(r"[?？]|^\W*[ㄱ-ㅊㅌㅍㅏ-ㅣ\d]\W*$")


def answer(turn: Turn) -> Reply | list[Reply]:
    """The article, a choice of articles, or an honest "I don't know".

    Questions in a row are answered one by one.
    """
    if (said := taken_up(turn) or aside(turn)) is not None:
        return said
    if not _SYLLABLE.search(turn.text):
        return _signs(turn)
    if not smalltalk.strip(turn.text):
        helps = asides.wants_help(turn.text)
        return asides.helped_on(turn) if helps else reply.say("listening", turn.locale)
    if feedback.turns_down(turn.text) and turn.context().shown_articles:
        # "Not that, the delivery fee" taken for a question: what was shown is not the answer.
        return feedback.not_helpful(turn)
    if feedback.finds_nothing(turn.text):
        return _nothing(turn)
    beside_it = turn.intent == "out_of_scope" and turn.confidence >= SURE
    if (continued := turn.continued(stated=not beside_it)) is not None:
        return continued
    result = turn.look_up(turn.text)
    if spelling.in_korean(turn.text) and not isinstance(result, Unknown):
        # Korean typed on an English keyboard: what Rasa understood of it means nothing.
        locale = "ko" if result.candidates[0].locale == "ko" else turn.locale
        turn = replace(turn, intent="", locale=locale)
    if isinstance(result, Clarify) and result.each:
        return _one_by_one(result.each, turn)
    if isinstance(result, Clarify) and beside_it:
        # A choice of articles would only look silly under a question about the weather.
        result = Unknown(candidates=result.candidates)
    if _is_promise(turn, result):
        return asides.kind_word(turn, "acknowledge")
    complains = _COMPLAINS.search(turn.text)
    if isinstance(result, Unknown) and asides.wants_help(turn.text):
        return asides.helped_on(turn)
    if isinstance(result, Unknown) and not complains:
        if (asides.names_oneself(turn) or asides.is_address(turn.text)) and elliptical.of_its_own(
            turn.text
        ) is None:
            return asides.known_by(turn)
        if _BEGINS.search(turn.text):
            return reply.say("go_on", turn.locale, buttons=[reply.person_button(turn.locale)])
    found = reply.found(result, turn.locale)
    return reply.sorry(found) if complains else found


def _is_promise(turn: Turn, result: Outcome) -> bool:
    """Whether somebody only says what they will do now about what was told: "오면 바꿀게요"; not
    "취소할게요", which names what there are articles about."""
    if isinstance(result, Answer):
        return False
    if isinstance(result, Clarify):
        clear = result.of_topic or result.choices[0].score >= NEARLY_SURE
        if clear or elliptical.names(turn.text):
            return False
    return elliptical.promises(turn.text) and turn.context().last_question is not None


def _nothing(turn: Turn) -> Reply:
    """Other articles than those that were offered; where none were, what is meant."""
    if any(payload.startswith("/choose_article") for payload in turn.context().offered):
        return feedback.not_helpful(turn)
    return reply.say("say_it_again", turn.locale, buttons=[reply.person_button(turn.locale)])


def _signs(turn: Turn) -> Reply:
    """To emoji, numbers and single letters: sorry, pardon, or a nod."""
    if asides.SAD.search(turn.text):
        return asides.upset(turn)
    if _PUZZLED.search(turn.text):
        buttons = [reply.person_button(turn.locale)]
        return reply.say("say_it_again", turn.locale, buttons=buttons)
    return reply.say("listening", turn.locale)


def _one_by_one(answers: Sequence[Answer], turn: Turn) -> list[Reply]:
    """Each answer as a message of its own; whether it all helped is asked once, at the end."""
    replies = [reply.found(one, turn.locale) for one in answers]
    for one in replies[:-1]:
        one["buttons"] = []
    return replies
