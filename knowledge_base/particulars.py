"""What a customer is recognised by: the number of an order, a telephone number, an e-mail address.

People write it beside their question. No article is found by it, and every question looks less like
the known ones with it.
"""

from __future__ import annotations

import re

_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
# Five digits and more, or groups of them: "12345", "20231105-0001234", "AB-12345", "010-1234-5678".
# Sums of money are none.
_NUMBER = (
    r"(?<![\w.,$€£₩-])\#?(?:[A-Za-z]{1,4}-?)?\d[\d-]{3,}\d"
    r"(?![\w.,]*\d|[A-Za-z]|\s*(?:원|개|won\b|krw\b|usd\b|dollars?\b|euros?\b))"
)
_NAME_KO = r"""
    (?:제\s*)? (?:(?:주문|송장|운송장|예약|접수|전화|휴대폰|핸드폰)\s*번호|연락처|이메일|메일)
    (?:\s*주소)? (?:는|은|가|이)? \s* [:：]?
"""
_NAME_EN = r"""
    (?:my\s+)? \b (?:(?:order|tracking|account|customer|phone)\s+(?:number|no\.?|id)
                    |e-?mail(?:\s+address)?) (?:\s+is)? \s* :?
"""
_ENDING = r"(?:입니다|이에요|이예요|예요|에요|이요|인데요?|이고요?|이구요|고요|요)(?![가-힣])"
_FOUND = re.compile(
    rf"(?:{_NAME_KO}\s*|(?P<name>{_NAME_EN})\s*)?(?:{_EMAIL}|{_NUMBER})(?:\s*{_ENDING})?",
    re.VERBOSE | re.IGNORECASE,
)
# What goes on with the name of what follows: "where is my order number 12345".
_GOES_ON = re.compile(
    r"\b(?:is|are|of|for|about|with|on|to|in|from|the|this|that|and|where['’]?s"
    r"|cancel|track|return|refund|change|find|check|see)\s*$",
    re.IGNORECASE,
)


def strip(question: str) -> str:
    """The question without what the customer is recognised by; may be empty."""
    rest, found = _FOUND.subn(_left, question)
    return re.sub(r" +", " ", rest).strip() if found else question


def _left(found: re.Match[str]) -> str:
    name = found["name"]
    before = found.string[: found.start()]
    return f"{name} " if name and _GOES_ON.search(before) else " "
