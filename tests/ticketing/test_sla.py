"""Service levels: what is promised, when it is paused, when it is broken."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from tests.clock import Clock
from ticketing import conversations, customers, hours, sla, teams, tickets
from ticketing.errors import Refused
from ticketing.hours import WEEKDAYS, Span
from ticketing.models import Target, Team, Ticket
from ticketing.sla import BROKEN, Goals

SEOUL = ZoneInfo("Asia/Seoul")
SOON = dt.timedelta(seconds=5)


def seoul(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """November 2026; the 26th is a Thursday."""
    return dt.datetime(2026, 11, day, hour, minute, tzinfo=SEOUL)


def office(session: Session, *spans: Span, **values: object) -> Team:
    """A shop that is open from nine to six, unless it says otherwise."""
    wanted: dict[str, object] = {
        "name": "상담팀",
        "zone": "Asia/Seoul",
        "country": "KR",
        "locale": "",
        "pickup_minutes": 10,
        "silent_minutes": 60,
        "routing": "offer",
        "days_off": (),
    }
    return teams.save(
        session,
        teams.first(session),
        spans=spans or WEEKDAYS,
        **(wanted | values),  # type: ignore[arg-type]
    )


def ticket(session: Session, *, question: str = "", locale: str = "ko") -> Ticket:
    _, customer = customers.start_session(session, locale=locale)
    conversation = conversations.current(session, customer_id=customer.id)
    made, _ = tickets.open_ticket(
        session, conversation=conversation, reason="customer_asked", question=question
    )
    return made


def due(session: Session, of: Ticket, kind: str) -> dt.datetime | None:
    return session.get_one(Target, (of.id, kind)).due_at


def near(found: dt.datetime | None, wanted: dt.datetime) -> bool:
    return found is not None and abs(found - wanted) < SOON


def test_goals_are_business_time(clock: Clock, shop: Session) -> None:
    clock.run_from(seoul(27, 17, 45))  # a quarter of an hour before the weekend
    office(shop)
    made = ticket(shop)
    assert near(due(shop, made, "first"), seoul(30, 9, 15))
    assert near(due(shop, made, "resolution"), dt.datetime(2026, 12, 2, 14, 45, tzinfo=SEOUL))
    tickets.prioritise(shop, made, "urgent")
    assert near(due(shop, made, "first"), seoul(27, 17, 55))
    assert tickets.listing(shop, overdue=True) == []
    shop.commit()
    clock.forward(minutes=11)
    assert tickets.listing(shop, overdue=True) == [made]
    (standing,) = sla.standings(shop, [made.id]).values()
    assert (standing.kind, standing.warned, standing.broken) == ("first", True, True)


def test_the_end_waits_for_the_customer_and_the_answers_do_not_wait(
    clock: Clock, shop: Session
) -> None:
    clock.run_from(seoul(26, 10))
    office(shop)
    made = ticket(shop)
    shop.commit()
    clock.forward(minutes=20)
    assert sla.answered(shop, made)
    assert due(shop, made, "first") is None and due(shop, made, "resolution") is None
    shop.commit()
    clock.forward(days=28)
    sla.customer_wrote(shop, made)
    now = clock.now()
    assert near(due(shop, made, "next"), now + dt.timedelta(hours=1))
    left = 24 * 60 - 20
    spent = shop.get_one(Target, (made.id, "resolution")).spent_s
    assert spent == pytest.approx(20 * 60, abs=5)
    plan = teams.plan(shop, None)
    assert near(
        due(shop, made, "resolution"), hours.add(plan.hours, now, dt.timedelta(minutes=left))
    )
    # Put off: the end waits; the customer, who waits for an answer, does not see why they should.
    tickets.snooze(shop, made, until=now + dt.timedelta(days=1))
    assert due(shop, made, "resolution") is None and due(shop, made, "next") is not None
    tickets.wake(shop, made)
    assert due(shop, made, "resolution") is not None


def test_late_is_late_and_a_reopened_ticket_begins_anew(clock: Clock, shop: Session) -> None:
    clock.run_from(seoul(26, 10))
    office(shop)
    made = ticket(shop)
    shop.commit()
    clock.forward(minutes=31)
    sla.answered(shop, made)
    first = shop.get_one(Target, (made.id, "first"))
    assert first.told == BROKEN and near(first.met_at, seoul(26, 10, 31))
    tickets.resolve(shop, made)
    assert sla.running(shop, made) == [] and made.waiting_since is None
    shop.commit()
    clock.forward(days=7)
    tickets.reopen(shop, made)
    assert near(due(shop, made, "next"), seoul(26, 11, 31) + dt.timedelta(days=7))
    assert shop.get_one(Target, (made.id, "resolution")).spent_s == 0
    assert shop.get_one(Target, (made.id, "first")).told == BROKEN


def test_other_hours_and_goals_hold_at_once(clock: Clock, shop: Session) -> None:
    clock.run_from(seoul(26, 10))
    made = ticket(shop)
    assert near(due(shop, made, "first"), seoul(26, 10, 30))  # always open
    office(shop, Span(3, 14 * 60, 18 * 60))
    sla.set_policy(shop, priority="normal", tier="", goals=Goals(45, 60, 600))
    sla.set_policy(shop, priority="normal", tier="VIP", goals=Goals(5, 10, 60))
    sla.refit(shop, made)
    assert near(due(shop, made, "first"), seoul(26, 14, 45))
    assert sla.goals(shop, priority="normal", tier="VIP") == Goals(5, 10, 60)
    assert sla.goals(shop, priority="normal", tier="기타") == Goals(45, 60, 600)
    sla.set_policy(shop, priority="normal", tier="", goals=None)
    assert sla.goals(shop, priority="normal") == sla.DEFAULTS["normal"]
    for wrong in (("huge", Goals(1, 1, 1)), ("low", Goals(0, 1, 1))):
        with pytest.raises(Refused):
            sla.set_policy(shop, priority=wrong[0], tier="", goals=wrong[1])


def test_a_team_that_never_opens_promises_nothing(clock: Clock, shop: Session) -> None:
    clock.run_from(seoul(26, 10))
    days = [dt.date(2026, 11, 1) + dt.timedelta(days=n) for n in range(500)]
    office(shop, days_off=days)
    made = ticket(shop)
    assert sla.running(shop, made) == []
    office(shop)
    sla.refit(shop, made)
    assert near(due(shop, made, "first"), seoul(26, 10, 30))


def test_the_queue_is_in_the_order_of_promises(clock: Clock, shop: Session) -> None:
    clock.run_from(seoul(26, 10))
    office(shop)
    low, normal = ticket(shop), ticket(shop)
    tickets.prioritise(shop, low, "low")
    high = ticket(shop)
    tickets.prioritise(shop, high, "high")
    assert tickets.listing(shop) == [high, normal, low]
    shop.commit()
    clock.forward(hours=3, minutes=50)
    fresh = ticket(shop)
    # The oldest promise goes first, whoever shouts louder now; but urgent is urgent.
    assert tickets.listing(shop) == [high, normal, low, fresh]
    tickets.prioritise(shop, fresh, "urgent")
    assert tickets.listing(shop)[0] is fresh


def test_a_language_has_its_own_team_and_hours(clock: Clock, shop: Session) -> None:
    clock.run_from(seoul(26, 10))
    office(shop)
    night = teams.save(
        shop,
        None,
        name="London",
        zone="Europe/London",
        country="GB",
        locale="en",
        pickup_minutes=5,
        silent_minutes=0,
        routing="off",
        spans=WEEKDAYS,
        days_off=(),
    )
    made = ticket(shop, locale="en")
    assert made.team_id == night.id
    assert near(due(shop, made, "first"), seoul(26, 18, 30))
    assert ticket(shop).team_id is None
    plan = teams.plan(shop, night.id)
    assert (plan.silent, plan.routing) == (None, "off")
    teams.remove(shop, night)
    shop.expire(made)
    assert made.team_id is None
    with pytest.raises(Refused):
        teams.remove(shop, teams.every(shop)[0])


def test_settings_that_cannot_be_are_refused(shop: Session) -> None:
    for wrong in (
        {"name": " "},
        {"zone": "Asia/Nowhere"},
        {"zone": "../etc/passwd"},
        {"country": "XX"},
        {"locale": "de"},
        {"pickup_minutes": 0},
        {"silent_minutes": 99999},
        {"routing": "force"},
    ):
        with pytest.raises(Refused):
            office(shop, **wrong)
    with pytest.raises(Refused):
        office(shop, Span(0, 60, 120), Span(0, 60, 180))
