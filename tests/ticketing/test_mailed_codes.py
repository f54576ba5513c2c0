"""Codes by mail: who gets one, how often, and that asking tells nobody anything."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.ticketing.test_purchases import SHOP
from ticketing import customers, mailed_codes, proofs, record
from ticketing.errors import Invalid
from ticketing.mailed_codes import PER_ADDRESS, PER_ASKER, TooMany
from ticketing.models import CodeRequest, LinkCode, LinkRefusal


@pytest.fixture
def asker(session: Session) -> int:
    return customers.identify(session, channel="web", external_id="browser")[0]


def known(session: Session, email: str, **more: str) -> None:
    record.create(session, {"email": email, **more}, by=SHOP)


def ask(session: Session, asker: int, email: str) -> int:
    made = mailed_codes.ask(session, identity_id=asker, email=email)
    assert made is not None
    return made


def test_a_code_goes_to_the_address_of_the_record_and_is_not_kept(
    session: Session, asker: int
) -> None:
    known(session, "Hana@example.kr", locale="en")
    request = ask(session, asker, " hana@EXAMPLE.kr ")
    letter = mailed_codes.letter(session, request)
    assert letter is not None and (letter.to, letter.locale) == ("Hana@example.kr", "en")
    assert letter.code not in repr(letter)
    kept = session.scalars(select(LinkCode)).one()
    assert (kept.evidence, kept.code_hash) == ("email", customers.token_hash(letter.code))
    # Tried again after a mail that may have got through: another code, and only that one is good.
    again = mailed_codes.letter(session, request)
    assert again is not None and again.code != letter.code
    assert proofs.use_code(session, letter.code, identity_id=asker) == "unknown"
    assert isinstance(proofs.use_code(session, again.code, identity_id=asker), LinkCode)
    mailed_codes.sent(session, request)
    assert mailed_codes.letter(session, request) is None
    assert session.get_one(CodeRequest, request).email is None


def test_who_is_unknown_or_several_people_gets_none_and_agents_see_it(
    session: Session, asker: int
) -> None:
    for name in ("엄마", "아들"):
        known(session, "home@example.kr", name=name)
    for address in ("home@example.kr", "nobody@example.kr"):
        request = ask(session, asker, address)
        assert mailed_codes.letter(session, request) is None
        assert session.get_one(CodeRequest, request).email is None
    whys = session.scalars(select(LinkRefusal.why).order_by(LinkRefusal.id)).all()
    assert whys == ["shared_address", "unknown_address"]
    assert session.scalars(select(LinkCode)).all() == []


def test_neither_an_asker_nor_an_address_is_served_without_end(session: Session) -> None:
    known(session, "hana@example.kr")
    askers = [
        customers.identify(session, channel="web", external_id=f"b{number}")[0]
        for number in range(PER_ADDRESS + 1)
    ]
    for one in askers[:-1]:
        ask(session, one, "hana@example.kr")
    # Whoever asks next is answered as ever, and nothing is sent.
    assert mailed_codes.ask(session, identity_id=askers[-1], email="hana@example.kr") is None
    for number in range(PER_ASKER - 1):
        ask(session, askers[-1], f"a{number}@example.kr")
    with pytest.raises(TooMany):
        mailed_codes.ask(session, identity_id=askers[-1], email="z@example.kr")
    session.execute(text("UPDATE code_request SET at = at - interval '61 minutes'"))
    ask(session, askers[-1], "hana@example.kr")
    assert len(session.scalars(select(CodeRequest)).all()) == 1, "what is over is not kept"


def test_what_comes_too_late_is_not_sent_and_what_is_no_address_is_refused(
    session: Session, asker: int
) -> None:
    known(session, "hana@example.kr")
    request = ask(session, asker, "hana@example.kr")
    session.execute(text("UPDATE code_request SET at = at - interval '11 minutes'"))
    session.expire_all()
    assert mailed_codes.letter(session, request) is None
    for odd in ("", "hana", "a@b@c.kr", "a@b", "a\r\nBcc: x@example.kr"):
        with pytest.raises(Invalid):
            mailed_codes.ask(session, identity_id=asker, email=odd)
