"""Times in the words of people: how long ago, what time of day, which day."""

from __future__ import annotations

import datetime as dt

from connectors.web.console.words import say


def span(seconds: float, lang: str) -> str:
    """A duration in its largest unit: ``방금``, ``5분``, ``3시간``, ``2일``."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return say("ago.now", lang)
    if minutes < 60:
        return say("ago.min", lang, n=minutes)
    if minutes < 24 * 60:
        return say("ago.hour", lang, n=minutes // 60)
    return say("ago.day", lang, n=minutes // (24 * 60))


def waits(since: dt.datetime, lang: str) -> str:
    """How long something waits since then."""
    seconds = (dt.datetime.now(dt.UTC) - since).total_seconds()
    return span(seconds, lang) if seconds < 60 else say("ago.waits", lang, time=span(seconds, lang))


def ago(then: dt.datetime, lang: str) -> str:
    """How long ago that was."""
    seconds = (dt.datetime.now(dt.UTC) - then).total_seconds()
    return span(seconds, lang) if seconds < 60 else say("ago.was", lang, time=span(seconds, lang))


def apart(at: dt.datetime, lang: str) -> str:
    """How far away it is, on either side of now."""
    return span(abs((dt.datetime.now(dt.UTC) - at).total_seconds()), lang)


def clock(at: dt.datetime, lang: str, zone: dt.tzinfo) -> str:
    """The time of day: ``오후 3:05`` or ``3:05 PM``."""
    local = at.astimezone(zone)
    hour = local.hour % 12 or 12
    if lang == "ko":
        return f"{'오전' if local.hour < 12 else '오후'} {hour}:{local.minute:02}"
    return f"{hour}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"


def day(at: dt.datetime | dt.date, lang: str, zone: dt.tzinfo) -> str:
    """The date, without the year where it is this one."""
    local = at.astimezone(zone) if isinstance(at, dt.datetime) else at
    this_year = local.year == dt.datetime.now(zone).year
    if lang == "ko":
        named = f"{local.month}월 {local.day}일 {'월화수목금토일'[local.weekday()]}요일"
        return named if this_year else f"{local.year}년 {named}"
    return f"{local:%a}, {local.day} {local:%b}" + ("" if this_year else f" {local.year}")
