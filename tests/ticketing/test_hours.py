"""Business hours: examples that a shop knows, and arithmetic against a slow, obvious reference."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ticketing.hours import (
    DAY,
    WEEKDAYS,
    Hours,
    Span,
    add,
    between,
    is_open,
    next_close,
    next_open,
    public_holidays,
)

SEOUL = ZoneInfo("Asia/Seoul")
OFFICE = Hours(WEEKDAYS)


def seoul(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=SEOUL)  # type: ignore[misc,arg-type]


def test_an_evening_a_weekend_and_a_holiday() -> None:
    assert is_open(OFFICE, seoul(2026, 11, 26, 9, 0))
    assert not is_open(OFFICE, seoul(2026, 11, 26, 18, 0))
    assert next_open(OFFICE, seoul(2026, 11, 26, 18, 0)) == seoul(2026, 11, 27, 9)
    assert next_open(OFFICE, seoul(2026, 11, 27, 18, 0)) == seoul(2026, 11, 30, 9)
    assert next_close(OFFICE, seoul(2026, 11, 26, 11)) == seoul(2026, 11, 26, 18)
    # 광복절 2026 is a Saturday; the Monday after it is its substitute.
    assert next_open(OFFICE, seoul(2026, 8, 14, 18)) == seoul(2026, 8, 18, 9)
    assert is_open(Hours(WEEKDAYS, country=""), seoul(2026, 8, 17, 10))
    assert next_open(
        Hours(WEEKDAYS, days_off=frozenset({dt.date(2026, 11, 27)})), seoul(2026, 11, 26, 20)
    ) == seoul(2026, 11, 30, 9)


def test_lunch_and_a_night_shift() -> None:
    lunch = Hours(tuple(Span(d, a * 60, b * 60) for d in range(5) for a, b in ((9, 12), (13, 18))))
    assert add(lunch, seoul(2026, 11, 26, 11, 30), dt.timedelta(hours=1)) == seoul(
        2026, 11, 26, 13, 30
    )
    night = Hours((Span(4, 22 * 60, 26 * 60),), country="")  # Friday 22:00 to Saturday 02:00
    assert is_open(night, seoul(2026, 11, 28, 1, 59)) and not is_open(night, seoul(2026, 11, 28, 2))
    assert between(night, seoul(2026, 11, 27), seoul(2026, 11, 29)) == dt.timedelta(hours=4)
    # The holiday closes what begins on it, not the end of the night before.
    off = Hours(night.spans, country="", days_off=frozenset({dt.date(2026, 11, 28)}))
    assert is_open(off, seoul(2026, 11, 28, 1))


def test_without_hours_a_team_is_always_there_and_with_none_left_never() -> None:
    at = seoul(2026, 1, 1, 3)
    assert is_open(Hours(), at) and next_close(Hours(), at) is None
    assert add(Hours(), at, dt.timedelta(hours=5)) == at + dt.timedelta(hours=5)
    days = frozenset(dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(500))
    never = Hours(WEEKDAYS, days_off=days)
    assert next_open(never, at) is None and add(never, at, dt.timedelta(minutes=1)) is None
    assert between(never, at, at + dt.timedelta(days=100)) == dt.timedelta(0)


def test_korean_holidays_have_their_substitutes() -> None:
    found = public_holidays("KR", 2027)
    assert found[dt.date(2027, 2, 9)] == "설날 대체 휴일" and dt.date(2027, 12, 27) in found
    assert public_holidays("", 2027) == {}


@pytest.mark.parametrize("wrong", [(7, 0, 60), (0, -1, 60), (0, 60, 60), (0, 60, 60 + DAY + 1)])
def test_what_is_no_span_is_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="span"):
        Span(*wrong)


# The reference: look at a clock on the wall every minute.
HALF = 30
ZONES = ("Asia/Seoul", "UTC", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland")


def wall(hours: Hours, at: dt.datetime) -> bool:
    local = at.astimezone(ZoneInfo(hours.zone))
    for back in (0, 1):
        day = local.date() - dt.timedelta(days=back)
        minute = local.hour * 60 + local.minute + back * DAY
        for span in hours.spans:
            on = span.weekday == day.weekday() and day not in hours.days_off
            if on and span.opens <= minute < span.closes:
                return True
    return False


@st.composite
def somebodys_hours(draw: st.DrawFn) -> Hours:
    # Not at the hour in which clocks are changed: what a shop means by that, nobody can say.
    edge = st.integers(0, 47).map(lambda n: n * HALF).filter(lambda m: not 60 <= m < 210)
    spans = []
    for weekday in draw(st.lists(st.integers(0, 6), min_size=1, max_size=8)):
        opens = draw(edge)
        closes = draw(edge)
        spans.append(Span(weekday, opens, closes if closes > opens else closes + DAY))
    days = draw(st.frozensets(st.integers(0, 13), max_size=4))
    return Hours(
        tuple(spans),
        zone=draw(st.sampled_from(ZONES)),
        country="",
        days_off=frozenset(FIRST.date() + dt.timedelta(days=n) for n in days),
    )


# Clocks are set forward in New York on 8 March 2026, and back in Auckland on 5 April.
FIRST = dt.datetime(2026, 3, 6, tzinfo=dt.UTC)
STARTS = st.integers(0, 32 * 24 * 4).map(lambda n: FIRST + dt.timedelta(minutes=15 * n))


@settings(max_examples=60, deadline=None)
@given(somebodys_hours(), STARTS, st.integers(0, 4 * DAY))
def test_between_counts_the_open_minutes(hours: Hours, start: dt.datetime, minutes: int) -> None:
    end = start + dt.timedelta(minutes=minutes)
    open_minutes = sum(wall(hours, start + dt.timedelta(minutes=n)) for n in range(minutes))
    assert between(hours, start, end) == dt.timedelta(minutes=open_minutes)
    assert is_open(hours, start) is wall(hours, start)


@settings(max_examples=60, deadline=None)
@given(somebodys_hours(), STARTS, st.integers(1, 20 * 60))
def test_add_is_the_first_minute_by_which_so_many_were_open(
    hours: Hours, start: dt.datetime, minutes: int
) -> None:
    at, left = start, minutes
    for _ in range(14 * DAY):
        if left == 0:
            assert add(hours, start, dt.timedelta(minutes=minutes)) == at
            return
        left -= wall(hours, at)
        at += dt.timedelta(minutes=1)
    reached = add(hours, start, dt.timedelta(minutes=minutes))
    assert reached is None or reached > start + dt.timedelta(days=14) - dt.timedelta(minutes=1)


@given(somebodys_hours(), STARTS, st.integers(1, 20_000), st.integers(1, 20_000))
@settings(max_examples=100, deadline=None)
def test_the_two_undo_each_other(hours: Hours, start: dt.datetime, one: int, two: int) -> None:
    first = add(hours, start, dt.timedelta(seconds=one))
    both = add(hours, start, dt.timedelta(seconds=one + two))
    if first is None or both is None:
        return
    assert between(hours, start, first) == dt.timedelta(seconds=one)
    assert add(hours, first, dt.timedelta(seconds=two)) == both
