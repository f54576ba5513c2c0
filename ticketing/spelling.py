"""How what is known of a person is written, so that the same thing is always written the same."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from ticketing.errors import Invalid

# Numbers without a country are Korean ones.
COUNTRY = "82"
# Unlike other characters that nobody has given a meaning, these two are refused by XML, and with it
# by whoever opens a workbook.
NO_XML = "\ufffe\uffff"
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,190}")
_PHONE = re.compile(r"\+?[\d\s().\-/]+")
_DATE = re.compile(
    r"(\d{4})\s*[-./년]?\s*(\d{1,2})\s*[-./월]?\s*(\d{1,2})\s*일?\.?(?:[ T]0?0:00.*)?"
)


def text(field: str, value: str, *, limit: int) -> str | None:
    """One line as people wrote it, tidied; ``None`` for nothing. Raises :class:`Invalid`."""
    tidy = " ".join(unicodedata.normalize("NFC", value).split())
    if not tidy:
        return None
    if any(unicodedata.category(one) in ("Cc", "Cs", "Co") or one in NO_XML for one in tidy):
        raise Invalid(field, "characters", "has characters that cannot be kept")
    if len(tidy) > limit:
        raise Invalid(field, "long", f"has more than {limit} characters")
    return tidy


def words(field: str, value: str, *, limit: int) -> str | None:
    """Words with line breaks; otherwise as :func:`text`."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    lines = [text(field, line, limit=limit) or "" for line in plain.split("\n")]
    tidy = "\n".join(lines).strip()
    if len(tidy) > limit:
        raise Invalid(field, "long", f"has more than {limit} characters")
    return tidy or None


def email(value: str, *, field: str = "email") -> str | None:
    """An e-mail address. Its case is kept, and does not matter when it is looked for."""
    tidy = text(field, value, limit=254)
    if tidy is None:
        return None
    domain = tidy.rpartition("@")[2]
    if not _EMAIL.fullmatch(tidy) or "." not in domain.strip(".") or ".." in domain:
        raise Invalid(field, "email", "is not an e-mail address")
    return tidy


def phone(value: str, *, field: str = "phone") -> str | None:
    """A telephone number in E.164, ``+821012345678``; ``None`` for nothing.

    A number without a country code is Korean. A spreadsheet drops the first zero of a mobile
    number; it is put back.
    """
    tidy = text(field, value, limit=40)
    if tidy is None:
        return None
    if not _PHONE.fullmatch(tidy):
        raise Invalid(field, "phone", "is not a telephone number")
    digits = re.sub(r"\D", "", tidy)
    if tidy.startswith("+"):
        international = digits
        if digits.startswith(COUNTRY + "0"):  # +82 (0)10 …
            international = COUNTRY + digits[3:]
    elif digits.startswith("00"):
        international = digits[2:]
    elif digits.startswith("0"):
        international = COUNTRY + digits[1:]
    elif digits.startswith(COUNTRY) and len(digits) >= 11:
        international = digits
    elif re.fullmatch(r"1[016-9]\d{7,8}", digits) or re.fullmatch(r"1[5-9]\d{6}", digits):
        international = COUNTRY + digits  # 10 1234 5678 without its zero, or 1588-1234
    else:
        raise Invalid(field, "phone", "is not a telephone number")
    shortest = 8 + len(COUNTRY) if international.startswith(COUNTRY) else 8
    if not shortest <= len(international) <= 15 or international.startswith("0"):
        raise Invalid(field, "phone", "is not a telephone number")
    return f"+{international}"


def national(number: str) -> str:
    """A number as people here write it: ``010-1234-5678``; others in E.164, as they are."""
    if not number.startswith(f"+{COUNTRY}"):
        return number
    rest = number[1 + len(COUNTRY) :]
    if re.fullmatch(r"1[5-9]\d{6}", rest):
        return f"{rest[:4]}-{rest[4:]}"
    area = "2" if rest.startswith("2") else rest[:2]
    local = rest[len(area) :]
    if not 7 <= len(local) <= 8:
        return f"0{rest}"
    return f"0{area}-{local[:-4]}-{local[-4:]}"


def date(field: str, value: str | dt.date) -> dt.date | None:
    """A day: ``1990-03-15``, ``1990.3.15``, ``19900315``, ``1990년 3월 15일``."""
    if isinstance(value, dt.date):
        return value
    tidy = value.strip()
    if not tidy:
        return None
    found = _DATE.fullmatch(tidy)
    try:
        if found is None:
            raise ValueError
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise Invalid(field, "date", "is not a date such as 1990-03-15") from None
