"""When an answer can be expected, in words as people say it."""

from __future__ import annotations

import datetime as dt

_WEEKDAYS = {
    "ko": ("월", "화", "수", "목", "금", "토", "일"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def when(at: dt.datetime, now: dt.datetime, zone: dt.tzinfo, locale: str) -> str:
    """``내일 오전 9시`` or ``tomorrow at 9 AM``, on the clocks of ``zone``."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    weekday = _WEEKDAYS[locale][local.weekday()]
    hour = local.hour % 12 or 12
    if locale == "ko":
        minutes = f" {local.minute}분" if local.minute else ""
        time = f"{'오전' if local.hour < 12 else '오후'} {hour}시{minutes}"
        if days <= 1:
            return f"{('오늘', '내일')[max(days, 0)]} {time}"
        return f"{local.month}월 {local.day}일({weekday}) {time}"
    minutes = f":{local.minute:02}" if local.minute else ""
    time = f"{hour}{minutes} {'AM' if local.hour < 12 else 'PM'}"
    # Whoever reads English may be anywhere.
    time = f"{time} ({_offset(local)})"
    if days <= 1:
        return f"{('today', 'tomorrow')[max(days, 0)]} at {time}"
    return f"{weekday}, {local.day} {local:%B} at {time}"


def _offset(local: dt.datetime) -> str:
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local:%z}"
