"""What a customer means who rates in words: "5점", "별로예요", "terrible". Pure.

Only a message that is a rating and nothing beside it is one. A question, thanks, an "ok", or words
that go on to say something else are ordinary messages, also right after the question.
"""

from __future__ import annotations

import re
import unicodedata

# Longer than any rating that is nothing else.
LONGEST = 60

_NUMBERS = {
    **{"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7},
    **{"eight": 8, "nine": 9, "ten": 10},
    **{"일": 1, "이": 2, "삼": 3, "사": 4, "오": 5, "육": 6, "칠": 7, "팔": 8, "구": 9, "십": 10},
    **{"한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5},
}
_POLITE_KO = r"(?:\s*(?:이요|요|이에요|예요|입니다|드릴게요|드려요|드립니다|줄게요|줄게|줌|임))?"
_KO_NUMBER = re.compile(
    r"(?:(?:별점|평점|점수|만족도)(?:은|는)?\s*:?\s*)?"
    r"(?:(?P<digits>\d{1,2})(?:\s*점)?|(?P<word>[일이삼사오육칠팔구십]|한|두|세|네|다섯)\s*점"
    r"|별점?\s*(?P<stars>하나|둘|셋|넷|다섯|한|두|세|네|[1-5])\s*(?:개)?)" + _POLITE_KO
)
# With its "점" more may be said around it, and it is still nothing else.
_KO_POINTS = re.compile(
    r"(?:(?:네|넵|예|음|저는|전|제|그냥|당연히|무조건|솔직히|한|정말|진짜)(?:\s*,\s*|\s+))*"
    r"(?:(?:별점|평점|점수|만족도)(?:은|는|으로|로)?\s*:?\s*)?"
    r"(?:(?P<of>\d{1,2})\s*점\s*만점(?:에서|에|중에|중)?\s*)?"
    r"(?:(?P<digits>\d{1,2})|(?P<word>[일이삼사오육칠팔구십]|한|두|세|네|다섯)|(?P<best>만))\s*점"
    r"(?:\s*(?:정도|쯤|만))?"
    r"(?:\s*(?:이요|요|이에요|예요|입니다|이죠|죠|이지요|지요|드릴게요|드릴께요|드려요|드립니다"
    r"|드리겠습니다|드리고\s*싶어요|줄게요|줄게|줍니다|줌|임|할게요))?"
)
_EN_NUMBER = re.compile(
    r"(?:(?:i(?:'d| would)? (?:give|rate) (?:it|you|this|that)? ?(?:an? )?)"
    r"|(?:rating|score):? ?|an? )?"
    r"(?:(?P<digits>\d{1,2})|(?P<word>zero|one|two|three|four|five|six|seven|eight|nine|ten))"
    r"(?: ?stars?| points?)?(?: ?(?:/|out of) ?(?P<of>\d{1,2}|five|ten))?(?: please)?"
)
_SO_KO = r"(?:정말|진짜|너무|아주|매우|완전|무척|참|엄청)\s*(?:로\s*)?"
_END = (
    r"(?:\s*(?:이에요|예요|이예요|에요|입니다|이네요|네요|이었어요|였어요|했어요|해요|합니다|했습니다"
    r"|였습니다|이었습니다|어요|이요|요|임|함|다))?"
)
# In the order in which they are tried; each fits the whole message.
_WORDS = [
    (5, rf"(?:{_SO_KO})?(?:최고|완벽|훌륭|짱|대만족|굿굿)(?:의\s*상담)?{_END}"),
    (
        5,
        rf"{_SO_KO}(?:좋|만족|친절|감동){_END}|{_SO_KO}(?:좋았|좋아|만족스러워|만족스러웠)(?:어요|요)?",
    ),
    (1, rf"(?:{_SO_KO})?(?:최악|엉망|형편\s*없(?:어|었어|습니다|네)?|끔찍)(?:이었|였)?{_END}"),
    (1, rf"{_SO_KO}(?:불만족|불만|불친절|실망){_END}"),
    (2, rf"(?:{_SO_KO})?(?:별로|불만족|불만|불친절|실망|아쉽|아쉬워|아쉬웠)(?:이었|였)?{_END}"),
    (
        2,
        rf"(?:안|별로\s*안)\s*좋(?:아|았|습니다|네)?{_END}|(?:좋지|만족하지)\s*(?:않|못)(?:아|았|습니다|했)?{_END}",
    ),
    (3, rf"(?:그냥\s*)?(?:보통|그저\s*그래|그냥\s*그래|그럭저럭|쏘쏘|중간)(?:이었|였)?{_END}"),
    (
        4,
        rf"(?:좋아|좋았어|좋네|좋습니다|좋았습니다|만족|만족스러워|만족스러웠어|만족스럽습니다){_END}",
    ),
    (4, rf"(?:친절|괜찮았어){_END}"),
    (
        5,
        r"(?:(?:it was|that was|you are|you were) )?(?:so |really |absolutely |simply |very )?"
        r"(?:excellent|perfect|amazing|awesome|fantastic|great|wonderful|outstanding|brilliant"
        r"|the best|best ever)(?: service| job| support)?",
    ),
    (
        5,
        r"(?:(?:it was|that was) )?(?:very|really|so|extremely) "
        r"(?:good|satisfied|helpful|happy|nice)",
    ),
    (
        1,
        r"(?:(?:it was|that was) )?(?:so |really |absolutely |just |the |simply )?"
        r"(?:terrible|awful|horrible|worst(?: ever)?|useless|disgusting|pathetic)"
        r"(?: service| support)?",
    ),
    (
        1,
        r"(?:(?:it was|that was) )?(?:very|really|so|extremely) "
        r"(?:bad|poor|dissatisfied|disappointed)",
    ),
    (
        2,
        r"(?:(?:it was|that was) )?(?:pretty |quite |a bit |rather )?"
        r"(?:bad|poor|disappointing|disappointed|dissatisfied|unsatisfied|not (?:so |very )?good"
        r"|not great|not helpful|unhelpful|not satisfied)(?: service| support)?",
    ),
    (3, r"나쁘지(?:는|도)?\s*않(?:았어요|아요|네요|았습니다|습니다|았음|음)"),
    (3, r"(?:(?:it was|that was) )?(?:just )?(?:so[- ]so|average|mediocre|meh|neutral|not bad)"),
    (
        4,
        r"(?:(?:it was|that was) )?(?:pretty |quite )?(?:good|nice|satisfied|helpful)"
        r"(?: service| job| support)?",
    ),
]
_PATTERNS = [(score, re.compile(pattern)) for score, pattern in _WORDS]
_THANKS = re.compile(
    r"^(?:감사합니다|감사해요|고맙습니다|고마워요|thanks|thank you)[\s,.!~]+"
    r"|[\s,.!~]+(?:감사합니다|감사해요|고맙습니다|고마워요|thanks|thank you)$"
)


_COMMENT = re.compile(
    r"\s*(?:의견|comment)\s*[:：]\s*(?P<words>.*\S)\s*", re.IGNORECASE | re.DOTALL
)


def comment(text: str) -> str | None:
    """The words that a customer adds to a rating where there is no box for them: "의견: …"."""
    found = _COMMENT.fullmatch(unicodedata.normalize("NFC", text))
    return found["words"] if found else None


def may_be(text: str) -> bool:
    """Whether these words could rate on any scale; what was asked says whether they do."""
    return any(
        understood(text, worst=worst, best=best) is not None for worst, best in ((1, 5), (0, 10))
    )


def understood(text: str, *, worst: int, best: int) -> int | None:
    """The score from ``worst`` to ``best`` that ``text`` is, or ``None``.

    Words count only on the scale from 1 to 5; a recommendation is a number.
    """
    if len(text) > LONGEST or "?" in text or "？" in text:
        return None
    stars = re.fullmatch(r"\s*(?:(★{1,5})☆{0,4}|((?:⭐️?){1,5})|((?:🌟){1,5}))\s*", text)
    if stars and best == 5:
        return sum(text.count(one) for one in "★⭐🌟")
    text = text.rstrip("ㅋㅎㅠㅜ^~.! ")
    plain = " ".join(unicodedata.normalize("NFKC", text).casefold().replace("’", "'").split())
    plain = _THANKS.sub("", plain).strip(" .!~…,()[]\"'“”‘ㅋㅎㅠㅜ^")
    score = _number(plain, best)
    if score is None and best == 5:
        score = next((score for score, one in _PATTERNS if one.fullmatch(plain)), None)
    return score if score is not None and worst <= score <= best else None


def _number(plain: str, best: int) -> int | None:
    for pattern in (_KO_NUMBER, _KO_POINTS, _EN_NUMBER):
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        found = match.groupdict()
        of = found.get("of")
        if of is not None and _value(of) != best:
            return None
        if found.get("best"):
            return best
        return _value(found["digits"] or found["word"] or found.get("stars"))
    return None


def _value(word: str | None) -> int | None:
    if word is None:
        return None
    return int(word) if word.isdecimal() else _NUMBERS[word]
