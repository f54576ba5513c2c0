"""The pure parts of the Slack desk: text in and out, the allow-list, the card."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from connectors.slack import blocks as kit
from connectors.slack import inbound
from connectors.slack.blocks import Card
from connectors.slack.inbound import Accepted, Ignored
from connectors.slack.mrkdwn import calls, clip, escape, lines, pieces, readable, whisper
from connectors.slack.shown import publish_waiting
from tests.fakes.slack_payloads import QUEUE, payload
from ticketing import conversations, customers, tickets
from ticketing.db import Sessions
from ticketing.models import TicketThread


@pytest.mark.parametrize(
    ("slack", "plain"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<https://a.kr/?x=1&amp;y=2>", "https://a.kr/?x=1&y=2"),
        ("<https://a.kr|a.kr 약관>", "a.kr 약관 (https://a.kr)"),
        (
            "<mailto:a@b.kr|a@b.kr> <tel:+82212345678|02-1234-5678>",
            "a@b.kr 02-1234-5678 (+82212345678)",
        ),
        ("<@U1> <@U2|name> <@U3>", "@지원 @name @U3"),
        ("<#C1|queue> <#C2> <!here> <!subteam^S1|@cs>", "#queue #C2 @here @cs"),
        ("<!date^1700000000^{date}|2023-11-14> :car: *굵게*", "2023-11-14 🚗 굵게"),
        ("<!subteam^S1> <!channel> <!everyone|@everyone>", "@team @channel @everyone"),
        (":+1::skin-tone-3: :v::skin-tone-6: 최고:tada:", "👍🏼 ✌🏿 최고🎉"),
        (":flag-kr: :woman-shrugging: :우리것: :our_own:", "🇰🇷 🤷\u200d♀️ :우리것: :our_own:"),
        (":100: 1:100:5 12:30:45 https:x", "💯 1:100:5 12:30:45 https:x"),
        ("*오늘*은 _꼭_ `ls -l`", "오늘은 꼭 ls -l"),
        ("*_둘 다_* *<https://a.kr|여기>*", "둘 다 여기 (https://a.kr)"),
        ("```\nif *p:\n  x_y_z\n```", "if *p:\n  x_y_z\n"),
        ("2*3*4 snake_case_name 가격*수량*할인", "2*3*4 snake_case_name 가격*수량*할인"),
        ("* a * _ b_ *c", "* a * _ b_ *c"),
        ("<https://a.kr/_x_/*y*?:car:>", "https://a.kr/_x_/*y*?:car:"),
        ("• 하나\n• 둘\n&gt; 인용", "• 하나\n• 둘\n> 인용"),
        ("~1,000~ 900원, 1~2일", "~1,000~ 900원, 1~2일"),
        ("1 &lt; 2, &lt;@U1&gt;", "1 < 2, <@U1>"),
    ],
)
def test_a_message_reads_as_it_was_typed(slack: str, plain: str) -> None:
    assert readable(slack, {"U1": "지원"}) == plain


@given(st.text(st.characters(exclude_characters=":*_~`")))
def test_escaping_and_reading_give_the_text_back(text: str) -> None:
    assert "<" not in escape(text) and ">" not in escape(text)
    assert readable(escape(text)) == text


@given(st.text(alphabet="<>*_~`:|@!^a가 \n1", max_size=60))
def test_whatever_comes_is_read(text: str) -> None:
    readable(text, {"a": "지원"})
    whisper(text)


@given(st.text(alphabet="&<>가a\n", max_size=200), st.integers(5, 40))
def test_pieces_are_whole_and_short_enough(text: str, limit: int) -> None:
    made = pieces(text, limit)
    assert "".join(made) == escape(text)
    assert all(len(piece) <= limit and escape(readable(piece)) == piece for piece in made)


def test_who_is_called_first_is_no_customer() -> None:
    first = ("<@U1>", " <@W2|do> 님", "*<@U1>* 봐요", "<!here> 급해요", "<!subteam^S1|@team> 네")
    assert all(calls(text) for text in first)
    others = ("네 <@U1>", "&lt;@U1&gt; 네", "<https://a.kr> 네", "<#C1|tickets> 네", "@도움")
    assert not any(calls(text) for text in others)


@pytest.mark.parametrize(
    ("text", "internal", "words"),
    [
        ("note: a", True, "a"),
        ("  NOTE :a", True, "a"),
        ("메모：환불", True, "환불"),
        ("!급함", True, "급함"),
        ("memo:x", True, "x"),
        ("!", True, ""),
        ("!important", True, "important"),
        ("！급함", True, "급함"),
        ("\ufeff \u200bNoTe　:a", True, "a"),
        ("*note:* a", True, "a"),
        ("노트 ： a", True, "a"),
        ("내부 메모: 환불", True, "환불"),
        ("내부메모：환불", True, "환불"),
        ("Internal note: a", True, "a"),
        ("*비공개 메모* : a", True, "a"),
        ("[메모] 환불", True, "환불"),
        ("【내부 메모】: 환불", True, "환불"),
        ("[Note]a", True, "a"),
        ("(메모) 환불", True, "환불"),
        ("（내부） 환불", True, "환불"),
        ("(노트북) 재고", False, "(노트북) 재고"),
        (" /note 환불", True, "환불"),
        ("/NOTE", True, ""),
        ("/notes a", False, "/notes a"),
        ("[노트북] 재고", False, "[노트북] 재고"),
        ("내부 사진이에요", False, "내부 사진이에요"),
        ("내부 확인 중: 네", False, "내부 확인 중: 네"),
        ("note to self", False, "note to self"),
        ("Note that we are closed", False, "Note that we are closed"),
        ("메모해 둘게요: 네", False, "메모해 둘게요: 네"),
        ("notes: a", False, "notes: a"),
        ("안녕! 하세요", False, "안녕! 하세요"),
        ("메모 좀요", False, "메모 좀요"),
    ],
)
def test_a_whisper_is_marked_in_any_case_and_spacing(text: str, internal: bool, words: str) -> None:
    assert whisper(text) == (internal, words)


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        ("message", "message"),
        ("thread_broadcast", "message"),
        ("file_share", "message"),
        ("message_outside", "outside"),
        ("message_changed", "changed"),
        ("message_deleted", "deleted"),
    ],
)
def test_the_allow_list_accepts(shape: str, what: str) -> None:
    read = inbound.event(payload(shape), queue=QUEUE)
    assert isinstance(read, Accepted)
    thread = "1700000000.000200" if what == "outside" else "1700000000.000100"
    assert (read.payload["what"], read.lane) == (what, f"slack:{QUEUE}:{thread}")
    assert "token" not in read.payload and "client_msg_id" not in read.payload


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        ("own_message", "a message of a bot, perhaps our own"),
        ("bot_message", "a message of a bot, perhaps our own"),
        ("channel_join", "a message of subtype channel_join"),
        ("reaction_added", "an event of type reaction_added"),
    ],
)
def test_the_allow_list_ignores_with_a_reason(shape: str, reason: str) -> None:
    assert inbound.event(payload(shape), queue=QUEUE) == Ignored(reason)


def test_an_unfurled_link_is_no_edit() -> None:
    body = payload("message_changed")
    body["event"]["message"]["text"] = body["event"]["previous_message"]["text"]
    assert isinstance(inbound.event(body, queue=QUEUE), Ignored)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    shape=st.sampled_from(["message", "file_share", "message_changed", "message_deleted"]),
    field=st.sampled_from(
        [
            "user",
            "ts",
            "thread_ts",
            "text",
            "channel",
            "subtype",
            "files",
            "message",
            "previous_message",
            "bot_id",
            "parent_user_id",
        ]
    ),
    value=json_values,
)
def test_no_event_is_a_crash(shape: str, field: str, value: object) -> None:
    """Whatever stands in a field: a job that the database can hold, or a reason."""
    body = payload(shape)
    body["event"][field] = value
    read = inbound.event(body, queue=QUEUE)
    if isinstance(read, Accepted):
        kept = json.dumps(read.payload, ensure_ascii=False)
        assert "\\u0000" not in kept and kept.encode()


def test_a_card_fits_whatever_it_shows() -> None:
    view = Card(
        code="T-2345AB",
        customer="&" * 300,
        channel="web",
        locale="ko",
        reason="x" * 900,
        question="<" * 9000,
        tried=[
            {
                "question": "<" * 999,
                "outcome": "unknown",
                "vote": "down",
                "articles": [{"title": "&" * 999, "score": 0.123}] * 9,
            }
        ]
        * 9,
        said=[("customer", "&" * 4000)] * 6,
        state="claimed",
        assignee=">" * 80,
        reopened=2,
        opened_at=dt.datetime(2025, 1, 1, tzinfo=dt.UTC),
    )
    made = kit.card(view)
    assert len(made) <= 50 and len(made[0]["text"]["text"]) <= 150
    for block in made:
        if block["type"] == "section" and "text" in block:
            assert 1 <= len(block["text"]["text"]) <= 3000
    assert clip("a\n b", 9) == "a b"
    assert lines(" a  b\r\n\n \nc ", 9, most=3) == "a b\nc"
    assert lines("a\nb\nc\nd", 9, most=3) == "a\nb\nc…"
    assert lines("가나다\n라마바", 5, most=3) == "가나다…"
    view = dataclasses.replace(
        view, question="주소:\n서울 중구\n\n2층", said=[("customer", "하나\n둘")]
    )
    said = [block["text"]["text"] for block in kit.card(view) if block["type"] == "section"
            and "text" in block]  # fmt: skip
    assert said[0] == "질문 Question\n주소:\n서울 중구\n2층" and "고객: 하나\n둘" in said[-1]


def test_p39_open_tickets_get_their_cards_when_slack_is_connected(sessions: Sessions) -> None:
    with sessions.begin() as session:
        for shown in (False, True, False):
            _, customer = customers.start_session(session)
            conversation = conversations.current(session, customer_id=customer.id)
            ticket, _ = tickets.open_ticket(session, conversation=conversation, reason="x")
            if shown:
                session.add(TicketThread(ticket_id=ticket.id, place=QUEUE, thread="1.2"))
    for _ in range(2):  # a second start, or a second gateway, adds nothing
        with sessions.begin() as session:
            session.info["queue"] = QUEUE
            assert publish_waiting(session) == 2
    with sessions.begin() as session:
        assert session.scalar(sql("SELECT count(*) FROM job")) == 2
