"""Money: whole minor units of a currency, so that sums are exact."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from ticketing.errors import Invalid

# How many decimals a currency has, where it is not two (ISO 4217).
_DECIMALS = {
    **dict.fromkeys(("KRW", "JPY", "VND", "CLP", "ISK", "UGX", "PYG", "XAF", "XOF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
_SIGNS = {"KRW": "₩", "USD": "$", "EUR": "€", "JPY": "¥", "GBP": "£"}
# The largest amount that is believed; far inside what the database holds.
MOST = 10**15


def currency(value: str, *, field: str = "currency") -> str:
    """A currency's code; Korean won where there is none. Raises :class:`Invalid`."""
    code = value.strip().upper()
    code = {"": "KRW", "원": "KRW", "₩": "KRW"}.get(code, code)
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Invalid(field, "currency", "is not a currency code such as KRW or USD")
    return code


def minor(value: str, code: str, *, field: str = "amount") -> int:
    """Minor units of an amount as people write it: ``39,000원``, ``39.90``. Raises Invalid."""
    digits = re.sub(r"^[₩$€¥£]|원$|[,\s]", "", value.strip())
    try:
        amount = Decimal(digits).scaleb(_DECIMALS.get(code, 2))
        whole = int(amount)
        if amount != whole or not 0 <= whole <= MOST:
            raise Invalid(field, "amount", "is not an amount of this currency")
    except (InvalidOperation, OverflowError, ValueError):
        raise Invalid(field, "amount", "is not an amount") from None
    return whole


def major(amount: int, code: str) -> str:
    """The amount in the currency's main unit, for files: ``39000``, ``39.90``."""
    decimals = _DECIMALS.get(code, 2)
    return f"{Decimal(amount).scaleb(-decimals):.{decimals}f}"


def say(amount: int, code: str, lang: str) -> str:
    """For people: ``39,000원``, ``₩39,000``, ``$39.90``, ``CHF 10.00``."""
    decimals = _DECIMALS.get(code, 2)
    number = f"{Decimal(amount).scaleb(-decimals):,.{decimals}f}"
    if code == "KRW" and lang == "ko":
        return f"{number}원"
    return f"{_SIGNS[code]}{number}" if code in _SIGNS else f"{code} {number}"
