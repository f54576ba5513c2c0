"""What holds for every survey: one score that counts, changed for an hour, expired after a week."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.clock import Clock
from ticketing import conversations, csat, customers, surveys, tickets
from ticketing.errors import Conflict, NotFound, Refused
from ticketing.models import Csat, Customer, Ticket


def resolved(session: Session, customer: Customer) -> Ticket:
    customers.hold(session, customer.id)
    talk = conversations.current(session, customer_id=customer.id)
    ticket, _ = tickets.open_ticket(session, conversation=talk, reason="customer_asked")
    tickets.resolve(session, ticket)
    return ticket


@pytest.fixture
def customer(shop: Session) -> Customer:
    return customers.start_session(shop)[1]


@pytest.fixture
def survey(shop: Session, customer: Customer) -> Csat:
    made = csat.ask(shop, resolved(shop, customer))
    shop.commit()
    return made


def refused(session: Session, survey: Csat, score: int) -> str | None:
    with pytest.raises(Conflict) as no:
        surveys.rate(session, survey, score=score)
    session.commit()
    return no.value.reason


def test_a_score_can_be_changed_for_an_hour_and_all_of_it_is_kept(
    shop: Session, clock: Clock, survey: Csat
) -> None:
    assert surveys.rate(shop, survey, score=5) is None
    shop.commit()
    clock.forward(minutes=30)
    assert surveys.rate(shop, survey, score=2) == 5
    shop.commit()
    clock.forward(minutes=29)
    assert surveys.rate(shop, survey, score=3) == 2
    shop.commit()
    assert [one["score"] for one in survey.earlier] == [5, 2]
    assert survey.earlier[0]["at"] < survey.earlier[1]["at"]
    clock.forward(minutes=2)
    assert refused(shop, survey, 1) == "too_late"
    assert refused(shop, survey, 3) == "same"
    assert csat.score(shop, customer_id=survey.customer_id)["last"] == 3


def test_a_question_expires_after_a_week(shop: Session, clock: Clock, survey: Csat) -> None:
    clock.forward(days=6, hours=23)
    assert surveys.can_be_rated(shop, survey)
    shop.commit()
    clock.forward(hours=2)
    assert not surveys.can_be_rated(shop, survey)
    assert refused(shop, survey, 5) == "expired"
    assert survey.score is None and survey.earlier == []


@pytest.mark.parametrize("score", [-1, 0, 6, 10])
def test_a_score_is_on_the_scale(shop: Session, survey: Csat, score: int) -> None:
    with pytest.raises(Refused):
        surveys.rate(shop, survey, score=score)
    assert shop.scalar(select(Csat.score)) is None


def test_a_survey_is_its_customers_own(shop: Session, customer: Customer, survey: Csat) -> None:
    other = customers.start_session(shop)[1]
    assert surveys.get(shop, str(survey.id), customer_id=customer.id) is survey
    for key in (str(survey.id), "x", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFound):
            surveys.get(shop, key, customer_id=other.id)
