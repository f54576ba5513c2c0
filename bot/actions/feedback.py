"""Whether an answer helped; if not, the next best one, and then a person."""

from __future__ import annotations

import re

from bot.actions import reply
from bot.actions.asides import aside
from bot.actions.offers import articles_of, taken_up
from bot.actions.reply import Reply
from bot.actions.turn import SURE, Turn
from knowledge_base import elliptical, smalltalk
from knowledge_base.answers import Answer, Clarify, Outcome, Unknown
from knowledge_base.elliptical import APART
from ticketing.conversations import BotContext

# The rejection itself, in front of what the customer really wants to know.
_REJECTION = re.compile(
    r"^\W*(?:(?:아니(?:요|오|에요|예요)?|아뇨|no|nope)(?=[\s,.!~]|$)[\s,.!~]*)?"
    r"(?:(?:(?:제|내) (?:말은|질문은)"
    r"|(?:제가|내가) (?:물어본|물은|궁금한|말한) (?:건|거는|것은))\s*)?"
    r"(?:(?:그게|그거|그건|그런\s?게|이게|이거|이건|그\s?말이|그\s?얘기가|그런\s?뜻이|그런\s?말이)"
    r"\s*(?:말고|아니\S*)[\s,.!~]*"
    r"|(?:not that(?: one)?"
    r"|(?:that|this|it)(?:(?:'?s| is) ?n(?:ot|'?t)|['’]?s not) "
    r"(?:it|right|what i (?:asked|meant|mean|wanted|want|was asking|was looking for))"
    r"|(?:that|this) (?:does ?n[o'’]?t|did ?n[o'’]?t) (?:answer (?:my|the) question|help)"
    r"|wrong answer|i meant|i mean|i (?:was asking|asked)(?: about)?)[\s,.!~]*)*",
    re.IGNORECASE,
)
_TURNED_DOWN = re.compile(
    r"^\W*(?:(?:아니(?:요|오|에요|예요)?|아뇨|no|nope)[\s,.!~]+)?"
    r"(?:(?:제|내) 질문은\s*|(?:제가|내가) (?:물어본|물은|궁금한|말한) (?:건|거는|것은)\s*)?"
    r"(?:(?:그게|그거|그런\s?게|그\s?말이|그\s?얘기가|그런\s?뜻이|그런\s?말이)\s*(?:말고|아니)"
    r"|not that\b|(?:that|this)(?:['’]?s not| is not| isn['’]?t) (?:it|right|what i)\b"
    r"|(?:that|this) (?:does ?n[o'’]?t|did ?n[o'’]?t) (?:answer|help)|wrong answer)",
    re.IGNORECASE,
)
# Of a thing that it is not so: "제주도가 아니에요", "주소가 틀렸어요".
_DENIES = re.compile(
    r"(?P<thing>[가-힣A-Za-z\d]+?)(?:(?:이|가|은|는|도)\s*(?:아니|아닌|아닙)"
    r"|(?:(?:이|가|은|는|도)\s*|\s+)(?:틀렸|틀려|틀린|틀립|다르|달라|다릅))"
)
# What is said so of an answer is a "no" to it.
_OF_AN_ANSWER = re.compile(
    r"(?:그|이|저|제|내|그런|이런)*(?:거|것|게|건|답|답변|대답|내용|말|말씀|뜻|얘기|이야기|질문|설명|안내|정보|문의|도움말|도움"
    r"|잘못|오류|완전히?|다|전부|아예|너무|많이|또|진짜|정말|좀|조금|아주)?"
)
# Of a choice that it has nothing, or after an answer hardly anything.
_NOTHING = re.compile(
    r"\W*(?:(?:아니(?:요|오)?|아뇨|no|nope)[\s,.!~]+)?(?:"
    r"(?:(?:여기|거기|이\s?(?:중|가운데)|그\s?(?:중|가운데)|목록|보기)\s?(?:에서|에|엔)?(?:는|도)?\s*)?"
    r"(?:(?:제가\s*)?(?:찾는|원하는|물어본|해당되?는|해당하는|맞는)\s*(?:거|것|게|건|내용|답)(?:이|은|는)?\s*)?"
    r"(?:하나도\s*|다\s*|전부\s*)?없(?:어요?|습니다|네요?|는데요?|음)"
    r"|해당\s*(?:사항\s*)?없(?:음|어요|습니다)"
    r"|(?:(?:셋|넷|둘|모두|전부|다)\s*(?:다\s*)?)아니(?:에요|예요|야|네요|고요|요|오)"
    r"|(?:none|neither)(?: of (?:these|those|them|the above))?|not (?:any of )?(?:these|those)"
    r"|(?:it['’]?s )?(?:not (?:there|listed|on the list|among them))"
    r")\W*",
    re.IGNORECASE,
)
# Words that ask for anything else without saying what.
_ANYTHING_ELSE = re.compile(
    r"(?:다른|그런|거|것|걸|걸로|건|답|답변|내용|질문|얘기|말|좀|요|이요|없(?:어요|나요)|있(?:어요|나요)"
    r"|알려|찾아|보여|해|줘|주세요|아니|아니고|아니라|아니잖아|진짜|그냥)(?=$|[\s,.!?~]|[가-힣]{0,2}(?:$|[\s,.!?~]))"
    r"|\b(?:something|anything|another|other|different|else|answer|one|please|just|that|it|question"
    r"|my|me|a|the|about|show|give|try|again)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")


