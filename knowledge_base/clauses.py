"""What a single sentence says one after the other: what happened, and what is asked.

In Korean a connective shows it: "선물로 산 가방인데 | 환불 언제 돼요". In English, where full stops
are left out, the words show where the next clause begins: "I was charged twice | how do I get my
money back".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge_base import text

# Connectives behind "because" and "although", as the analyser reads them: "사람인데", "했지만", and
# "작은데", which to it is sometimes a noun behind an ending.
_CONNECTS = re.compile(
    r"(?:(?:(?:는|은|\u11ab|던)데|지만)/EC|(?:은|는|\u11ab|던)/ETM데/NNB|그런/MM데/NNB)$"
)
_BEHIND = re.compile(r"요?(?=[\s,]+\w)")
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


def split(sentence: str) -> list[str]:
    """The clauses of a ``sentence`` that may be said alone, in order, in English without the "and"
    or "but" between them; the whole if there is one."""
    return _korean(sentence) if text.has_hangul(sentence) else _english(sentence)


def asking(clauses: Sequence[str]) -> list[str]:
    """Those of these that ask: in Korean the last one, in English the one that does, if just one
    does; else all of them."""
    if text.has_hangul(clauses[-1]):
        return [clauses[-1]]
    found = [one for one in clauses if _ASKS.match(one)]
    return found if len(found) == 1 else [*clauses]


def _korean(sentence: str) -> list[str]:
    normal = text.normalise(sentence)
    found: list[str] = []
    start = 0
    before = None
    for one in text.analysed(normal):
        read = f"{one.form}/{one.tag}"
        if before is not None and before.end == one.start:
            read = f"{before.form}/{before.tag}{read}"
        before = one
        behind = _BEHIND.match(normal, one.end)
        if behind and _CONNECTS.search(read):
            found.append(normal[start : behind.end()].strip(" ,"))
            start = behind.end()
    return [*found, normal[start:].strip(" ,")]


def _english(sentence: str) -> list[str]:
    found: list[str] = []
    start = 0
    for opening in _OPENING.finditer(sentence):
        before = sentence[start : opening.start()]
        # "how many days | does it take" is one question, and so is "where is what | I ordered".
        within = opening["inverted"] and _ASKED.search(before)
        within = within or (opening["stated"] and _ASKS.match(before))
        question = opening["inverted"] or opening["asked"]
        within = within or (not question and _LEADS_ON.search(before))
        if before and not (within or _GOES_ON.search(before) or _DEPENDS.match(before)):
            found.append(before)
            start = opening.end()
    return [*found, sentence[start:]]
