"""What an English message that is typed without full stops says one after the other.

In Korean the ending of a verb shows where a sentence ends. In English the words show where the
next one begins: "I was charged twice | how do I get my money back".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

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
    """The clauses of an English ``sentence`` that may be said alone, in order, without the "and" or
    "but" between them; the whole if there is one."""
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


def asking(clauses: Sequence[str]) -> list[str]:
    """The one of these that asks, if just one does; else all of them."""
    found = [one for one in clauses if _ASKS.match(one)]
    return found if len(found) == 1 else [*clauses]
