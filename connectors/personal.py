"""Personal data in what was said, replaced before it is shown to more people. Pure.

What has a form is found: addresses, telephone, order and other long numbers, ticket codes, and
names that are told. It is a help for whoever reads the text over, not a promise that nothing is
left.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
# 010-1234-5678, (02) 123-4567, 0505…, +82 10…; numbers that everybody may call, 1588-…, stay.
_PHONE = re.compile(
    r"(?<![\d-])(?:\+82[-.\s]?\(?0?\)?|\(?0)(?:1[016789]|2|[3-6]\d|70|50\d)\)?"
    r"[-.\s]?\d{3,4}[-.\s]?\d{4}(?![\d-])"
)
_RESIDENT = re.compile(r"(?<![\d-])\d{6}\s?-\s?[1-8]\d{6}(?![\d-])")
_ORDER = re.compile(
    r"((?:주문|송장|운송장|접수|예약)\s*번호\s*(?:는|은|가|:|：)?\s*#?|"
    r"\b(?:order|tracking|invoice)(?:\s+(?:number|no\.?|id))?\s*(?:is|:)?\s*#?)"
    r"([A-Za-z]{0,6}-?\d[\w-]{3,})",
    re.IGNORECASE | re.ASCII,
)
# As ticketing.tickets makes it. In small letters it would be "t-square".
_TICKET = re.compile(r"(?<![\w-])T-[2-9A-HJKMNP-Z]{6}(?![\w-])", re.ASCII)
# A card, an account, an order without a word before it. Dates and prices are shorter.
_NUMBER = re.compile(
    r"(?<![\w,.-])[A-Za-z]{0,6}-?(?:\d{8,}(?:-\d+)*|\d{2,6}(?:-\d{2,8}){2,3}(?<!-\d\d))(?![\d-])",
    re.ASCII,
)

_PLACES = {
    "ko": {
        "email": "[이메일]",
        "phone": "[전화번호]",
        "resident": "[주민등록번호]",
        "order": "[주문번호]",
        "ticket": "[접수번호]",
        "number": "[번호]",
        "name": "[이름]",
    },
    "en": {
        "email": "[email]",
        "phone": "[phone number]",
        "resident": "[resident number]",
        "order": "[order number]",
        "ticket": "[ticket code]",
        "number": "[number]",
        "name": "[name]",
    },
}

# As a link's words, `[email](mailto:…)`, it is no placeholder.
_WORDS = "|".join(one[1:-1] for places in _PLACES.values() for one in places.values())
_PLACE = re.compile(rf"\[(?:{_WORDS})\](?!\()")


def taken_out(text: str, *, locale: str) -> str:
    """The text without the personal data in it, with nothing in its place."""
    whole = unicodedata.normalize("NFKC", text)  # full-width digits are digits
    return " ".join(_PLACE.sub(" ", without(whole, locale=locale)).split())


def placeholder(text: str) -> str | None:
    """The first placeholder of :func:`without` that still stands in ``text``."""
    found = _PLACE.search(text)
    return found[0] if found else None


def without(text: str, *, locale: str, names: Iterable[str | None] = ()) -> str:
    """The text with placeholders in the language ``locale`` for the personal data in it."""
    place = _PLACES[locale]
    text = _TICKET.sub(place["ticket"], text)
    text = _EMAIL.sub(place["email"], text)
    text = _RESIDENT.sub(place["resident"], text)
    text = _PHONE.sub(place["phone"], text)
    text = _ORDER.sub(lambda found: found[1] + place["order"], text)
    text = _NUMBER.sub(place["number"], text)
    for name in names:
        if name and len(name.strip()) > 1:
            text = text.replace(name.strip(), place["name"])
    return text
