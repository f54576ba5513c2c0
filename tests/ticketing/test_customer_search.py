"""Customers are found by whatever an agent has in hand, and only those."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.ticketing.test_purchases import ORDER
from ticketing import conversations, customer_search, customers, purchases, record, tickets
from ticketing.record import Author

ME = Author(name="가져오기", source="import")


@pytest.fixture
def people(session: Session) -> dict[str, uuid.UUID]:
    made = {}
    for number, name, email, phone in (
        ("C-1", "김민수", "minsu.kim@naver.com", "010-1234-5678"),
        ("C-2", "김 민지", "MINJI@gmail.com", "010-8765-4321"),
        ("C-3", "Emma Garcia", "emma@example.com", "+1 415 555 0100"),
        ("ab-9", "황보 관", None, None),
    ):
        values = {"name": name, "email": email, "phone": phone}
        customer = record.at_shop(session, number, values=values, by=ME)
        assert customer is not None
        made[name] = customer.id
    purchases.put(session, made["김민수"], ORDER, by=ME)
    return made


def test_found_by_any_part_of_what_is_known(session: Session, people: object) -> None:
    for search, names in (
        ("김민수", {"김민수"}),
        ("민수", {"김민수"}),
        ("김민", {"김민수", "김 민지"}),
        ("김", {"김민수", "김 민지"}),
        ("김 민 지", {"김 민지"}),
        ("황보관", {"황보 관"}),
        ("garcia", {"Emma Garcia"}),
        ("em", {"Emma Garcia"}),
        ("minsu.kim@naver.com", {"김민수"}),
        ("MINJI@", {"김 민지"}),
        ("su.ki", {"김민수"}),
        ("010-1234-5678", {"김민수"}),
        ("+82 10 1234 5678", {"김민수"}),
        ("01012345678", {"김민수"}),
        ("5678", {"김민수"}),
        ("8765", {"김 민지"}),
        ("415-555", {"Emma Garcia"}),
        ("C-2", {"김 민지"}),
        ("c-2", {"김 민지"}),
        ("2026-00", {"김민수"}),
        ("2026-0001", {"김민수"}),
        ("수민", set()),
        ("50%", set()),
        ("_", set()),
        ("\x00", {"김민수", "김 민지", "Emma Garcia", "황보 관"}),
    ):
        found = customer_search.find(session, search=search)
        assert {one.name for one, _ in found} == names, search


def test_more_are_found_for_who_wants_to_see_more(
    session: Session, people: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(customer_search, "CANDIDATES", 1)
    assert len(customer_search.find(session, search="김", limit=2)) == 2


def test_visitors_by_tag_and_tickets_by_code(session: Session) -> None:
    _, visitor = customers.start_session(session)
    conversation = conversations.current(session, customer_id=visitor.id)
    ticket, _ = tickets.open_ticket(session, conversation=conversation, reason="customer_asked")
    ticket.code = "T-TYXYSK"  # begins with the letter that may be left out
    session.flush()
    other = customers.start_session(session)[1]
    for search in (
        customers.label(visitor),
        str(visitor.id)[:8],
        str(visitor.id),
        ticket.code,
        "tyxysk",
        "t-tyxysk",
        "TTYXYSK",
    ):
        found = [one.id for one, _ in customer_search.find(session, search=search)]
        assert visitor.id in found, search
        assert other.id not in found or str(other.id)[:4] == str(visitor.id)[:4]
    ((first, last),) = customer_search.find(session)
    assert first.id == visitor.id and last is not None, (
        "who never wrote and has no name is left out"
    )


def test_a_million_would_go_through_indexes(session: Session, people: object) -> None:
    """No way to look for something reads the whole table."""
    session.execute(text("SET LOCAL enable_seqscan = off"))
    for search in ("김민수", "김", "em", "emma", "010-1234-5678", "5678", "C-1", "a1b2"):
        for way in customer_search.ways(customer_search.plain(search)):
            sql = way.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            plan = "\n".join(session.scalars(text("EXPLAIN " + str(sql).replace(":", "\\:"))))
            assert "Seq Scan" not in plan, plan
