"""The customer's record: how values are written, that every change is kept, consents, claims."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from ticketing import agents, claims, consents, custom_fields, record, spelling
from ticketing.errors import Conflict, Invalid, NotFound
from ticketing.models import Customer, CustomerChange, FieldChange
from ticketing.record import Author

ME = Author(name="이수진", source="console")


@pytest.fixture
def person(session: Session) -> uuid.UUID:
    """Somebody of whom nothing is known."""
    customer = Customer(id=uuid.uuid4())
    session.add(customer)
    session.flush()
    return customer.id


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("010-1234-5678", "+821012345678"),
        ("01012345678", "+821012345678"),
        ("1012345678", "+821012345678"),
        ("+82 10 1234 5678", "+821012345678"),
        ("+82 (0)10-1234-5678", "+821012345678"),
        ("82-10-1234-5678", "+821012345678"),
        ("02-345-6789", "+8223456789"),
        ("031 345 6789", "+82313456789"),
        ("1588-1234", "+8215881234"),
        ("+1 (415) 555-0100", "+14155550100"),
        ("0014155550100", "+14155550100"),
        ("  ", None),
    ],
)
def test_a_number_is_kept_in_one_form(written: str, kept: str | None) -> None:
    assert spelling.phone(written) == kept
    if kept:
        assert spelling.phone(spelling.national(kept)) == kept


@pytest.mark.parametrize("written", ["12", "전화 없음", "010-1234", "+0123456789", "1" * 16])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(Invalid) as refused:
        spelling.phone(written)
    assert (refused.value.field, refused.value.code) == ("phone", "phone")


def test_numbers_are_shown_as_they_are_written_here() -> None:
    assert spelling.national("+821012345678") == "010-1234-5678"
    assert spelling.national("+82212345678") == "02-1234-5678"
    assert spelling.national("+8215881234") == "1588-1234"
    assert spelling.national("+14155550100") == "+14155550100"


def test_other_values_are_tidied_or_refused() -> None:
    assert spelling.email(" 민수@예시.한국 ") == "민수@예시.한국"
    assert spelling.text("name", " 김\t민수 ", limit=80) == "김 민수"
    assert spelling.text("name", "김민수", limit=80) == "김민수"
    with pytest.raises(Invalid, match="cannot be kept"):  # no workbook could be opened that has it
        spelling.text("name", "김민수\uffff", limit=80)
    for day in ("1990-03-15", "1990.3.15.", "19900315", "1990년 3월 15일", "1990/03/15"):
        assert spelling.date("birthday", day) == dt.date(1990, 3, 15)
    for wrong in ("a@b", "a b@c.kr", "@c.kr", "a@c..kr"):
        with pytest.raises(Invalid):
            spelling.email(wrong)
    for field, value in (
        ("birthday", "1990-02-30"), ("birthday", "2999-01-01"), ("locale", "fr"),
        ("name", "a" * 81), ("name", "\x00"), ("tier", 3), ("colour", "red"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            record.plain(field, value)
        assert refused.value.field == field


def test_every_change_is_kept_with_who_and_what(session: Session, person: uuid.UUID) -> None:
    agents.add(session, name="박전담")
    given = {"name": "김민수", "phone": "010-1234-5678", "tier": "VIP", "owner": "박전담"}
    record.change(session, person, given, by=ME)
    record.change(session, person, {"tier": "골드", "name": "김민수"}, by=ME)
    record.change(session, person, {"tier": ""}, by=Author(name="shop", source="api"))
    known = record.known(session, person)
    assert (known["name"], known["phone"]) == ("김민수", "+821012345678")
    assert known["owner"]["name"] == "박전담" and "tier" not in known
    tiers = record.changes(session, person, field="tier")
    assert [(one.old, one.new, one.by_name, one.source) for one in tiers] == [
        ("골드", None, "shop", "api"),
        ("VIP", "골드", "이수진", "console"),
        (None, "VIP", "이수진", "console"),
    ]
    assert len(record.changes(session, person)) == 6, "a name that stayed is no change"


def test_the_history_cannot_be_rewritten(session: Session, person: uuid.UUID) -> None:
    record.change(session, person, {"name": "김민수"}, by=ME)
    with pytest.raises(ProgrammingError, match="stays as it was written"):
        session.execute(update(CustomerChange).values(by_name="아무도"))


def test_one_wrong_value_changes_nothing(session: Session, person: uuid.UUID) -> None:
    with pytest.raises(Invalid) as refused:
        record.change(session, person, {"name": "김민수", "owner": "없는 사람"}, by=ME)
    assert refused.value.field == "owner"
    assert record.known(session, person) == {"locale": "ko"}
    assert record.changes(session, person) == []


def test_a_shop_makes_fields_of_its_own(session: Session, person: uuid.UUID) -> None:
    def define(key: str, kind: str, *choices: str) -> None:
        custom_fields.define(
            session, key=key, name_ko=key, name_en=key, kind=kind, choices=choices, by=ME
        )

    for key, kind in (("skin", "text"), ("size", "number"), ("since", "date"), ("ok", "boolean")):
        define(key, kind)
    define("route", "choice", "검색", "추천", "검색")
    values = {"skin": "건성", "size": "1,250", "since": "2020.1.2", "ok": "예", "route": "추천"}
    record.change(session, person, {f"custom.{k}": v for k, v in values.items()}, by=ME)
    assert session.get_one(Customer, person).custom == {
        "skin": "건성", "size": 1250, "since": "2020-01-02", "ok": True, "route": "추천",
    }  # fmt: skip
    wrong = {"size": "많이", "since": "어제", "ok": "글쎄", "route": "광고", "none": "x"}
    for key, value in wrong.items():
        with pytest.raises(Invalid) as refused:
            record.change(session, person, {f"custom.{key}": value}, by=ME)
        assert refused.value.field == f"custom.{key}"
    with pytest.raises(Conflict):
        define("size", "text")
    custom_fields.retire(session, "size", by=ME)
    assert [one.key for one in custom_fields.listing(session)] == ["skin", "since", "ok", "route"]
    assert session.get_one(Customer, person).custom["size"] == 1250, "what it held stays"
    for key, kind in (("Size", "text"), ("x", "money"), ("x", "choice")):
        with pytest.raises(Invalid):
            define(key, kind)


def test_what_became_of_a_field_is_kept(session: Session) -> None:
    def define(name: str, *choices: str) -> None:
        custom_fields.define(
            session, key="skin", name_ko=name, name_en="Skin", kind="choice", choices=choices, by=ME
        )

    define("피부", "건성")
    define("피부", "건성")  # nothing changed
    define("피부 타입", "건성", "지성")
    for _ in range(2):
        custom_fields.retire(session, "skin", by=ME)
    define("피부 타입", "건성", "지성")
    back, gone, named, made = custom_fields.changes(session)
    assert made.old is None and made.new["name_ko"] == "피부" and not made.new["retired"]
    assert named.old == made.new and named.new["choices"] == ["건성", "지성"]
    assert [one.new["retired"] for one in (gone, back)] == [True, False]
    assert {(one.by_name, one.source, one.key) for one in (made, back)} == {
        (ME.name, ME.source, "skin")
    }
    with pytest.raises(ProgrammingError, match="stays as it was written"):
        session.execute(update(FieldChange).values(by_name="아무도"))


def test_a_consent_is_in_force_until_it_is_taken_back(session: Session, person: uuid.UUID) -> None:
    def give(version: str) -> int:
        return consents.give(
            session, person, purpose="marketing_sms", text_version=version, channel="web", by=ME
        ).id

    first = give("2026-01")
    assert give("2026-01") == first, "the same words again are the same consent"
    second = give("2026-07")
    current = consents.in_force(session, person, purpose="marketing_sms")
    assert current is not None and current.id == second
    assert consents.in_force(session, person, purpose="analytics") is None
    consents.withdraw(session, person, purpose="marketing_sms", by=ME)
    assert consents.withdraw(session, person, purpose="marketing_sms", by=ME) is None
    kept = consents.listing(session, person)
    assert [(one.text_version, one.withdrawn_by) for one in kept] == [
        ("2026-07", "이수진"),
        ("2026-01", "이수진"),
    ]
    with pytest.raises(Invalid):
        consents.give(
            session, person, purpose="x", text_version="1", channel="web", by=ME,
            at=dt.datetime.now(dt.UTC) + dt.timedelta(days=1),
        )  # fmt: skip


def test_a_claim_ends_once(session: Session, person: uuid.UUID) -> None:
    claim = claims.make(session, person, kind="defect", text="뚜껑이\n깨졌어요", by=ME)
    with pytest.raises(NotFound):
        claims.settle(session, uuid.uuid4(), claim.id, settlement="교환", by=ME)
    claims.settle(session, person, claim.id, settlement="교환해 드림", by=ME)
    with pytest.raises(Conflict) as refused:
        claims.settle(session, person, claim.id, settlement="또", by=ME)
    assert refused.value.winner == "이수진"
    assert [one.text for one in claims.listing(session, person)] == ["뚜껑이\n깨졌어요"]


def test_pieces_are_the_same_here_and_in_the_database(session: Session) -> None:
    from ticketing import customer_search

    for name in ("김민수", "Emma Garcia", "김Emma", "é a", "a", "", "이 름"):
        made = session.scalar(text("SELECT customer_pieces(:n, NULL, NULL)"), {"n": name})
        assert set(made or ()) == set(customer_search.pieces(customer_search.plain(name)))
