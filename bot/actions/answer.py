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
from knowledge_base.dialogue import LIKELY

# Whole syllables or letters; "ㅋㅋㅋ", "ㅠㅠ" and emoji are a nod, not a question.
_SYLLABLE = re.compile(r"[^\W\d_\u3131-\u318e\u1100-\u11ff]")
# A complaint that nothing answers: first of all somebody is sorry.
_COMPLAINS = re.compile(
    r"(?:왜|뭐|뭐가|어찌)\s*이리|왜\s*이렇게|왤케|느리네|느림|너무\s*(?:늦|느리|느려|오래|비싸|심하|심해|불편|힘들|별로|안\s)"
    r"|(?:[일주달]|개월|시간)\s*째|\d\s*(?:일|주|달|개월)\s*(?:이나|넘게)"
    r"|(?:배송|택배|물건|상품|주문\S*|소포|답변?|연락|전화)\S{0,2}\s*(?:아직\S{0,2}\s*)?(?:안|못)\s*(?:와|오|왔|받[았고])"
    r"|(?:답변?|대답|연락|응답)\S{0,2}\s*(?:없|안\s*(?:주|해|하))|(?:느렸|늦었|불만|책임)|[보배]상\S{0,2}\s*(?:해\s*(?:줘|주[세라]|달)|하라|받[고아])"
    r"|불친절|바보|멍청|쓰레기|엉망|최악|실망|짜증|화가?\s*나|속상|[ㅠㅜ]{2}"
    r"|\b(?:(?:so|too|very|really) (?:late|slow|bad|rude|poor|long)|terrible|awful"
    r"|stupid|idiot|useless|rude|disappoint\w*|unacceptable|ridiculous|worst|angry|upset|complain(?:t|ts)?"
    r"|(?:hasn['’]?t|not) (?:arrived|come)|not here yet|been waiting|still waiting|compensat\w+"
    r"|(?:no ?one|nobody) (?:repl|answer|respond)\w+"
    r"|been(?: like| about| over)? (?:\d+|an?|two|three|several) (?:day|week|month)s?)\b",
    re.IGNORECASE,
)
_PUZZLED = re.compile(r"[?？]|^\W*[ㄱㄲㄴ-ㅊㅌㅍㅏ-ㅣ\d]\W*$")  # ㄳ is "thanks"


def answer(turn: Turn) -> Reply | list[Reply]:
    """The article, a choice of articles, or an honest "I don't know".

    Questions in a row are answered one by one.
    """
    if (said := taken_up(turn) or aside(turn)) is not None:
        return said
    if not _SYLLABLE.search(turn.text):
        return _signs(turn)
    if not smalltalk.strip(turn.text):
        if asides.wants_help(turn.text):
            return asides.helped_on(turn)
        return (
            asides.asked_on(turn)
            if asides.begins(turn.text)
            else reply.say("listening", turn.locale)
        )
    if (meant := spelling.in_korean(turn.text)) and not smalltalk.strip(meant):
        return reply.say("listening", "ko")  # "dkssudgktpdy" is a greeting
    if feedback.turns_down(turn.text) and turn.context().shown_articles:
        # "Not that, the delivery fee" taken for a question: what was shown is not the answer.
        return feedback.not_helpful(turn)
    if feedback.finds_nothing(turn.text):
        return _nothing(turn)
    if asides.wants_help(turn.text) and _was_told(turn):
        return asides.helped_on(turn)
    beside_it = turn.intent == "out_of_scope" and turn.confidence >= SURE
    complains = _COMPLAINS.search(turn.text)
    if (continued := turn.continued(stated=not beside_it)) is not None:
        return reply.sorry(continued) if complains else continued
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
    if isinstance(result, Unknown) and asides.wants_help(turn.text):
        return asides.helped_on(turn)
    if isinstance(result, Unknown) and not complains:
        if (asides.names_oneself(turn) or asides.is_address(turn.text)) and elliptical.of_its_own(
            turn.text
        ) is None:
            return asides.known_by(turn)
        if asides.begins(turn.text):
            return asides.asked_on(turn)
    if not (complains or beside_it) and _is_detail(turn, result):
        return reply.noted(turn.locale, candidates=result.candidates)
    found = reply.found(result, turn.locale)
    return reply.sorry(found) if complains else found


def _is_promise(turn: Turn, result: Outcome) -> bool:
    """Whether somebody only says what they will do now about what was told: "오면 바꿀게요"; not
    "취소할게요", which names what there are articles about."""
    if isinstance(result, Answer):
        return False
    if isinstance(result, Clarify):
        clear = result.choices[0].score >= (LIKELY if result.of_topic else NEARLY_SURE)
        if clear or elliptical.names(turn.text):
            return False
    return elliptical.promises(turn.text) and turn.context().last_question is not None


def _is_detail(turn: Turn, result: Outcome) -> bool:
    """Whether somebody states more of what was just told, and hardly anything is known of it."""
    if isinstance(result, Answer) or elliptical.added(turn.text) is None:
        return False
    if isinstance(result, Clarify) and (result.of_topic or result.choices[0].score >= LIKELY):
        return False
    asks = elliptical.of_its_own(turn.text) is not None or elliptical.supposes(turn.text)
    return not asks and _was_told(turn)


def _was_told(turn: Turn) -> bool:
    """Whether an answer is the last thing that was said."""
    context = turn.context()
    return context.said in context.told


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