def helpful(turn: Turn) -> Reply:
    """Thanks for the vote."""
    return reply.say("glad", turn.locale, vote="up")


def not_helpful(turn: Turn) -> Reply:
    """Another article than those shown; after the second rejection in a row, a person, unless what
    is meant comes with it and is known."""
    if (said := taken_up(turn) or aside(turn)) is not None:
        return said
    # "Does that cost something?" looks like a "that is not it", and is none.
    unsure = turn.confidence < SURE and not (turns_down(turn.text) or finds_nothing(turn.text))
    if unsure and (continued := turn.continued()) is not None:
        return continued
    context = turn.context()
    if _denies_another(turn, context):
        return turn.continued() or reply.found(turn.look_up(turn.text), turn.locale)
    meant = "" if turn.text.startswith("/") else restated(turn.text)
    if not meant and (asked_anew := _asked_anew(turn, context)) is not None:
        return reply.found(asked_anew, turn.locale)
    asked, result = _looked_up(turn, context, meant)
    if isinstance(result, Answer) or (isinstance(result, Clarify) and not context.rejections):
        return reply.found_instead(result, turn.locale, question=asked)
    if context.rejections:
        return reply.hand_off("rejected_twice", turn.locale, vote="down")
    if context.last_question is None:
        if not context.shown_articles:
            buttons = [reply.person_button(turn.locale)]
            return reply.say("say_it_again", turn.locale, buttons=buttons)
        return reply.found_instead(Unknown(candidates=()), turn.locale)
    result = turn.look_up(context.last_question, exclude=_seen(turn, context))
    return reply.found_instead(result, turn.locale)


def _denies_another(turn: Turn, context: BotContext) -> bool:
    """Whether something is said not to be so that was neither told nor offered: "배송비가 아니에요"
    is a "no" to an article about it, and says of any other what the case is."""
    if turns_down(turn.text) or finds_nothing(turn.text):
        return False
    found = [
        one for one in _DENIES.finditer(turn.text) if not _OF_AN_ANSWER.fullmatch(one["thing"])
    ]
    if not found:
        return False
    titles = [
        document[0].title
        for article in (*context.shown_articles[-1:], *articles_of(context.offered))
        if (document := turn.index.find(article, locale=turn.locale)) is not None
    ]
    return not any(one["thing"] in title for one in found for title in titles)


def _asked_anew(turn: Turn, context: BotContext) -> Outcome | None:
    """What there is to a question that only looks like a "no": "짝퉁 아니에요?"; None where it is
    one, or may be one and nothing is known of it. Who names a thing and asks whether it is so means
    no "no" by it, whatever is known."""
    if turns_down(turn.text) or finds_nothing(turn.text):
        return None
    if not elliptical.of_its_own(smalltalk.strip(turn.text)):
        return None
    found = turn.look_up(turn.text)
    first = context.last_question is None and not context.shown_articles
    asks = "?" in turn.text and any(
        not _OF_AN_ANSWER.fullmatch(one) for one in elliptical.names(turn.text)
    )
    return found if first or asks or isinstance(found, Answer) else None


def _looked_up(turn: Turn, context: BotContext, meant: str) -> tuple[str, Outcome]:
    """What is said to be meant instead, in full, and what there is to say to it."""
    if not meant:
        return "", Unknown(candidates=())
    result = turn.look_up(meant, exclude=context.shown_articles)
    if not isinstance(result, Unknown) or context.last_question is None:
        return meant, result
    # "Not that, from abroad" says something only beside what was asked.
    asked = f"{context.last_question}{APART}{meant}"
    return asked, turn.look_up(asked, exclude=context.shown_articles)


def restated(text: str) -> str:
    """What is asked after "no, not that": "아니 그거 말고 배송비요" -> "배송비요"; else empty."""
    found = _REJECTION.match(text)
    rest = text[found.end() :].strip() if found and found.end() else ""
    return rest if _WORD.search(_ANYTHING_ELSE.sub(" ", rest)) else ""


def turns_down(text: str) -> bool:
    """Whether a message begins with "that is not it", whatever it goes on to ask.

    A mere "no" in front of a question may mean anything.
    """
    return _TURNED_DOWN.match(text) is not None


def finds_nothing(text: str) -> bool:
    """Whether a message says of a choice that nothing of it is meant, and nothing beside it."""
    return _NOTHING.fullmatch(text) is not None


def _seen(turn: Turn, context: BotContext) -> set[str]:
    """Articles the customer was shown, or offered in a choice that they turned down."""
    seen = set(context.shown_articles)
    if context.last_question is not None:
        first = turn.look_up(context.last_question)
        if isinstance(first, Clarify):
            seen.update(candidate.article for candidate in first.choices)
    return seen
