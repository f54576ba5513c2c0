"""What a customer is recognised by: the number of an order, a telephone number, an e-mail address.

People write it beside their question, which looks less like the known ones with it. What an article
says itself, as the number of an error or of the shop's telephone, is no such thing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_EMAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
# Five digits and more, or groups of them: "12345", "20231105-0001234", "AB-12345", "010-1234-5678".
# Sums of money and other amounts are none.
_DIGITS = r"\d[\d-]{3,}\d"
_AMOUNT = (
    r"\s?(?:원|포인트|won|krw|usd|dollars?|euros?|points?|kg|g|km|m|cm|mm|ml|l|mb|gb)(?![A-Za-z])"
    r"|개|점|명|만|천|건|장|번째|시간|분|초|일|년|월|회|자"
)
_NUMBER = rf"(?<![\w.,$€£₩-])\#?(?:[A-Za-z]{{1,4}}-?)?{_DIGITS}(?![\w.,]*\d|[A-Za-z]|{_AMOUNT})"
# "i spent over 50000": nobody's order has such a number, unless they say so.
_ROUND = re.compile(r"[1-9]\d{0,3}000")
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
    rf"(?:{_NAME_KO}\s*|(?P<name>{_NAME_EN})\s*)?(?P<value>{_EMAIL}|{_NUMBER})(?:\s*{_ENDING})?",
    re.VERBOSE | re.IGNORECASE,
)
# What goes on with the name of what follows: "where is my order number 12345".
_GOES_ON = re.compile(
    r"\b(?:is|are|of|for|about|with|on|to|in|from|the|this|that|and|where['’]?s"
    r"|cancel|track|return|refund|change|find|check|see)\s*$",
    re.IGNORECASE,
)


class Particulars:
    """What in a question is no part of it, where these texts are published."""

    def __init__(self, published: Iterable[str] = ()) -> None:
        self._published: set[str] = set()
        for text in published:
            kind = rf"{_EMAIL}|{_DIGITS}" if "@" in text else _DIGITS
            self._published.update(map(_bare, re.findall(kind, text)))

    def strip(self, question: str) -> str:
        """The question without what the customer is recognised by; may be empty."""
        rest, found = _FOUND.subn(self._left, question)
        return re.sub(r" +", " ", rest).strip() if found else question

    def _left(self, found: re.Match[str]) -> str:
        if _bare(found["value"]) in self._published:
            return found.group()
        if found.start() == found.start("value") and _ROUND.fullmatch(found["value"]):
            return found.group()
        name = found["name"]
        before = found.string[: found.start()]
        return f"{name} " if name and _GOES_ON.search(before) else " "


def _bare(value: str) -> str:
    """As it is compared: an address, or the digits of a number."""
    return value.lower() if "@" in value else re.sub(r"\D", "", value)
