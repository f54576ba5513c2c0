"""When an answer can be expected, in words as people say it."""

from __future__ import annotations

import datetime as dt

_WEEKDAYS = {
    "ko": ("월", "화", "수", "목", "금", "토", "일"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def when(at: dt.datetime, now: dt.datetime, zone: dt.tzinfo, locale: str) -> str:
    """``내일 오전 9시`` or ``tomorrow at 9 AM``, on the clocks of ``zone``, read now."""
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    if days > 1:
        return on(at, zone, locale)
    if locale == "ko":
        return f"{('오늘', '내일')[max(days, 0)]} {_clock(at, zone, locale)}"
    return f"{('today', 'tomorrow')[max(days, 0)]} at {_clock(at, zone, locale)}"


def on(at: dt.datetime, zone: dt.tzinfo, locale: str) -> str:
    """``11월 30일(월) 오전 9시`` or ``Monday, 30 November at 9 AM``, whenever it is read."""
    local = at.astimezone(zone)
    weekday = _WEEKDAYS[locale][local.weekday()]
    if locale == "ko":
        return f"{local.month}월 {local.day}일({weekday}) {_clock(at, zone, locale)}"
    return f"{weekday}, {local.day} {local:%B} at {_clock(at, zone, locale)}"


def _clock(at: dt.datetime, zone: dt.tzinfo, locale: str) -> str:
    local = at.astimezone(zone)
    hour = local.hour % 12 or 12
    if locale == "ko":
        minutes = f" {local.minute}분" if local.minute else ""
        return f"{'오전' if local.hour < 12 else '오후'} {hour}시{minutes}"
    minutes = f":{local.minute:02}" if local.minute else ""
    # Whoever reads English may be anywhere.
    return f"{hour}{minutes} {'AM' if local.hour < 12 else 'PM'} ({_offset(local)})"


def _offset(local: dt.datetime) -> str:
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local:%z}"
