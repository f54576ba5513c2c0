"""What a single sentence says one after the other: what happened, of what, and what is asked.

In Korean a connective shows it: "선물로 산 가방인데 | 환불 언제 돼요", or a thing of which more is
said: "어제 산 니트 | 환불 언제 돼요". In English, where full stops are left out, the words show
where the next clause begins: "I was charged twice | how do I get my money back".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from knowledge_base import elliptical, smalltalk, text

# Connectives behind "because" and "although", as the analyser reads them: "사람인데", "했지만", and
# "작은데", which to it is sometimes a noun behind an ending.
_CONNECTS = re.compile(
    r"(?:(?:(?:는|은|\u11ab|던)데|지만)/EC|(?:은|는|\u11ab|던)/ETM데/NNB|그런/MM데/NNB)$"
)
# What is said of a thing stands before it: "산 니트", "쓰던 가방", "산 거", "3만원짜리 티셔츠".
_OF_A_THING = re.compile(
    r"(?:(?:VV|XSV|VX)(?:(?:\u11ab|은|던|는)/ETM)|짜리/XSN)[^/]+/NN[GP]$"
    r"|(?:VV|XSV|VX)(?:\u11ab|은|던)/ETM(?:거|것|건)/NNB$"
)
_IN_BRACKETS = re.compile(r"\s*[(（]([^()（）]{1,30})[)）]")
_BEHIND = re.compile(r"요?(?=[\s,]+\w)")
_LONGEST = 100  # letters of the morphemes that are looked at
_WORD_END = re.compile(r"\S*(?=\s+\w)")
_ASKING = "how|why|where|when|what|which|who"
_AUXILIARY = (
    "can|could|do|does|did|is|are|was|were|will|would|should|may|has|have|am"
    "|(?:ca|do|does|did|is|are|wo|has|have)n['’]?t"
)
_QUESTION = rf"""(?:
    (?P<inverted> (?:{_AUXILIARY})\s+
        (?:i|you|we|it|they|there|my|the|this|that|your|someone|anyone|shipping|delivery)\b )
  | (?P<asked> (?:{_ASKING})\s+(?:{_AUXILIARY}|happens|if)\b )
  | (?:how|why|(?:how|what|where)['’]?s)\b
)"""
_ASKS = re.compile(rf"\W*{_QUESTION}", re.VERBOSE | re.IGNORECASE)
_OPENING = re.compile(
    rf"""
    (?<![\s,])[\s,]++ (?:(?:and|but|so|because|then|also)\s++)?+
    (?={_QUESTION}
      | (?P<stated> (?:i|we|i['’]?ve|i['’]d)\b (?!(?:['’]m|\s+am)\b) )
      | (?:i\s+am|i['’]?m|thanks|thank|thx|cheers)\b | (?:please|pls|plz)\s+\w
      | (?:looking\s+forward|(?:(?:kind|best|warm)\s+)?regards|any\s+help|asap)\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ASKED = re.compile(rf"\b(?:{_ASKING})\b", re.IGNORECASE)
# A question that has its verb: "how long do points last", but not "how many days".
_IS_ASKED = re.compile(
    rf"\b(?:{_ASKING})(?:\s+(?:much|long|far|often|soon|many\s+\w+|time|kinds?\s+of\s+\w+))?"
    rf"\s+(?:{_AUXILIARY})\b",
    re.IGNORECASE,
)
# What was begun goes on behind such a word, or is only said with what follows.
_GOES_ON = re.compile(
    rf"""\b(?:{_AUXILIARY}|{_ASKING}|had|be|been|must|might|not|never
    |whose|if|that|whether|than|as|because|since|after|before|while|until|once|unless|though
    |and|but|so|then|also|or|nor|to|the|a|an|my|our|your|this|these|those
    |much|many|long|far|often|soon|one|reason
    |let|think|know|see|tell|ask|check|decide|explain|say|says|said|hope|get|got)\W*$""",
    re.VERBOSE | re.IGNORECASE,
)
# Behind these as well, if no question begins there: "for how many", but "sign in | how do i".
_LEADS_ON = re.compile(r"\b(?:for|of|with|in|on|at|from|by|about|like)\W*$", re.IGNORECASE)
_DEPENDS = re.compile(
    rf"""\W*(?:if|when(?!\s+(?:{_AUXILIARY})\b)|because|since|after|before|while|once|unless|though
    |as|with|for|from|in|on|at|by|due)\b""",
    re.VERBOSE | re.IGNORECASE,
)


# "on your app", "for my daughter", "from the website": at the end of what asks, or in brackets.
_PLACE = r"(?:on|in|from|for|at|via|through|with|to)\s(?:my|your|the|an?|our)\s"
_AT_THE_END = re.compile(rf"\s{_PLACE}[\w'’]+(?:\s[\w'’]+)?\W*$", re.IGNORECASE)
_ASIDE = re.compile(rf"\(|{_PLACE}\S+(?:\s\S+)?$", re.IGNORECASE)


# What asks, and "and" behind it: "배송비 얼마고 | 언제 도착해요", "얼마인지랑 | 언제 되는지".
_ASKS_KOREAN = re.compile(
    r"(?:^|\])(?:언제|언제쯤|어디|얼마|얼마나|며칠|몇|누구|어느|어떻|어떻게|뭐|무엇|무슨)/"
)
_AND = re.compile(
    r"(?:(?<!\]말/VX)\]고/(?:EC|JC)|[\u11ab\u11af는은을]지/EC\](?:(?:랑|이랑|하고|와|과)/J\w+|,/SP))\]$"
)
_AUXILIARY_KOREAN = ("VX", "VA", "SF", "SE")
# Two things with an "and" between them: "포인트 유효기간이랑 | 쿠폰 중복사용"; not where somebody
# asks whether they go together, or how they differ.
_AND_A_THING = (
    "이랑/JC",
    "랑/JC",
    "하고/JC",
    "와/JC",
    "과/JC",
    "이랑/JKB",
    "랑/JKB",
    "하고/JKB",
    "하/VV",
)
_TOGETHER = re.compile(
    r"같이|함께|동시에?|한꺼번에|합치|중|가운데|차이점?|비교|다르|같|더"  # a whole morpheme
)
_NOUN = ("NNG", "NNP", "SL")
_PREDICATE = ("VV", "VA", "VX", "XSV", "XSA")


def questions(sentence: str) -> list[str]:
    """The questions of a Korean ``sentence`` that are asked one after the other with an "and"
    between them, in order; the whole if there is one."""
    if not text.has_hangul(sentence):
        return [sentence]
    normal = text.normalise(sentence)
    read = text.analysed(normal)
    found: list[str] = []
    start = 0
    said = "]"
    for one, following in pairwise(read):
        said += f"{one.form}/{one.tag}]"
        # "어떻게 하고 있나요" is one question.
        if following.tag in _AUXILIARY_KOREAN or not _AND.search(said):
            continue
        if _ASKS_KOREAN.search(said) and normal[one.end : one.end + 1].isspace():
            found.append(normal[start : one.end].strip(" ,"))
            start, said = one.end, "]"
    last = normal[start:].strip(" ,")
    if found:
        return [*found, last] if elliptical.of_its_own(last) is not None else [sentence]
    return _things(normal, read) or [sentence]


def _things(normal: str, read: Sequence[text.Morpheme]) -> list[str]:
    """Each thing of which several are asked for at once; none if it is one."""
    if any(_TOGETHER.fullmatch(one.form) for one in read):
        return []
    found: list[str] = []
    start = at = 0
    named = True  # in two words each: of "쿠폰이랑 적립금 날아가나요" both may be gone
    for number, (thing, link, following) in enumerate(
        zip(read, read[1:], read[2:], strict=False), start=1
    ):
        joins = f"{link.form}/{link.tag}" in _AND_A_THING and link.start == thing.end
        joins = joins or (link.form, link.tag) == ("및", "MAJ")
        if thing.tag not in _NOUN or not joins:
            continue
        end = link.end
        if link.tag == "VV":  # "기간하고" is read as a verb
            if (following.form, following.tag) != ("고", "EC"):
                continue
            end = following.end
        if normal[end : end + 1].isspace() and _begins_with_a_thing(normal[end:]):
            named = named and number - at > 1 and read[number - 2].tag in _NOUN
            found.append(normal[start : thing.end].strip(" ,"))
            start, at = end, number + 1
    if not found:
        return []
    last = normal[start:].strip(" ,")
    rest = text.analysed(smalltalk.strip(last))
    if any(one.tag in _PREDICATE for one in rest):
        named = named and len(rest) > 1 and rest[1].tag in _NOUN
        if not named or elliptical.of_its_own(last) is None:
            return []
    return [*found, last]


def _begins_with_a_thing(rest: str) -> bool:
    """Whether the first word is one, and not what is done: of "친구랑 주문했는데" it is not."""
    read = [one.tag for word in rest.split()[:1] for one in text.analysed(word)]
    return read[:1] != [] and read[0] in _NOUN and not any(tag in _PREDICATE for tag in read)


def split(sentence: str) -> list[str]:
    """The clauses of a ``sentence`` that may be said alone, in order, in English without the "and"
    or "but" between them; the whole if there is one. Before them stands what is in brackets, or at
    the end of an English one, and only says where, for whom or the like."""
    beside = [f"({one.strip()})" for one in _IN_BRACKETS.findall(sentence)]
    rest = _IN_BRACKETS.sub("", sentence).strip()
    if not rest:
        beside, rest = [], sentence
    return [*beside, *(_korean(rest) if text.has_hangul(rest) else _english(rest))]


def asking(clauses: Sequence[str]) -> list[str]:
    """Those of these that ask: in Korean the last one, or all that is said of a thing, in English
    the one that does, if just one does; else all of them."""
    if text.has_hangul(clauses[-1]):
        return [" ".join(clauses[1:]) if _is_a_thing(clauses[0]) else clauses[-1]]
    said = [one for one in clauses if not _ASIDE.match(one)]
    found = [one for one in said if _ASKS.match(one)]
    return found if len(found) == 1 else said or [*clauses]


def _is_a_thing(clause: str) -> bool:
    read = [f"{one.form}/{one.tag}" for one in text.analysed(text.normalise(clause))]
    named = read[:-1] if read[-1:] and read[-1].endswith("/JX") else read  # "산 건", "산 니트는"
    return _OF_A_THING.search("".join(named)[-_LONGEST:]) is not None


def _korean(sentence: str) -> list[str]:
    normal = text.normalise(sentence)
    found: list[str] = []
    start = 0
    read = glued = ""
    end = 0
    for one in text.analysed(normal):
        this = f"{one.form}/{one.tag}"
        read = f"{read}{this}"[-_LONGEST:]
        glued = f"{glued}{this}"[-_LONGEST:] if end == one.start else this
        end = one.end
        behind = _BEHIND.match(normal, end) if _CONNECTS.search(glued) else None
        if behind is None and _OF_A_THING.search(read):
            behind = _WORD_END.match(normal, end)
        if behind and behind.end() > start:
            found.append(normal[start : behind.end()].strip(" ,"))
            start = behind.end()
    return [*found, normal[start:].strip(" ,")]


def _english(sentence: str) -> list[str]:
    found: list[str] = []
    start = 0
    for opening in _OPENING.finditer(sentence):
        before = sentence[start : opening.start()]
        # "how many days | does it take" is one question, and so is "where is what | I ordered".
        within = opening["inverted"] and _ASKED.search(before) and not _IS_ASKED.search(before)
        within = within or (opening["stated"] and _ASKS.match(before))
        question = opening["inverted"] or opening["asked"]
        within = within or (not question and _LEADS_ON.search(before))
        if before and not (within or _GOES_ON.search(before) or _DEPENDS.match(before)):
            found.append(before)
            start = opening.end()
    last = sentence[start:]
    aside = _AT_THE_END.search(last)
    if aside and _ASKS.match(last):
        return [aside.group().strip(), *found, last[: aside.start()]]
    return [*found, last]
