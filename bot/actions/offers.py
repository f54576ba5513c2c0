"""A yes or a no to what the customer was just offered, and the wish to know more of it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence

from bot.actions import reply
from bot.actions.choose import choose_article
from bot.actions.reply import Reply
from bot.actions.turn import Turn

CHOOSE = "/choose_article"
_PLEASE = (
    r"(?:그렇게\s*|연결\s*)?"
    r"(?:부탁(?:해|해요|드려요|드립니다|드릴게요|합니다)|(?:해|그래)\s*(?:줘|줘요|주세요|주십시오))"
)
_AGREED = (
    r"(?:네+에?|넵+|넹+|넴|예+|옙|응+|웅|어|엉|ㅇ+|ㅇㅋ|ㄱㄱ|그래|그래요|좋아|좋아요|좋습니다|오케이|오키|콜|당연하죠|그럴게요"
    r"|제발요?|얼른요?|빨리요?|yes|yeah|yep|yup|ya|sure|ok|okay|k|please(?: do)?|pls|plz"
    r"|go ahead|do (?:it|that)|sounds good|of course|why not|i do|i would(?: like that)?"
    r"|i['’]?d (?:like|love|appreciate) (?:that|it)"
    rf"|that(?:['’]d| would) be (?:great|good|nice|helpful|perfect)|{_PLEASE})"
)
_YES = re.compile(
    rf"(?:(?:그럼|그러면|well)[\s,]+)?{_AGREED}(?:[\s,.!~ㅠㅜ]+(?:{_AGREED}|do|그럼))*",
    re.IGNORECASE,
)
# Short for the button beside whatever was told or offered.
_CONNECT = re.compile(
    rf"(?:(?:{_AGREED}|아니요?|아뇨|그냥|그럼)[\s,.!]+)*(?:상담\s*)?연결(?:을|이)?\s*"
    rf"(?:요|이요|해요|할래요|할게요|원해요|{_PLEASE})?"
    r"|(?:(?:yes|ok|okay|just)[\s,]+)?connect me(?: please)?",
    re.IGNORECASE,
)
# Said of a choice alone: after "shall I connect you?" it may be anything.
_RIGHT = re.compile(
    r"(?:(?:네|넵|예|응|어)[\s,]*)?(?:맞(?:아|아요|네요|습니다)"
    r"|(?:바로\s*)?(?:그거|그것|이거|이것|그\s*내용|이\s*내용)(?:\s*(?:요|예요|에요|이에요|이요|입니다|맞아요))?)"
    r"|(?:(?:yes|yeah|yep)[\s,]*)?(?:correct|right|exactly|that['’]?s (?:it|right|the one)"
    r"|(?:that|this) one|it is|it does|i am)",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:(?:네|예|아)[\s,]+(?=괜찮|됐|아[니뇨]))?(?:(?:없어요?|없습니다|없네요|아니|아니요|아니오|아니에요|아뇨|ㄴㄴ|괜찮아|괜찮아요|괜찮습니다|됐어|됐어요|됐습니다|필요\s*없어요?"
    r"|안\s*(?:할래요?|할게요?|해도\s*(?:돼요?|됩니다|되는데요?))|나중에(?:요|\s*할게요)?|다음에(?:요|\s*할게요)?"
    r"|no|nope|nah|no thanks?|no thank you|not (?:now|yet)|(?:maybe )?later|no need|never ?mind"
    r"|(?:it['’]?s|i['’]?m|that['’]?s) (?:ok|okay|fine|all right|alright|good))"
    r"(?:[\s,.!~ㅠㅜ]+|$)"
    r"(?:(?:감사합니다|감사해요|고마워요?|고맙습니다|thanks?(?: you)?|thx)(?:[\s,.!~]+|$))*)+",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"(?:(?:그거|그것|그건|이거|이건|그)\s*)?(?:좀\s*)?(?:더\s*)?(?:자세|상세)(?:히|하게|한)\s*"
    r"(?:내용|설명|안내)?(?:좀|더|알려|설명|말|가르쳐|보여|부탁|요|해|드려|주|줘|세요|해요|\s)*"
    r"|(?:tell me |show me |can you give me |give me )?more(?: details?| info(?:rmation)?)?"
    r"(?: please)?|(?:more )?details?(?: please)?|can you (?:explain|elaborate)(?: more)?"
    r"|explain more",
    re.IGNORECASE,
)
# Of a choice that has it the desk has made a press, so under a choice this is none of it.
_NUMBER = re.compile(
    r"\d{1,2}\s*(?:번(?:째)?)?(?:\s*(?:거|것))?(?:\s*(?:요|이요))?|(?:number|no\.?|option|#)\s*\d{1,2}",
    re.IGNORECASE,
)
# "What did you say?", and no yes.
_PARDON = re.compile(
    r"(?:네|예|엥|응|뭐라고요?|뭐라구요?|huh|what|pardon|sorry|excuse me)\s*[?？]+", re.IGNORECASE
)
_LONGEST = 40  # characters of a bare yes, no or "more"
_SIGNS = " .!?~…,ㅎㅋ^ㅠㅜ"


def taken_up(turn: Turn) -> Reply | None:
    """What a bare "yes", "no" or "more, please" means after what was said last, if anything.

    A "yes" to a person is a person, and a "no" to one is no rejection of an answer. A "yes" to an
    article is that article; to several, somebody asks which.
    """
    said = turn.text.strip(_SIGNS)
    if len(said) > _LONGEST:
        return None
    if _PARDON.fullmatch(turn.text.strip()):
        return reply.say("say_it_again", turn.locale, buttons=[reply.person_button(turn.locale)])
    if _CONNECT.fullmatch(said) and "/human" in turn.context().offered:
        return reply.hand_off("customer_asked", turn.locale)
    agreed, declined = _YES.fullmatch(said), _NO.fullmatch(said)
    right, number = agreed or _RIGHT.fullmatch(said), _NUMBER.fullmatch(said)
    if not (right or declined or number or _MORE.fullmatch(said)):
        return None
    context = turn.context()
    if number:
        return _asked_again(turn, context.offered, "no_number")
    if right and (chosen := _chosen(turn, context.offered)) is not None:
        return chosen
    if right and not agreed and "?" in turn.text:  # "맞아요?" asks
        return None
    if right and not agreed:  # to a person it may be anything, to what was told it is a nod
        nod = context.offered != ("/human",)
        return reply.say("listening", turn.locale) if nod else None
    if declined and not context.offered and context.last_question is not None:
        return reply.say("listening", turn.locale)  # "anything else?" "no": there is nothing else
    if agreed or declined:
        # Beside a choice of articles the person is one choice of many.
        if context.offered != ("/human",):
            return None
        if agreed:
            return reply.hand_off("customer_asked", turn.locale)
        return reply.say("listening", turn.locale)
    if not context.shown_articles:
        return None
    article = turn.index.find(context.shown_articles[-1], locale=turn.locale)
    if article is None:
        return None
    return reply.more(article[0], turn.locale)


def _chosen(turn: Turn, offered: Sequence[str]) -> Reply | None:
    """What "yes" means under a choice of articles."""
    articles = articles_of(offered)
    if len(articles) == 1:
        return choose_article(dataclasses.replace(turn, article=articles[0]))
    return _asked_again(turn, offered, "which")


def _asked_again(turn: Turn, offered: Sequence[str], key: str) -> Reply | None:
    """The same choice of articles once more, with other words; None where there was none."""
    found = [turn.index.find(article, locale=turn.locale) for article in articles_of(offered)]
    buttons = [reply.article_button(one[0].article, one[0].title) for one in found if one]
    if not buttons:
        return None
    return reply.say(key, turn.locale, buttons=[*buttons, reply.person_button(turn.locale)])


def articles_of(offered: Sequence[str]) -> list[str]:
    """The articles among the payloads of what was offered."""
    return [json.loads(one[len(CHOOSE) :])["article"] for one in offered if CHOOSE in one]
