"""Whether an answer helped; if not, the next best one, and then a person."""

from __future__ import annotations

import re

from bot.actions import reply
from bot.actions.reply import Reply
from bot.actions.turn import Turn
from knowledge_base.answers import Answer, Clarify
from ticketing.conversations import BotContext

# The rejection itself, in front of what the customer really wants to know.
_REJECTION = re.compile(
    r"^\W*(?:(?:아니(?:요|오|에요|예요)?|아뇨|no|nope)(?=[\s,.!~]|$)[\s,.!~]*)?"
    r"(?:(?:제 말은|내 말은|제가 (?:물어본|궁금한) (?:건|것은))\s*)?"
    r"(?:(?:그게|그거|그건|그런\s?게|이게|이거|이건)\s*(?:말고|아니\S*)[\s,.!~]*"
    r"|(?:not that(?: one)?|that'?s not (?:it|what i (?:asked|meant|wanted))"
    r"|i meant|i mean|i asked(?: about)?)[\s,.!~]*)*",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def helpful(turn: Turn) -> Reply:
    """Thanks for the vote."""
    return reply.say("glad", turn.locale, vote="up")


def not_helpful(turn: Turn) -> Reply:
    """Another article than those shown; after the second rejection in a row, a person."""
    context = turn.context()
    if context.rejections >= 1:
        return reply.hand_off("rejected_twice", turn.locale, vote="down")
    restated = _restated(turn)
    if restated:
        result = turn.look_up(restated, exclude=context.shown_articles)
        if isinstance(result, Answer | Clarify):
            return reply.found_instead(result, turn.locale)
    if context.last_question is None:
        if not context.shown_articles:
            buttons = [reply.person_button(turn.locale)]
            return reply.say("say_it_again", turn.locale, buttons=buttons)
        return reply.hand_off("rejected_twice", turn.locale, vote="down")
    result = turn.look_up(context.last_question, exclude=_seen(turn, context))
    return reply.found_instead(result, turn.locale)


def _restated(turn: Turn) -> str:
    """What is asked after "no, not that": "아니 그거 말고 배송비요" -> "배송비요"."""
    if turn.intent == "not_helpful":
        return ""
    rest = turn.text[match.end() :] if (match := _REJECTION.match(turn.text)) else turn.text
    if rest.strip() == turn.text.strip():
        return ""
    return rest.strip() if _WORD.search(rest) else ""


def _seen(turn: Turn, context: BotContext) -> set[str]:
    """Articles the customer was shown, or offered in a choice that they turned down."""
    seen = set(context.shown_articles)
    if context.last_question is not None and not seen:
        first = turn.look_up(context.last_question)
        if isinstance(first, Clarify):
            seen.update(candidate.article for candidate in first.choices)
    return seen
