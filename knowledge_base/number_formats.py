"""What a cell of a workbook shows, from its value and its number format: 0.15 as ``15%``. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

Value = int | float | dt.datetime | dt.date | dt.time | dt.timedelta

_LONG_DATE = 'yyyy"년" mm"월" dd"일"'
# Formats that a workbook names by number only, as Korean Excel has them.
KOREAN = {
    27: _LONG_DATE, 31: _LONG_DATE, 36: _LONG_DATE, 50: _LONG_DATE, 57: _LONG_DATE,
    28: "mm-dd", 29: "mm-dd", 51: "mm-dd", 54: "mm-dd", 58: "mm-dd",
    30: "yyyy-mm-dd", 34: "yyyy-mm-dd", 35: "yyyy-mm-dd", 52: "yyyy-mm-dd",
    53: "yyyy-mm-dd", 55: "yyyy-mm-dd", 56: "yyyy-mm-dd",
    32: 'h"시" mm"분"', 33: 'h"시" mm"분" ss"초"',
}  # fmt: skip
# Shown as whoever looks has set their computer: these say nothing of how.
_BY_COMPUTER = ("mm-dd-yy", "m/d/yy h:mm")
_PART = re.compile(
    r"""(?P<quoted>"[^"]*") | \\(?P<escaped>.) | [_*]. | \[\$(?P<money>[^\]-]*)(?:-[^\]]*)?\]
    | \[(?P<elapsed>h+|m+|s+)\] | \[[^\]]*\] | (?P<half>AM/PM|A/P) | (?P<general>General|G/표준)
    | (?P<date>y+|m+|d+|h+|s+(?:\.0+)?|aaaa?) | (?P<digit>[0\#?]) | (?P<sign>[.,%])
    | (?P<odd>E[+-]|[/@](?!.*[ymd])) | (?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")
_SECTION = re.compile(r'(?:"[^"]*"|\\.|\[[^\]]*\]|[^;])*', re.DOTALL)
_MONTHS = "January February March April May June July August September October November December"
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"

Parts = Sequence[tuple[str, str]]


def shown(value: Value, code: str) -> str | None:
    """As the format shows it; None where nothing but the value is known to be right."""
    if code in _BY_COMPUTER or "[$-F" in code:
        return None
    sections = _SECTION.findall(code)[::2]
    if isinstance(value, int | float):
        section, size = _chosen(value, sections)
        return _number(size, _parts(section))
    korean = re.search(r"\[\$-(?:[\dA-F]*0?412|ko)", code, re.IGNORECASE) is not None
    return _moment(value, _parts(sections[0]), korean=korean)


def is_date(code: str) -> bool:
    """Whether a number under this format is a day or a time."""
    return any(kind in ("date", "elapsed") for kind, _ in _parts(_SECTION.findall(code)[0]))


def _parts(section: str) -> Parts:
    found = []
    for one in _PART.finditer(section):
        kind = one.lastgroup or ""
        text = one[kind] if kind else ""
        # Old workbooks in Korea have the Won as the sign that stands in its place there.
        text = {'"\\"': "₩"}.get(text, text[1:-1]) if kind == "quoted" else text
        if kind:
            found.append(("other" if kind in ("quoted", "escaped", "money") else kind, text))
    return found


def _chosen(value: float, sections: Sequence[str]) -> tuple[str, float]:
    """The section for this number, and what it shows of it: the second says "less than 0"."""
    if conditions := [_CONDITION.search(one) for one in sections[:2] if _CONDITION.search(one)]:
        for section, condition in zip(sections, conditions, strict=False):
            if condition is not None and _holds(value, condition[1], float(condition[2])):
                return section, value
        return sections[min(len(conditions), len(sections) - 1)], value
    numbers = [one for one in sections if "@" not in one] or [""]
    if value < 0 and len(numbers) > 1:
        return numbers[1], -value
    if value == 0 and len(numbers) > 2:
        return numbers[2], value
    return numbers[0], value


def _holds(value: float, sign: str, limit: float) -> bool:
    return {
        "<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit,
        "=": value == limit, "<>": value != limit,
    }[sign]  # fmt: skip


def _number(value: float, parts: Parts) -> str | None:
    kinds = {kind for kind, _ in parts}
    if kinds & {"odd", "date", "elapsed", "general"} or not parts:
        return None
    point = next((at for at, one in enumerate(parts) if one == ("sign", ".")), len(parts))
    whole = [at for at, (kind, _) in enumerate(parts[:point]) if kind == "digit"]
    behind = [at for at, (kind, _) in enumerate(parts) if kind == "digit" and at > point]
    commas = [at for at, one in enumerate(parts[:point]) if one == ("sign", ",")]
    scale = sum(at > max(whole, default=point) for at in commas)  # 1,234,567 as 1,235 thousands
    size = abs(Decimal(repr(value))) * 100 ** parts.count(("sign", "%")) / 1000**scale
    size = size.quantize(Decimal(1).scaleb(-len(behind)), ROUND_HALF_UP)
    digits, _, fraction = f"{size:f}".partition(".")
    digits = digits.lstrip("0")
    said = {at: "" for at, (kind, _) in enumerate(parts) if kind in ("digit", "sign")}
    said |= {at: "%" for at, one in enumerate(parts) if one == ("sign", "%")}
    if behind:
        said[point] = "."
    for place, at in enumerate(behind):
        needless = not fraction[place:].strip("0") and parts[at][1] != "0"
        said[at] = "" if needless else fraction[place]
    for place, at in enumerate(reversed(whole)):
        last = at == whole[0]
        own = digits[: max(len(digits) - place, 0)] if last else digits[::-1][place : place + 1]
        if not own and parts[at][1] == "0":
            own = "0"
        grouped = len(commas) > scale
        for back, digit in enumerate(reversed(own), start=place):
            comma = "," if grouped and back % 3 == 0 and back else ""
            said[at] = digit + comma + said[at]
    text = "".join(said.get(at, text) for at, (_, text) in enumerate(parts)).strip()
    return f"-{text}" if value < 0 and size else text


def _moment(
    value: dt.datetime | dt.date | dt.time | dt.timedelta, parts: Parts, *, korean: bool
) -> str | None:
    if not any(kind in ("date", "elapsed") for kind, _ in parts):
        return None
    if isinstance(value, dt.timedelta):
        return _elapsed(value, parts)
    if isinstance(value, dt.time):
        value = dt.datetime.combine(dt.date.min, value)
    elif not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    halves = any(kind == "half" for kind, _ in parts)
    text = ""
    for at, (kind, part) in enumerate(parts):
        if kind == "half":
            names = ("오전", "오후") if korean else ("AM", "PM")
            text += names[value.hour >= 12]
        elif kind == "elapsed":
            return None
        elif kind == "date":
            minutes = _minutes(parts, at)
            text += _unit(value, part.lower(), minutes=minutes, halves=halves, ko=korean)
        else:
            text += part
    return text.strip()


def _minutes(parts: Parts, at: int) -> bool:
    """Whether an ``m`` is minutes: behind hours, or before seconds."""
    before = next((text for kind, text in reversed(parts[:at]) if kind in ("date", "elapsed")), "")
    after = next((text for kind, text in parts[at + 1 :] if kind == "date"), "")
    return before[:1].lower() == "h" or after[:1].lower() == "s"


def _unit(value: dt.datetime, part: str, *, minutes: bool, halves: bool, ko: bool) -> str:
    kind, long = part[0], len(part)
    if kind == "y":
        return f"{value.year:04}" if long > 2 else f"{value.year % 100:02}"
    if kind == "a" or (kind == "d" and long > 2 and ko):
        return "월화수목금토일"[value.weekday()] + ("요일" if long > 3 else "")
    if kind == "d" and long > 2:
        name = _DAYS.split()[value.weekday()]
        return name if long > 3 else name[:3]
    if kind == "m" and not minutes and long > 2:
        name = f"{value.month}월" if ko else _MONTHS.split()[value.month - 1]
        return name if long == 4 or ko else name[: 3 if long == 3 else 1]
    number = {
        "d": value.day, "h": (value.hour % 12 or 12) if halves else value.hour,
        "m": value.minute if minutes else value.month, "s": value.second,
    }[kind]  # fmt: skip
    return f"{number:02}" if part.startswith(kind * 2) else str(number)


def _elapsed(value: dt.timedelta, parts: Parts) -> str:
    left = round(value.total_seconds())
    text = ""
    for at, (kind, part) in enumerate(parts):
        if kind in ("date", "elapsed"):
            unit = part[0].lower()
            each = {"h": 3600, "m": 60 if kind == "elapsed" or _minutes(parts, at) else 0, "s": 1}
            count, left = divmod(left, each.get(unit) or 1)
            part = f"{count:02}" if part[1:2].lower() == unit else str(count)
        text += part
    return text.strip()
