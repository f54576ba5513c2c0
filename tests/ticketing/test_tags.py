"""Tags that tickets get when they are opened, and why."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from ticketing import conversations, customers, tags, tickets
from ticketing.errors import Conflict, Invalid, NotFound, Refused
from ticketing.models import Ticket

TRIED = [{"question": "?", "articles": [{"article": "refund", "title": "교환 · 반품", "score": 1}]}]


def opened(session: Session, question: str, *, locale: str = "ko", channel: str = "web") -> Ticket:
    identity, customer_id = customers.identify(
        session, channel=channel, external_id=question, locale=locale
    )
    talk = conversations.current(session, customer_id=customer_id)
    talk.identity_id = identity
    ticket, _ = tickets.open_ticket(
        session, conversation=talk, reason="customer_asked", question=question, tried=TRIED
    )
    return ticket


def reasons(session: Session, ticket: Ticket) -> dict[str, str]:
    return {one.tag: one.why for one in tags.of(session, [ticket.id]).get(ticket.id, [])}


def test_rules_give_tags_with_their_reason(session: Session) -> None:
    before = opened(session, "환불 되나요")
    for tag, kind, value in (
        ("환불", "word", "환불"), ("#Refund", "word", "REFUND"), ("교환", "topic", "반품"),
        ("외국", "language", "en"), ("카톡", "channel", "kakao"), ("환불", "topic", "반품"),
    ):  # fmt: skip
        tags.add_rule(session, tag=tag, kind=kind, value=value)
    korean = opened(session, "제 환불은 언제 되나요", channel="kakao")
    assert reasons(session, korean) == {
        "교환": "topic:반품", "카톡": "channel:kakao", "환불": "topic:반품",
    }, "of two rules for a tag the first one is its reason"  # fmt: skip
    english = opened(session, "My refunds?", locale="en")
    assert reasons(session, english)["refund"] == "word:refund"
    assert reasons(session, english)["외국"] == "language:en"
    assert "카톡" not in reasons(session, english) and reasons(session, before) == {}
    found = tickets.listing(session, tag="환불")
    assert set(found) == {korean, english} and tickets.listing(session, tag="없음") == []
    assert ("환불", 2) in tags.counts(session)


def test_a_rule_for_what_no_ticket_has_is_refused_by_name(session: Session) -> None:
    for kind, value, code in (
        ("channel", "kakaotalk", "channel"), ("channel", "슬랙", "channel"),
        ("language", "fr", "language"), ("word", " ", "length"), ("topic", "가" * 81, "length"),
    ):  # fmt: skip
        with pytest.raises(Invalid) as refused:
            tags.add_rule(session, tag="카톡", kind=kind, value=value)
        assert (refused.value.field, refused.value.code) == ("value", code)
    assert [tags.add_rule(session, tag="곳", kind="channel", value=one).value
            for one in tags.CHANNELS] == list(tags.CHANNELS)  # fmt: skip


def test_a_tag_is_kept_once_and_in_one_spelling(session: Session) -> None:
    ticket = opened(session, "안녕하세요")
    assert tags.add(session, ticket, " #Big  Deal ", why="agent:지수")
    assert not tags.add(session, ticket, "big deal", why="agent:민호")
    assert reasons(session, ticket) == {"big deal": "agent:지수"}
    assert tags.remove(session, ticket, "BIG DEAL") and not tags.remove(session, ticket, "big deal")
    for wrong in ("", "#", "a,b", "가" * 41, "a\x07b"):
        with pytest.raises(Refused):
            tags.add(session, ticket, wrong, why="agent:지수")


def test_rules_are_kept_once_and_let_go(session: Session) -> None:
    rule = tags.add_rule(session, tag="환불", kind="word", value=" 환불 ")
    with pytest.raises(Conflict):
        tags.add_rule(session, tag="#환불", kind="word", value="환불")
    for kind, value in (("price", "x"), ("word", " "), ("language", "fr"), ("word", "가" * 81)):
        with pytest.raises(Refused):
            tags.add_rule(session, tag="x", kind=kind, value=value)
    tags.remove_rule(session, rule.id)
    with pytest.raises(NotFound):
        tags.remove_rule(session, rule.id)
    assert reasons(session, opened(session, "환불")) == {}
